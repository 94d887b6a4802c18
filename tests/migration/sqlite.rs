//! The migrations on a database file: up, down and up again, and what the schema then promises.

use chrono::{DateTime, Utc};
use migration::{Migrator, MigratorTrait as _};
use sea_orm::{ConnectionTrait as _, Database, DatabaseConnection, DbErr, Statement};
use tempfile::TempDir;

async fn database() -> (TempDir, DatabaseConnection) {
    let directory = TempDir::new().expect("a temporary directory");
    let file = directory.path().join("dotcast.db");
    let db = Database::connect(format!("sqlite://{}?mode=rwc", file.display()))
        .await
        .expect("connect");
    (directory, db)
}

/// The first column of what a query finds.
async fn column(db: &DatabaseConnection, sql: &str) -> Vec<String> {
    db.query_all_raw(Statement::from_string(db.get_database_backend(), sql))
        .await
        .expect(sql)
        .iter()
        .map(|row| row.try_get_by_index(0).expect("text"))
        .collect()
}

/// The tables and indexes, without what SQLite keeps for itself.
async fn schema(db: &DatabaseConnection) -> Vec<String> {
    let sql = "SELECT type || ' ' || name FROM sqlite_schema
               WHERE name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY 1";
    column(db, sql).await
}

async fn append(db: &DatabaseConnection, event_type: &str, payload: &str) -> Result<(), DbErr> {
    let sql =
        format!("INSERT INTO events (type, board_id, payload) VALUES ({event_type}, 7, {payload})");
    db.execute_unprepared(&sql).await.map(|_| ())
}

const SCHEMA: [&str; 11] = [
    "index boards_creator_id",
    "index events_board_id",
    "index paths_board_id_user_id",
    "index sessions_user_id",
    "index users_username",
    "table boards",
    "table events",
    "table paths",
    "table seaql_migrations",
    "table sessions",
    "table users",
];

#[tokio::test]
async fn each_migration_can_be_reverted_and_applied_again() {
    let (_directory, db) = database().await;
    let mut expected: Vec<_> = SCHEMA.to_vec();
    expected.insert(10, "table trimmed_through");
    Migrator::up(&db, None).await.expect("up");
    assert_eq!(schema(&db).await, expected);

    let steps = Migrator::migrations().len();
    for step in 1..=steps {
        let before = schema(&db).await.len();
        Migrator::down(&db, Some(1)).await.expect("down");
        assert!(schema(&db).await.len() < before, "step {step}");
    }
    assert_eq!(schema(&db).await, ["table seaql_migrations"]);

    // One at a time, as they come to a database that is kept for years.
    for _ in 0..steps {
        Migrator::up(&db, Some(1)).await.expect("up");
    }
    assert_eq!(schema(&db).await, expected);
    // What is there already is left alone.
    append(&db, "'newBoard'", "'{}'").await.expect("an event");
    Migrator::up(&db, None).await.expect("up");
    assert_eq!(column(&db, "SELECT type FROM events").await, ["newBoard"]);
}

