//! Why an outbox loses events, stalls, or serialises its writers, on a real PostgreSQL, and what dotcast-log does:
//! `cargo run --example why postgres://… [--measure]`. It works in a schema of its own, `why`, which it drops.

use std::{env, error::Error, sync::Arc, time::Duration};

use dotcast_log::{
    Filter, Follower, Item, NewEvent, Pace, Poller, PoolStore, Store as _, Vital, append, schema,
};
use sea_orm::{
    ConnectOptions, ConnectionTrait as _, Database, DatabaseConnection, DbErr, Statement,
    TransactionTrait as _,
};
use serde_json::json;
use tokio::{
    task::JoinSet,
    time::{Instant, timeout},
};

type Outcome<T> = Result<T, Box<dyn Error>>;

/// Concurrent writers when it is measured, and for how long.
const WRITERS: u32 = 16;
const MEASURED: Duration = Duration::from_secs(5);

const OUTBOX: &str = "CREATE TABLE outbox (id bigserial PRIMARY KEY, \
                      xid xid8 NOT NULL DEFAULT pg_current_xact_id(), payload jsonb NOT NULL DEFAULT '{}')";
const APPEND: &str = "INSERT INTO outbox DEFAULT VALUES";
const LOCK: &str = "LOCK TABLE outbox IN EXCLUSIVE MODE";
const SETTLED: &str = "xid < pg_snapshot_xmin(pg_current_snapshot())";

#[tokio::main]
async fn main() -> Outcome<()> {
    let url = env::args()
        .nth(1)
        .ok_or("name a PostgreSQL: why postgres://…")?;
    let measures = env::args().any(|it| it == "--measure");
    let mut options = ConnectOptions::new(url);
    options
        .max_connections(WRITERS + 4)
        .set_schema_search_path("why")
        .sqlx_logging(false);
    let db = Database::connect(options).await?;
    for sql in [
        "DROP SCHEMA IF EXISTS why CASCADE",
        "CREATE SCHEMA why",
        OUTBOX,
        "CREATE TABLE elsewhere (id int)",
    ] {
        db.execute_unprepared(sql).await?;
    }
    let (lost, stalled, waits) = (
        id_past_cursor(&db).await?,
        xmin(&db).await?,
        exclusive(&db).await?,
    );
    schema::create(&db).await?;
    let log = dotcast(&db).await?;
    let mut rates = [const { String::new() }; 3];
    if measures {
        rates = [
            rate(&db, &[APPEND]).await?,
            rate(&db, &[LOCK, APPEND]).await?,
            rate(
                &db,
                &["INSERT INTO events (type, topic, payload) VALUES ('a', 1, '{}')"],
            )
            .await?,
        ];
    }
    let [free, locked, shared] = rates;
    print(&[
        format!("id > cursor     {lost}{free}"),
        format!("xmin gate       {stalled}{free}"),
        format!("exclusive lock  {waits}{locked}"),
        format!("dotcast-log     {log}{shared}"),
    ]);
    db.execute_unprepared("DROP SCHEMA why CASCADE").await?;
    Ok(())
}

#[expect(clippy::print_stdout, reason = "it is what the program is for")]
fn print(lines: &[String]) {
    println!("{}", lines.join("\n"));
}

/// The ids past a cursor that a reader sees.
async fn read(db: &DatabaseConnection, cursor: i64, filter: &str) -> Result<Vec<i64>, DbErr> {
    let sql = format!("SELECT id FROM outbox WHERE id > {cursor} AND {filter} ORDER BY id");
    let rows = db
        .query_all_raw(Statement::from_string(db.get_database_backend(), sql))
        .await?;
    rows.iter().map(|row| row.try_get_by_index(0)).collect()
}

/// The first writer takes its id first and commits last.
async fn id_past_cursor(db: &DatabaseConnection) -> Outcome<String> {
    let first = db.begin().await?;
    first.execute_unprepared(APPEND).await?;
    let second = db.begin().await?;
    second.execute_unprepared(APPEND).await?;
    second.commit().await?;
    let mut seen = read(db, 0, "true").await?;
    first.commit().await?;
    let cursor = seen.last().copied().unwrap_or(0);
    seen.extend(read(db, cursor, "true").await?);
    Ok(format!(
        "sees {} of 2 events: the one that commits last is lost",
        seen.len()
    ))
}

