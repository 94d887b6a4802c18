//! The log in the database: pages past a cursor, and who is writing.

use std::collections::BTreeSet;

use entity::{event, trimmed_through};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbBackend, DbErr, FromQueryResult, Iterable, Order, Statement,
    sea_query::{Alias, Condition, Expr, ExprTrait, JoinType, Query},
};

use super::{EventId, filter::Filter, watermark::Holder};
use crate::db::Db;

/// With a filter, one query looks at no more than so many ids: what does not match costs time, too,
/// and a page must not take long because it stays empty.
const SCAN: EventId = 20_000;

/// What the query calls the events of a page.
const PAGE: &str = "page";

/// Reads the event log.
#[derive(Clone, Debug)]
pub struct Log {
    db: Db,
}

/// What lies past a cursor.
#[derive(Clone, Debug, PartialEq)]
pub struct Page {
    /// In the order of their ids.
    pub events: Vec<event::Model>,
    /// Everything that matches up to this id is on this page or before it: the cursor for the next.
    pub through: EventId,
    /// How far the log had been deleted when the events were read. Above the cursor that was asked
    /// for, events are missing from this page.
    pub trimmed_through: EventId,
}

/// Where the log begins and ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Extent {
    /// The oldest event that is kept, or the first that will be.
    pub oldest: EventId,
    /// The newest event that there ever was; 0 before the first.
    pub newest: EventId,
    /// The newest event that retention has deleted; 0 while it has deleted none.
    pub trimmed_through: EventId,
}

impl Log {
    /// The log in `db`.
    pub fn new(db: Db) -> Self {
        Self { db }
    }

    /// At most `limit` events that match `filter`, with ids above `after` and up to `through`. An
    /// empty page is not the end: [`Page::through`] is where to go on, until it reaches `through`.
    pub async fn page(
        &self,
        after: EventId,
        through: EventId,
        filter: &Filter,
        limit: u64,
    ) -> Result<Page, DbErr> {
        let through = if filter.is_all() {
            through
        } else {
            Ord::min(through, after.saturating_add(SCAN))
        };
        let id = || Expr::col(event::Column::Id);
        let mut events = Query::select();
        events
            .columns(event::Column::iter())
            .from(event::Entity)
            .and_where(id().gt(after))
            .and_where(id().lte(through))
            .and_where_option(filter.board_id.map(|id| event::Column::BoardId.eq(id)))
            .and_where_option(
                filter
                    .types
                    .as_ref()
                    .map(|types| event::Column::Type.is_in(types.iter().map(|it| it.as_str()))),
            )
            .order_by(event::Column::Id, Order::Asc)
            .limit(limit);
        // One statement, so that rows and trim mark belong to one snapshot: a trim between two
        // statements would delete events that nobody then misses. The left join yields a row with
        // the mark also when there is no event. The limit is inside of it, where the primary key
        // gives the order; outside, all events past the cursor would be sorted for each page.
        let mut query = Query::select();
        query
            .expr_as(
                Expr::col((trimmed_through::Entity, trimmed_through::Column::EventId)),
                Alias::new("trimmed_through"),
            )
            .columns(event::Column::iter().map(|column| (PAGE, column)))
            .from(trimmed_through::Entity)
            .join_subquery(JoinType::LeftJoin, events, PAGE, Condition::all())
            .order_by((PAGE, event::Column::Id), Order::Asc);

        let rows = self.db.reader().query_all(&query).await?;
        let mut page = Page {
            events: Vec::with_capacity(rows.len()),
            through: Ord::max(through, after),
            trimmed_through: 0,
        };
        for row in &rows {
            page.trimmed_through = row.try_get("", "trimmed_through")?;
            // A row that cannot be read must stop the page: the cursor would move past it for good.
            if row.try_get::<Option<EventId>>("", "id")?.is_some() {
                page.events.push(event::Model::from_query_result(row, "")?);
            }
        }
        if page.events.len() as u64 == limit
            && let Some(last) = page.events.last()
        {
            page.through = last.id;
        }
        Ok(page)
    }

    /// Where the log begins and ends.
    pub async fn extent(&self) -> Result<Extent, DbErr> {
        let id = || Expr::col((event::Entity, event::Column::Id));
        let bound = |expr: Expr| {
            let mut query = Query::select();
            query.expr(expr).from(event::Entity);
            Expr::SubQuery(None, Box::new(query.take().into()))
        };
        let mut query = Query::select();
        query
            .expr_as(
                Expr::col((trimmed_through::Entity, trimmed_through::Column::EventId)),
                Alias::new("trimmed_through"),
            )
            .expr_as(bound(id().min()), Alias::new("oldest"))
            .expr_as(bound(id().max()), Alias::new("newest"))
            .from(trimmed_through::Entity);
        let row = self
            .db
            .reader()
            .query_one(&query)
            .await?
            .ok_or_else(|| DbErr::RecordNotFound("trimmed_through".to_owned()))?;
        let trimmed_through: EventId = row.try_get("", "trimmed_through")?;
        let oldest: Option<EventId> = row.try_get("", "oldest")?;
        let newest: Option<EventId> = row.try_get("", "newest")?;
        Ok(Extent {
            oldest: oldest.unwrap_or(trimmed_through + 1),
            newest: newest.unwrap_or(trimmed_through),
            trimmed_through,
        })
    }

    /// The transactions that hold the writers' lock now. On SQLite always none: there is one writer at
    /// a time, and it takes its ids under the write lock, so nothing can appear below what is visible.
    pub async fn holders(&self) -> Result<BTreeSet<Holder>, DbErr> {
        let db = self.db.reader();
        if db.get_database_backend() != DbBackend::Postgres {
            return Ok(BTreeSet::new());
        }
        let (class, object) = migration::EVENTS_LOCK;
        // A prepared transaction has no process; `objsubid` 2 is for keys of two integers.
        let sql = format!(
            "SELECT virtualtransaction, pid IS NULL FROM pg_locks \
             WHERE locktype = 'advisory' AND granted \
             AND database = (SELECT oid FROM pg_database WHERE datname = current_database()) \
             AND classid = {class} AND objid = {object} AND objsubid = 2"
        );
        let rows = db
            .query_all_raw(Statement::from_string(DbBackend::Postgres, sql))
            .await?;
        rows.iter()
            .map(|row| {
                Ok(if row.try_get_by_index(1)? {
                    Holder::Prepared
                } else {
                    Holder::Open(row.try_get_by_index(0)?)
                })
            })
            .collect()
    }

    /// The last id before the first that is missing above `after`. Looks at all rows above.
    pub async fn end_of_run(&self, after: EventId) -> Result<EventId, DbErr> {
        let db = self.db.reader();
        // The row before a gap is one whose successor is not there; `after` itself need not be there.
        let sql = format!(
            "SELECT MIN(id) FROM (SELECT {after} AS id UNION ALL SELECT id FROM events WHERE id > {after}) AS run \
             WHERE NOT EXISTS (SELECT 1 FROM events WHERE events.id = run.id + 1)"
        );
        let row = db
            .query_one_raw(Statement::from_string(db.get_database_backend(), sql))
            .await?
            .ok_or_else(|| DbErr::RecordNotFound("the end of a run".to_owned()))?;
        row.try_get_by_index(0)
    }
}
