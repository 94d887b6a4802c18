//! Breaks: where the log lost events that had been given out.
//!
//! A restored backup, or a failover to a standby that lagged, takes the newest events away. Clients may have seen their
//! ids, which must never stand for other events. So a break is recorded: a row that says "ids from a to b were given
//! out and are gone". The counter of ids continues above it. What it means for a cursor:
//!
//! - Below a, the client has seen nothing that is gone, and resumes as if nothing had happened.
//! - From a to b, the client may have seen events that no longer exist. Whenever it comes back, it is told `reset` with
//!   `restored`, reloads what it shows, and goes on from a - 1.
//! - Above b, the client has seen what came after the break.

use std::ops::RangeInclusive;

use chrono::{DateTime, Utc};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbBackend, DbErr, EntityTrait, QuerySelect, Statement,
    sea_query::{Expr, OnConflict, Query},
};

use crate::{
    EventId, event, schema,
    store::Store,
    tables::{log_break, settled_through, trimmed_through},
};

/// The last id that may have been given out if nothing records any above `known`: a million more, plus one for each
/// millisecond since November 2026. So when a backup is restored twice, the second break ends above everything that was
/// appended after the first, unless that was more than a thousand events a second.
pub fn beyond_doubt(known: EventId) -> EventId {
    let passed = (Utc::now() - EPOCH).num_milliseconds().max(0);
    known.saturating_add(MARGIN).saturating_add(passed)
}

const MARGIN: EventId = 1_000_000;
const EPOCH: DateTime<Utc> = DateTime::from_timestamp(1_793_491_200, 0).expect("a time");

/// Which ids a database knows of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GivenOut {
    /// The newest event that exists, or that retention has deleted.
    pub newest: EventId,
    /// The settled position: nothing can appear at or below it. It may lie above the newest event, and streams may
    /// stand there.
    pub settled: EventId,
    /// The last id that is gone.
    pub lost: EventId,
    /// The last id that the counter has given out; 0 before the first.
    pub counter: EventId,
}

impl GivenOut {
    /// The last id of which the tables have evidence. The counter must stand at or above it.
    pub fn evident(self) -> EventId {
        self.newest.max(self.settled).max(self.lost)
    }

    /// No id above this one was given out, as far as this database knows.
    pub fn through(self) -> EventId {
        self.evident().max(self.counter)
    }
}

/// Records that the ids from `first` to `through` were given out and are gone, and raises the counter so that the
/// next event has an id above them. Returns the recorded range.
///
/// - `first` defaults to the id after the newest event, or after the settled position if that is higher.
/// - The break ends at `through`, or at the last id that the database itself knows to have been given out if that is
///   higher. Without `through` it ends [far above](beyond_doubt) that id.
///
/// # Errors
/// Also if `through` is not above the newest event and `first` is not given, if no ids would be left, or if writers
/// keep the log busy for some seconds.
pub async fn record(
    store: &dyn Store,
    first: Option<EventId>,
    through: Option<EventId>,
) -> Result<RangeInclusive<EventId>, DbErr> {
    // This must work even where the server refuses other writes.
    let txn = store.repair().await?;
    let conn = txn.connection();
    // Nobody may append between the read and the write.
    schema::hold_writers(&conn).await?;
    let ids = record_alone(&conn, first, through).await?;
    drop(conn);
    txn.commit().await?;
    Ok(ids)
}

/// Like [`record`], on a connection whose owner ensures that nobody else writes.
pub async fn record_alone(
    conn: &impl ConnectionTrait,
    first: Option<EventId>,
    through: Option<EventId>,
) -> Result<RangeInclusive<EventId>, DbErr> {
    let given_out = given_out(conn).await?;
    if first.is_none() && through.is_some_and(|it| it <= given_out.newest) {
        return Err(DbErr::Custom(format!(
            "nothing is gone up to that id: the newest event is {}",
            given_out.newest
        )));
    }
    let first = first
        .unwrap_or(given_out.newest.max(given_out.settled).saturating_add(1))
        .max(1);
    let last = match through {
        Some(through) => through.max(given_out.through()),
        None => beyond_doubt(given_out.through()),
    }
    .max(first);
    // Skip one more id. Streams start there until there is a new event, and a cursor there must not lie in the break.
    let skipped = last.saturating_add(1);
    if skipped == EventId::MAX {
        return Err(DbErr::Custom(format!(
            "no ids would be left: a break must end below {}",
            skipped - 1
        )));
    }
    insert_break(conn, first, last).await?;
    raise_counter(conn, skipped).await?;
    settle(conn, skipped).await?;
    Ok(first..=last)
}

/// A message about a break, for the operator.
pub fn told(ids: &RangeInclusive<EventId>) -> String {
    format!(
        "ids {} to {} are gone; clients that resume from one of them are told to reload what they show",
        ids.start(),
        ids.end()
    )
}

/// What the database knows about its ids. The counter is read last: it may have grown meanwhile, but the other values
/// must not be ahead of it.
pub async fn given_out(conn: &impl ConnectionTrait) -> Result<GivenOut, DbErr> {
    let trimmed = one(
        conn,
        trimmed_through::Entity,
        trimmed_through::Column::EventId,
    )
    .await?;
    let settled = one(
        conn,
        settled_through::Entity,
        settled_through::Column::EventId,
    )
    .await?;
    let newest = one(conn, event::Entity, event::Column::Id).await?;
    let lost = one(conn, log_break::Entity, log_break::Column::LastId).await?;
    Ok(GivenOut {
        newest: newest.max(trimmed),
        settled,
        lost,
        counter: counter(conn).await?,
    })
}

