//! The first event that is not older than a time.

use chrono::{DateTime, Utc};
use sea_orm::{
    ColumnTrait as _, ConnectionTrait as _, DbErr, EntityTrait as _, QueryFilter as _,
    QueryOrder as _, QuerySelect as _,
    sea_query::{Expr, ExprTrait as _, Query},
};

use super::{Log, sub_query};
use crate::{EventId, event, tables::event_times};

/// How many events have a row of `event_times` in common at most, and how many are read at a time.
const BLOCK: u64 = 10_000;

/// Settled events that follow each other, and the newest time among them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Block {
    /// The last of them.
    pub through: EventId,
    /// None is newer than this, in milliseconds since 1970.
    pub newest_ms: i64,
    /// Whether there are as many as belong together.
    pub is_full: bool,
}

impl Log {
    /// The first event up to `through` that was appended at `time` or later, to the millisecond. It reads the times that
    /// are recorded, and then events up to the one that it finds.
    pub async fn first_since(
        &self,
        time: DateTime<Utc>,
        through: EventId,
    ) -> Result<Option<EventId>, DbErr> {
        let wanted = time.timestamp_millis();
        let mut after = self.older_through(wanted).await?;
        loop {
            let events = self.times(after, through).await?;
            let found = events
                .iter()
                .find(|(_, at)| at.timestamp_millis() >= wanted);
            if let Some(&(id, _)) = found {
                return Ok(Some(id));
            }
            match events.last() {
                Some(&(last, _)) if events.len() as u64 == BLOCK => after = last,
                _ => return Ok(None),
            }
        }
    }

    /// The next events up to `settled` whose times are not recorded. Unless `also_few`, only if they may be as many as
    /// belong together; fewer are not read.
    pub async fn unrecorded(
        &self,
        settled: EventId,
        also_few: bool,
    ) -> Result<Option<Block>, DbErr> {
        let after = self.older_through(i64::MAX).await?;
        let most = settled.saturating_sub(after);
        if most < if also_few { 1 } else { BLOCK.cast_signed() } {
            return Ok(None);
        }
        let events = self.times(after, settled).await?;
        let newest = events.iter().map(|(_, at)| at.timestamp_millis()).max();
        Ok(events
            .last()
            .zip(newest)
            .map(|(&(last, _), newest_ms)| Block {
                through: last,
                newest_ms,
                is_full: events.len() as u64 == BLOCK,
            }))
    }

    /// An id up to which all events are older, as far as that is recorded.
    async fn older_through(&self, wanted_ms: i64) -> Result<EventId, DbErr> {
        let through = || Expr::col(event_times::Column::ThroughId);
        let mut first = Query::select();
        first
            .expr(through().min())
            .from(event_times::Entity)
            .and_where(Expr::col(event_times::Column::NewestMs).gte(wanted_ms));
        let mut query = Query::select();
        query
            .expr(through().max())
            .from(event_times::Entity)
            .and_where(through().lt(sub_query(first).if_null(EventId::MAX)));
        let row = self.db.query_one(&query).await?;
        let found: Option<EventId> = match row {
            Some(row) => row.try_get_by_index(0)?,
            None => None,
        };
        Ok(found.unwrap_or(0))
    }

    /// The next events, and when they were appended. Times are compared here and not in SQL, because other programs may
    /// write them in another notation.
    async fn times(
        &self,
        after: EventId,
        through: EventId,
    ) -> Result<Vec<(EventId, DateTime<Utc>)>, DbErr> {
        event::Entity::find()
            .select_only()
            .columns([event::Column::Id, event::Column::CreatedAt])
            .filter(event::Column::Id.gt(after))
            .filter(event::Column::Id.lte(through))
            .order_by_asc(event::Column::Id)
            .limit(BLOCK)
            .into_tuple()
            .all(&self.db)
            .await
    }
}
