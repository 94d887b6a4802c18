//! The migrations: up, down and up again, and what the schema then promises every program that
//! writes with plain SQL.

mod postgres;
mod sqlite;

use migration::{Migrator, MigratorTrait as _};
use sea_orm::{ConnectionTrait as _, DatabaseConnection, DbErr, Statement, TryGetable};

use crate::harness::Database;

/// A connection to a database with the newest schema.
async fn migrated(database: &Database) -> DatabaseConnection {
    let db = database.connect().await;
    Migrator::up(&db, None).await.expect("up");
    db
}

/// The first column of what a query finds, on one connection as long as the test.
async fn column<T: TryGetable>(db: &DatabaseConnection, sql: &str) -> Vec<T> {
    db.query_all_raw(Statement::from_string(db.get_database_backend(), sql))
        .await
        .expect(sql)
        .iter()
        .map(|row| row.try_get_by_index(0).expect(sql))
        .collect()
}

/// Appends an event with no more than it takes; the values are SQL.
async fn append(db: &DatabaseConnection, event_type: &str, payload: &str) -> Result<(), DbErr> {
    let sql =
        format!("INSERT INTO events (type, board_id, payload) VALUES ({event_type}, 7, {payload})");
    db.execute_unprepared(&sql).await.map(|_| ())
}

/// The tables, indexes, sequences, functions and triggers, without what the database keeps for itself.
async fn schema(database: &Database, db: &DatabaseConnection) -> Vec<String> {
    let sql = if database.is_postgres() {
        "SELECT kind || ' ' || name FROM (
             SELECT CASE relkind WHEN 'r' THEN 'table' WHEN 'i' THEN 'index' WHEN 'S' THEN 'sequence' END
                 AS kind, relname AS name
             FROM pg_class WHERE relnamespace = 'public'::regnamespace
             UNION ALL SELECT 'function', proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace
             UNION ALL SELECT 'trigger', tgname FROM pg_trigger WHERE NOT tgisinternal
         ) AS schema ORDER BY 1"
    } else {
        "SELECT type || ' ' || name FROM sqlite_schema
         WHERE name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY 1"
    };
    column(db, sql).await
}

const SCHEMA: [&str; 14] = [
    "index boards_creator_id",
    "index events_board_id",
    "index paths_board_id_user_id",
    "index sessions_user_id",
    "index users_username",
    "table boards",
    "table breaks",
    "table events",
    "table paths",
    "table seaql_migrations",
    "table sessions",
    "table settled_through",
    "table trimmed_through",
    "table users",
];

/// What refuses rows that would never be shown, on SQLite.
const SQLITE_SCHEMA: [&str; 2] = ["trigger events_insert", "trigger events_update"];

/// What there is on PostgreSQL besides: SQLite has its own for most of these.
const POSTGRES_SCHEMA: [&str; 21] = [
    "function events_keep",
    "function events_take_id",
    "index boards_pkey",
    "index breaks_pkey",
    "index events_pkey",
    "index events_uuid_key",
    "index paths_pkey",
    "index seaql_migrations_pkey",
    "index sessions_pkey",
    "index sessions_token_hash_key",
    "index settled_through_pkey",
    "index trimmed_through_pkey",
    "index users_pkey",
    "sequence boards_id_seq",
    "sequence breaks_id_seq",
    "sequence events_id",
    "sequence paths_id_seq",
    "sequence sessions_id_seq",
    "sequence users_id_seq",
    "trigger events_keep",
    "trigger events_take_id",
];

#[tokio::test]
async fn each_migration_can_be_reverted_and_applied_again() {
    let database = Database::new().await;
    let db = migrated(&database).await;
    let mut expected = SCHEMA.to_vec();
    let mut empty = vec!["table seaql_migrations"];
    if database.is_postgres() {
        expected.extend(POSTGRES_SCHEMA);
        empty.insert(0, "index seaql_migrations_pkey");
    } else {
        expected.extend(SQLITE_SCHEMA);
    }
    expected.sort_unstable();
    assert_eq!(schema(&database, &db).await, expected);

    let steps = Migrator::migrations().len();
    for step in 1..=steps {
        let before = schema(&database, &db).await.len();
        Migrator::down(&db, Some(1)).await.expect("down");
        assert!(schema(&database, &db).await.len() < before, "step {step}");
    }
    assert_eq!(schema(&database, &db).await, empty);

    // One at a time, as they come to a database that is kept for years.
    for _ in 0..steps {
        Migrator::up(&db, Some(1)).await.expect("up");
    }
    assert_eq!(schema(&database, &db).await, expected);
    // What is there already is left alone.
    append(&db, "'newBoard'", "'{}'").await.expect("an event");
    Migrator::up(&db, None).await.expect("up");
    assert_eq!(
        column::<String>(&db, "SELECT type FROM events").await,
        ["newBoard"]
    );
}

#[tokio::test]
async fn ids_are_never_used_again() {
    let database = Database::new().await;
    let db = migrated(&database).await;
    for id in 1..=3_i64 {
        append(&db, "'newBoard'", "'{}'").await.expect("an event");
        assert_eq!(column::<i64>(&db, "SELECT id FROM events").await, [id]);
        db.execute_unprepared("DELETE FROM events")
            .await
            .expect("delete");
    }
}

#[tokio::test]
async fn names_are_taken_in_every_case() {
    let database = Database::new().await;
    let db = migrated(&database).await;
    let add = |name| {
        let sql = format!(
            "INSERT INTO users (username, password_hash, created_at) VALUES ('{name}', 'x', '2026-01-01')"
        );
        let db = &db;
        async move { db.execute_unprepared(&sql).await }
    };
    add("ada").await.expect("a user");
    add("Ada").await.expect_err("taken");
    assert_eq!(
        column::<String>(&db, "SELECT username FROM users").await,
        ["ada"]
    );
}
