//! What a proxy must pass on unchanged, and at once.

use reqwest::Method;
use serde_json::json;

use super::Deployment;
use crate::harness::{
    Database, Stream, eventually,
    proxy::{Kind, replaced},
};

behind_each_proxy!(
    events_pass_at_once,
    a_quiet_stream_lasts_longer_than_the_timeouts,
    host_and_scheme_are_passed_on,
    answers_to_what_is_refused_are_the_servers_own,
    a_client_that_leaves_is_gone_from_the_server,
);

/// Nothing else is written to the streams that could push an event out: there are no keep-alives.
const SILENT: [&str; 4] = ["--keep-alive", "1h", "--poll-interval", "20ms"];

async fn events_pass_at_once(kind: Kind) {
    let buffering = [
        "proxy_buffering",
        "proxy_ignore_headers",
        "proxy_cache",
        "flush_interval ",
    ];
    for told in buffering {
        let lines = kind.shipped().lines().map(str::trim);
        let told = lines.filter(|line| line.starts_with(told)).count();
        assert_eq!(told, 0, "buffering is as it comes");
    }
    let deployment = Deployment::start_on(kind, &Database::sqlite(), &SILENT).await;
    let ada = deployment.user("ada").await;
    let mut streams = Vec::new();
    // Of both servers.
    for _ in 0..4 {
        let mut stream = Stream::open(&deployment.proxy.url, "", Some(0)).await;
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

/// Each keep-alive is traffic in both of a proxy's connections.
async fn a_quiet_stream_lasts_longer_than_the_timeouts(kind: Kind) {
    let options = ["--keep-alive", "200ms"];
    let deployment = Deployment::start_with(kind, &Database::sqlite(), &options, |text, _| {
        replaced(&text, &[("60s", "2s")])
    })
    .await;
    let mut stream = Stream::open(&deployment.proxy.url, "", None).await;
    stream.opening().await;
    for _ in 0..11 {
        let sign = stream.next().await.expect("a keep-alive");
        assert_eq!(sign.comment.as_deref(), Some("keep-alive"));
    }
}

async fn host_and_scheme_are_passed_on(kind: Kind) {
    let deployment = Deployment::start_on(kind, &Database::sqlite(), &[]).await;
    let ada = deployment.user("ada").await;
    let credentials = json!({ "username": "ada", "password": "correct horse" });
    let client = deployment.proxy.client();
    // Not what a client claims, but what the proxy knows.
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
        (deployment.proxy.url.as_str(), 201),
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

async fn answers_to_what_is_refused_are_the_servers_own(kind: Kind) {
    let deployment = Deployment::start_on(kind, &Database::sqlite(), &[]).await;
    let ada = deployment.user("ada").await;
    let large = "x".repeat((1 << 20) + 1);
    let call = ada.call(Method::POST, "/api/v1/boards").body(large);
    let answer = call.header("Content-Type", "application/json").send().await;
    answer.expect_problem(413, "body_too_large");
    let answer = ada.get("/sse/notifications/?last_event_id=x").await;
    answer.expect_problem(400, "invalid_cursor");
    ada.get("/nowhere").await.expect_problem(404, "not_found");
}

/// Without a keep-alive that could not be delivered.
async fn a_client_that_leaves_is_gone_from_the_server(kind: Kind) {
    let deployment = Deployment::start_on(kind, &Database::sqlite(), &SILENT).await;
    let stream = Stream::open(&deployment.proxy.url, "", None).await;
    let gone = || {
        let logs = [0, 1].map(|number| deployment.server(number).log());
        logs.iter().any(|log| log.contains("a stream has ended"))
    };
    assert!(!gone());
    drop(stream);
    eventually("the stream's end", || async { gone().then_some(()) }).await;
}
