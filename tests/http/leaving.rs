//! Streams on HTTP/1.1 connections move to a reactor, and clients cannot tell.

use rustix::process::Signal;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};
use tokio_rustls::client::TlsStream;

use super::transport::{Security, Site};
use crate::harness::{eventually, within};

const STREAM: &str = "/sse/notifications/";

/// The opening of a stream at 0, in one chunk.
const OPENING: &str = ": dotcast\nretry: 2000\nid: 0\nevent: cursor\ndata: {\"id\":0}\n\n\r\n";

#[tokio::test]
async fn a_stream_may_follow_other_requests_on_its_connection() {
    for security in Security::ALL {
        let site = Site::start(security, &[]).await;
        let server = &site.server;
        let user = site.user("ada").await;
        let mut wire = site.wire().await;
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
}

#[tokio::test]
async fn a_stream_may_be_asked_for_before_the_last_answer_came() {
    for security in Security::ALL {
        let site = Site::start(security, &[]).await;
        let mut wire = site.wire().await;
        let health = "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n".repeat(3);
        wire.send(&format!("{health}GET {STREAM} HTTP/1.1\r\nHost: x\r\n\r\n"))
            .await;
        let text = wire.until(OPENING).await;
        assert_eq!(text.matches("HTTP/1.1 200 OK\r\n").count(), 4, "{text}");
        assert_eq!(text.matches("\"ok\"}").count(), 3, "{text}");
    }
}

/// Answers that the client has not yet taken must be neither lost nor overtaken.
#[tokio::test]
async fn a_stream_waits_for_answers_that_are_still_on_their_way() {
    for security in Security::ALL {
        let site = Site::start(security, &[]).await;
        let mut wire = site.slow_wire(4096).await;
        let document = "GET /openapi.json HTTP/1.1\r\nHost: x\r\n\r\n".repeat(10);
        wire.send(&format!(
            "{document}GET {STREAM} HTTP/1.1\r\nHost: x\r\n\r\n"
        ))
        .await;
        let text = wire.until(OPENING).await;
        assert_eq!(text.matches("HTTP/1.1 200 OK\r\n").count(), 11);
        assert_eq!(text.matches("\"openapi\":").count(), 10);
    }
}

#[tokio::test]
async fn what_a_client_sends_on_its_stream_is_nothing() {
    for security in Security::ALL {
        let site = Site::start(security, &[]).await;
        let user = site.user("ada").await;
        let mut wire = site.wire().await;
        wire.get(STREAM).await;
        wire.until(OPENING).await;
        wire.get("/healthz").await;
        user.board("one").await;
        let event = wire.until("\n\n\r\n").await;
        assert!(event.contains("\r\nid: 1\nevent: newBoard\n"), "{event}");
        assert!(!event.contains("HTTP"), "{event}");
    }
}

#[tokio::test]
async fn the_head_of_a_stream_can_be_asked_for_alone() {
    for security in Security::ALL {
        let site = Site::start(security, &[]).await;
        let mut wire = site.wire().await;
        wire.send(&format!("HEAD {STREAM} HTTP/1.1\r\nHost: x\r\n\r\n"))
            .await;
        let head = wire.until("\r\n\r\n").await;
        assert!(head.contains("text/event-stream"), "{head}");
        wire.get("/healthz").await;
        let answer = wire.until("\"ok\"}").await;
        assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
    }
}

/// An encrypted connection on which a stream is open, after its opening.
async fn open(site: &Site) -> TlsStream<TcpStream> {
    let socket = site.socket(None).await;
    let encrypted = site.encrypted(socket, "http/1.1").await;
    let mut encrypted = encrypted.expect("a connection");
    let request = format!("GET {STREAM} HTTP/1.1\r\nHost: x\r\n\r\n");
    encrypted.write_all(request.as_bytes()).await.expect("sent");
    until(&mut encrypted, OPENING).await;
    encrypted
}

async fn until(encrypted: &mut TlsStream<TcpStream>, end: &str) -> String {
    let mut text = Vec::new();
    let read = async {
        while !text.ends_with(end.as_bytes()) {
            text.push(encrypted.read_u8().await.expect("more"));
        }
    };
    within(end, read).await;
    String::from_utf8(text).expect("text")
}

/// Sends what TLS has to send, and nothing of HTTP.
async fn send_records(encrypted: &mut TlsStream<TcpStream>) {
    let (socket, tls) = encrypted.get_mut();
    let mut records = Vec::new();
    while tls.wants_write() {
        tls.write_tls(&mut records).expect("records");
    }
    assert!(!records.is_empty());
    socket.write_all(&records).await.expect("sent");
}

#[tokio::test]
async fn a_stream_ends_as_tls_wants_it() {
    let site = Site::start(Security::Encrypted, &[]).await;
    let mut encrypted = open(&site).await;
    site.server.signal(Signal::TERM);
    let mut rest = String::new();
    // Without a `close_notify` this would be an error: somebody else may have cut it (RFC 8446, 6.1).
    let read = within("the end", encrypted.read_to_string(&mut rest)).await;
    read.expect("an end that the server told");
    assert!(rest.ends_with("\n\n\r\n0\r\n\r\n"), "{rest}");
}

#[tokio::test]
async fn a_client_that_says_goodbye_is_gone_although_its_socket_is_open() {
    let site = Site::start(Security::Encrypted, &["--keep-alive", "1h"]).await;
    let mut encrypted = open(&site).await;
    encrypted.get_mut().1.send_close_notify();
    send_records(&mut encrypted).await;
    let mut rest = Vec::new();
    let read = within("the end", encrypted.get_mut().0.read_to_end(&mut rest)).await;
    read.expect("an end");
    eventually("the end of the stream", || async {
        let log = site.server.log();
        log.contains("a stream has ended").then_some(())
    })
    .await;
    assert!(site.server.log().contains("reason=\"client\""));
}

#[tokio::test]
async fn keys_may_change_while_a_stream_is_open() {
    let site = Site::start(Security::Encrypted, &["--keep-alive", "1h"]).await;
    let user = site.user("ada").await;
    let mut encrypted = open(&site).await;
    for id in 1..=3 {
        let (_, tls) = encrypted.get_mut();
        tls.refresh_traffic_keys().expect("an update");
        send_records(&mut encrypted).await;
        user.board(&format!("board {id}")).await;
        let event = until(&mut encrypted, "\n\n\r\n").await;
        let expected = format!("\r\nid: {id}\nevent: newBoard\n");
        assert!(event.contains(&expected), "{event}");
    }
}

#[tokio::test]
async fn a_client_that_breaks_the_rules_of_tls_is_cut() {
    let site = Site::start(Security::Encrypted, &["--keep-alive", "1h"]).await;
    let mut encrypted = open(&site).await;
    let socket = encrypted.get_mut().0;
    // A record that no key of this connection has made.
    let mut record = vec![0x17, 3, 3, 0, 32];
    record.resize(5 + 32, 0);
    socket.write_all(&record).await.expect("sent");
    let mut rest = Vec::new();
    // It ends, in one way or another.
    let _ = within("the end", socket.read_to_end(&mut rest)).await;
}
