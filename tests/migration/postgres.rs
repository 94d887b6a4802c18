//! What the schema promises on PostgreSQL.

use chrono::{DateTime, Utc};
use migration::{Migrator, MigratorTrait as _};
use sea_orm::{ConnectionTrait as _, sqlx::postgres::PgPoolCopyExt as _};

use super::{append, column, migrated};
use crate::harness::Database;

#[tokio::test]
async fn plain_sql_is_enough_to_append_a_complete_event() {
    let database = Database::postgres().await;
    let db = migrated(&database).await;
    append(&db, "'newBoard'", "'{\"a\":1}'")
        .await
        .expect("an event");
    append(&db, "'new_Path2'", "'{}'").await.expect("an event");
    let rows = "SELECT id || ' ' || type || ' ' || topic || ' ' || payload FROM events ORDER BY id";
    assert_eq!(
        column::<String>(&db, rows).await,
        [r#"1 newBoard 7 {"a": 1}"#, "2 new_Path2 7 {}"]
    );
    let uuids = "SELECT count(DISTINCT uuid) FROM events";
    assert_eq!(column::<i64>(&db, uuids).await, [2]);
    let times = "SELECT count(*) FROM events
                 WHERE created_at BETWEEN now() - interval '15 minutes' AND clock_timestamp()";
    assert_eq!(column::<i64>(&db, times).await, [2]);
}

#[tokio::test]
async fn however_rows_are_inserted_each_gets_the_next_id() {
    let database = Database::postgres().await;
    let db = migrated(&database).await;
    db.execute_unprepared(
        "INSERT INTO events (type, topic, payload) VALUES ('a', 1, '{}'), ('b', 1, '{}');
         INSERT INTO events (type, topic, payload)
             SELECT chr(98 + n), 1, '{}' FROM generate_series(1, 2) AS n;",
    )
    .await
    .expect("events");
    let mut copy = db
        .get_postgres_connection_pool()
        .copy_in_raw("COPY events (type, topic, payload) FROM STDIN")
        .await
        .expect("COPY");
    copy.send("e\t1\t{}\nf\t1\t{}\n".as_bytes())
        .await
        .expect("rows");
    copy.finish().await.expect("rows");
    // An insert that names an id does not get it: it may have been taken, or be taken later.
    db.execute_unprepared(
        "INSERT INTO events (id, type, topic, payload) VALUES (3, 'g', 1, '{}'), (1000, 'h', 1, '{}');
         INSERT INTO events (id, type, topic, payload) VALUES (NULL, 'i', 1, '{}');",
    )
    .await
    .expect("events");
    let rows = "SELECT type || id FROM events ORDER BY id";
    assert_eq!(
        column::<String>(&db, rows).await,
        ["a1", "b2", "c3", "d4", "e5", "f6", "g7", "h8", "i9"]
    );
}

#[tokio::test]
async fn what_does_not_fit_on_the_wire_is_refused() {
    let database = Database::postgres().await;
    let db = migrated(&database).await;
    for event_type in [
        "E'new\\nBoard'",
        "E'newBoard\\n'",
        "E'newBoard\\r'",
        "'new Board'",
        "'new:Board'",
        "'newBöard'",
        "''",
        "NULL",
        "repeat('x', 65)",
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
        // It could not be shown as text.
        r#"'{"a":"\u0000"}'"#,
    ] {
        let refusal = append(&db, "'newBoard'", payload).await;
        refusal.expect_err(payload);
    }
    assert_eq!(column::<i64>(&db, "SELECT id FROM events").await, [0; 0]);
    // The longest name is fine.
    append(&db, "repeat('x', 64)", "'{}'")
        .await
        .expect("an event");
}

/// One such row would stop every reader of the log.
#[tokio::test]
async fn what_could_not_be_read_back_is_refused() {
    let database = Database::postgres().await;
    let db = migrated(&database).await;
    append(&db, "'newBoard'", "'{}'").await.expect("an event");
    for (column, value) in [
        ("topic", "'seven'"),
        ("topic", "NULL"),
        ("uuid", "NULL"),
        ("uuid", "'00'"),
        ("id", "0"),
        ("id", "-1"),
        ("id", "NULL"),
        ("created_at", "NULL"),
        ("created_at", "'junk'"),
        ("created_at", "'infinity'"),
        ("created_at", "'-infinity'"),
        ("created_at", "'4714-11-24 00:00:00+00 BC'"),
        ("created_at", "'10000-01-01 00:00:00+00'"),
        ("created_at", "now() + interval '25 hours'"),
    ] {
        let sql = format!("UPDATE events SET {column} = {value}");
        db.execute_unprepared(&sql).await.expect_err(&sql);
    }
    for time in ["0001-01-01T00:00:00Z", "2026-11-01T23:59:59.999999Z"] {
        let sql = format!("UPDATE events SET created_at = '{time}'");
        db.execute_unprepared(&sql).await.expect(time);
        let read: Vec<DateTime<Utc>> = column(&db, "SELECT created_at FROM events").await;
        assert_eq!(read, [time.parse::<DateTime<Utc>>().expect(time)]);
    }
}

/// Streams have passed them: such an event would never be shown.
#[tokio::test]
async fn an_id_that_was_given_out_is_refused_when_the_counter_was_set_back() {
    for (deleted, counter) in [
        ("DELETE FROM events WHERE id > 2", "setval('events_id', 3)"),
        (
            "DELETE FROM events WHERE id < 3; UPDATE settled_through SET event_id = 4",
            "setval('events_id', 1, false)",
        ),
        (
            "DELETE FROM events; UPDATE trimmed_through SET event_id = 4",
            "setval('events_id', 1, false)",
        ),
    ] {
        let database = Database::postgres().await;
        let db = migrated(&database).await;
        for _ in 0..4 {
            append(&db, "'newBoard'", "'{}'").await.expect("an event");
        }
        db.execute_unprepared(&format!("{deleted}; SELECT {counter};"))
            .await
            .expect(deleted);
        let before = column::<i64>(&db, "SELECT id FROM events ORDER BY id").await;
        for _ in 0..4 {
            let _ = append(&db, "'newBoard'", "'{}'").await;
        }
        let mut after = column::<i64>(&db, "SELECT id FROM events ORDER BY id").await;
        after.retain(|id| !before.contains(id));
        let highest = before.last().copied().unwrap_or(4);
        assert!(after.iter().all(|&id| id > highest), "{deleted}: {after:?}");
    }
}

/// A server that runs with less than the owner's rights goes on after a migration.
#[tokio::test]
async fn who_may_use_what_was_there_may_use_what_comes() {
    let database = Database::postgres().await;
    let db = database.connect().await;
    Migrator::up(&db, Some(3)).await.expect("up");
    let role = format!("{}_server", database.name());
    let rights = "SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public";
    db.execute_unprepared(&format!(
        "CREATE ROLE \"{role}\"; GRANT {rights} TO \"{role}\";"
    ))
    .await
    .expect("a role");
    Migrator::up(&db, None).await.expect("up");
    let missing = format!(
        "SELECT relname::text FROM pg_class, unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE']) AS name \
         WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' \
             AND NOT has_table_privilege('{role}', pg_class.oid, name)"
    );
    let missing = column::<String>(&db, &missing).await;
    db.execute_unprepared(&format!("DROP OWNED BY \"{role}\"; DROP ROLE \"{role}\";"))
        .await
        .expect("no role");
    assert_eq!(missing, [""; 0]);
}