/// A transaction that has nothing to do with the outbox is left open.
async fn xmin(db: &DatabaseConnection) -> Outcome<String> {
    let foreign = db.begin().await?;
    foreign
        .execute_unprepared("INSERT INTO elsewhere VALUES (1)")
        .await?;
    db.execute_unprepared("TRUNCATE outbox").await?;
    for _ in 0..2 {
        db.execute_unprepared(APPEND).await?;
    }
    let meanwhile = read(db, 0, SETTLED).await?;
    foreign.rollback().await?;
    let later = read(db, 0, SETTLED).await?;
    Ok(format!(
        "sees {} of 2 events while a transaction elsewhere is open, then {}",
        meanwhile.len(),
        later.len()
    ))
}

/// A second writer comes while the first has the lock.
async fn exclusive(db: &DatabaseConnection) -> Outcome<String> {
    let first = db.begin().await?;
    first.execute_unprepared(LOCK).await?;
    first.execute_unprepared(APPEND).await?;
    let second = db.begin().await?;
    second
        .execute_unprepared("SET LOCAL lock_timeout = '200ms'")
        .await?;
    let waits = second.execute_unprepared(LOCK).await.is_err();
    first.commit().await?;
    let verb = if waits { "waits" } else { "does not wait" };
    Ok(format!(
        "sees 2 of 2 events, and a second writer {verb} for the first to commit"
    ))
}

/// All of the above at once.
async fn dotcast(db: &DatabaseConnection) -> Outcome<String> {
    let store = Arc::new(PoolStore::new(db.clone()));
    let vital = Vital::default();
    let (hub, poller) = Poller::open(store.clone(), &vital).await?;
    poller.start(Pace::default(), &vital)?;
    let mut follower = Follower::new(hub.clone(), 0, Filter::default());
    let foreign = db.begin().await?;
    foreign
        .execute_unprepared("INSERT INTO elsewhere VALUES (1)")
        .await?;
    let first = store.begin().await?;
    append(&first.connection(), NewEvent::new("first", 1, &json!({}))?).await?;
    let second = store.begin().await?;
    second
        .connection()
        .execute_unprepared("SET LOCAL lock_timeout = '200ms'")
        .await?;
    append(
        &second.connection(),
        NewEvent::new("second", 1, &json!({}))?,
    )
    .await?;
    second.commit().await?;
    hub.own_writes().await;
    let early = hub.settled();
    first.commit().await?;
    let mut seen = Vec::new();
    while seen.len() < 2 {
        match timeout(Duration::from_secs(10), follower.next())
            .await?
            .ok_or("stopped")?
        {
            Item::Event(event) => seen.push(event.kind),
            Item::Position(_) => {}
            Item::Reset(reset) => return Err(format!("{reset:?}").into()),
        }
    }
    foreign.rollback().await?;
    vital.stop().cancel();
    if early > 0 || seen.iter().map(|it| &**it).ne(["first", "second"]) {
        return Err(format!("settled at {early} too early, or not in order: {seen:?}").into());
    }
    Ok(
        "sees 2 of 2 events in order, with a transaction elsewhere open, and no writer waits"
            .to_owned(),
    )
}

/// How many transactions of these statements commit in a second.
async fn rate(db: &DatabaseConnection, statements: &'static [&'static str]) -> Outcome<String> {
    let end = Instant::now() + MEASURED;
    let mut writers = JoinSet::new();
    for _ in 0..WRITERS {
        let db = db.clone();
        writers.spawn(async move {
            let mut commits = 0_u64;
            while Instant::now() < end {
                let transaction = db.begin().await?;
                for sql in statements {
                    transaction.execute_unprepared(sql).await?;
                }
                transaction.commit().await?;
                commits += 1;
            }
            Ok::<_, DbErr>(commits)
        });
    }
    let mut commits = 0;
    for writer in writers.join_all().await {
        commits += writer?;
    }
    Ok(format!(
        "; {} commits/s of {WRITERS} writers",
        commits / MEASURED.as_secs()
    ))
}
