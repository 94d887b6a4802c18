//! The log in the database: rows past a cursor, and whether it is still the same log.
//!
//! - [`writers`]: who is writing, and how far the log is settled because of it
//! - `query`: the query for a part of the log

mod query;
pub mod writers;

use sea_orm::{
    ColumnTrait, ConnectionTrait, DbBackend, DbErr, EntityTrait, Order, QueryFilter, QueryOrder,
    QuerySelect,
    prelude::Uuid,
    sea_query::{Alias, Expr, ExprTrait, Query},
};

use self::query::{TRIMMED_THROUGH, events, part, sub_query};
use crate::{
    EventId,
    connection::Reader,
    event,
    filter::Filter,
    tables::{log_break, rewrite, trimmed_through},
};

/// Upper bound on the ids that one filtered query scans. Rows that do not match still cost time, and an
/// empty page must not be a slow one.
pub const SCAN: EventId = 20_000;

/// Reads the event log.
#[derive(Clone, Debug)]
pub struct Log {
    db: Reader,
}

/// What lies past the shown events, and whether it is still the same log.
#[derive(Clone, Debug, PartialEq)]
pub struct Look {
    /// In the order of their ids.
    pub events: Vec<event::Model>,
    /// How far the log has been deleted.
    pub trimmed_through: EventId,
    /// The `uuid` of the requested event, if that exists.
    pub shown: Option<Uuid>,
    /// The newest id that was ever given out, by the counter; 0 before the first.
    pub given_out: EventId,
    /// The newest row of `breaks`; 0 before the first.
    pub newest_break: i64,
    /// The newest row of `rewrites`; 0 before the first.
    pub newest_rewrite: i64,
    /// Whether ids are given out in order; see [`Log::disorder`].
    pub in_order: bool,
}

/// Ids that were given out, and whose events were lost to a restore or a failover.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Break {
    /// The first of them.
    pub first: EventId,
    /// The last of them.
    pub last: EventId,
}

impl Break {
    /// Whether a cursor may stand for an event that is gone.
    pub fn contains(self, cursor: EventId) -> bool {
        (self.first..=self.last).contains(&cursor)
    }
}

/// Rows past a cursor.
#[derive(Clone, Debug, PartialEq)]
pub struct Rows {
    /// In the order of their ids.
    pub events: Vec<event::Model>,
    /// Everything that matches up to this id is here or comes earlier: the cursor for the next rows.
    pub through: EventId,
    /// How far the log had been deleted when the events were read. If this is above the requested cursor, events are
    /// missing here.
    pub trimmed_through: EventId,
}

/// Where the log begins and ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Extent {
    /// The oldest event that is kept, or the first one that will be.
    pub oldest: EventId,
    /// The newest event that ever existed; 0 before the first.
    pub newest: EventId,
    /// The newest event that retention has deleted; 0 if it has deleted none.
    pub trimmed_through: EventId,
}

impl Log {
    /// The log, read on these connections.
    pub fn new(db: Reader) -> Self {
        Self { db }
    }

    /// At most `limit` events that match `filter`, with ids above `after` and up to `through`. An empty result is not
    /// the end: go on from [`Rows::through`] until it reaches `through`.
    pub async fn rows(
        &self,
        after: EventId,
        through: EventId,
        filter: &Filter,
        limit: u64,
    ) -> Result<Rows, DbErr> {
        let through = if filter.is_all() {
            through
        } else {
            Ord::min(through, after.saturating_add(SCAN))
        };
        let mut rows = self.part(after, through, Order::Asc, filter, limit).await?;
        rows.through = Ord::max(through, after);
        if rows.events.len() as u64 == limit
            && let Some(last) = rows.events.last()
        {
            rows.through = last.id;
        }
        Ok(rows)
    }

    /// At most `limit` events that match `filter`, newest first, with ids above `after` and up to `through`. The
    /// caller bounds the ids that a filtered query scans by [`SCAN`].
    pub async fn rows_back(
        &self,
        after: EventId,
        through: EventId,
        filter: &Filter,
        limit: u64,
    ) -> Result<Rows, DbErr> {
        self.part(after, through, Order::Desc, filter, limit).await
    }

    async fn part(
        &self,
        after: EventId,
        through: EventId,
        order: Order,
        filter: &Filter,
        limit: u64,
    ) -> Result<Rows, DbErr> {
        let query = part(after, through, order, filter, limit);
        let rows = self.db.query_all(&query).await?;
        let trimmed_through = match rows.first() {
            Some(row) => row.try_get("", TRIMMED_THROUGH)?,
            None => 0,
        };
        Ok(Rows {
            events: events(&rows)?,
            through,
            trimmed_through,
        })
    }

