//! Batches that a process other than the server writes to its log; the server learns of them by polling.

use dotcast_log::vital::Vital;
use entity::board::{self, Dots};
use sea_orm::{ActiveModelTrait as _, ActiveValue::Set};
use tokio::time::{Duration, Instant, sleep_until};

use dotcast::db::{Db, Settings};

use crate::{
    clock,
    error::{Error, Result},
    publish::{Schedule, stamp},
    timeline::Timeline,
};

/// Writes the schedule, each batch in one transaction.
pub fn write(database_url: &str, timeline: &Timeline, schedule: Schedule) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Error::Server(format!("the writer's runtime: {error}")))?;
    runtime.block_on(write_all(database_url, timeline, schedule))
}

async fn write_all(database_url: &str, timeline: &Timeline, schedule: Schedule) -> Result<()> {
    let url = database_url.parse().map_err(Error::Server)?;
    let settings = Settings {
        database_timeout: Duration::from_secs(5),
        group_commit: 1,
        pool_size: 2,
        statement_timeout: None,
        idle_in_transaction_timeout: None,
        application_name: "dotcast-load".to_owned(),
    };
    let db = Db::connect(&url, &settings, &Vital::default()).await?;
    let (start, started) = (clock::now(), Instant::now());
    for (due, count) in schedule.batches(start) {
        sleep_until(started + Duration::from_nanos(due - start)).await;
        let first = timeline.next();
        let txn = db.transaction().await?;
        for _ in 0..count {
            let now = chrono::Utc::now();
            let board = board::ActiveModel {
                // The user who was registered first: the publisher.
                creator_id: Set(1),
                updated_by_id: Set(1),
                name: Set(stamp(timeline, due).to_string()),
                rows: Set(2),
                cols: Set(2),
                dots: Set(Dots::default()),
                created_at: Set(now),
                updated_at: Set(now),
                ..Default::default()
            };
            board.insert(txn.connection()).await?;
        }
        txn.commit().await?;
        let committed = clock::now();
        for sequence in first..timeline.next() {
            timeline.answered(sequence, committed);
        }
    }
    Ok(db.close().await?)
}
