//! Requests that never end, over each version of HTTP.

use http::Request;

use super::{
    Wire,
    transport::{Http2, Security, Sent, Site, read},
};
use crate::harness::within;

const TIMEOUT: [&str; 2] = ["--request-timeout", "1s"];

/// The head of a request whose body is to follow.
fn head(version: &str, framing: &str) -> String {
    format!(
        "POST /api/v1/users HTTP/{version}\r\nHost: x\r\nContent-Type: application/json\r\n{framing}\r\n\r\n"
    )
}

/// Sends the head of a request and no body.
async fn begin(client: &Http2) -> Sent {
    let request = Request::post("http://x/api/v1/users").header("Content-Type", "application/json");
    client
        .send(request.body(()).expect("a request"), false)
        .await
}

#[tokio::test]
async fn a_body_that_does_not_come_is_not_waited_for() {
    for security in Security::ALL {
        let site = Site::start(security, &TIMEOUT).await;
        for (version, framing, body) in [
            ("1.1", "Content-Length: 100", ""),
            ("1.1", "Content-Length: 100", "{\"username\":"),
            (
                "1.1",
                "Transfer-Encoding: chunked",
                "c\r\n{\"username\":\r\n",
            ),
            ("1.1", "Content-Length: 100\r\nExpect: 100-continue", ""),
            ("1.0", "Content-Length: 100", ""),
        ] {
            let mut wire = Wire::on(site.connect("http/1.1").await);
            wire.send(&head(version, framing)).await;
            wire.send(body).await;
            let answer = wire
                .rest()
                .await
                .expect("an answer, then an end")
                .to_lowercase();
            let answer = answer.trim_start_matches("http/1.1 100 continue\r\n\r\n");
            let status = format!("http/{version} 408 request timeout\r\n");
            assert!(answer.starts_with(&status), "{framing}: {answer}");
            assert!(answer.contains("\"code\":\"request_timeout\""), "{answer}");
            assert!(
                version == "1.0" || answer.contains("connection: close\r\n"),
                "{answer}"
            );
        }
    }
}

#[tokio::test]
async fn a_body_that_comes_in_crumbs_is_cut_off() {
    for security in Security::ALL {
        let site = Site::start(security, &TIMEOUT).await;
        let mut wire = Wire::on(site.connect("http/1.1").await);
        wire.send(&head("1.1", "Transfer-Encoding: chunked")).await;
        let crumbs = async {
            while wire.try_send("1\r\n \r\n").await {
                tokio::time::sleep(std::time::Duration::from_millis(20)).await;
            }
        };
        within("the cut", crumbs).await;
    }
}

#[tokio::test]
async fn an_http_2_stream_whose_body_does_not_come_is_reset_and_the_others_go_on() {
    for security in Security::ALL {
        let site = Site::start(security, &TIMEOUT).await;
        let client = site.http_2(1 << 20).await;
        let mut slow = Vec::new();
        for _ in 0..200 {
            slow.push(begin(&client).await);
        }
        for sent in slow {
            let Sent { answer, mut body } = sent;
            let answer = within("an answer", answer).await.expect("an answer");
            assert_eq!(answer.status(), 408);
            let problem = read(answer.into_body()).await.expect("a problem");
            let problem = String::from_utf8(problem).expect("text");
            assert!(
                problem.contains("\"code\":\"request_timeout\""),
                "{problem}"
            );
            // RFC 9113, 8.1: the answer is whole, and the rest of the request is not wanted.
            let reset = std::future::poll_fn(|context| body.poll_reset(context));
            let reason = within("a reset", reset).await.expect("a reason");
            assert_eq!(reason, h2::Reason::NO_ERROR);
        }
        assert_eq!(client.get("/healthz").await.status(), 200);
    }
}

#[tokio::test]
async fn streams_take_as_long_as_they_like() {
    for security in Security::ALL {
        let arguments = ["--request-timeout", "1s", "--keep-alive", "400ms"];
        let site = Site::start(security, &arguments).await;
        let mut wire = Wire::on(site.connect("http/1.1").await);
        wire.get("/sse/notifications/").await;
        let client = site.http_2(1 << 20).await;
        let mut body = client.get("/sse/notifications/").await.into_body();
        let mut text = String::new();
        for _ in 0..5 {
            wire.until(": keep-alive\n\n").await;
        }
        while text.matches(": keep-alive\n\n").count() < 5 {
            let data = within("more", body.data()).await.expect("no end");
            text.push_str(str::from_utf8(&data.expect("no reset")).expect("text"));
        }
    }
}
