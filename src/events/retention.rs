//! Retention: deleting the events that are too old to be resumed from.

use std::time::Duration;

use chrono::Utc;
use entity::{event, trimmed_through};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, DbErr, EntityTrait, IntoActiveModel,
    QueryFilter, QueryOrder, QuerySelect, prelude::DateTimeUtc,
};
use tokio_util::sync::CancellationToken;

use super::EventId;
use crate::db::Db;

/// Events deleted in one transaction: small, so that writers wait for milliseconds only.
const BATCH: u64 = 1000;
/// How often the server looks for events that have become too old.
const PERIOD: Duration = Duration::from_mins(1);

/// Deletes events that were appended more than `older_than` ago, from the oldest on and up to the
/// first that is younger, and records how far. Returns how many were deleted.
///
/// `settled` bounds it: an id above may still appear, and must not appear below the mark.
pub async fn trim(db: &Db, older_than: Duration, settled: EventId) -> Result<u64, DbErr> {
    let age = chrono::Duration::from_std(older_than).unwrap_or(chrono::Duration::MAX);
    let Some(cutoff) = Utc::now().checked_sub_signed(age) else {
        return Ok(0);
    };
    let mut deleted = 0;
    loop {
        let batch = trim_batch(db, cutoff, settled).await?;
        deleted += batch;
        if batch < BATCH {
            return Ok(deleted);
        }
    }
}

async fn trim_batch(db: &Db, cutoff: DateTimeUtc, settled: EventId) -> Result<u64, DbErr> {
    let txn = db.transaction().await?;
    let conn = txn.connection();
    // Locked first, so that of several servers each sees what the one before it has deleted.
    let mark = trimmed_through::Entity::find()
        .lock_exclusive()
        .one(conn)
        .await?
        .ok_or_else(|| DbErr::RecordNotFound("trimmed_through".to_owned()))?;
    // Times are compared here and not in SQL: other programs may write them in another notation.
    let oldest: Vec<(EventId, DateTimeUtc)> = event::Entity::find()
        .select_only()
        .columns([event::Column::Id, event::Column::CreatedAt])
        .filter(event::Column::Id.lte(settled))
        .order_by_asc(event::Column::Id)
        .limit(BATCH)
        .into_tuple()
        .all(conn)
        .await?;
    let too_old = oldest.iter().take_while(|(_, at)| *at < cutoff).count();
    let Some(&(through, _)) = oldest[..too_old].last() else {
        return Ok(0);
    };
    let mut mark = mark.into_active_model();
    mark.event_id = Set(through);
    mark.update(conn).await?;
    #[expect(
        clippy::disallowed_methods,
        reason = "events have no hooks, and a thousand deletes one by one would hold the write lock long"
    )]
    let deleted = event::Entity::delete_many()
        .filter(event::Column::Id.lte(through))
        .exec(conn)
        .await?
        .rows_affected;
    txn.commit().await?;
    Ok(deleted)
}

/// Trims again and again until `stop`.
pub(crate) async fn run(
    db: Db,
    settled: impl Fn() -> EventId + Send,
    retention: Duration,
    stop: CancellationToken,
) {
    loop {
        match trim(&db, retention, settled()).await {
            Ok(0) => {}
            Ok(deleted) => tracing::info!(deleted, "trimmed the event log"),
            Err(error) => {
                tracing::warn!(%error, "could not trim the event log; trying again later");
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