/// The largest value of a column, or 0.
async fn one<E: EntityTrait>(
    conn: &impl ConnectionTrait,
    _: E,
    column: impl ColumnTrait,
) -> Result<EventId, DbErr> {
    let largest: Option<Option<EventId>> = E::find()
        .select_only()
        .expr(column.max())
        .into_tuple()
        .one(conn)
        .await?;
    Ok(largest.flatten().unwrap_or(0))
}

/// The last id that the counter has given out; 0 before the first.
async fn counter(conn: &impl ConnectionTrait) -> Result<EventId, DbErr> {
    let backend = conn.get_database_backend();
    let sql = match backend {
        DbBackend::Postgres => "SELECT pg_sequence_last_value('events_id'::regclass)",
        _ => "SELECT MAX(seq) FROM sqlite_sequence WHERE name = 'events'",
    };
    let row = conn
        .query_one_raw(Statement::from_string(backend, sql))
        .await?;
    let last: Option<EventId> = row
        .map(|row| row.try_get_by_index(0))
        .transpose()?
        .flatten();
    Ok(last.unwrap_or(0))
}

async fn insert_break(
    conn: &impl ConnectionTrait,
    first: EventId,
    last: EventId,
) -> Result<(), DbErr> {
    let mut insert = Query::insert();
    insert
        .into_table(log_break::Entity)
        .columns([log_break::Column::FirstId, log_break::Column::LastId])
        .values_panic([Expr::val(first), Expr::val(last)]);
    conn.execute(&insert).await?;
    Ok(())
}

/// Sets the counter so that the next id is the one after `last`.
async fn raise_counter(conn: &impl ConnectionTrait, last: EventId) -> Result<(), DbErr> {
    let backend = conn.get_database_backend();
    if backend == DbBackend::Postgres {
        let sql = format!("SELECT setval('events_id'::regclass, {last})");
        conn.query_one_raw(Statement::from_string(backend, sql))
            .await?;
        return Ok(());
    }
    let raised = conn
        .execute_unprepared(&format!(
            "UPDATE sqlite_sequence SET seq = {last} WHERE name = 'events'"
        ))
        .await?;
    if raised.rows_affected() == 0 {
        // No event was ever appended.
        conn.execute_unprepared(&format!(
            "INSERT INTO sqlite_sequence (name, seq) VALUES ('events', {last})"
        ))
        .await?;
    }
    Ok(())
}

async fn settle(conn: &impl ConnectionTrait, through: EventId) -> Result<(), DbErr> {
    let mut insert = Query::insert();
    insert
        .into_table(settled_through::Entity)
        .columns([
            settled_through::Column::Id,
            settled_through::Column::EventId,
        ])
        .values_panic([Expr::val(1_i64), Expr::val(through)])
        .on_conflict(
            OnConflict::column(settled_through::Column::Id)
                .update_column(settled_through::Column::EventId)
                .to_owned(),
        );
    conn.execute(&insert).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use sea_orm::{Database, DatabaseConnection};

    use super::*;

    async fn log(events: i64) -> DatabaseConnection {
        let db = Database::connect("sqlite::memory:").await.expect("open");
        schema::create(&db).await.expect("a schema");
        for id in 1..=events {
            assert_eq!(append(&db).await, id);
        }
        db
    }

    async fn append(db: &DatabaseConnection) -> EventId {
        let sql =
            "INSERT INTO events (type, topic, payload) VALUES ('placed', 7, '{}') RETURNING id";
        let row = db
            .query_one_raw(Statement::from_string(DbBackend::Sqlite, sql))
            .await
            .expect("an event");
        row.expect("its id").try_get_by_index(0).expect("an id")
    }

    #[tokio::test]
    async fn it_ends_where_it_is_told_to_or_above_all_that_is_known() {
        let db = log(3).await;
        let before = beyond_doubt(3);
        let ids = record_alone(&db, None, None).await.expect("recorded");
        assert!((before..=beyond_doubt(3)).contains(ids.end()), "{ids:?}");
        for (first, through, recorded) in [
            (None, Some(9), 4..=9),
            (None, Some(4), 4..=4),
            (Some(2), Some(9), 2..=9),
            (Some(2), Some(2), 2..=3),
            (Some(7), Some(2), 7..=7),
            (Some(0), Some(9), 1..=9),
        ] {
            let db = log(3).await;
            let ids = record_alone(&db, first, through).await.expect("recorded");
            assert_eq!(ids, recorded, "{first:?} {through:?}");
            assert_eq!(append(&db).await, recorded.end() + 2);
            let known = given_out(&db).await.expect("known");
            assert_eq!(known.through(), recorded.end() + 2);
        }
    }

    #[tokio::test]
    async fn where_there_are_events_nothing_is_gone() {
        let db = log(3).await;
        for through in 1..=3 {
            let refused = record_alone(&db, None, Some(through)).await;
            let refused = refused.expect_err("no break").to_string();
            assert!(refused.contains("the newest event is 3"), "{refused}");
        }
        assert_eq!(append(&db).await, 4);
    }

    #[tokio::test]
    async fn it_leaves_an_id_for_the_next_event() {
        let db = log(0).await;
        let error = record_alone(&db, None, Some(EventId::MAX)).await;
        assert!(error.expect_err("full").to_string().contains("no ids"));
        assert_eq!(append(&db).await, 1);
        record_alone(&db, None, Some(EventId::MAX - 1))
            .await
            .expect_err("full");
        let ids = record_alone(&db, None, Some(EventId::MAX - 2)).await;
        assert_eq!(ids, Ok(2..=EventId::MAX - 2));
        assert_eq!(append(&db).await, EventId::MAX);
        for (first, through) in [(None, None), (Some(2), None), (Some(2), Some(7))] {
            record_alone(&db, first, through).await.expect_err("full");
        }
    }
}
