//! The log in the database: pages past a cursor, and who is writing.

use std::collections::BTreeSet;

use sea_orm::{
    ColumnTrait, ConnectionTrait, DbBackend, DbErr, EntityTrait, FromQueryResult, Iterable, Order,
    QueryFilter, QueryOrder, QueryResult, QuerySelect, Statement,
    prelude::Uuid,
    sea_query::{Alias, Condition, Expr, ExprTrait, JoinType, Query, SelectStatement},
};

use crate::{
    EventId,
    connection::Reader,
    event,
    filter::Filter,
    schema,
    tables::{log_break, settled_through, trimmed_through},
    watermark::Holder,
};

/// Upper bound on the ids that one filtered query scans. Rows that do not match still cost time, and an
/// empty page must not be a slow one.
pub const SCAN: EventId = 20_000;

/// What the query calls the events of a page.
const PAGE: &str = "page";

/// Reads the event log.
#[derive(Clone, Debug)]
pub struct Log {
    db: Reader,
}

/// What lies past what was shown, and whether it is still the same log.
#[derive(Clone, Debug, PartialEq)]
pub struct Look {
    /// In the order of their ids.
    pub events: Vec<event::Model>,
    /// How far the log has been deleted.
    pub trimmed_through: EventId,
    /// The `uuid` of the event that was asked for, if it is there.
    pub shown: Option<Uuid>,
    /// The newest id that was ever given out, as the counter has it; 0 before the first.
    pub given_out: EventId,
    /// The newest row of `breaks`; 0 before the first.
    pub newest_break: i64,
    /// Whether ids are given out as they must be; see [`Log::disorder`].
    pub in_order: bool,
}

/// Ids that were given out, and whose events a restore or a failover took away.
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

