//! What the schema promises on SQLite.

use chrono::{DateTime, Utc};
use sea_orm::ConnectionTrait as _;

use super::{append, column, migrated};
use crate::harness::Database;

#[tokio::test]
async fn plain_sql_is_enough_to_append_a_complete_event() {
    let database = Database::sqlite();
    let db = migrated(&database).await;
    append(&db, "'newBoard'", "'{\"a\":1}'")
        .await
        .expect("an event");
    append(&db, "'new_Path2'", "'{}'").await.expect("an event");
    let rows =
        "SELECT id || ' ' || length(uuid) || ' ' || typeof(uuid) || ' ' || payload FROM events";
    assert_eq!(
        column::<String>(&db, rows).await,
        [r#"1 16 blob {"a":1}"#, "2 16 blob {}"]
    );
    let uuids = "SELECT CAST(count(DISTINCT uuid) AS TEXT) FROM events";
    assert_eq!(column::<String>(&db, uuids).await, ["2"]);
    // A time of today in UTC, in the notation of RFC 3339.
    let times = "SELECT created_at FROM events
                 WHERE created_at GLOB '????-??-??T??:??:??.???Z'
                   AND abs(julianday(created_at) - julianday('now')) < 0.01";
    assert_eq!(column::<String>(&db, times).await.len(), 2);
}

#[tokio::test]
async fn what_does_not_fit_on_the_wire_is_refused() {
    let database = Database::sqlite();
    let db = migrated(&database).await;
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
        column::<String>(&db, "SELECT type FROM events").await,
        [""; 0]
    );
    // The longest name is fine.
    append(&db, "printf('%064d', 0)", "'{}'")
        .await
        .expect("an event");
}

/// One such row would stop every reader of the log.
#[tokio::test]
async fn what_could_not_be_read_back_is_refused() {
    let database = Database::sqlite();
    let db = migrated(&database).await;
    for (column, value) in [
        ("topic", "'seven'"),
        ("topic", "7.5"),
        ("topic", "NULL"),
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
    let database = Database::sqlite();
    let db = migrated(&database).await;
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
        let read: Vec<DateTime<Utc>> = column(&db, "SELECT created_at FROM events").await;
        assert_eq!(read[0].date_naive().to_string(), "2026-01-01", "{time}");
    }
}

/// Streams have passed them: such an event would never be shown.
#[tokio::test]
async fn an_id_that_was_given_out_is_refused() {
    let database = Database::sqlite();
    let db = migrated(&database).await;
    for _ in 0..5 {
        append(&db, "'newBoard'", "'{}'").await.expect("an event");
    }
    // 1 and 2 were trimmed, 4 is a hole, and 5 was the newest.
    db.execute_unprepared(
        "DELETE FROM events WHERE id <> 3; UPDATE trimmed_through SET event_id = 2;",
    )
    .await
    .expect("delete");
    for id in [i64::MIN, -7, -1, 0, 1, 2, 3, 4, 5] {
        for verb in ["INSERT", "INSERT OR REPLACE", "INSERT OR ROLLBACK"] {
            let sql = format!(
                "{verb} INTO events (id, type, topic, payload) VALUES ({id}, 'newBoard', 8, '{{}}')"
            );
            db.execute_unprepared(&sql).await.expect_err(&sql);
        }
        let sql = format!(
            "INSERT OR IGNORE INTO events (id, type, topic, payload) VALUES ({id}, 'newBoard', 8, '{{}}')"
        );
        // Ignored or refused: it is not there.
        let _ = db.execute_unprepared(&sql).await;
    }
    let kept = "SELECT id FROM events WHERE topic = 7 OR id <> 3";
    assert_eq!(column::<i64>(&db, kept).await, [3]);
    append(&db, "'newBoard'", "'{}'").await.expect("an event");
    db.execute_unprepared(
        "INSERT INTO events (id, type, topic, payload) VALUES (NULL, 'newBoard', 7, '{}');
         INSERT INTO events SELECT NULL, randomblob(16), type, topic, payload, created_at FROM events;",
    )
    .await
    .expect("events");
    let ids = "SELECT id FROM events ORDER BY id";
    assert_eq!(column::<i64>(&db, ids).await, [3, 6, 7, 8, 9, 10]);
}

/// The counter is not the only evidence of what was given out.
#[tokio::test]
async fn an_id_is_not_used_again_when_the_counter_was_set_back() {
    for tampering in [
        "UPDATE sqlite_sequence SET seq = 0",
        "DELETE FROM sqlite_sequence",
    ] {
        let database = Database::sqlite();
        let db = migrated(&database).await;
        for _ in 0..3 {
            append(&db, "'newBoard'", "'{}'").await.expect("an event");
        }
        db.execute_unprepared(&format!(
            "DELETE FROM events; UPDATE trimmed_through SET event_id = 3; {tampering};"
        ))
        .await
        .expect(tampering);
        // Refused, or past what was trimmed.
        let _ = append(&db, "'newBoard'", "'{}'").await;
        let ids = column::<i64>(&db, "SELECT id FROM events").await;
        assert!(ids.iter().all(|&id| id > 3), "{tampering}: {ids:?}");
    }
}
