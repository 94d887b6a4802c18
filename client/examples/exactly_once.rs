//! Counts the paths that are drawn on each board, each path exactly once:
//! `DATABASE_URL=postgres://… cargo run -p dotcast-client --example exactly_once -- http://127.0.0.1:8000`
//!
//! It may be killed at any moment, and several copies may run at once. Any failure ends it. Whatever starts it again,
//! such as systemd, makes it go on where the last committed transaction ended. See docs/EXACTLY-ONCE.md.

use std::{env, error::Error, time::Duration};

use dotcast_client::{Client, EventId, Item};
use futures_util::StreamExt as _;
use sea_orm::{
    ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DbBackend, DbErr, Statement,
    TransactionTrait as _,
};
use tokio::time::timeout;

/// They have a schema of their own, so that the database may be the server's. Without the lock, two copies that start
/// at once could both try to create it. Id 0 is before the first event.
const TABLES: &str = "
    SELECT pg_advisory_xact_lock(7);
    CREATE SCHEMA IF NOT EXISTS exactly_once;
    CREATE TABLE IF NOT EXISTS exactly_once.totals (board_id bigint PRIMARY KEY, paths bigint NOT NULL);
    CREATE TABLE IF NOT EXISTS exactly_once.progress (id int PRIMARY KEY CHECK (id = 1), cursor bigint NOT NULL);
    INSERT INTO exactly_once.progress VALUES (1, 0) ON CONFLICT DO NOTHING;
";
const LOCK: &str = "SELECT cursor FROM exactly_once.progress FOR UPDATE";
const ADD_PATH: &str = "INSERT INTO exactly_once.totals AS t VALUES ($1, 1)
    ON CONFLICT (board_id) DO UPDATE SET paths = t.paths + 1";
const SET_CURSOR: &str = "UPDATE exactly_once.progress SET cursor = $1";

#[derive(serde::Deserialize)]
struct NewPath {
    board_id: i64,
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let usage = "usage: DATABASE_URL=postgres://… exactly_once SERVER";
    let server = env::args().nth(1).ok_or(usage)?;
    let mut database = ConnectOptions::new(env::var("DATABASE_URL").map_err(|_| usage)?);
    // PostgreSQL ends the transaction of a copy that has lost its network. Until then it has the lock.
    let limit = [("idle_in_transaction_session_timeout", "10s")];
    database.map_sqlx_postgres_opts(move |options| options.options(limit));
    let db = Database::connect(database).await?;
    db.execute_unprepared(TABLES).await?;
    let mut reached = lock(&db).await?;
    // Without a filter, so that every event moves the cursor: retention does not overtake it while nobody draws.
    let client = Client::builder(server.parse()?).after(reached).build()?;
    // What has arrived shares a transaction, a hundred items at most.
    let mut batches = client.follow().ready_chunks(100);
    while let Some(batch) = batches.next().await {
        let counted = timeout(Duration::from_mins(1), count(&db, reached, batch)).await;
        reached = counted.map_err(|_| "the database takes too long")??;
    }
    Ok(())
}

/// Counts what is new in a batch, and stores the cursor. `reached` is the event that this copy had received before the
/// batch; returns the last that it has received now.
async fn count(
    db: &DatabaseConnection,
    mut reached: EventId,
    batch: Vec<Result<Item, dotcast_client::Error>>,
) -> Result<EventId, Box<dyn Error>> {
    let transaction = db.begin().await?;
    // Other copies wait here until this transaction has ended.
    let mut cursor = lock(&transaction).await?;
    if cursor < reached {
        // What lies between counts no longer, and would not be sent again.
        return Err("the stored cursor went back, as with a restored backup: start again".into());
    }
    for item in batch {
        match item? {
            Item::Event(event) => {
                reached = event.id;
                // Another copy may have counted it.
                if event.id > cursor {
                    if event.kind == "newPath" {
                        let path: NewPath = event.json()?;
                        run(&transaction, ADD_PATH, path.board_id).await?;
                    }
                    cursor = event.id;
                }
            }
            // Not stored: before a reset it lies past the events that are missing, and the next start would not be told.
            Item::Position(_) => {}
            Item::Reset(reset) => {
                return Err(format!(
                    "events after {reached} are missing ({}). If it says so again when it is started again, the totals \
                     are wrong: run DROP SCHEMA exactly_once CASCADE, and it counts all that is kept",
                    reset.reason
                )
                .into());
            }
        }
    }
    run(&transaction, SET_CURSOR, cursor).await?;
    transaction.commit().await?;
    Ok(reached)
}

async fn lock(db: &impl ConnectionTrait) -> Result<EventId, DbErr> {
    let row = db.query_one_raw(Statement::from_string(DbBackend::Postgres, LOCK));
    let row = row.await?.ok_or(DbErr::RecordNotFound(LOCK.to_owned()))?;
    row.try_get_by_index(0)
}

async fn run(db: &impl ConnectionTrait, sql: &str, value: i64) -> Result<(), DbErr> {
    let statement = Statement::from_sql_and_values(DbBackend::Postgres, sql, [value.into()]);
    db.execute_raw(statement).await.map(|_| ())
}
