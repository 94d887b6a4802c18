//! What nginx must leave alone, with its buffering on.

use reqwest::Method;
use serde_json::json;

use super::Deployment;
use crate::harness::Stream;

#[tokio::test]
async fn events_pass_a_proxy_that_buffers_at_once() {
    let configuration = include_str!("../../deploy/nginx.conf");
    for told in ["proxy_buffering", "proxy_ignore_headers", "proxy_cache"] {
        assert!(!configuration.contains(told), "{told} is as it comes");
    }
    let deployment = Deployment::start(&["--poll-interval", "20ms"]).await;
    let ada = deployment.user("ada").await;
    let mut streams = Vec::new();
    // Of both servers.
    for _ in 0..4 {
        let mut stream = Stream::open(&deployment.nginx.url, "", Some(0)).await;
        let headers = stream.headers();
        assert_eq!(headers["content-type"], "text/event-stream");
        assert_eq!(headers["cache-control"], "no-cache, no-transform");
        assert_eq!(stream.opening().await, 0);
        streams.push(stream);
    }
    // The streams stay open all the while, so nothing has ended that would push an event out.
    for id in 1..=5 {
        assert_eq!(ada.board("one").await, id);
        for stream in &mut streams {
            assert_eq!(stream.ids(1).await, [id]);
        }
    }
}

#[tokio::test]
async fn keep_alives_pass_a_proxy_that_buffers() {
    let deployment = Deployment::start(&["--keep-alive", "100ms"]).await;
    let mut stream = Stream::open(&deployment.nginx.url, "", None).await;
    stream.opening().await;
    for _ in 0..3 {
        let sign = stream.next().await.expect("a keep-alive");
        assert_eq!(sign.comment.as_deref(), Some("keep-alive"));
    }
}

#[tokio::test]
async fn host_and_scheme_are_passed_on() {
    let deployment = Deployment::start(&[]).await;
    let ada = deployment.user("ada").await;
    let credentials = json!({ "username": "ada", "password": "correct horse" });
    let client = deployment.nginx.client();
    // Not what a client claims, but what nginx knows.
    let session = client
        .call(Method::POST, "/api/v1/sessions")
        .header("X-Forwarded-Proto", "https")
        .json(&credentials)
        .send()
        .await
        .expect(201);
    let cookie = session.header("set-cookie");
    assert!(!cookie.contains("Secure"), "{cookie}");
    let cookie = cookie.split(';').next().expect("a cookie").to_owned();
    for (origin, status) in [
        (deployment.nginx.url.as_str(), 201),
        (&deployment.server(0).url, 403),
        ("http://127.0.0.1", 403),
    ] {
        let call = client
            .call(Method::POST, "/api/v1/boards")
            .header("Cookie", &cookie)
            .header("Origin", origin);
        let answer = call
            .json(&crate::harness::client::board("by cookie"))
            .send();
        answer.await.expect(status);
    }
    assert_eq!(ada.boards().await.len(), 1);
}

#[tokio::test]
async fn answers_to_what_is_refused_are_the_servers_own() {
    let deployment = Deployment::start(&[]).await;
    let ada = deployment.user("ada").await;
    let large = "x".repeat((1 << 20) + 1);
    let call = ada.call(Method::POST, "/api/v1/boards").body(large);
    let answer = call.header("Content-Type", "application/json").send().await;
    answer.expect_problem(413, "body_too_large");
    let answer = ada.get("/sse/notifications/?last_event_id=x").await;
    answer.expect_problem(400, "invalid_cursor");
    ada.get("/nowhere").await.expect_problem(404, "not_found");
}
