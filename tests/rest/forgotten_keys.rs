//! How long keys are remembered, and how many.

use chrono::{TimeDelta, Utc};
use rustix::process::Signal;

use super::retries::{BOARDS, essence, is_replayed, post};
use crate::harness::{Database, Server, client::board, eventually};

/// Makes a key look as if it had been used that long ago.
async fn age(database: &Database, key: &str, hours: i64) {
    let then = (Utc::now() - TimeDelta::hours(hours)).to_rfc3339();
    let sql = format!("UPDATE idempotency_keys SET created_at = '{then}' WHERE key = '{key}'");
    database.execute(&sql).await;
}

#[tokio::test]
async fn keys_are_forgotten_after_a_day() {
    let mut server = Server::start().await;
    let mut ada = server.user("ada").await;
    for key in ["old", "young", "older"] {
        post(&ada, BOARDS, key, &board("one")).await.expect(201);
    }
    age(server.database(), "old", 25).await;
    age(server.database(), "older", 9000).await;
    age(server.database(), "young", 23).await;
    let again = post(&ada, BOARDS, "young", &board("one")).await;
    assert!(is_replayed(&again));
    // Not only once they are trimmed.
    let other = post(&ada, BOARDS, "old", &board("two")).await.expect(201);
    assert!(!is_replayed(&other));

    age(server.database(), "old", 25).await;
    server.signal(Signal::TERM);
    server = server.restart().await;
    ada.url.clone_from(&server.url);
    eventually("forgetting the old keys", || async {
        let keys: Vec<String> = server
            .database()
            .column("SELECT key FROM idempotency_keys")
            .await;
        (keys == ["young"]).then_some(())
    })
    .await;
    let again = post(&ada, BOARDS, "young", &board("one")).await;
    assert!(is_replayed(&again));
}

#[tokio::test]
async fn no_more_than_a_thousand_keys_of_a_user_are_kept() {
    let server = Server::start().await;
    let ada = server.user("ada").await;
    post(&ada, BOARDS, "oldest", &board("one"))
        .await
        .expect(201);
    age(server.database(), "oldest", 2).await;
    // As if she had been busy an hour ago.
    server
        .database()
        .execute(
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1100) \
             INSERT INTO idempotency_keys (user_id, key, fingerprint, subject_id, cursor, created_at) \
             SELECT user_id, 'busy' || i, fingerprint, subject_id, cursor, created_at \
             FROM idempotency_keys, n WHERE key = 'oldest'",
        )
        .await;
    age(server.database(), "busy1", 1).await;
    let made = post(&ada, BOARDS, "newest", &board("two"))
        .await
        .expect(201);
    let keys: Vec<String> = server
        .database()
        .column("SELECT key FROM idempotency_keys")
        .await;
    assert!(keys.len() <= 1000, "{}", keys.len());
    for (key, name) in [("newest", "two"), ("busy1", "one")] {
        let again = post(&ada, BOARDS, key, &board(name)).await;
        assert!(is_replayed(&again), "{key}");
    }
    let again = post(&ada, BOARDS, "newest", &board("two")).await;
    assert_eq!(essence(&again), essence(&made));
    let again = post(&ada, BOARDS, "oldest", &board("one")).await;
    assert!(!is_replayed(&again.expect(201)));
}
