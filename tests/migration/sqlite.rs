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
