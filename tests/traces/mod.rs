//! Traces of requests, as a collector gets them.

mod collector;

use opentelemetry_proto::tonic::trace::v1::{Span, span::SpanKind, status::StatusCode};
use reqwest::Method;
use rustix::process::Signal;
use serde_json::json;

use self::collector::{Collector, text};
use crate::harness::{Database, Launch, Server, client::board, eventually};

/// As `00-TRACE-PARENT-01`, where they are in hexadecimal (W3C Trace Context).
const TRACEPARENT: &str = "00-000000000000000000000000000000fe-00000000000000ca-01";
const TRACE: [u8; 16] = 0xfe_u128.to_be_bytes();
const PARENT: [u8; 8] = 0xca_u64.to_be_bytes();

/// A server that sends its traces there, every few milliseconds.
async fn server(collector: &Collector, arguments: &[&str]) -> Server {
    launch(&collector.url, "20", arguments).await
}

/// A server that sends its traces to this address, after so many milliseconds.
async fn launch(collector: &str, delay: &str, arguments: &[&str]) -> Server {
    let arguments = [&["--otlp-endpoint", collector], arguments].concat();
    let launch = Launch::with(&arguments);
    let launch = launch.environment([("OTEL_BSP_SCHEDULE_DELAY".to_owned(), delay.to_owned())]);
    Server::launch(&Database::new().await, launch).await
}

#[tokio::test]
async fn a_trace_shows_where_the_time_of_a_request_went() {
    let collector = Collector::start().await;
    let server = server(&collector, &[]).await;
    let ada = server.user("ada").await;
    let answer = ada
        .call(Method::POST, "/api/v1/boards?")
        .json(&board("first"))
        .send()
        .await
        .expect(201);
    let spans = collector.trace("POST /api/v1/boards").await;
    let root = &spans[0];
    assert_eq!(root.kind(), SpanKind::Server);
    assert!(root.parent_span_id.is_empty());
    for (name, value) in [
        ("http.request.method", "POST"),
        ("http.route", "/api/v1/boards"),
        ("url.path", "/api/v1/boards"),
        ("client.address", "127.0.0.1"),
        ("http.response.status_code", "201"),
        ("dotcast.operation", "createBoard"),
        ("dotcast.request_id", answer.header("x-request-id")),
    ] {
        assert_eq!(text(root, name).as_deref(), Some(value), "{name}");
    }
    for name in [
        "look up the session",
        "wait for a turn to write",
        "INSERT",
        "commit",
    ] {
        let span = spans.iter().find(|span| span.name == name);
        let span = span.unwrap_or_else(|| panic!("{name} in {spans:?}"));
        assert_eq!(span.parent_span_id, root.span_id, "{name}");
        assert!(
            span.start_time_unix_nano >= root.start_time_unix_nano,
            "{name}"
        );
    }
    // The row and its event.
    let statements = spans.iter().filter_map(|span| text(span, "db.query.text"));
    let statements: Vec<_> = statements.filter(|sql| sql.starts_with("INSERT")).collect();
    assert!(statements.len() >= 2, "{statements:?}");
    let hashed = collector.trace("POST /api/v1/sessions").await;
    assert!(
        hashed.iter().any(|span| span.name == "hash a password"),
        "{hashed:?}"
    );
}

#[tokio::test]
async fn a_trusted_proxys_trace_goes_on_and_no_other() {
    let collector = Collector::start().await;
    for (trusted, is_trusted) in [("127.0.0.0/8", true), ("none", false)] {
        let server = server(&collector, &["--trusted-proxy", trusted]).await;
        let id = format!("request-{trusted}").replace('/', "-");
        let call = server.client().call(Method::GET, "/api/v1/boards");
        let call = call.header("X-Request-Id", &id);
        let call = call.header("traceparent", TRACEPARENT);
        call.send().await.expect(200);
        let is_it = |span: &Span| text(span, "dotcast.request_id").as_deref() == Some(&id);
        let root = collector.span("the request", is_it).await;
        let goes_on = root.trace_id == TRACE && root.parent_span_id == PARENT;
        assert_eq!(goes_on, is_trusted, "{root:?}");
        assert!(is_trusted || root.parent_span_id.is_empty(), "{root:?}");
    }
}

#[tokio::test]
async fn failures_are_marked_and_secrets_are_not_sent() {
    let collector = Collector::start().await;
    let server = server(&collector, &[]).await;
    let ada = server.user("ada").await;
    ada.call(Method::GET, "/api/v1/boards?name=do-not-tell")
        .send()
        .await
        .expect(200);
    ada.call(Method::GET, "/api/v1/boards/77")
        .send()
        .await
        .expect(404);
    // Its client's fault is no error of the server (semantic conventions, "HTTP server").
    let missing = collector.trace("GET /api/v1/boards/{id}").await;
    assert_eq!(
        missing[0].status.clone().unwrap_or_default().code(),
        StatusCode::Unset
    );
    server
        .database()
        .execute("ALTER TABLE boards RENAME TO away")
        .await;
    ada.call(Method::GET, "/api/v1/boards/78")
        .send()
        .await
        .expect(500);
    let is_failed =
        |span: &Span| span.status.clone().unwrap_or_default().code() == StatusCode::Error;
    let failed = collector.span("the failure", is_failed).await;
    assert_eq!(failed.name, "GET /api/v1/boards/{id}");
    let received = collector.received();
    let token = ada.token.as_deref().expect("a session");
    for secret in ["do-not-tell", token, "correct horse"] {
        assert!(!received.contains(secret), "{secret}");
    }
}

#[tokio::test]
async fn the_last_spans_are_sent_when_the_server_stops() {
    let collector = Collector::start().await;
    // It would wait for an hour.
    let mut server = launch(&collector.url, "3600000", &[]).await;
    server.client().get("/api/v1/boards").await.expect(200);
    server.signal(Signal::TERM);
    assert_eq!(server.wait().await.code(), Some(0));
    collector.trace("GET /api/v1/boards").await;
}

#[tokio::test]
async fn a_collector_that_is_away_is_told_in_the_log_and_stops_nothing() {
    let collector = Collector::start().await;
    let address = collector.url.clone();
    drop(collector);
    let mut server = launch(&address, "20", &[]).await;
    let ada = server.user("ada").await;
    ada.board("first").await;
    eventually("the line in the log", || async {
        let log = server.log();
        log.lines()
            .any(|line| line.contains("ERROR") && line.contains("opentelemetry"))
            .then_some(())
    })
    .await;
    server.signal(Signal::TERM);
    assert_eq!(
        server.wait().await.code(),
        Some(0),
        "{}",
        json!(server.log())
    );
}
