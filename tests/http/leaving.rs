//! Streams on plain HTTP/1.1 connections move to a reactor, and clients cannot tell.

use super::Wire;
use crate::harness::Server;

const STREAM: &str = "/sse/notifications/";

/// The opening of a stream at 0, in one chunk.
const OPENING: &str = ": dotcast\nretry: 2000\nid: 0\nevent: cursor\ndata: {\"id\":0}\n\n\r\n";

#[tokio::test]
async fn a_stream_may_follow_other_requests_on_its_connection() {
    let server = Server::start().await;
    let user = server.user("ada").await;
    let mut wire = Wire::connect(&server).await;
    for _ in 0..3 {
        wire.get("/healthz").await;
        wire.until("\"ok\"}").await;
    }
    wire.get(STREAM).await;
    let head = wire.until("\r\n\r\n").await.to_lowercase();
    assert!(head.starts_with("http/1.1 200 ok\r\n"), "{head}");
    for header in [
        "content-type: text/event-stream\r\n",
        "cache-control: no-cache, no-transform\r\n",
        "x-accel-buffering: no\r\n",
        "transfer-encoding: chunked\r\n",
        "connection: close\r\n",
        "x-request-id: ",
        "date: ",
    ] {
        assert_eq!(head.matches(header).count(), 1, "{header} in {head}");
    }
    let opening = wire.until("\n\n\r\n").await;
    assert_eq!(opening, format!("{:x}\r\n{OPENING}", OPENING.len() - 2));
    user.board("one").await;
    let event = wire.until("\n\n\r\n").await;
    assert!(event.contains("\r\nid: 1\nevent: newBoard\n"), "{event}");
    assert!(server.log().contains("path=\"/sse/notifications/\""));
}

#[tokio::test]
async fn a_stream_may_be_asked_for_before_the_last_answer_came() {
    let server = Server::start().await;
    let mut wire = Wire::connect(&server).await;
    let health = "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n".repeat(3);
    wire.send(&format!("{health}GET {STREAM} HTTP/1.1\r\nHost: x\r\n\r\n"))
        .await;
    let text = wire.until(OPENING).await;
    assert_eq!(text.matches("HTTP/1.1 200 OK\r\n").count(), 4, "{text}");
    assert_eq!(text.matches("\"ok\"}").count(), 3, "{text}");
}

/// Answers that the client has not yet taken must be neither lost nor overtaken.
#[tokio::test]
async fn a_stream_waits_for_answers_that_are_still_on_their_way() {
    let server = Server::start().await;
    let mut wire = Wire::connect_with(&server, Some(4096)).await;
    let document = "GET /openapi.json HTTP/1.1\r\nHost: x\r\n\r\n".repeat(10);
    wire.send(&format!(
        "{document}GET {STREAM} HTTP/1.1\r\nHost: x\r\n\r\n"
    ))
    .await;
    let text = wire.until(OPENING).await;
    assert_eq!(text.matches("HTTP/1.1 200 OK\r\n").count(), 11);
    assert_eq!(text.matches("\"openapi\":").count(), 10);
}

#[tokio::test]
async fn what_a_client_sends_on_its_stream_is_nothing() {
    let server = Server::start().await;
    let user = server.user("ada").await;
    let mut wire = Wire::connect(&server).await;
    wire.get(STREAM).await;
    wire.until(OPENING).await;
    wire.get("/healthz").await;
    user.board("one").await;
    let event = wire.until("\n\n\r\n").await;
    assert!(event.contains("\r\nid: 1\nevent: newBoard\n"), "{event}");
    assert!(!event.contains("HTTP"), "{event}");
}

#[tokio::test]
async fn the_head_of_a_stream_can_be_asked_for_alone() {
    let server = Server::start().await;
    let mut wire = Wire::connect(&server).await;
    wire.send(&format!("HEAD {STREAM} HTTP/1.1\r\nHost: x\r\n\r\n"))
        .await;
    let head = wire.until("\r\n\r\n").await;
    assert!(head.contains("text/event-stream"), "{head}");
    wire.get("/healthz").await;
    let answer = wire.until("\"ok\"}").await;
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
}
