//! The first event that is not older than a time.

use chrono::{DateTime, Utc};
use sea_orm::{
    ConnectionTrait as _, DbBackend, DbErr, EntityTrait as _, Order, QuerySelect as _,
    sea_query::{Expr, ExprTrait as _, Func, Query},
};

use super::{Log, sub_query};
use crate::{EventId, event, tables::event_times};

/// How many events have a row of `event_times` in common at most, and how many are looked at together.
const BLOCK: u64 = 10_000;

/// Settled events that follow each other, and the newest time among them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Block {
    /// The last of them.
    pub through: EventId,
    /// The newest of their times in milliseconds since 1970, or one more.
    pub newest_ms: i64,
    /// Whether there are as many as belong together.
    pub is_full: bool,
}

impl Log {
    /// The first event up to `through` that was appended at `time` or later, to the millisecond. It looks at the times
    /// that are recorded, and then at events up to the one that it finds.
    pub async fn first_since(
        &self,
        time: DateTime<Utc>,
        through: EventId,
    ) -> Result<Option<EventId>, DbErr> {
        let wanted = time.timestamp_millis();
        let mut after = self.older_through(wanted).await?;
        while let Some((block, candidate)) = self.next(after, through, wanted).await? {
            after = match candidate {
                Some(id) if self.is_since(id, wanted).await? => return Ok(Some(id)),
                Some(id) => id,
                None if block.is_full => block.through,
                None => return Ok(None),
            };
        }
        Ok(None)
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
        let next = self.next(after, settled, i64::MAX).await?;
        Ok(next.map(|(block, _)| block))
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

    /// The next events, and the first of them that may have been appended at `wanted_ms` or later: none before it was. The
    /// database looks at them, because to hand thousands of times over costs much more than to compare them.
    async fn next(
        &self,
        after: EventId,
        through: EventId,
        wanted_ms: i64,
    ) -> Result<Option<(Block, Option<EventId>)>, DbErr> {
        let ms = || Expr::col("ms");
        let id = || Expr::col(event::Column::Id);
        let mut next = Query::select();
        next.column(event::Column::Id)
            .expr_as(self.milliseconds(), "ms")
            .from(event::Entity)
            .and_where(id().gt(after))
            .and_where(id().lte(through))
            .order_by(event::Column::Id, Order::Asc)
            .limit(BLOCK);
        let mut query = Query::select();
        query
            .expr(id().count())
            .expr(id().max())
            .expr(ms().max())
            .expr(Func::min(Expr::case(ms().gte(wanted_ms), id())))
            .from_subquery(next, "next");
        let Some(row) = self.db.query_one(&query).await? else {
            return Ok(None);
        };
        let count: i64 = row.try_get_by_index(0)?;
        if count == 0 {
            return Ok(None);
        }
        let block = Block {
            through: row.try_get_by_index(1)?,
            newest_ms: row.try_get_by_index(2)?,
            is_full: count.unsigned_abs() == BLOCK,
        };
        Ok(Some((block, row.try_get_by_index(3)?)))
    }

    /// When an event was appended, in milliseconds since 1970. SQLite rounds finer times, which other programs may have
    /// written: to the millisecond that they are in, or to the next.
    fn milliseconds(&self) -> Expr {
        Expr::cust(match self.db.get_database_backend() {
            DbBackend::Postgres => "CAST(FLOOR(EXTRACT(EPOCH FROM created_at) * 1000) AS bigint)",
            _ => "CAST(ROUND((julianday(created_at) - 2440587.5) * 86400000) AS INTEGER)",
        })
    }

    /// Whether an event was appended then or later, exactly.
    async fn is_since(&self, id: EventId, wanted_ms: i64) -> Result<bool, DbErr> {
        let at: Option<DateTime<Utc>> = event::Entity::find_by_id(id)
            .select_only()
            .column(event::Column::CreatedAt)
            .into_tuple()
            .one(&self.db)
            .await?;
        Ok(at.is_some_and(|at| at.timestamp_millis() >= wanted_ms))
    }
}
