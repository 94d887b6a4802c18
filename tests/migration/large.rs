//! The migrations of the log while it is in use: a million events, and earlier programs that go on.

use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicI64, Ordering},
};

use migration::{Migrator, MigratorTrait as _};
use sea_orm::{ConnectionTrait as _, DatabaseConnection};

use super::column;
use crate::harness::{Database, eventually};

const EVENTS: i64 = 1_000_000;

/// Migrations that the first release has.
const BEFORE: u32 = 3;
/// Later migrations that its programs can go on with. The next renames a column that they write.
const COMPATIBLE: u32 = 4;
/// Migrations up to the one before those that the programs after the renaming can go on with.
const RENAMED: u32 = 8;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn later_migrations_go_up_and_down_while_programs_of_before_go_on() {
    let database = Database::new().await;
    let db = database.connect().await;
    Migrator::up(&db, Some(BEFORE)).await.expect("up");
    db.execute_unprepared(&format!(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {EVENTS}) \
         INSERT INTO events (type, board_id, payload) SELECT 'filler', 1, '{{}}' FROM n"
    ))
    .await
    .expect("events");
    let appended = up_and_down(&database, &db, "board_id", COMPATIBLE).await;
    Migrator::up(&db, Some(RENAMED - BEFORE)).await.expect("up");
    let later = u32::try_from(Migrator::migrations().len()).expect("few") - RENAMED;
    let more = up_and_down(&database, &db, "topic", later).await;
    Migrator::up(&db, None).await.expect("up");

    let counts: Vec<i64> = column(&db, "SELECT COUNT(*) FROM events").await;
    assert_eq!(counts, [EVENTS + appended + more]);
    let newest: Vec<i64> = column(&db, "SELECT MAX(id) FROM events").await;
    assert_eq!(newest, counts, "no id was skipped or given out twice");
    let of_topic = column::<i64>(&db, "SELECT COUNT(*) FROM events WHERE topic = 1").await;
    assert_eq!(of_topic, [EVENTS]);
}

/// Applies and reverts this many migrations, twice, while a program of before appends. Returns how many events.
async fn up_and_down(
    database: &Database,
    db: &DatabaseConnection,
    topic: &'static str,
    migrations: u32,
) -> i64 {
    let (appended, stop) = (Arc::<AtomicI64>::default(), Arc::<AtomicBool>::default());
    let program = tokio::spawn(go_on(
        database.connect().await,
        topic,
        Arc::clone(&appended),
        Arc::clone(&stop),
    ));
    let until_more = async || {
        let before = appended.load(Ordering::Relaxed);
        eventually("more events", || async {
            (appended.load(Ordering::Relaxed) >= before + 20).then_some(())
        })
        .await;
    };
    until_more().await;
    for _ in 0..2 {
        Migrator::up(db, Some(migrations)).await.expect("up");
        let settled: Vec<i64> = column(db, "SELECT event_id FROM settled_through").await;
        assert!(settled[0] >= EVENTS, "{settled:?}");
        until_more().await;
        Migrator::down(db, Some(migrations)).await.expect("down");
        until_more().await;
    }
    stop.store(true, Ordering::Relaxed);
    program.await.expect("nothing failed");
    appended.load(Ordering::Relaxed)
}

/// Appends, reads and trims as the previous program does.
async fn go_on(
    db: DatabaseConnection,
    topic: &str,
    appended: Arc<AtomicI64>,
    stop: Arc<AtomicBool>,
) {
    let newest = column::<i64>(&db, "SELECT MAX(id) FROM events").await[0];
    let append =
        format!("INSERT INTO events (type, {topic}, payload) VALUES ('newBoard', 7, '{{}}')");
    while !stop.load(Ordering::Relaxed) {
        db.execute_unprepared(&append).await.expect("an event");
        let newest = newest + appended.fetch_add(1, Ordering::Relaxed);
        let past = format!("SELECT id FROM events WHERE id > {newest} ORDER BY id LIMIT 256");
        assert_eq!(column::<i64>(&db, &past).await, [newest + 1]);
        db.execute_unprepared("UPDATE trimmed_through SET event_id = 0 WHERE id = 1")
            .await
            .expect("retention");
    }
}
