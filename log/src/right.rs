//! The right under which a stream is open where not everybody may follow the log, or where it is one client's.

use std::{any::Any, sync::Arc, time::Instant};

use tokio_util::sync::CancellationToken;

use crate::frame::ByeReason;

/// The right to follow the log. It expires or is withdrawn; the stream then says `bye` and ends.
#[derive(Clone, Debug)]
pub struct Right {
    /// Cancelled when the right is withdrawn.
    pub withdrawn: CancellationToken,
    /// Cancelled before that if it was withdrawn because the client's lease is lost. `None` where no lease is needed.
    pub lease_lost: Option<CancellationToken>,
    /// When the right expires.
    pub until: Instant,
    /// Dropped with the stream, so that whoever gave the right knows how long it is used.
    pub held: Arc<dyn Any + Send + Sync>,
}

impl Right {
    /// Whether it has ended.
    pub fn is_over(&self, now: Instant) -> bool {
        now >= self.until || self.withdrawn.is_cancelled()
    }

    /// Why it has ended.
    pub fn reason(&self) -> ByeReason {
        let lease = self.lease_lost.as_ref();
        if lease.is_some_and(CancellationToken::is_cancelled) {
            ByeReason::LeaseLost
        } else {
            ByeReason::SessionEnded
        }
    }
}