/// How the log is as a server starts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Beginning {
    /// Nothing can appear at or below it any more.
    pub settled: EventId,
    /// The newest event up to there.
    pub newest: Option<(EventId, Uuid)>,
    /// The newest row of `breaks`; 0 before the first.
    pub newest_break: i64,
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
    /// The log as it is read on these connections.
    pub fn new(db: Reader) -> Self {
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
        let mut page = self.part(after, through, Order::Asc, filter, limit).await?;
        page.through = Ord::max(through, after);
        if page.events.len() as u64 == limit
            && let Some(last) = page.events.last()
        {
            page.through = last.id;
        }
        Ok(page)
    }

    /// At most `limit` events that match `filter`, newest first, with ids above `after` and up to
    /// `through`. The caller bounds the ids that a filtered query scans by [`SCAN`].
    pub async fn page_back(
        &self,
        after: EventId,
        through: EventId,
        filter: &Filter,
        limit: u64,
    ) -> Result<Page, DbErr> {
        self.part(after, through, Order::Desc, filter, limit).await
    }

    async fn part(
        &self,
        after: EventId,
        through: EventId,
        order: Order,
        filter: &Filter,
        limit: u64,
    ) -> Result<Page, DbErr> {
        let query = part(after, through, order, filter, limit);
        let rows = self.db.query_all(&query).await?;
        let trimmed_through = match rows.first() {
            Some(row) => row.try_get("", TRIMMED_THROUGH)?,
            None => 0,
        };
        Ok(Page {
            events: events(&rows)?,
            through,
            trimmed_through,
        })
    }

    /// At most `limit` events past `after`, and what tells whether the log is the one in which `shown` was
    /// the newest event. One statement, so that all of it belongs to one snapshot.
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
        query
            .expr_as(sub_query(uuid), Alias::new("shown"))
            .expr_as(self.given_out(), Alias::new("given_out"))
            .expr_as(sub_query(newest_break), Alias::new("newest_break"))
            .expr_as(self.in_order(), Alias::new("in_order"));
        let rows = self.db.query_all(&query).await?;
        let row = rows.first().ok_or_else(no_marks)?;
        Ok(Look {
            events: events(&rows)?,
            trimmed_through: row.try_get("", TRIMMED_THROUGH)?,
            shown: row.try_get("", "shown")?,
            given_out: row.try_get("", "given_out")?,
            newest_break: row.try_get::<Option<i64>>("", "newest_break")?.unwrap_or(0),
            in_order: row.try_get("", "in_order")?,
        })
    }

    /// Whether ids are given out one by one and under the writers' lock, as an expression.
    fn in_order(&self) -> Expr {
        match self.db.get_database_backend() {
            DbBackend::Postgres => Expr::cust(format!(
                "COALESCE(({SEQUENCE}) AND ({TRIGGER}) IN ('O', 'A'), FALSE)"
            )),
            _ => Expr::cust("TRUE"),
        }
    }

    /// The newest id that the counter has given out, as an expression.
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

    /// The transactions that hold the writers' lock now. On SQLite always none: there is one writer at
    /// a time, and it takes its ids under the write lock, so nothing can appear below what is visible.
    pub async fn holders(&self) -> Result<BTreeSet<Holder>, DbErr> {
        let db = &self.db;
        if db.get_database_backend() != DbBackend::Postgres {
            return Ok(BTreeSet::new());
        }
        let (class, object) = schema::EVENTS_LOCK;
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

    /// How the log is now, for a reader that knows nothing of it. Waits for nobody, and reads no more than a
    /// few rows.
    ///
    /// On PostgreSQL each writer shows the counter as it stood before it took its first id (see
    /// `BOUND_LOCK`), so everything at or below the least of these is settled. The counter is read first: a
    /// writer that is not shown yet takes its ids after that, above it. The newest event is read last, so
    /// that all rows are there that are settled.
    pub async fn begin(&self) -> Result<Beginning, DbErr> {
        let bound = match self.db.get_database_backend() {
            DbBackend::Postgres => self.bound().await?,
            _ => EventId::MAX,
        };
        let Extent {
            newest,
            trimmed_through,
            ..
        } = self.extent().await?;
        let mark = settled_through::Entity::find()
            .one(&self.db)
            .await?
            .ok_or_else(no_marks)?
            .event_id;
        // Above the newest event nobody knows of, unless the log was broken off there.
        let settled = Ord::max(Ord::min(bound, newest), Ord::max(trimmed_through, mark));
        let newest = event::Entity::find()
            .select_only()
            .columns([event::Column::Id, event::Column::Uuid])
            .filter(event::Column::Id.lte(settled))
            .order_by_desc(event::Column::Id)
            .into_tuple()
            .one(&self.db)
            .await?;
        let newest_break = log_break::Entity::find()
            .order_by_desc(log_break::Column::Id)
            .one(&self.db)
            .await?;
        Ok(Beginning {
            settled,
            newest,
            newest_break: newest_break.map_or(0, |it| it.id),
        })
    }

    /// Below or at this id nothing can appear that a transaction is writing now or will.
    async fn bound(&self) -> Result<EventId, DbErr> {
        let given_out = self.counter().await?;
        let sql = format!(
            "SELECT objid::bigint FROM pg_locks \
             WHERE locktype = 'advisory' AND granted \
             AND database = (SELECT oid FROM pg_database WHERE datname = current_database()) \
             AND classid = {} AND objsubid = 2",
            schema::BOUND_LOCK
        );
        let rows = self
            .db
            .query_all_raw(Statement::from_string(DbBackend::Postgres, sql))
            .await?;
        let mut bound = given_out;
        for row in &rows {
            let low: i64 = row.try_get_by_index(0)?;
            // The counter only grows, so it is the nearest number below with these bits.
            let behind = (given_out - low) & i64::from(i32::MAX);
            bound = Ord::min(bound, given_out - behind);
        }
        Ok(bound)
    }

    async fn counter(&self) -> Result<EventId, DbErr> {
        let mut query = Query::select();
        query.expr(self.given_out());
        let row = self.db.query_one(&query).await?.ok_or_else(no_marks)?;
        row.try_get_by_index(0)
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

    /// The newest of these events that is there, with the same `uuid`. They must be in order.
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

    /// Records that nothing can appear at or below `settled` any more, so that a start need not find it
    /// out. On PostgreSQL only. Waits for nobody: whoever has the row records as much or will again.
    pub async fn mark(&self, settled: EventId) -> Result<(), DbErr> {
        if self.db.get_database_backend() != DbBackend::Postgres {
            return Ok(());
        }
        // What is lost in a crash is a mark that is further behind.
        let sql = format!(
            "BEGIN; SET LOCAL synchronous_commit TO off; \
             UPDATE settled_through SET event_id = {settled} WHERE id IN \
             (SELECT id FROM settled_through WHERE event_id < {settled} FOR UPDATE SKIP LOCKED); \
             COMMIT"
        );
        self.db.execute_unprepared(&sql).await?;
        Ok(())
    }

    /// On PostgreSQL, a statement that makes the counter hand out ids one by one and in the order of the
    /// writers' lock again. None while it does.
    pub async fn disorder(&self) -> Result<Option<&'static str>, DbErr> {
        if self.db.get_database_backend() != DbBackend::Postgres {
            return Ok(None);
        }
        let sql = format!("SELECT ({SEQUENCE}), ({TRIGGER})");
        let row = self
            .db
            .query_one_raw(Statement::from_string(DbBackend::Postgres, sql))
            .await?
            .ok_or_else(no_marks)?;
        let in_order: Option<bool> = row.try_get_by_index(0)?;
        let trigger: Option<String> = row.try_get_by_index(1)?;
        Ok(match (in_order, trigger.as_deref()) {
            (Some(true), Some("O" | "A")) => None,
            (Some(true), Some(_)) => Some("ALTER TABLE events ENABLE TRIGGER events_take_id"),
            (Some(true), None) => Some(
                "CREATE TRIGGER events_take_id BEFORE INSERT ON events \
                 FOR EACH ROW EXECUTE FUNCTION events_take_id()",
            ),
            _ => Some("ALTER SEQUENCE events_id INCREMENT BY 1 CACHE 1 NO CYCLE"),
        })
    }
}

