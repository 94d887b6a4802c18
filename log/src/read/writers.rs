//! What the log's database says about its current writers, and how far the log is settled because of them.

use std::collections::BTreeSet;

use sea_orm::{
    ColumnTrait, ConnectionTrait, DbBackend, DbErr, EntityTrait, QueryFilter, QueryOrder,
    QuerySelect, Statement, prelude::Uuid, sea_query::Query,
};

use super::{Extent, Log, SEQUENCE, TRIGGER, no_marks};
use crate::{
    EventId, event, schema,
    tables::{log_break, settled_through},
    watermark::Holder,
};

/// The state of the log at a server's start.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Beginning {
    /// The settled position: nothing can appear at or below it any more.
    pub settled: EventId,
    /// The newest event up to there.
    pub newest: Option<(EventId, Uuid)>,
    /// The newest row of `breaks`; 0 before the first.
    pub newest_break: i64,
}

impl Log {
    /// The transactions that hold the writers' lock now. On SQLite always none: there is one writer at a time, and it
    /// takes its ids under the write lock, so nothing can appear below what is visible.
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

    /// The state of the log, for a reader that knows nothing of it yet. Waits for nobody, and reads only a few rows.
    ///
    /// On PostgreSQL each writer publishes the value that the counter had before its first id (see `BOUND_LOCK`), so
    /// everything at or below the lowest of these is settled. The counter is read first: a writer that has not
    /// published its value yet takes its ids later, above the counter. The newest event is read last, so that all
    /// settled rows are there.
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
        // Nobody knows what is above the newest event, unless a break is recorded there.
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

    /// No transaction, running or yet to begin, can add an event at or below this id.
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
            // The counter only grows, so its value then was the nearest smaller number with these bits.
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

    /// Records on PostgreSQL that nothing can appear at or below `settled` any more, so that the next start need not
    /// find out. Waits for nobody: the transaction that holds the row records as much, or will.
    pub async fn mark(&self, settled: EventId) -> Result<(), DbErr> {
        if self.db.get_database_backend() != DbBackend::Postgres {
            return Ok(());
        }
        // A crash may lose it; then the mark merely lags further behind.
        let sql = format!(
            "BEGIN; SET LOCAL synchronous_commit TO off; \
             UPDATE settled_through SET event_id = {settled} WHERE id IN \
             (SELECT id FROM settled_through WHERE event_id < {settled} FOR UPDATE SKIP LOCKED); \
             COMMIT"
        );
        self.db.execute_unprepared(&sql).await?;
        Ok(())
    }

    /// On PostgreSQL, a statement that repairs the counter, so that it hands out ids one by one and in the order of the
    /// writers' lock. None if nothing needs repair.
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
