//! Bodies that cannot be read: each fault has a code of its own, and nothing is written.

use bytes::Bytes;
use futures_util::stream;
use reqwest::{Body, Method};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

use crate::harness::{
    Client, Untouched,
    client::{Call, board, path},
    within,
};

/// Largest body of a request, in bytes.
const MAX_BODY: usize = 1 << 20;

/// Every operation that takes a body, as `client` calls it, and a valid body for it.
fn operations(client: &Client) -> Vec<(impl Fn() -> Call, Value)> {
    let credentials = json!({ "username": "grace", "password": "correct horse" });
    let all = [
        (Method::POST, "/api/v1/users", credentials.clone()),
        (Method::POST, "/api/v1/sessions", credentials),
        (Method::POST, "/api/v1/boards", board("second")),
        (Method::PUT, "/api/v1/boards/1", board("second")),
        (Method::POST, "/api/v1/boards/1/paths", path()),
    ];
    all.into_iter()
        .map(|(method, path, good)| (move || client.call(method.clone(), path), good))
        .collect()
}

fn json_call(call: Call) -> Call {
    call.header("Content-Type", "application/json")
}

#[tokio::test]
async fn a_body_that_is_no_json_is_told() {
    let untouched = Untouched::new().await;
    for (call, good) in operations(&untouched.ada) {
        let good = good.to_string();
        let cut = good[..good.len() - 1].to_owned();
        let twice = format!("{good}{good}");
        let comma = good.replacen('}', ",}", 1);
        let deep = "[".repeat(10_000);
        for body in [
            "{",
            "nope",
            "{'a':1}",
            " ",
            "1e999",
            "\u{feff}{}",
            "NaN",
            &cut,
            &twice,
            &comma,
            &deep,
        ] {
            json_call(call())
                .body(body.to_owned())
                .send()
                .await
                .expect_problem(400, "invalid_json");
        }
        // Bytes that are not UTF-8.
        json_call(call())
            .body(b"{\"name\":\"\xff\"}".to_vec())
            .send()
            .await
            .expect_problem(400, "invalid_json");
    }
    untouched.check().await;
}

#[tokio::test]
async fn a_missing_body_is_told() {
    let untouched = Untouched::new().await;
    for (call, _) in operations(&untouched.ada) {
        for call in [
            call(),
            json_call(call()),
            json_call(call()).body(""),
            json_call(call()).body(Body::wrap_stream(chunks(0))),
        ] {
            call.send().await.expect_problem(400, "empty_body");
        }
    }
    untouched.check().await;
}

/// `count` spaces, which JSON ignores, so that only their number is wrong. They are sent with `Transfer-Encoding:
/// chunked`.
fn chunks(
    count: usize,
) -> impl futures_util::Stream<Item = Result<Bytes, std::io::Error>> + Send + 'static {
    let whole = vec![b' '; count];
    let chunks: Vec<_> = whole
        .chunks(1 << 16)
        .map(|chunk| Ok(Bytes::copy_from_slice(chunk)))
        .collect();
    stream::iter(chunks)
}

#[tokio::test]
async fn a_body_of_more_than_a_mebibyte_is_too_large() {
    let untouched = Untouched::new().await;
    for (call, good) in operations(&untouched.ada) {
        for size in [MAX_BODY + 1, 8 * MAX_BODY] {
            let mut body = good.to_string();
            body.extend(std::iter::repeat_n(' ', size - body.len()));
            json_call(call())
                .body(body)
                .send()
                .await
                .expect_problem(413, "body_too_large");
            json_call(call())
                .body(Body::wrap_stream(chunks(size)))
                .send()
                .await
                .expect_problem(413, "body_too_large");
        }
    }
    untouched.check().await;
}

#[tokio::test]
async fn whoever_asks_first_need_not_send_a_body_that_is_too_large() {
    let untouched = Untouched::new().await;
    let address = untouched.ada.url.trim_start_matches("http://");
    let mut socket = TcpStream::connect(address).await.expect("connect");
    let head = format!(
        "POST /api/v1/users HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\
         Content-Type: application/json\r\nContent-Length: 2000000\r\n\
         Expect: 100-continue\r\n\r\n"
    );
    socket.write_all(head.as_bytes()).await.expect("write");
    let mut answer = String::new();
    within("an answer", socket.read_to_string(&mut answer))
        .await
        .expect("read");
    assert!(answer.starts_with("HTTP/1.1 413 "), "{answer}");
    assert!(answer.contains("body_too_large"), "{answer}");
    untouched.check().await;
}

#[tokio::test]
async fn a_body_of_a_mebibyte_is_read() {
    let untouched = Untouched::new().await;
    for (call, _) in operations(&untouched.ada) {
        let mut body = "{}".to_owned();
        body.extend(std::iter::repeat_n(' ', MAX_BODY - body.len()));
        json_call(call())
            .body(body)
            .send()
            .await
            .expect_problem(422, "validation_failed");
        json_call(call())
            .body(Body::wrap_stream(chunks(MAX_BODY)))
            .send()
            .await
            .expect_problem(400, "invalid_json");
    }
    untouched.check().await;
}

#[tokio::test]
async fn a_body_must_say_that_it_is_json() {
    let untouched = Untouched::new().await;
    for (call, good) in operations(&untouched.ada) {
        for wrong in [
            None,
            Some("text/plain"),
            Some("application/x-www-form-urlencoded"),
            Some("application/jsonp"),
            Some("application/problem+json"),
            Some("json"),
            Some(""),
        ] {
            let mut call = call().body(good.to_string());
            if let Some(wrong) = wrong {
                call = call.header("Content-Type", wrong);
            }
            call.send()
                .await
                .expect_problem(415, "unsupported_media_type");
        }
        for right in [
            "application/json; charset=utf-8",
            "APPLICATION/JSON",
            "application/json ; a=b",
        ] {
            call()
                .body("{}")
                .header("Content-Type", right)
                .send()
                .await
                .expect_problem(422, "validation_failed");
        }
    }
    untouched.check().await;
}
