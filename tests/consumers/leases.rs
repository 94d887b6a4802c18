//! Who has the events of a consumer, and for how long.

use futures_util::future::join_all;
use serde_json::{Value, json};

use super::{Batch, Worker};
use crate::harness::{Answer, Clock, Database, Launch, Server, eventually};

/// A server with this many events, and a worker whose consumer has acknowledged none.
async fn with_events(count: i64) -> (Server, Worker) {
    let server = Server::start_with(&["--request-rate", "off"]).await;
    let ada = server.user("ada").await;
    for _ in 0..count {
        ada.board("one").await;
    }
    let worker = Worker::new(&ada, "mailer");
    worker.put(json!({ "after": 0 })).await.expect(201);
    (server, worker)
}

/// How many seconds this refusal says to wait.
fn retry_after(refused: &Answer) -> u64 {
    let seconds = refused.header("retry-after");
    seconds.parse().expect("a number")
}

/// Waits for the end of another worker's lease.
async fn take_once_it_ends(worker: &Worker, query: &str) -> Batch {
    eventually("the end of a lease", || async {
        let answer = worker.ask(query).await;
        (answer.status == 200).then(|| Batch::of(&answer.body))
    })
    .await
}

#[tokio::test]
async fn an_acknowledged_batch_is_followed_by_the_next() {
    let (_server, worker) = with_events(5).await;
    let batch = worker.take("limit=2").await;
    assert_eq!((&batch.ids[..], batch.next_after), (&[1, 2][..], 2));
    let refused = worker.ask("").await.expect_problem(409, "leased");
    assert!((1..=30).contains(&retry_after(&refused)), "{refused:?}");
    let shown = worker.show().await;
    assert_eq!(
        (&shown["cursor"], &shown["lag_events"]),
        (&json!(0), &json!(5))
    );
    assert!(shown["lease_until"].is_string());

    // A part of it: the rest stays with the worker.
    let moved = worker.ack(1, &batch.lease_id).await.expect(200).body;
    assert_eq!(moved["cursor"], 1);
    assert!(moved["lease_until"].is_string());
    worker.ask("").await.expect_problem(409, "leased");
    let moved = worker.ack(2, &batch.lease_id).await.expect(200).body;
    assert_eq!(moved, json!({ "cursor": 2, "lease_until": null }));
    let batch = worker.take("").await;
    assert_eq!(batch.ids, [3, 4, 5]);
    worker.ack(5, &batch.lease_id).await.expect(200);
    let end = worker.take("").await;
    assert_eq!((end.ids.len(), end.next_after), (0, 5));
    assert_eq!(end.lease_id, Value::Null);
    let shown = worker.show().await;
    assert_eq!(
        (&shown["cursor"], &shown["lag_events"]),
        (&json!(5), &json!(0))
    );
    assert_eq!(shown.get("lag_seconds"), None);
}

#[tokio::test]
async fn a_cursor_never_moves_backwards_nor_past_what_was_handed_out() {
    let (_server, worker) = with_events(4).await;
    let batch = worker.take("limit=3").await;
    worker.ack(2, &batch.lease_id).await.expect(200);
    for id in [0, 1, 2] {
        let moved = worker.ack(id, &batch.lease_id).await.expect(200).body;
        assert_eq!(moved["cursor"], 2, "{id}");
        // Whoever says so: it is acknowledged.
        let moved = worker.ack(id, &Value::Null).await.expect(200).body;
        assert_eq!(moved["cursor"], 2, "{id}");
    }
    for id in [4, i64::MAX] {
        let answer = worker.ack(id, &batch.lease_id).await;
        let answer = answer.expect_problem(422, "validation_failed");
        assert_eq!(answer.fields(), ["id"]);
    }
    worker.ack(3, &batch.lease_id).await.expect(200);
    // The answer was lost, and the worker says it again.
    worker.ack(3, &batch.lease_id).await.expect(200);
    worker.ack(4, &batch.lease_id).await.expect(422);
    for other in [json!("other"), json!(""), Value::Null] {
        worker
            .ack(4, &other)
            .await
            .expect_problem(409, "lease_lost");
    }
    assert_eq!(worker.show().await["cursor"], 3);
}

