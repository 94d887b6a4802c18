//! Requests for events that wait for one.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use futures_util::future::join_all;
use reqwest::Method;
use rustix::process::Signal;
use serde_json::json;

use crate::harness::{Client, Server, eventually};

#[tokio::test]
async fn who_waits_is_answered_when_there_is_something() {
    for over_http_2 in [false, true] {
        let server = Server::start().await;
        let ada = server.user("ada").await;
        let ada = if over_http_2 { ada.over_http_2() } else { ada };
        answered(&ada).await;
    }
}

async fn answered(ada: &Client) {
    ada.board("one").await;
    ada.board("two").await;
    ada.until_settled(2).await;
    let path = "/api/v1/events?after=2&board_id=2&wait=60s";
    let waiting = ada.get(path);
    tokio::pin!(waiting);
    // What it does not want does not end it.
    tokio::select! {
        answer = &mut waiting => panic!("{answer:?}"),
        () = async { ada.path(1).await; ada.until_settled(3).await } => {}
    }
    let (answer, _) = tokio::join!(waiting, ada.path(2));
    let answer = answer.expect(200);
    assert_eq!(answer.body["items"][0]["id"], 4);
    assert_eq!(answer.body["next_after"], 4);
    // In vain.
    let answer = ada
        .get("/api/v1/events?after=4&wait=10ms")
        .await
        .expect(200);
    assert_eq!(
        (&answer.body["items"], &answer.body["next_after"]),
        (&json!([]), &json!(4))
    );
    // What is there is answered at once, and so is what cannot be honoured.
    let answer = ada.get("/api/v1/events?after=3&wait=60s").await.expect(200);
    assert_eq!(answer.body["next_after"], 4);
    let answer = ada
        .get("/api/v1/events?after=99&wait=60s")
        .await
        .expect(200);
    assert_eq!(answer.body["reset"], "ahead");
    for (query, field) in [
        ("wait=61s", "wait"),
        ("wait=0s", "wait"),
        ("wait=1s&before=5", "wait"),
    ] {
        let answer = ada.get(&format!("/api/v1/events?{query}")).await;
        assert_eq!(
            answer.expect_problem(400, "invalid_parameter").fields(),
            [field]
        );
    }
}

#[tokio::test]
async fn who_waits_is_answered_when_the_server_stops() {
    let mut server = Server::start().await;
    let client = server.client();
    let waiting = client.get("/api/v1/events?wait=60s");
    tokio::pin!(waiting);
    tokio::select! {
        answer = &mut waiting => panic!("{answer:?}"),
        _ = client.get("/api/v1/boards") => {}
    }
    server.signal(Signal::TERM);
    let answer = waiting.await.expect(200);
    assert_eq!(answer.body["items"], json!([]));
    server.wait().await;
}

#[tokio::test]
async fn who_waits_counts_as_a_stream() {
    let server = Server::start_with(&["--max-streams", "1"]).await;
    let client = server.client();
    let mut stream = server.stream(None).await;
    stream.opening().await;
    let answer = client.get("/api/v1/events?wait=1s").await;
    answer.expect_problem(503, "too_many_streams");
    client.get("/api/v1/events").await.expect(200);
    drop(stream);
    eventually("a free place", || async {
        let answer = client.get("/api/v1/events?wait=1ms").await;
        (answer.status == 200).then_some(())
    })
    .await;
}

#[tokio::test]
async fn all_who_wait_are_answered_however_few_requests_may_run() {
    let options = [
        ["--max-requests", "2"],
        ["--max-requests-per-client", "1"],
        ["--max-streams", "60"],
        ["--request-rate", "off"],
    ];
    let server = Server::start_with(options.as_flattened()).await;
    let ada = server.user("ada").await;
    let has_happened = Arc::new(AtomicBool::new(false));
    let waiting: Vec<_> = (0..60)
        .map(|number| {
            let (ada, has_happened) = (ada.clone(), Arc::clone(&has_happened));
            tokio::spawn(async move {
                loop {
                    let mut call = ada.call(Method::GET, "/api/v1/events?wait=60s");
                    // Half of them come from a client that the server knows.
                    if number % 2 == 0 {
                        call = call.header("X-Forwarded-For", "203.0.113.7");
                    }
                    let answer = call.send().await;
                    // Too many may begin to wait at once.
                    if answer.status == 200 || has_happened.load(Ordering::Relaxed) {
                        break answer;
                    }
                }
            })
        })
        .collect();
    eventually("all of them", || async {
        let answer = ada.get("/api/v1/events?wait=1ms").await;
        (answer.body["code"] == "too_many_streams").then_some(())
    })
    .await;
    has_happened.store(true, Ordering::Relaxed);
    ada.board("one").await;
    for answer in join_all(waiting).await {
        let answer = answer.expect("no panic").expect(200);
        assert_eq!(answer.body["next_after"], 1);
    }
}

#[tokio::test]
async fn who_waits_is_counted_and_logged_once() {
    let server = Server::start_with(&["--request-rate", "10/1day"]).await;
    let ada = server.user("ada").await;
    let ask = |query: &str| {
        let call = ada.call(Method::GET, &format!("/api/v1/events?{query}"));
        call.header("X-Forwarded-For", "203.0.113.9").send()
    };
    let waited = ask("wait=300ms").await.expect(200);
    assert!(
        waited.header("ratelimit").starts_with("\"default\";r=9;"),
        "{waited:?}"
    );
    assert_eq!(
        waited.header("ratelimit-policy"),
        "\"default\";q=10;w=86400"
    );
    let next = ask("after=0").await.expect(200);
    assert!(next.header("ratelimit").starts_with("\"default\";r=8;"));
    let id = waited.header("x-request-id");
    let log = server.log();
    let all = log
        .lines()
        .filter(|it| it.contains("path=\"/api/v1/events\""));
    let all: Vec<_> = all.collect();
    assert_eq!(all.len(), 2, "{all:?}");
    assert!(all[0].contains(id), "{all:?}");
    // From when it came.
    let (_, duration) = all[0].split_once("duration_ms=").expect("a duration");
    let duration = duration.split_whitespace().next().expect("a number");
    assert!(duration.parse::<f64>().expect("a number") >= 300.0);
}
