//! Waiting for events.

use std::time::{Duration, Instant};

use futures_util::future::join_all;
use rustix::process::Signal;
use serde_json::json;

use super::{Batch, Worker};
use crate::harness::{Server, client, eventually};

#[tokio::test]
async fn a_worker_that_waits_gets_the_next_event_that_it_wants_at_once() {
    let server = Server::start().await;
    let ada = server.user("ada").await;
    let id = ada.board("one").await;
    let worker = Worker::new(&ada, "mailer");
    worker
        .put(json!({ "types": ["newPath"] }))
        .await
        .expect(201);
    let waits = {
        let worker = worker.clone();
        tokio::spawn(async move { (worker.take("wait=20s").await, Instant::now()) })
    };
    // What it does not want leaves it waiting.
    ada.board("two").await;
    ada.board("three").await;
    assert!(!waits.is_finished());
    ada.path(id).await;
    let saved = Instant::now();
    let (batch, told) = waits.await.expect("a worker");
    assert_eq!(batch.ids, [4]);
    assert!(told.duration_since(saved) < Duration::from_secs(10));
}

#[tokio::test]
async fn without_news_an_empty_batch_comes_after_the_wait() {
    // Waiting is no part of what a request may take.
    let server = Server::start_with(&["--request-timeout", "1s"]).await;
    let ada = server.user("ada").await;
    let worker = Worker::new(&ada, "mailer");
    worker.put(json!({})).await.expect(201);
    let began = Instant::now();
    assert_eq!(worker.take("wait=2s").await.ids.len(), 0);
    assert!(began.elapsed() >= Duration::from_secs(2));
    for wait in ["0s", "61s", "5"] {
        let refused = worker.ask(&format!("wait={wait}")).await;
        let refused = refused.expect_problem(400, "invalid_parameter");
        assert_eq!(refused.fields(), ["wait"], "{wait}");
    }
}

#[tokio::test]
async fn of_workers_that_wait_together_one_gets_the_events() {
    let server = Server::start().await;
    let other = Server::start_on(server.database(), &["--poll-interval", "50ms"]).await;
    let ada = server.user("ada").await;
    let worker = Worker::new(&ada, "mailer");
    worker.put(json!({})).await.expect(201);
    let there = worker.at(&other.url);
    let wait = "wait=20s&lease=1m";
    let asked = [&worker, &there, &worker, &there];
    let all = join_all(asked.map(|it| it.ask(wait)));
    let (answers, _) = tokio::join!(all, ada.board("one"));
    let (taken, refused): (Vec<_>, Vec<_>) = answers.into_iter().partition(|it| it.status == 200);
    assert_eq!(taken.len(), 1, "{taken:?}");
    assert_eq!(Batch::of(&taken[0].body).ids, [1]);
    for answer in refused {
        answer.expect_problem(409, "leased");
    }
}

#[tokio::test]
async fn a_server_that_stops_answers_those_that_wait() {
    let mut server = Server::start().await;
    let ada = server.user("ada").await;
    let worker = Worker::new(&ada, "mailer");
    worker.put(json!({})).await.expect(201);
    // Over a connection of its own.
    let waiter = Worker::new(&ada.over(&client::http()), "mailer");
    let waits = tokio::spawn(async move { waiter.take("wait=20s").await });
    eventually("the request", || async {
        (server.connections() > 1).then_some(())
    })
    .await;
    worker.show().await;
    server.signal(Signal::TERM);
    assert_eq!(waits.await.expect("a worker").ids.len(), 0);
    assert!(server.wait().await.success());
}

#[tokio::test]
async fn a_wait_ends_with_the_session_where_only_users_may_follow() {
    let options = ["--stream-access", "users", "--poll-interval", "50ms"];
    let server = Server::start_with(&options).await;
    let ada = server.user("ada").await;
    let worker = Worker::new(&ada, "mailer");
    worker.put(json!({})).await.expect(201);
    // Over a connection of its own.
    let waiter = Worker::new(&ada.over(&client::http()), "mailer");
    let waits = tokio::spawn(async move { waiter.ask("wait=25s").await });
    eventually("the request", || async {
        (server.connections() > 1).then_some(())
    })
    .await;
    ada.delete("/api/v1/sessions/current").await.expect(204);
    let refused = waits.await.expect("a worker");
    refused.expect_problem(401, "revoked_token");
}

#[tokio::test]
async fn those_that_wait_count_as_streams_and_not_as_requests() {
    let options = ["--max-requests", "1", "--max-streams", "2"];
    let server = Server::start_with(&options).await;
    let ada = server.user("ada").await;
    let worker = Worker::new(&ada, "mailer");
    worker.put(json!({})).await.expect(201);
    let waiting: Vec<_> = (0..3)
        .map(|_| {
            let worker = worker.clone();
            tokio::spawn(async move { worker.ask("wait=20s").await })
        })
        .collect();
    // Two of them may wait, and the other is refused.
    eventually("a refusal", || async {
        let answered = waiting.iter().filter(|it| it.is_finished()).count();
        (answered == 1).then_some(())
    })
    .await;
    for it in waiting {
        if it.is_finished() {
            let refused = it.await.expect("a worker");
            refused.expect_problem(503, "too_many_streams");
        } else {
            it.abort();
        }
    }
    ada.delete(&worker.path).await.expect(204);
}
