//! The log in the database: rows past a cursor, and whether it is still the same log.
//!
//! - [`writers`]: who is writing, and how far the log is settled because of it
//! - `query`: the query for a part of the log
//! - [`times`]: the first event that is not older than a time

mod query;
pub mod times;
pub mod writers;

use sea_orm::{
    ColumnTrait, ConnectionTrait, DbBackend, DbErr, EntityTrait, Order, QueryFilter, QueryOrder,
    QuerySelect,
    prelude::Uuid,
    sea_query::{Alias, Expr, ExprTrait, Query},
};

use self::query::{Part, REACHED, Selected, TRIMMED_THROUGH, events, sub_query};
use crate::{
    EventId,
    connection::Reader,
    event,
    filter::Filter,
    tables::{log_break, rewrite, trimmed_through},
};

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

/// Events that were read together.
#[derive(Clone, Debug, PartialEq)]
pub struct Rows<T = event::Model> {
    /// In the order of their ids, or in descending order.
    pub events: Vec<T>,
    /// Everything that matches up to here is here or comes earlier: the cursor for the next rows. In descending order,
    /// the same for everything that matches above it.
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

    /// At most `limit` events that match `filter`, with ids above `after` and up to `through`. Fewer are not the end: go
    /// on from [`Rows::through`] until it reaches `through`.
    pub async fn rows(
        &self,
        after: EventId,
        through: EventId,
        filter: &Filter,
        limit: u64,
    ) -> Result<Rows, DbErr> {
        self.part(after, through, Order::Asc, filter, limit).await
    }

    /// The same, only as much of each as a stream is sent.
    pub async fn entries(
        &self,
        after: EventId,
        through: EventId,
        filter: &Filter,
        limit: u64,
    ) -> Result<Rows<event::Entry>, DbErr> {
        self.part(after, through, Order::Asc, filter, limit).await
    }

    /// At most `limit` events that match `filter`, newest first, with ids above `after` and up to `through`. Fewer are
    /// not the end: go on with [`Rows::through`] as `through` until it reaches `after`.
    pub async fn rows_back(
        &self,
        after: EventId,
        through: EventId,
        filter: &Filter,
        limit: u64,
    ) -> Result<Rows, DbErr> {
        self.part(after, through, Order::Desc, filter, limit).await
    }

    async fn part<T: Selected>(
        &self,
        after: EventId,
        through: EventId,
        order: Order,
        filter: &Filter,
        limit: u64,
    ) -> Result<Rows<T>, DbErr> {
        let part = Part {
            backend: self.db.get_database_backend(),
            after,
            through,
            order,
            filter,
            limit,
        };
        let rows = self.db.query_all(&part.query::<T>()).await?;
        let (trimmed_through, reached) = match rows.first() {
            Some(row) if part.is_cut() => {
                let reached: EventId = row.try_get("", REACHED)?;
                (row.try_get("", TRIMMED_THROUGH)?, Some(reached))
            }
            Some(row) => (row.try_get("", TRIMMED_THROUGH)?, None),
            None => (0, None),
        };
        let mut events: Vec<T> = events(&rows)?;
        // Of one topic more was looked at than of another.
        if let Some(reached) = reached {
            events.retain(|event| match part.order {
                Order::Desc => event.id() > reached,
                _ => event.id() <= reached,
            });
        }
        let last = events.last().filter(|_| events.len() as u64 == limit);
        let last = last.map(Selected::id);
        let through = match part.order {
            // The mark may lie above what was asked for.
            Order::Desc => last.map(|id| id - 1).or(reached).unwrap_or(after),
            _ => last.or(reached).unwrap_or(through),
        };
        Ok(Rows {
            events,
            through: Ord::max(through, after),
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
        let part = Part {
            backend: self.db.get_database_backend(),
            after,
            through: EventId::MAX,
            order: Order::Asc,
            filter: &Filter::default(),
            limit,
        };
        let mut query = part.query::<event::Model>();
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
        let mark = || Expr::col((trimmed_through::Entity, trimmed_through::Column::EventId));
        // On PostgreSQL, what was deleted stays in the index for a while.
        let bound = |expr: Expr| {
            let mut query = Query::select();
            query
                .expr(expr)
                .from(event::Entity)
                .and_where(id().gt(mark()));
            sub_query(query)
        };
        let mut query = Query::select();
        query
            .expr_as(mark(), Alias::new(TRIMMED_THROUGH))
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
