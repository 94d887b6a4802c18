//! A consumer whose cursor cannot be honoured is told, until it acknowledges that.

use rustix::process::Signal;
use serde_json::{Value, json};

use super::{Batch, Worker, trim, with_boards};
use crate::harness::Server;

/// Asserts that each batch says this, with these events, as long as none is acknowledged; returns the last.
async fn expect_reset(server: &Server, worker: &Worker, reason: &str, ids: &[i64]) -> Batch {
    let mut batch = worker.take("lease=1m").await;
    for _ in 0..2 {
        assert_eq!(batch.reset, reason, "{batch:?}");
        assert_eq!(batch.ids, ids, "{batch:?}");
        assert!(batch.lease_id.is_string(), "{batch:?}");
        assert_eq!(worker.show().await["reset"], reason);
        // Its lease ends, and nobody has acknowledged it.
        let ends = "UPDATE consumers SET lease_until = NULL";
        server.database().execute(ends).await;
        batch = worker.take("lease=1m").await;
    }
    batch
}

/// Acknowledges the batch, and asserts that nothing is told any more.
async fn expect_no_more(worker: &Worker, batch: &Batch) {
    let moved = worker.ack(batch.next_after, &batch.lease_id).await;
    assert_eq!(moved.expect(200).body["cursor"], batch.next_after);
    assert_eq!(worker.show().await.get("reset"), None);
    let next = worker.take("").await;
    assert_eq!((next.reset, next.ids.len()), (Value::Null, 0));
}

#[tokio::test]
async fn retention_that_overtakes_a_consumer_tells_it() {
    let (server, ada) = with_boards(5).await;
    // One that has seen a part, one that has yet to begin, and one that has seen it all.
    let (part, new, all) = (
        Worker::new(&ada, "part"),
        Worker::new(&ada, "new"),
        Worker::new(&ada, "all"),
    );
    part.put(json!({ "after": 1 })).await.expect(201);
    new.put(json!({ "after": 0 })).await.expect(201);
    all.put(json!({})).await.expect(201);
    let held = part.take("limit=1").await;
    assert_eq!(held.ids, [2]);
    trim(&server, 3).await;
    // What somebody has can still be acknowledged, and is no reason to be silent.
    part.ack(2, &held.lease_id).await.expect(200);
    for worker in [&part, &new] {
        let batch = expect_reset(&server, worker, "expired", &[4, 5]).await;
        assert_eq!(worker.show().await["cursor"], 3);
        expect_no_more(worker, &batch).await;
    }
    let batch = all.take("").await;
    assert_eq!((batch.reset, batch.ids.len()), (Value::Null, 0));
    // Whoever asks for what is kept, gets it, and nothing is missing.
    let late = Worker::new(&ada, "late");
    late.put(json!({ "after": 0 })).await.expect(201);
    let batch = late.take("").await;
    assert_eq!((batch.reset, &batch.ids[..]), (Value::Null, &[4, 5][..]));
    late.seek(2).await.expect(200);
    assert_eq!(late.take("").await.reset, "expired");
    late.seek(0).await.expect(200);
    assert_eq!(late.take("").await.reset, Value::Null);
}

#[tokio::test]
async fn it_is_told_even_if_no_event_is_left() {
    let (server, ada) = with_boards(5).await;
    let worker = Worker::new(&ada, "mailer");
    worker.put(json!({ "after": 0 })).await.expect(201);
    trim(&server, 5).await;
    let batch = expect_reset(&server, &worker, "expired", &[]).await;
    assert_eq!(batch.next_after, 5);
    // Without events nobody has to wait for a lease.
    assert_eq!(worker.take("").await.reset, "expired");
    let batch = worker.take("").await;
    expect_no_more(&worker, &batch).await;
}

#[tokio::test]
async fn a_cursor_ahead_of_the_log_is_told_and_then_skips_nothing() {
    let (server, ada) = with_boards(5).await;
    let worker = Worker::new(&ada, "mailer");
    worker.put(json!({ "after": 1000 })).await.expect(201);
    assert_eq!(worker.show().await.get("lag_events"), None);
    let first = worker.take("").await;
    assert_eq!((&first.reset, first.next_after), (&json!("ahead"), 5));
    // Nobody has acknowledged that, so this must not be taken for the present.
    ada.board("six").await;
    let batch = expect_reset(&server, &worker, "ahead", &[6]).await;
    expect_no_more(&worker, &batch).await;
}

#[tokio::test]
async fn after_a_restore_each_consumer_from_before_is_told() {
    let (mut server, mut ada) = with_boards(5).await;
    let (behind, at_end) = (Worker::new(&ada, "behind"), Worker::new(&ada, "at-end"));
    behind.put(json!({ "after": 2 })).await.expect(201);
    at_end.put(json!({})).await.expect(201);
    let directory = tempfile::tempdir().expect("a directory");
    let backup = directory.path().join("backup");
    server.database().back_up(&backup).await;
    // These events and acknowledgements will be gone. The workers have seen them all the same.
    ada.board("lost").await;
    for worker in [&behind, &at_end] {
        let batch = worker.take("").await;
        assert_eq!(batch.last(), 6);
        worker.ack(6, &batch.lease_id).await.expect(200);
    }
    let later = Worker::new(&ada, "later");
    later.put(json!({})).await.expect(201);

    server.signal(Signal::TERM);
    server.wait().await;
    let through = ["--through", "6"];
    server.database().restore(&backup, &through).await;
    server = server.restart().await;
    ada.url.clone_from(&server.url);
    let board = ada.board("new").await;
    let newest = ada.events().await;
    let newest = newest.last().expect("an event");
    assert_eq!(newest["board_id"], board);
    let newest = newest["id"].as_i64().expect("an id");
    assert!(newest > 6, "{newest}");
    for (worker, ids) in [
        (behind.at(&ada.url), &[3, 4, 5, newest][..]),
        (at_end.at(&ada.url), &[newest]),
    ] {
        let batch = expect_reset(&server, &worker, "restored", ids).await;
        expect_no_more(&worker, &batch).await;
    }
    let later = later.at(&ada.url);
    ada.get(&later.path).await.expect(404);
    later.put(json!({ "after": 5 })).await.expect(201);
    // It has not been there to see anything that is gone.
    assert_eq!(later.take("").await.reset, Value::Null);
}

#[tokio::test]
async fn a_cursor_that_was_lost_with_its_event_goes_on_behind_the_break() {
    let (mut server, mut ada) = with_boards(5).await;
    let worker = Worker::new(&ada, "mailer");
    worker.put(json!({})).await.expect(201);
    worker.seek(9).await.expect(200);
    server.signal(Signal::TERM);
    server.wait().await;
    server.run(&["log", "break", "--through", "10"]).await;
    server = server.restart().await;
    ada.url.clone_from(&server.url);
    let worker = worker.at(&ada.url);
    let batch = worker.take("").await;
    assert_eq!((&batch.reset, batch.ids.len()), (&json!("restored"), 0));
    ada.board("next").await;
    let events = ada.events().await;
    let newest = events.last().expect("an event")["id"].as_i64();
    let newest = newest.expect("an id");
    assert!(newest > 10, "{newest}");
    let batch = expect_reset(&server, &worker, "restored", &[newest]).await;
    expect_no_more(&worker, &batch).await;
}
