//! Retention: deletes events that are too old to resume from.
//!
//! Events are deleted in order, oldest first, up to the first that is young enough. `created_at` is whatever the writer
//! says, so an event dated in the future says nothing: it is passed over, and deleted once an event behind it is too
//! old.
//!
//! - [`clock`]: the time, for a server that cannot trust its clock
//! - `trimming`: which events to delete, and how
//! - `pace`: how many at a time

pub mod clock;
mod pace;
mod trimming;

use std::{sync::Arc, time::Duration};

use sea_orm::DbErr;
use tokio_util::sync::CancellationToken;

use self::{clock::wall_clock, trimming::Trimming};
use crate::{EventId, store::Store, vital};

/// Interval at which the server looks for events that have become too old.
const PERIOD: Duration = Duration::from_mins(1);

/// Deletes events that were appended more than `older_than` ago, and records how far. Returns how many were deleted.
/// An operator asked for it, so the clock alone decides: PostgreSQL's, or ours on SQLite. It takes its time: a batch
/// takes milliseconds, and three times as long passes before the next, so that writers hardly notice. After a minute only
/// as long passes as the batch has taken.
///
/// `settled` bounds it: a higher id may still appear, and must not appear below the mark.
pub async fn trim(
    store: &Arc<dyn Store>,
    older_than: Duration,
    settled: EventId,
) -> Result<u64, DbErr> {
    let wall = wall_clock(&**store).await?;
    let mut trimming = Trimming::new(Arc::clone(store), older_than, CancellationToken::new());
    trimming.trim(wall, wall, settled).await
}

/// Trims repeatedly until `stop`.
pub async fn run(
    store: Arc<dyn Store>,
    settled: impl Fn() -> EventId + Send,
    retention: Duration,
    stop: CancellationToken,
) {
    let mut trimming = Trimming::new(store, retention, stop.clone());
    let mut failing = false;
    loop {
        vital::test_panic("retention");
        match trimming.look(settled()).await {
            Ok(deleted) => {
                if failing {
                    tracing::info!("trimming the event log again");
                }
                failing = false;
                if deleted > 0 {
                    tracing::info!(deleted, "trimmed the event log");
                }
            }
            Err(error) => {
                if !failing {
                    tracing::warn!(%error, "cannot trim the event log; trying again");
                }
                failing = true;
            }
        }
        // Short retentions, as in tests, are kept about as exactly as long ones.
        let pause = PERIOD.min(retention.max(Duration::from_millis(100)));
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(pause) => {}
        }
    }
}
