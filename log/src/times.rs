//! When events were appended, coarsely: records now and then which is the newest time among some thousand events. So the
//! first event that is not older than a time is found without a look at each event before it.
//!
//! Ids and times need not agree. A transaction that takes its id first may commit last, clocks are set, and writers may
//! say what they like. That is why a row says something of all events up to an id, and why it is written only when they
//! are settled.

use std::{
    mem,
    sync::Arc,
    time::{Duration, Instant},
};

use sea_orm::{
    ColumnTrait as _, ConnectionTrait as _, DbErr, EntityTrait as _, QueryFilter as _,
    sea_query::{OnConflict, Query},
};
use tokio_util::sync::CancellationToken;

use crate::{
    EventId,
    read::{Log, times::Block},
    store::Store,
    tables::{event_times, trimmed_through},
    vital,
};

/// Interval between two looks for events whose times are not recorded.
const LOOK: Duration = Duration::from_secs(5);
/// Longest time after which they are recorded, however few they are.
const PERIOD: Duration = Duration::from_mins(1);

/// Records the times of settled events until `stop`. Several processes may do so for the same log. Without it
/// [`Hub::locate`](crate::hub::Hub::locate) for a time reads all events.
pub async fn run(
    store: Arc<dyn Store>,
    settled: impl Fn() -> EventId + Send,
    stop: CancellationToken,
) {
    let log = Log::new(store.reader());
    let mut recorded = Instant::now();
    // Everything up to here is recorded.
    let mut through = 0;
    let mut failing = false;
    loop {
        vital::test_panic("times");
        let is_due = recorded.elapsed() >= PERIOD;
        let settled = settled();
        let began = Instant::now();
        let outcome = if settled > through {
            record(&*store, &log, settled, is_due).await
        } else {
            Ok(false)
        };
        let was_failing = mem::replace(&mut failing, outcome.is_err());
        let pause = match outcome {
            // After an update there may be millions of events, and others use the database as well.
            Ok(true) => began.elapsed(),
            Ok(false) => {
                if is_due {
                    (recorded, through) = (began, settled);
                }
                LOOK
            }
            Err(error) => {
                if !was_failing {
                    tracing::warn!(%error, "cannot record when events were appended; trying again");
                }
                LOOK
            }
        };
        tokio::select! {
            biased;
            () = stop.cancelled() => return,
            () = tokio::time::sleep(pause) => {}
        }
    }
}

/// Records the times of the next events that are settled: of a whole block, or if it `is_due` of fewer. Returns whether
/// there may be more.
///
/// # Errors
/// If the database cannot be read or written.
pub async fn record(
    store: &dyn Store,
    log: &Log,
    settled: EventId,
    is_due: bool,
) -> Result<bool, DbErr> {
    let Some(block) = log.unrecorded(settled, is_due).await? else {
        return Ok(false);
    };
    if block.is_full || is_due {
        write(store, &block).await?;
    }
    Ok(block.is_full)
}

/// Adds a row, and removes those that say nothing any more because the events were deleted.
async fn write(store: &dyn Store, block: &Block) -> Result<(), DbErr> {
    let txn = store.begin().await?;
    let conn = txn.connection();
    let mut insert = Query::insert();
    insert
        .into_table(event_times::Entity)
        .columns([
            event_times::Column::ThroughId,
            event_times::Column::NewestMs,
        ])
        .values_panic([block.through.into(), block.newest_ms.into()])
        // Another process was faster.
        .on_conflict(
            OnConflict::column(event_times::Column::ThroughId)
                .do_nothing()
                .to_owned(),
        );
    conn.execute(&insert).await?;
    let mark = trimmed_through::Entity::find().one(&conn).await?;
    #[expect(
        clippy::disallowed_methods,
        reason = "the table has no hooks, and all its rows up to the mark go"
    )]
    event_times::Entity::delete_many()
        .filter(event_times::Column::ThroughId.lte(mark.map_or(0, |it| it.event_id)))
        .exec(&conn)
        .await?;
    drop(conn);
    txn.commit().await
}
