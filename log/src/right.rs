//! The right under which a stream is open where not everybody may follow the log.

use std::{any::Any, sync::Arc, time::Instant};

use tokio_util::sync::CancellationToken;

/// The right to follow the log. It expires or is withdrawn; the stream then says `bye` and ends.
#[derive(Clone, Debug)]
pub struct Right {
    /// Cancelled when the right is withdrawn.
    pub withdrawn: CancellationToken,
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
}
