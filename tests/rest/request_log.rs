//! One log line for each request, with an id that the client gets, too.

use reqwest::Method;
use rustix::process::Signal;
use serde_json::{Value, json};

use crate::harness::{Client, Database, Server, Transport, client::board, eventually};

/// The id in the answer to a request that brings `id`.
async fn answered_id(client: &Client, id: &str) -> String {
    let answer = client
        .call(Method::GET, "/healthz")
        .header("X-Request-Id", id)
        .send()
        .await
        .expect(200);
    answer.header("x-request-id").to_owned()
}

/// The log lines about the request `id`, once there is one.
async fn lines(server: &Server, id: &str) -> Vec<String> {
    eventually("the line in the log", || async {
        let log = server.log();
        let lines = log.lines().filter(|line| line.contains(id));
        let lines: Vec<_> = lines.map(str::to_owned).collect();
        (!lines.is_empty()).then_some(lines)
    })
    .await
}

#[tokio::test]
async fn a_plain_request_id_is_kept_and_any_other_replaced() {
    let server = Server::start().await;
    let client = server.client();
    let longest = "x".repeat(64);
    for id in ["a", "req-1.2_3", "0F", &longest] {
        assert_eq!(answered_id(&client, id).await, id);
    }
    let too_long = "x".repeat(65);
    for id in ["", "two words", "semi;colon", "<b>", "ä", &too_long] {
        let given = answered_id(&client, id).await;
        assert_ne!(given, id);
        given.parse::<sea_orm::prelude::Uuid>().expect("a UUID");
    }
    let (one, other) = (client.get("/healthz").await, client.get("/healthz").await);
    assert_ne!(one.header("x-request-id"), other.header("x-request-id"));
    // Errors carry it, too: that is when somebody will ask for it.
    let answer = client
        .call(Method::GET, "/nope")
        .header("X-Request-Id", "lost-1")
        .send()
        .await
        .expect_problem(404, "not_found");
    assert_eq!(answer.header("x-request-id"), "lost-1");
}

#[tokio::test]
async fn every_request_has_one_line_with_what_it_was() {
    let server = Server::start().await;
    let ada = server.user("ada").await;
    for (number, (method, path, body, status)) in [
        (Method::POST, "/api/v1/boards", Some(board("first")), 201),
        (Method::POST, "/api/v1/boards", Some(json!({})), 422),
        (Method::GET, "/api/v1/boards/99", None, 404),
        (Method::DELETE, "/api/v1/boards/1", None, 204),
        (Method::PATCH, "/api/v1/boards", None, 405),
        (Method::GET, "/no/such/route", None, 404),
        (Method::GET, "/docs", None, 200),
    ]
    .into_iter()
    .enumerate()
    {
        let id = format!("request-{number}-end");
        let mut call = ada.call(method.clone(), path).header("X-Request-Id", &id);
        if let Some(body) = body {
            call = call.json(&body);
        }
        call.send().await.expect(status);
        let lines = lines(&server, &id).await;
        assert_eq!(lines.len(), 1, "{lines:?}");
        for part in [
            format!("method={method} "),
            format!("path=\"{path}\" "),
            format!("status={status} "),
            "duration_ms=".to_owned(),
            "client=127.0.0.1".to_owned(),
        ] {
            assert!(lines[0].contains(&part), "{part} in {}", lines[0]);
        }
        // What is no operation of the API does not look who asks.
        let looks = path.starts_with("/api/") && status != 405;
        assert_eq!(lines[0].contains("user=\"ada\""), looks, "{}", lines[0]);
    }
}

#[tokio::test]
async fn what_monitoring_asks_for_is_logged_as_debug() {
    let paths = ["/healthz", "/readyz", "/metrics"];
    for (level, times) in [("info", 0), ("debug", 1)] {
        let server = Server::start_with(&["--log", &format!("warn,dotcast={level}")]).await;
        let client = server.client();
        for path in paths {
            client.get(path).await.expect(200);
        }
        let last = client
            .call(Method::GET, "/nope")
            .header("X-Request-Id", "last");
        last.send().await.expect(404);
        lines(&server, "last").await;
        for path in paths {
            let found = server.log().matches(&format!("path=\"{path}\"")).count();
            assert_eq!(found, times, "{path} at {level}");
        }
    }
}

#[tokio::test]
async fn a_stream_is_logged_when_it_opens() {
    let server = Server::start().await;
    let mut stream = server.stream(Some(0)).await;
    stream.opening().await;
    let id = stream.headers()["x-request-id"]
        .to_str()
        .unwrap()
        .to_owned();
    let opened = lines(&server, &id).await;
    assert_eq!(opened.len(), 1, "{opened:?}");
    assert!(
        opened[0].contains("path=\"/sse/notifications/\""),
        "{opened:?}"
    );
    server.user("ada").await.board("first").await;
    stream.ids(1).await;
    drop(stream);
    let ended = eventually("the end in the log", || async {
        lines(&server, &id).await.get(1).cloned()
    })
    .await;
    for part in [
        "a stream has ended",
        "client=127.0.0.1",
        "transport=\"http1\"",
        "reason=\"client\"",
        "duration_s=",
        "events=1",
    ] {
        assert!(ended.contains(part), "{part} in {ended}");
    }
}

#[tokio::test]
async fn the_end_of_a_stream_says_why() {
    let database = Database::new().await;
    for (options, reason) in [
        (&["--max-stream-age", "1s"][..], "age"),
        (&[][..], "stopping"),
    ] {
        for transport in Transport::all() {
            let server = transport.serve(&database, options).await;
            let client = transport.client(&server);
            let mut stream = client.stream(0).await;
            stream.opening().await;
            if reason == "stopping" {
                server.signal(Signal::TERM);
            }
            assert_ended(&server, reason).await;
        }
    }
}

