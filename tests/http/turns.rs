//! How many requests are in progress, and whose turn it is.

use futures_util::{FutureExt as _, StreamExt as _, stream::FuturesUnordered};
use http::Request;

use super::{
    Wire,
    transport::{Http2, Security, Sent, Site, read, read_shut},
};
use crate::{
    harness::{eventually, within},
    metrics::page::hits,
};

/// What a trusted proxy says of two clients.
const ONE: [(&str, &str); 1] = [("X-Forwarded-For", "203.0.113.7")];
const OTHER: [(&str, &str); 1] = [("X-Forwarded-For", "203.0.113.8")];

async fn get(client: &Http2, path: &str, headers: &[(&str, &str)]) -> Sent {
    let mut request = Request::get(format!("http://x{path}"));
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    client
        .send(request.body(()).expect("a request"), true)
        .await
}

async fn status(client: &Http2, path: &str, headers: &[(&str, &str)]) -> u16 {
    let answer = get(client, path, headers).await.answer().await;
    answer.expect("an answer").status().as_u16()
}

/// A request whose body has yet to arrive.
async fn begin(site: &Site) -> Wire {
    let mut wire = Wire::on(site.connect("http/1.1").await);
    wire.send(
        "POST /api/v1/users HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\
         X-Forwarded-For: 203.0.113.7\r\nExpect: 100-continue\r\n\r\n",
    )
    .await;
    wire.until("HTTP/1.1 100 Continue\r\n\r\n").await;
    wire
}

#[tokio::test]
async fn a_client_past_its_share_waits_and_others_do_not() {
    for security in Security::ALL {
        let site = Site::start(security, &["--max-requests-per-client", "2"]).await;
        let client = site.http_2(1 << 20).await;
        let mut slow = begin(&site).await;
        let mut slower = begin(&site).await;
        // On each of its connections it is the same client.
        let elsewhere = site.http_2(1 << 20).await;
        let mut waiting = Vec::new();
        for client in [&client, &elsewhere] {
            waiting.push(get(client, "/api/v1/boards", &ONE).await.answer);
        }
        let mut third = Wire::on(site.connect("http/1.1").await);
        third.send("GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n").await;
        third.until("\"ok\"}").await;
        for client in [&client, &elsewhere] {
            assert_eq!(status(client, "/api/v1/boards", &OTHER).await, 200);
            assert_eq!(status(client, "/healthz", &ONE).await, 200);
            assert_eq!(status(client, "/readyz", &ONE).await, 200);
        }
        for answer in &mut waiting {
            assert!(answer.now_or_never().is_none());
        }
        slow.send("{}").await;
        slow.until("HTTP/1.1 422 Unprocessable Entity\r\n").await;
        for answer in waiting {
            let answer = within("its turn", answer).await.expect("an answer");
            assert_eq!(answer.status(), 200);
        }
        slower.send("{}").await;
        slower.until("HTTP/1.1 422 Unprocessable Entity\r\n").await;
    }
}

#[tokio::test]
async fn an_answer_counts_until_it_was_taken_and_a_stream_does_not() {
    for security in Security::ALL {
        let limits = ["--max-requests-per-client", "2", "--write-timeout", "2s"];
        let site = Site::start(security, &limits).await;
        let client = site.http_2(100).await;
        let mut streams = Vec::new();
        for _ in 0..5 {
            let stream = get(&client, "/sse/notifications/", &ONE).await;
            streams.push(stream.answer().await.expect("a stream"));
        }
        let mut untaken = Vec::new();
        for _ in 0..2 {
            let answer = get(&client, "/openapi.json", &ONE).await.answer().await;
            untaken.push(answer.expect("an answer").into_body());
        }
        let mut waiting = get(&client, "/api/v1/boards", &ONE).await.answer;
        assert_eq!(status(&client, "/api/v1/boards", &OTHER).await, 200);
        assert!((&mut waiting).now_or_never().is_none());
        // Its turn comes when they are taken, or reset.
        for body in untaken {
            read_shut(body).await;
        }
        let answer = within("its turn", waiting).await;
        assert_eq!(answer.expect("an answer").status(), 200);
    }
}

#[tokio::test]
async fn so_many_of_one_client_wait_and_no_more() {
    for security in Security::ALL {
        let site = Site::start(security, &["--max-requests-per-client", "2"]).await;
        let client = site.http_2(1 << 20).await;
        let at_work = [begin(&site).await, begin(&site).await];
        let mut waiting = FuturesUnordered::new();
        for _ in 0..17 {
            waiting.push(get(&client, "/api/v1/boards", &ONE).await.answer());
        }
        let refused = waiting.next().await.expect("one too many");
        let refused = refused.expect("an answer");
        assert_eq!(refused.status(), 429);
        assert!(refused.headers().contains_key("retry-after"));
        let problem = read(refused.into_body()).await.expect("a problem");
        let problem = String::from_utf8(problem).expect("text");
        assert!(problem.contains("\"code\":\"rate_limited\""), "{problem}");
        assert_eq!(status(&client, "/api/v1/boards", &OTHER).await, 200);
        drop(at_work);
        while let Some(answer) = waiting.next().await {
            assert_eq!(answer.expect("an answer").status(), 200);
        }
        assert_eq!(status(&client, "/api/v1/boards", &ONE).await, 200);
        assert_eq!(hits(&site.server, "requests_per_client").await, 1);
    }
}

#[tokio::test]
async fn so_many_wait_in_all_and_no_more() {
    for security in Security::ALL {
        let site = Site::start(security, &["--max-requests", "1"]).await;
        let client = site.http_2(1 << 20).await;
        let at_work = begin(&site).await;
        let mut waiting = FuturesUnordered::new();
        for _ in 0..9 {
            waiting.push(get(&client, "/api/v1/boards", &OTHER).await.answer());
        }
        let refused = waiting.next().await.expect("one too many");
        assert_eq!(refused.expect("an answer").status(), 503);
        drop(at_work);
        while let Some(answer) = waiting.next().await {
            assert_eq!(answer.expect("an answer").status(), 200);
        }
        assert_eq!(hits(&site.server, "requests").await, 1);
    }
}

#[tokio::test]
async fn whose_turn_does_not_come_in_time_is_told_so() {
    for security in Security::ALL {
        let limits = ["--max-requests", "1", "--request-timeout", "1s"];
        let site = Site::start(security, &limits).await;
        let client = site.http_2(100).await;
        // Held until the client takes it, for a minute at most.
        let untaken = get(&client, "/openapi.json", &ONE).await.answer().await;
        let late = get(&client, "/api/v1/boards", &OTHER).await.answer().await;
        let late = late.expect("an answer");
        assert_eq!(late.status(), 503);
        assert!(late.headers().contains_key("retry-after"));
        assert_eq!(status(&client, "/healthz", &OTHER).await, 200);
        drop(untaken);
        eventually("a free place", || async {
            let status = status(&client, "/api/v1/boards", &OTHER).await;
            (status == 200).then_some(())
        })
        .await;
    }
}