#[tokio::test]
async fn when_a_lease_has_ended_the_same_events_are_handed_out_again() {
    let (_server, worker) = with_events(3).await;
    let first = worker.take("lease=1s&limit=2").await;
    let refused = worker.ask("").await.expect_problem(409, "leased");
    assert_eq!(retry_after(&refused), 1);
    let second = take_once_it_ends(&worker, "limit=2").await;
    assert_eq!(second.ids, first.ids);
    assert_ne!(second.lease_id, first.lease_id);
    worker
        .ack(1, &first.lease_id)
        .await
        .expect_problem(409, "lease_lost");
    worker.ack(1, &second.lease_id).await.expect(200);
    // That one is acknowledged, whoever says so.
    worker.ack(1, &first.lease_id).await.expect(200);
    worker
        .ack(2, &first.lease_id)
        .await
        .expect_problem(409, "lease_lost");
}

#[tokio::test]
async fn a_lease_that_is_over_acknowledges_as_long_as_nobody_has_the_next() {
    let (_server, worker) = with_events(2).await;
    let batch = worker.take("lease=1s").await;
    eventually("the end of the lease", || async {
        (worker.show().await["lease_until"] == Value::Null).then_some(())
    })
    .await;
    worker.ack(2, &batch.lease_id).await.expect(200);
    assert_eq!(worker.take("").await.ids.len(), 0);
}

#[tokio::test]
async fn no_two_workers_on_two_servers_have_a_batch_while_its_lease_lasts() {
    let (server, worker) = with_events(30).await;
    let other = Server::start_on(server.database(), &["--request-rate", "off"]).await;
    let there = worker.at(&other.url);
    let mut acknowledged: Vec<i64> = Vec::new();
    while acknowledged.len() < 30 {
        let workers = [&worker, &there, &worker, &there, &worker, &there];
        let answers = join_all(workers.map(|it| it.ask("limit=3&lease=1m"))).await;
        let (taken, refused): (Vec<_>, Vec<_>) =
            answers.into_iter().partition(|it| it.status == 200);
        assert_eq!(taken.len(), 1, "{taken:?}");
        for answer in refused {
            let answer = answer.expect_problem(409, "leased");
            assert!((1..=60).contains(&retry_after(&answer)), "{answer:?}");
        }
        let batch = Batch::of(&taken[0].body);
        assert_eq!(batch.ids.len(), 3);
        acknowledged.extend(&batch.ids);
        let acks = join_all([&worker, &there].map(|it| it.ack(batch.last(), &batch.lease_id)));
        for answer in acks.await {
            answer.expect(200);
        }
    }
    assert_eq!(acknowledged, (1..=30).collect::<Vec<_>>());
}

/// The database's clock counts, which is one for all servers. On SQLite they share a machine.
#[tokio::test]
async fn servers_whose_clocks_differ_agree_on_leases() {
    let database = Database::postgres().await;
    let server = Server::start_on(&database, &[]).await;
    let ada = server.user("ada").await;
    ada.board("one").await;
    let right = Worker::new(&ada, "mailer");
    right.put(json!({ "after": 0 })).await.expect(201);
    for offset in ["+1h", "-1h"] {
        let clock = Clock::ahead(offset);
        let launch = Launch::default().environment(clock.environment());
        let other = Server::launch(&database, launch).await;
        let wrong = right.at(&other.url);
        for (one, two) in [(&right, &wrong), (&wrong, &right)] {
            let batch = one.take("lease=1m").await;
            assert_eq!(batch.ids, [1], "{offset}");
            let refused = two.ask("").await.expect_problem(409, "leased");
            assert!((1..=60).contains(&retry_after(&refused)), "{refused:?}");
            assert!(two.show().await["lease_until"].is_string());
            one.seek(0).await.expect(200);
            let batch = one.take("lease=1s").await;
            let again = take_once_it_ends(two, "").await;
            assert_eq!(again.ids, batch.ids, "{offset}");
            one.seek(0).await.expect(200);
        }
    }
}