/// Whether the sequence on PostgreSQL hands out ids one by one.
const SEQUENCE: &str = "SELECT seqincrement = 1 AND seqcache = 1 AND NOT seqcycle FROM pg_sequence \
                        WHERE seqrelid = 'events_id'::regclass";
/// Whether the trigger that takes the lock and the id is there, and when it fires.
const TRIGGER: &str = "SELECT tgenabled::text FROM pg_trigger \
                       WHERE tgrelid = 'events'::regclass AND tgname = 'events_take_id'";

/// What the query calls how far the log has been deleted.
const TRIMMED_THROUGH: &str = "trimmed_through";

/// Selects a part of the log in the order of the ids, or against it, and how far the log has been deleted.
///
/// One statement, so that rows and trim mark belong to one snapshot: a trim between two statements would
/// delete events that nobody then misses. The left join yields a row with the mark also when there is no
/// event. The limit is inside of it, where the primary key gives the order; outside, all events past the
/// cursor would be sorted for each page.
fn part(
    after: EventId,
    through: EventId,
    order: Order,
    filter: &Filter,
    limit: u64,
) -> SelectStatement {
    let id = || Expr::col(event::Column::Id);
    let mut events = Query::select();
    events
        .columns(event::Column::iter())
        .from(event::Entity)
        .and_where(id().gt(after))
        .and_where(id().lte(through))
        .and_where_option(filter.topic().map(|topic| event::Column::Topic.eq(topic)))
        .and_where_option(
            filter
                .kinds()
                .map(|kinds| event::Column::Kind.is_in(kinds.iter().map(|it| &**it))),
        )
        .order_by(event::Column::Id, order.clone())
        .limit(limit);
    let mut query = Query::select();
    query
        .expr_as(
            Expr::col((trimmed_through::Entity, trimmed_through::Column::EventId)),
            Alias::new(TRIMMED_THROUGH),
        )
        .columns(event::Column::iter().map(|column| (PAGE, column)))
        .from(trimmed_through::Entity)
        .join_subquery(JoinType::LeftJoin, events, PAGE, Condition::all())
        .order_by((PAGE, event::Column::Id), order);
    query
}

/// The events in what [`part`] has selected.
fn events(rows: &[QueryResult]) -> Result<Vec<event::Model>, DbErr> {
    let mut events = Vec::with_capacity(rows.len());
    for row in rows {
        // A row that cannot be read must stop the page: the cursor would move past it for good.
        if row.try_get::<Option<EventId>>("", "id")?.is_some() {
            events.push(event::Model::from_query_result(row, "")?);
        }
    }
    Ok(events)
}

fn sub_query(mut query: SelectStatement) -> Expr {
    Expr::SubQuery(None, Box::new(query.take().into()))
}

/// A row is missing that the migrations made.
fn no_marks() -> DbErr {
    DbErr::RecordNotFound("the row of trimmed_through or settled_through".to_owned())
}
