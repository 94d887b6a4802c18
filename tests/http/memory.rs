//! Memory that a burst took is returned.

use std::sync::atomic::{AtomicUsize, Ordering};

use futures_util::{StreamExt as _, stream};
use reqwest::Method;
use serde_json::json;

use super::Wire;
use crate::harness::{
    Server,
    client::http,
    eventually,
    large::{copy, full_board},
};

/// What may be in use afterwards besides a fifth more: threads, and what is allocated at first use. In bytes.
const SLACK: u64 = 8 << 20;

/// The server's memory without its program, in bytes.
pub fn resident(server: &Server) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", server.process_id()));
    let status = status.expect("Linux");
    let line = status.lines().find(|it| it.starts_with("RssAnon:"));
    let kilobytes = line.and_then(|it| it.split_whitespace().nth(1));
    let kilobytes: u64 = kilobytes.and_then(|it| it.parse().ok()).expect("kB");
    kilobytes * 1024
}

/// Waits until the server uses about as little memory again as before.
async fn until_given_back(server: &Server, before: u64) {
    let most = before + before / 5 + SLACK;
    eventually("giving the memory back", || async {
        let now = resident(server);
        eprintln!("{now} bytes, {before} before");
        (now <= most).then_some(())
    })
    .await;
}

/// Does something this many times, some of them at once.
async fn burst<F: Future<Output = ()>>(times: usize, at_once: usize, act: impl Fn(usize) -> F) {
    let acts = stream::iter(0..times).map(act).buffer_unordered(at_once);
    acts.collect::<Vec<()>>().await;
}

#[tokio::test]
async fn of_the_largest_answers() {
    let server = Server::start().await;
    let ada = server.user("ada").await;
    let full = full_board("full");
    ada.post("/api/v1/boards", &full).await.expect(201);
    copy(server.database(), "boards", 19).await;
    let (http, url) = (http(), format!("{}/api/v1/boards?limit=200", server.url));
    let answered = AtomicUsize::new(0);
    let list = async |_| {
        let list = http.get(&url).send().await.expect("an answer");
        // Clients for which there is no room are told to retry.
        assert!([200, 503].contains(&list.status().as_u16()));
        if list.status() == 200 {
            assert!(list.bytes().await.expect("a body").len() > 500_000);
            answered.fetch_add(1, Ordering::Relaxed);
        }
    };
    list(0).await;
    let before = resident(&server);
    burst(100, 32, list).await;
    assert!(answered.into_inner() > 20);
    until_given_back(&server, before).await;
}

#[tokio::test]
async fn of_many_log_ins() {
    let server = Server::start().await;
    let nobody = server.client();
    let log_in = async |number: usize| {
        let name = format!("nobody{number}");
        let credentials = json!({ "username": name, "password": "correct horse" });
        let call = nobody.call(Method::POST, "/api/v1/sessions");
        let status = call.json(&credentials).send().await.status;
        // Clients for which there is no room are told to retry.
        assert!([401, 429, 503].contains(&status.as_u16()), "{status}");
    };
    log_in(100).await;
    let before = resident(&server);
    burst(100, 16, log_in).await;
    until_given_back(&server, before).await;
}

#[tokio::test]
async fn of_streams_that_came_at_once() {
    let server = Server::start().await;
    // Ordinary work has already allocated what it needs.
    server.client().get("/readyz").await.expect(200);
    for _ in 0..20 {
        server.stream(Some(0)).await.opening().await;
    }
    let before = resident(&server);
    let open = async |_| {
        let mut wire = Wire::connect(&server).await;
        wire.get("/sse/notifications/").await;
        wire
    };
    let streams = stream::iter(0..3000).map(open).buffer_unordered(500);
    let mut streams: Vec<Wire> = streams.collect().await;
    for wire in &mut streams {
        wire.until("event: cursor").await;
    }
    drop(streams);
    eventually("their end", || async {
        (server.connections() == 0).then_some(())
    })
    .await;
    until_given_back(&server, before).await;
}
