//! The migrations: up, down and up again, and what the schema then guarantees to every program that writes with plain
//! SQL.

mod large;
mod log;
mod postgres;
mod solutions;
mod solved_counts;
mod sqlite;

use std::collections::BTreeSet;

use chrono::Utc;
use migration::{Migrator, MigratorTrait as _};
use sea_orm::{
    ConnectionTrait as _, DatabaseConnection, DbErr, Statement, TryGetable, prelude::Uuid,
};

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

/// Appends an event with the fewest possible columns; the values are SQL.
async fn append(db: &DatabaseConnection, event_type: &str, payload: &str) -> Result<(), DbErr> {
    let sql =
        format!("INSERT INTO events (type, topic, payload) VALUES ({event_type}, 7, {payload})");
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

/// The columns of all tables, with their defaults.
async fn columns(database: &Database, db: &DatabaseConnection) -> Vec<String> {
    let sql = if database.is_postgres() {
        "SELECT concat_ws(' ', table_name || '.' || column_name, column_default) FROM information_schema.columns
         WHERE table_schema = 'public' ORDER BY 1"
    } else {
        "SELECT tables.name || '.' || columns.name || ' ' || COALESCE(columns.dflt_value, '')
         FROM sqlite_schema AS tables, pragma_table_info(tables.name) AS columns
         WHERE tables.type = 'table' ORDER BY 1"
    };
    column(db, sql).await
}

const SCHEMA: [&str; 29] = [
    "index boards_creator_id",
    "index consumers_cursor",
    "index consumers_user_id_name",
    "index events_topic",
    "index events_type",
    "index idempotency_keys_created_at",
    "index idempotency_keys_user_id_created_at",
    "index paths_board_id_user_id",
    "index sessions_user_id",
    "index solved_counts_number_board_id",
    "index users_username",
    "table boards",
    "table breaks",
    "table consumers",
    "table event_times",
    "table events",
    "table idempotency_keys",
    "table paths",
    "table rewrites",
    "table seaql_migrations",
    "table sessions",
    "table settled_through",
    "table solutions",
    "table solved_counts",
    "table trimmed_through",
    "table users",
    "trigger boards_layout",
    "trigger solutions_count",
    "trigger solutions_discount",
];

/// On SQLite: what refuses rows that would never be shown.
const SQLITE_SCHEMA: [&str; 2] = ["trigger events_insert", "trigger events_update"];

/// On PostgreSQL there are these besides; SQLite has its own for most of them.
const POSTGRES_SCHEMA: [&str; 31] = [
    "function boards_layout",
    "function events_keep",
    "function events_take_id",
    "function solutions_count",
    "index boards_pkey",
    "index breaks_pkey",
    "index consumers_pkey",
    "index event_times_pkey",
    "index events_pkey",
    "index events_uuid_key",
    "index idempotency_keys_pkey",
    "index paths_pkey",
    "index rewrites_pkey",
    "index seaql_migrations_pkey",
    "index sessions_pkey",
    "index sessions_token_hash_key",
    "index settled_through_pkey",
    "index solutions_pkey",
    "index solved_counts_pkey",
    "index trimmed_through_pkey",
    "index users_pkey",
    "sequence boards_id_seq",
    "sequence breaks_id_seq",
    "sequence consumers_id_seq",
    "sequence events_id",
    "sequence paths_id_seq",
    "sequence rewrites_id_seq",
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

    let with_columns = columns(&database, &db).await;
    let steps = Migrator::migrations().len();
    for step in 1..=steps {
        let all = async || (schema(&database, &db).await, columns(&database, &db).await);
        let before = all().await;
        Migrator::down(&db, Some(1)).await.expect("down");
        assert_ne!(all().await, before, "step {step}");
    }
    assert_eq!(schema(&database, &db).await, empty);

    // One at a time, as a long-lived database gets them.
    for _ in 0..steps {
        Migrator::up(&db, Some(1)).await.expect("up");
    }
    assert_eq!(schema(&database, &db).await, expected);
    assert_eq!(columns(&database, &db).await, with_columns);
    // Existing rows are left alone.
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

/// Otherwise their index is written all over.
#[tokio::test]
async fn a_uuid_that_is_left_out_is_in_the_order_of_time() {
    let database = Database::new().await;
    let db = migrated(&database).await;
    let millis = || u128::try_from(Utc::now().timestamp_millis()).expect("after 1970");
    let mut all = BTreeSet::new();
    let mut newest = 0;
    for _ in 0..50 {
        let before = millis();
        append(&db, "'newBoard'", "'{}'").await.expect("an event");
        let after = millis();
        let uuids = "SELECT uuid FROM events ORDER BY id DESC LIMIT 1";
        let uuid = column::<Uuid>(&db, uuids).await[0];
        // RFC 9562, 5.7.
        assert_eq!(uuid.get_version_num(), 7, "{uuid}");
        assert_eq!(uuid.as_bytes()[8] >> 6, 0b10, "{uuid}");
        let time = uuid.as_u128() >> 80;
        assert!((before..=after).contains(&time), "{uuid} {before} {after}");
        assert!(newest <= time, "{uuid}");
        newest = time;
        all.insert(uuid);
    }
    // One statement is one moment.
    database.append_fillers(7, 2000, 0).await;
    all.extend(column::<Uuid>(&db, "SELECT uuid FROM events").await);
    assert_eq!(all.len(), 2050);
    // Each of its bits is given, or random.
    let bits = all.iter().map(Uuid::as_u128);
    let (any, every) = bits.fold((0, u128::MAX), |(any, every), it| (any | it, every & it));
    assert_eq!((any ^ every) & RANDOM_BITS, RANDOM_BITS);
    let times = column::<Uuid>(&db, "SELECT uuid FROM events ORDER BY id").await;
    let times: Vec<_> = times.iter().map(|it| it.as_u128() >> 80).collect();
    assert!(times.is_sorted(), "{times:?}");
}

/// The bits of a UUID of version 7 that neither the time nor the version and the variant set.
const RANDOM_BITS: u128 = 0x0fff_3fff_ffff_ffff_ffff;

/// They are the stream's own words, and a client could not tell which of the two it was told.
#[tokio::test]
async fn an_event_cannot_have_a_name_of_the_streams_own() {
    let database = Database::new().await;
    let db = migrated(&database).await;
    append(&db, "'newBoard'", "'{}'").await.expect("an event");
    for name in ["cursor", "reset", "bye"] {
        let refusal = append(&db, &format!("'{name}'"), "'{}'").await;
        refusal.expect_err(name);
        let sql = format!("UPDATE events SET type = '{name}'");
        db.execute_unprepared(&sql).await.expect_err(&sql);
    }
    // Others only look like them.
    for name in ["Cursor", "resets", "good_bye"] {
        let appended = append(&db, &format!("'{name}'"), "'{}'").await;
        appended.expect(name);
    }
    assert_eq!(
        column::<String>(&db, "SELECT type FROM events ORDER BY id").await,
        ["newBoard", "Cursor", "resets", "good_bye"]
    );
}

/// Clients have been told the id, and may resume from it.
#[tokio::test]
async fn the_id_of_an_event_never_changes() {
    let database = Database::new().await;
    let db = migrated(&database).await;
    for _ in 0..3 {
        append(&db, "'newBoard'", "'{}'").await.expect("an event");
    }
    db.execute_unprepared("DELETE FROM events WHERE id = 2")
        .await
        .expect("delete");
    for sql in [
        "UPDATE events SET id = 2 WHERE id = 3",
        "UPDATE events SET id = 4 WHERE id = 3",
        "UPDATE events SET id = id + 100",
    ] {
        db.execute_unprepared(sql).await.expect_err(sql);
    }
    // Setting a column to its own value is no change.
    db.execute_unprepared("UPDATE events SET id = id, topic = 8")
        .await
        .expect("an update");
    let ids = "SELECT id FROM events WHERE topic = 8 ORDER BY id";
    assert_eq!(column::<i64>(&db, ids).await, [1, 3]);
}

/// A day, because clocks differ, and not more, because retention goes by it.
#[tokio::test]
async fn an_event_cannot_be_dated_far_in_the_future() {
    let database = Database::new().await;
    let db = migrated(&database).await;
    let from_now = |hours: i32| {
        if database.is_postgres() {
            format!("clock_timestamp() + interval '{hours} hours'")
        } else {
            format!("strftime('%Y-%m-%dT%H:%M:%fZ', 'now', '{hours} hours')")
        }
    };
    let insert = |at: &str| {
        format!(
            "INSERT INTO events (type, topic, payload, created_at) VALUES ('newBoard', 7, '{{}}', {at})"
        )
    };
    for hours in [-100_000, 0, 23] {
        let sql = insert(&from_now(hours));
        db.execute_unprepared(&sql).await.expect(&sql);
        let sql = format!("UPDATE events SET created_at = {}", from_now(hours));
        db.execute_unprepared(&sql).await.expect(&sql);
    }
    for at in [
        from_now(25),
        from_now(100_000),
        "'2099-01-01 00:00:00+00:00'".to_owned(),
        "'9999-12-31T23:59:59Z'".to_owned(),
    ] {
        let sql = insert(&at);
        db.execute_unprepared(&sql).await.expect_err(&sql);
        let sql = format!("UPDATE events SET created_at = {at}");
        db.execute_unprepared(&sql).await.expect_err(&sql);
    }
    let ids = "SELECT id FROM events ORDER BY id";
    assert_eq!(column::<i64>(&db, ids).await.len(), 3);
}
