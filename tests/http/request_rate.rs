//! How many requests a client may send, and how it is told.

use reqwest::Method;

use crate::{
    harness::{Answer, Client, Server, eventually},
    metrics::page::hits,
};

const BOARDS: &str = "/api/v1/boards";
const STREAM: &str = "/sse/notifications/";

async fn ask(client: &Client, from: &str, path: &str) -> Answer {
    client
        .call(Method::GET, path)
        .header("X-Forwarded-For", from)
        .send()
        .await
}

#[tokio::test]
async fn a_client_is_refused_past_its_rate_and_heard_again_later() {
    let server = Server::start_with(&["--request-rate", "5/5s"]).await;
    let plain = server.client();
    for (version, client) in [plain.over_http_2(), plain].into_iter().enumerate() {
        let from = format!("203.0.113.{version}");
        // Whatever the request is for, even if it does not exist.
        for (left, path) in [BOARDS, "/nowhere", "/openapi.json", BOARDS, "/"]
            .iter()
            .enumerate()
        {
            let answer = ask(&client, &from, path).await;
            let left = format!("\"default\";r={};t=1", 4 - left);
            assert_eq!(answer.header("ratelimit"), left, "{path}");
            assert_eq!(answer.header("ratelimit-policy"), "\"default\";q=5;w=5");
        }
        // A stream is a request like any other.
        for path in [BOARDS, STREAM] {
            let refused = ask(&client, &from, path)
                .await
                .expect_problem(429, "rate_limited");
            assert_eq!(refused.header("retry-after"), "1");
            assert_eq!(refused.header("ratelimit"), "\"default\";r=0;t=1");
        }
        // It does not affect probes, other clients, or requests that name nobody.
        for _ in 0..10 {
            for path in ["/healthz", "/readyz"] {
                ask(&client, &from, path).await.expect(200);
            }
            let unknown = client.get(BOARDS).await.expect(200);
            assert!(!unknown.headers.contains_key("ratelimit"));
        }
        ask(&client, "198.51.100.1", BOARDS).await.expect(200);
        assert!(hits(&server, "request_rate").await >= 2);
        eventually("one more", || async {
            (ask(&client, &from, BOARDS).await.status == 200).then_some(())
        })
        .await;
    }
}

#[tokio::test]
async fn the_rate_is_generous_and_can_be_turned_off() {
    let server = Server::start().await;
    let client = server.client();
    let first = ask(&client, "203.0.113.7", BOARDS).await.expect(200);
    assert_eq!(first.header("ratelimit"), "\"default\";r=499;t=1");
    assert_eq!(first.header("ratelimit-policy"), "\"default\";q=500;w=5");

    let server = Server::start_with(&["--request-rate", "off"]).await;
    let client = server.client();
    for _ in 0..600 {
        let answer = ask(&client, "203.0.113.7", "/nowhere").await.expect(404);
        assert!(!answer.headers.contains_key("ratelimit"));
    }
}

#[tokio::test]
async fn a_proxy_that_nobody_has_named_is_named_once_with_the_flag_to_set() {
    let options = ["--request-rate", "1/1day", "--trusted-proxy", "none"];
    let server = Server::start_with(&options).await;
    let client = server.client();
    ask(&client, "203.0.113.7", BOARDS).await.expect(200);
    for number in 0..10 {
        let from = format!("203.0.113.{number}");
        ask(&client, &from, BOARDS)
            .await
            .expect_problem(429, "rate_limited");
    }
    let log = server.log();
    let lines: Vec<_> = log
        .lines()
        .filter(|it| it.contains("--trusted-proxy"))
        .collect();
    assert_eq!(lines.len(), 1, "{log}");
    assert!(lines[0].contains("--trusted-proxy 127.0.0.1"), "{lines:?}");

    // A client that names no others is not a proxy to warn of, nor is a trusted proxy.
    for trusted in ["none", "127.0.0.0/8"] {
        let options = ["--request-rate", "1/1day", "--trusted-proxy", trusted];
        let server = Server::start_with(&options).await;
        let client = server.client();
        for status in [200, 429] {
            let answer = match trusted {
                "none" => client.get(BOARDS).await,
                _ => ask(&client, "203.0.113.7", BOARDS).await,
            };
            answer.expect(status);
        }
        assert!(
            !server.log().contains("--trusted-proxy"),
            "{}",
            server.log()
        );
    }
}