    /// At most `limit` events past `after`, and what tells whether this is still the log whose newest event was
    /// `shown`. It is one statement, so all of it belongs to one snapshot.
    pub async fn look(
        &self,
        after: EventId,
        shown: Option<EventId>,
        limit: u64,
    ) -> Result<Look, DbErr> {
        let mut query = part(after, EventId::MAX, Order::Asc, &Filter::default(), limit);
        let mut uuid = Query::select();
        uuid.column(event::Column::Uuid)
            .from(event::Entity)
            .and_where(Expr::col((event::Entity, event::Column::Id)).eq(shown.unwrap_or(0)));
        let mut newest_break = Query::select();
        newest_break
            .expr(Expr::col((log_break::Entity, log_break::Column::Id)).max())
            .from(log_break::Entity);
        let mut newest_rewrite = Query::select();
        newest_rewrite
            .expr(Expr::col((rewrite::Entity, rewrite::Column::Id)).max())
            .from(rewrite::Entity);
        query
            .expr_as(sub_query(uuid), Alias::new("shown"))
            .expr_as(self.given_out(), Alias::new("given_out"))
            .expr_as(sub_query(newest_break), Alias::new("newest_break"))
            .expr_as(sub_query(newest_rewrite), Alias::new("newest_rewrite"))
            .expr_as(self.in_order(), Alias::new("in_order"));
        let rows = self.db.query_all(&query).await?;
        let row = rows.first().ok_or_else(no_marks)?;
        Ok(Look {
            events: events(&rows)?,
            trimmed_through: row.try_get("", TRIMMED_THROUGH)?,
            shown: row.try_get("", "shown")?,
            given_out: row.try_get("", "given_out")?,
            newest_break: row.try_get::<Option<i64>>("", "newest_break")?.unwrap_or(0),
            newest_rewrite: row
                .try_get::<Option<i64>>("", "newest_rewrite")?
                .unwrap_or(0),
            in_order: row.try_get("", "in_order")?,
        })
    }

    /// An expression that tells whether ids are given out one by one and under the writers' lock.
    fn in_order(&self) -> Expr {
        match self.db.get_database_backend() {
            DbBackend::Postgres => Expr::cust(format!(
                "COALESCE(({SEQUENCE}) AND ({TRIGGER}) IN ('O', 'A'), FALSE)"
            )),
            _ => Expr::cust("TRUE"),
        }
    }

    /// An expression for the newest id that the counter has given out.
    fn given_out(&self) -> Expr {
        Expr::cust(match self.db.get_database_backend() {
            DbBackend::Postgres => "COALESCE(pg_sequence_last_value('events_id'), 0)",
            _ => "COALESCE((SELECT seq FROM sqlite_sequence WHERE name = 'events'), 0)",
        })
    }

    /// Where the log begins and ends.
    pub async fn extent(&self) -> Result<Extent, DbErr> {
        let id = || Expr::col((event::Entity, event::Column::Id));
        let bound = |expr: Expr| {
            let mut query = Query::select();
            query.expr(expr).from(event::Entity);
            sub_query(query)
        };
        let mut query = Query::select();
        query
            .expr_as(
                Expr::col((trimmed_through::Entity, trimmed_through::Column::EventId)),
                Alias::new(TRIMMED_THROUGH),
            )
            .expr_as(bound(id().min()), Alias::new("oldest"))
            .expr_as(bound(id().max()), Alias::new("newest"))
            .from(trimmed_through::Entity);
        let row = self.db.query_one(&query).await?.ok_or_else(no_marks)?;
        let trimmed_through: EventId = row.try_get("", TRIMMED_THROUGH)?;
        let oldest: Option<EventId> = row.try_get("", "oldest")?;
        let newest: Option<EventId> = row.try_get("", "newest")?;
        Ok(Extent {
            oldest: oldest.unwrap_or(trimmed_through + 1),
            newest: newest.unwrap_or(trimmed_through),
            trimmed_through,
        })
    }

    /// All breaks.
    pub async fn breaks(&self) -> Result<Vec<Break>, DbErr> {
        let rows = log_break::Entity::find().all(&self.db).await?;
        Ok(rows
            .into_iter()
            .map(|row| Break {
                first: row.first_id,
                last: row.last_id,
            })
            .collect())
    }

    /// The newest of these events that still exists with the same `uuid`. They must be in order.
    pub async fn newest_of(&self, events: &[(EventId, Uuid)]) -> Result<Option<EventId>, DbErr> {
        let Some(&(oldest, _)) = events.first() else {
            return Ok(None);
        };
        let there: Vec<(EventId, Uuid)> = event::Entity::find()
            .select_only()
            .columns([event::Column::Id, event::Column::Uuid])
            .filter(event::Column::Id.gte(oldest))
            .order_by_asc(event::Column::Id)
            .limit(events.len() as u64)
            .into_tuple()
            .all(&self.db)
            .await?;
        let found = events.iter().rev().find(|it| there.contains(it));
        Ok(found.map(|&(id, _)| id))
    }
}

/// Whether PostgreSQL's sequence hands out ids one by one.
const SEQUENCE: &str = "SELECT seqincrement = 1 AND seqcache = 1 AND NOT seqcycle FROM pg_sequence \
                        WHERE seqrelid = 'events_id'::regclass";
/// Whether the trigger that takes the lock and the id exists, and when it fires.
const TRIGGER: &str = "SELECT tgenabled::text FROM pg_trigger \
                       WHERE tgrelid = 'events'::regclass AND tgname = 'events_take_id'";

/// A row is missing that the migrations created.
fn no_marks() -> DbErr {
    DbErr::RecordNotFound("the row of trimmed_through or settled_through".to_owned())
}
