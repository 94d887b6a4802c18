//! HTTP/2 streams whose client accepts nothing of their answer.

use super::transport::{Security, Site, read, read_shut};
use crate::harness::{eventually, within};

/// The bytes that a client accepts of each answer, and no more.
const SHUT: u32 = 100;

/// A server that waits this long for a client.
async fn site(security: Security, patience: &str) -> Site {
    // Keep-alives would come later than the cut: nothing but the time limit can end a stream.
    let arguments = [
        "--write-timeout",
        patience,
        "--keep-alive",
        "1h",
        "--poll-interval",
        "20ms",
    ];
    let site = Site::start(security, &arguments).await;
    site.server.database().append_fillers(1, 100, 1000).await;
    site
}

#[tokio::test]
async fn a_stream_that_takes_nothing_is_reset_and_the_others_go_on() {
    for security in Security::ALL {
        // A busy machine takes more than a second for the many steps in which the large answer is read at the end.
        let site = site(security, "5s").await;
        let client = site.http_2(SHUT).await;
        let mut stalled = Vec::new();
        // An event stream, a large answer, and one that h2 takes whole.
        for path in [
            "/sse/notifications/?last_event_id=0",
            "/openapi.json",
            "/problems/not_found",
        ] {
            stalled.push((path, client.get(path).await.into_body()));
        }
        for (path, body) in stalled {
            // Another stream of this connection is read to its end meanwhile.
            let other = client.get("/problems/internal").await.into_body();
            assert!(read(other).await.expect("an answer").len() > 100);
            let (taken, error) = read_shut(body).await;
            let reason = error.and_then(|it| it.reason());
            assert_eq!((taken, reason), (100, Some(h2::Reason::CANCEL)), "{path}");
        }
        let other = client.get("/openapi.json").await.into_body();
        assert!(read(other).await.expect("an answer").len() > 10_000);
    }
}

#[tokio::test]
async fn a_connection_whose_window_is_shut_gets_its_streams_reset() {
    for security in Security::ALL {
        let site = site(security, "1s").await;
        // Wide streams: they are shut together, when the connection's 65,535 bytes are used up.
        let client = site.http_2(1 << 20).await;
        let mut bodies = Vec::new();
        for _ in 0..8 {
            bodies.push(client.get("/openapi.json").await.into_body());
        }
        for body in bodies {
            let (_, error) = read_shut(body).await;
            let reason = error.and_then(|it| it.reason());
            assert_eq!(reason, Some(h2::Reason::CANCEL));
        }
    }
}

#[tokio::test]
async fn streams_that_were_reset_make_room_for_others() {
    for security in Security::ALL {
        let site = site(security, "1s").await;
        let client = site.http_2(SHUT).await;
        // More than one connection may have at a time: each waits until another was reset.
        let mut stalled = Vec::new();
        for _ in 0..600 {
            stalled.push(client.get("/problems/not_found").await.into_body());
        }
        for body in stalled {
            let (taken, error) = read_shut(body).await;
            assert!(taken <= 100 && error.is_some());
        }
    }
}

#[tokio::test]
async fn a_stream_that_takes_a_little_now_and_then_gets_everything() {
    for security in Security::ALL {
        let site = site(security, "1s").await;
        let client = site.http_2(1000).await;
        let path = "/sse/notifications/?last_event_id=0";
        let mut body = client.get(path).await.into_body();
        let mut text = Vec::new();
        while !String::from_utf8_lossy(&text).contains("\nid: 100\n") {
            let data = within("more", body.data()).await;
            let data = data.expect("no end").expect("no reset");
            text.extend(&data);
            body.flow_control()
                .release_capacity(data.len())
                .expect("room");
        }
        let text = String::from_utf8(text).expect("text");
        for id in 1..=100 {
            assert_eq!(text.matches(&format!("\nid: {id}\n")).count(), 1, "{id}");
        }
    }
}

#[tokio::test]
async fn a_client_that_takes_nothing_of_very_many_answers_gets_empty_ones() {
    for security in Security::ALL {
        let arguments = [
            ["--trusted-proxy", "192.0.2.0/24"],
            ["--write-timeout", "1h"],
            ["--request-rate", "off"],
            ["--max-streams-per-client", "1"],
            ["--max-requests-per-client", "1"],
        ];
        let site = Site::start(security, &arguments.concat()).await;
        let clients = [site.http_2(1).await, site.http_2(1).await];
        let mut held = Vec::new();
        let mut empty = 0;
        for index in 0..300 {
            let answer = clients[index % 2].get("/healthz").await;
            if answer.status() == 200 {
                held.push(answer);
            } else {
                assert_eq!(answer.status(), 429);
                assert!(answer.body().is_end_stream());
                empty += 1;
            }
        }
        // A stream, a request in progress and eight that wait, and as many as a connection may have.
        assert_eq!((held.len(), empty), (1 + 9 + 256, 34));
        drop(held);
        eventually("a whole answer", || async {
            (clients[0].get("/healthz").await.status() == 200).then_some(())
        })
        .await;
    }
}