#[tokio::test]
async fn plain_sql_is_enough_to_append_a_complete_event() {
    let (_directory, db) = database().await;
    Migrator::up(&db, None).await.expect("up");
    append(&db, "'newBoard'", "'{\"a\":1}'")
        .await
        .expect("an event");
    append(&db, "'new_Path2'", "'{}'").await.expect("an event");
    let rows =
        "SELECT id || ' ' || length(uuid) || ' ' || typeof(uuid) || ' ' || payload FROM events";
    assert_eq!(
        column(&db, rows).await,
        [r#"1 16 blob {"a":1}"#, "2 16 blob {}"]
    );
    let uuids = "SELECT CAST(count(DISTINCT uuid) AS TEXT) FROM events";
    assert_eq!(column(&db, uuids).await, ["2"]);
    // A time of today in UTC, in the notation of RFC 3339.
    let times = "SELECT created_at FROM events
                 WHERE created_at GLOB '????-??-??T??:??:??.???Z'
                   AND abs(julianday(created_at) - julianday('now')) < 0.01";
    assert_eq!(column(&db, times).await.len(), 2);
}

#[tokio::test]
async fn what_does_not_fit_on_the_wire_is_refused() {
    let (_directory, db) = database().await;
    Migrator::up(&db, None).await.expect("up");
    for event_type in [
        "'new' || char(10) || 'Board'",
        "'newBoard' || char(13)",
        "'newBoard' || char(0)",
        "'new Board'",
        "'new:Board'",
        "'newBöard'",
        "''",
        "NULL",
        "printf('%065d', 0)",
        "x'41'",
    ] {
        let refusal = append(&db, event_type, "'{}'").await;
        refusal.expect_err(event_type);
    }
    for payload in [
        "'[]'",
        "'1'",
        "'\"text\"'",
        "'null'",
        "'{'",
        "''",
        "'{} {}'",
        "NULL",
        "x'7b7d'",
    ] {
        let refusal = append(&db, "'newBoard'", payload).await;
        refusal.expect_err(payload);
    }
    assert_eq!(
        column(&db, "SELECT type FROM events").await,
        Vec::<String>::new()
    );
    // The longest name is fine.
    append(&db, "printf('%064d', 0)", "'{}'")
        .await
        .expect("an event");
}

/// One such row would stop every reader of the log.
#[tokio::test]
async fn what_could_not_be_read_back_is_refused() {
    let (_directory, db) = database().await;
    Migrator::up(&db, None).await.expect("up");
    for (column, value) in [
        ("board_id", "'seven'"),
        ("board_id", "7.5"),
        ("board_id", "NULL"),
        ("uuid", "'00000000-0000-0000-0000-000000000000'"),
        ("uuid", "x'00'"),
        ("id", "0"),
        ("id", "-1"),
        ("created_at", "x'41'"),
        ("created_at", "NULL"),
        ("created_at", "''"),
        ("created_at", "'junk'"),
        ("created_at", "'now'"),
        ("created_at", "'10:00:00'"),
        ("created_at", "'2461366.5'"),
        ("created_at", "'2026-01-01'"),
        ("created_at", "'2026-1-1 10:00:00'"),
        ("created_at", "'2026-02-31 10:00:00'"),
        ("created_at", "'2026-01-01T24:00:00Z'"),
        ("created_at", "'2026-01-01T10:00:00.Z'"),
        ("created_at", "'2026-01-01 10:00:00 Z'"),
        ("created_at", "'2026-01-01 10:00:00 and more'"),
    ] {
        append(&db, "'newBoard'", "'{}'").await.expect("an event");
        let sql = format!("UPDATE events SET {column} = {value}");
        db.execute_unprepared(&sql).await.expect_err(&sql);
        db.execute_unprepared("DELETE FROM events")
            .await
            .expect("delete");
    }
}

#[tokio::test]
async fn every_usual_notation_of_a_time_is_taken() {
    let (_directory, db) = database().await;
    Migrator::up(&db, None).await.expect("up");
    append(&db, "'newBoard'", "'{}'").await.expect("an event");
    for time in [
        "2026-01-01 10:00:00",
        "2026-01-01T10:00:00Z",
        "2026-01-01T10:00:00.123Z",
        "2026-01-01 10:00:00.123456789+00:00",
        "2026-01-01T10:00:00-09:30",
    ] {
        let sql = format!("UPDATE events SET created_at = '{time}'");
        db.execute_unprepared(&sql).await.expect(time);
        let read: DateTime<Utc> = db
            .query_one_raw(Statement::from_string(
                db.get_database_backend(),
                "SELECT created_at FROM events",
            ))
            .await
            .expect("the event")
            .expect("the event")
            .try_get_by_index(0)
            .expect(time);
        assert_eq!(read.date_naive().to_string(), "2026-01-01", "{time}");
    }
}

#[tokio::test]
async fn ids_are_never_used_again() {
    let (_directory, db) = database().await;
    Migrator::up(&db, None).await.expect("up");
    for id in ["1", "2", "3"] {
        append(&db, "'newBoard'", "'{}'").await.expect("an event");
        let newest = "SELECT CAST(max(id) AS TEXT) FROM events";
        assert_eq!(column(&db, newest).await, [id]);
        db.execute_unprepared("DELETE FROM events")
            .await
            .expect("delete");
    }
}

#[tokio::test]
async fn names_are_taken_in_every_case() {
    let (_directory, db) = database().await;
    Migrator::up(&db, None).await.expect("up");
    let add = |name| {
        let sql = format!(
            "INSERT INTO users (username, password_hash, created_at) VALUES ('{name}', 'x', '')"
        );
        let db = &db;
        async move { db.execute_unprepared(&sql).await }
    };
    add("ada").await.expect("a user");
    add("Ada").await.expect_err("taken");
    assert_eq!(column(&db, "SELECT username FROM users").await, ["ada"]);
}