#[tokio::test]
async fn a_stream_whose_client_reads_nothing_ends_as_stalled() {
    let database = Database::new().await;
    let server = Server::start_on(&database, &[]).await;
    let board = server.user("ada").await.board("first").await;
    drop(server);
    // More than sockets and windows hold.
    database.append_fillers(board, 4000, 8 << 10).await;
    for transport in Transport::all() {
        let server = transport.serve(&database, &["--write-timeout", "1s"]).await;
        let stream = transport.client(&server).stream(0).await;
        assert_ended(&server, "stalled").await;
        drop(stream);
    }
}

/// Waits until a stream has ended, and asserts why.
async fn assert_ended(server: &Server, reason: &str) {
    let end = eventually("the end in the log", || async {
        let log = server.log();
        let mut ends = log.lines().filter(|it| it.contains("a stream has ended"));
        ends.next().map(str::to_owned)
    })
    .await;
    assert!(end.contains(&format!("reason=\"{reason}\"")), "{end}");
}

#[tokio::test]
async fn the_log_can_be_json() {
    let server = Server::start_with(&["--log-format", "json"]).await;
    let ada = server.user("ada").await;
    let odd = format!("/api/v1/boards/{}", "%22%0a".repeat(400));
    for (path, status) in [("/api/v1/users/me", 200), (&*odd, 400)] {
        let call = ada.call(Method::GET, path).header("X-Request-Id", "one");
        call.send().await.expect(status);
    }
    let lines = eventually("both lines", || async {
        let lines = lines(&server, "\"one\"").await;
        (lines.len() == 2).then_some(lines)
    })
    .await;
    let lines: Vec<Value> = lines
        .iter()
        .map(|line| serde_json::from_str(line).expect("JSON"))
        .collect();
    let first = &lines[0];
    for (field, value) in [
        ("level", "INFO"),
        ("message", "answered"),
        ("method", "GET"),
        ("path", "/api/v1/users/me"),
    ] {
        assert_eq!(first[field], value, "{first}");
    }
    assert_eq!(first["status"], 200);
    assert_eq!(first["span"]["id"], "one");
    assert_eq!(first["span"]["client"], "127.0.0.1");
    assert_eq!(first["span"]["user"], "ada");
    assert!(lines[1].to_string().len() < 1024, "{}", lines[1]);
}

#[tokio::test]
async fn no_secret_is_in_the_log_however_much_is_logged() {
    let server = Server::start_with(&["--log", "trace"]).await;
    let ada = server.user("ada").await;
    let token = ada.token.clone().expect("a token");
    let secret = "s3cret-Passphrase";
    let mistyped = json!({ "username": "ada", "password": secret });
    ada.post("/api/v1/sessions", &mistyped).await.expect(401);
    ada.post("/api/v1/users", &mistyped).await.expect(409);
    for body in [
        json!({ "username": secret, "password": 1 }),
        json!({ "username": "?", "password": { secret: secret } }),
        json!({ "username": "?", "password": secret.repeat(100), secret: 1 }),
    ] {
        ada.post("/api/v1/users", &body).await.expect(422);
    }
    ada.call(Method::POST, "/api/v1/users")
        .header("Content-Type", "application/json")
        .body(format!("{{\"password\":\"{secret}\""))
        .send()
        .await
        .expect(400);
    server
        .client()
        .call(Method::GET, "/api/v1/users/me")
        .header("Cookie", &format!("dotcast_session={token}"))
        .send()
        .await
        .expect(200);
    ada.get(&format!("/api/v1/boards?creator={secret}"))
        .await
        .expect(200);
    ada.board("first").await;
    ada.delete("/api/v1/sessions/current").await.expect(204);
    ada.call(Method::GET, "/healthz")
        .header("X-Request-Id", "the-last-one")
        .send()
        .await
        .expect(200);
    lines(&server, "the-last-one").await;
    let log = server.log();
    for secret in [&*token, "correct horse", secret, "$argon2id$"] {
        let found = log.lines().find(|line| line.contains(secret));
        assert_eq!(found, None, "{secret}");
    }
}

#[tokio::test]
async fn nothing_that_a_client_sends_makes_a_line_long() {
    let server = Server::start().await;
    let client = server.client();
    let long = "x".repeat(10_000);
    let method = Method::from_bytes(long.as_bytes()).expect("a method");
    for (number, (method, path)) in [
        (Method::GET, format!("/{long}")),
        (
            Method::GET,
            format!("/api/v1/boards/{}", "%E2%80%A6".repeat(1000)),
        ),
        (Method::GET, format!("/docs?{long}")),
        (method, "/docs".to_owned()),
    ]
    .into_iter()
    .enumerate()
    {
        let id = format!("request-{number}-end");
        let call = client.call(method, &path).header("X-Request-Id", &id);
        let answer = call
            .header("User-Agent", &long)
            .header("X-Forwarded-For", &long);
        let status = answer.send().await.status.as_u16();
        let lines = lines(&server, &id).await;
        assert_eq!(lines.len(), 1, "{lines:?}");
        // The important part comes after the long part.
        assert!(lines[0].contains(&format!("status={status} ")), "{lines:?}");
    }
    let all = server.log();
    assert!(all.lines().all(|line| line.len() < 1024), "{all}");
}
