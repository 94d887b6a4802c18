//! How many streams there may be, and how old they may get.

use std::time::Duration;

use reqwest::Method;

use crate::{
    harness::{Client, Database, EventSource, Server, Stream, Transport, eventually, within},
    metrics::page::hits,
};

const PATH: &str = "/sse/notifications/";

/// Opens a stream as this client, as a proxy would name it; if it is refused, the status.
async fn open(client: &Client, named: Option<&str>) -> Result<Stream, u16> {
    let mut request = client.http().get(format!("{}{PATH}", client.url));
    if let Some(named) = named {
        request = request.header("X-Forwarded-For", named);
    }
    let response = within("an answer", request.send())
        .await
        .expect("an answer");
    if response.status() != 200 {
        return Err(response.status().as_u16());
    }
    let mut stream = Stream::of(response);
    stream.opening().await;
    Ok(stream)
}

/// Opens a stream as soon as there is a place for it.
async fn open_at_last(client: &Client, named: Option<&str>) -> Stream {
    eventually("a place", || async { open(client, named).await.ok() }).await
}

/// Asserts that a stream is refused with this problem, which says when to retry.
async fn refused(client: &Client, named: Option<&str>, status: u16, code: &str) {
    for method in [Method::GET, Method::HEAD] {
        let mut call = client.call(method.clone(), PATH);
        if let Some(named) = named {
            call = call.header("X-Forwarded-For", named);
        }
        let answer = call.send().await.expect(status);
        assert!(answer.header("retry-after").parse::<u32>().is_ok());
        if method == Method::GET {
            answer.expect_problem(status, code);
        }
    }
}

#[tokio::test]
async fn there_are_no_more_streams_than_allowed_and_those_that_end_make_room() {
    let database = Database::new().await;
    for transport in Transport::all() {
        let options = ["--max-streams", "3", "--max-streams-per-client", "2"];
        let server = transport.serve(&database, &options).await;
        let client = transport.client(&server);
        // A refused stream, or one without a body, takes no place.
        for _ in 0..4 {
            client
                .get("/sse/notifications/?types=nope")
                .await
                .expect(400);
            let head = client.call(Method::HEAD, PATH).send().await;
            head.expect(200);
        }
        for named in [[None; 3], [Some("203.0.113.1"), Some("203.0.113.2"), None]] {
            let mut streams = Vec::new();
            for named in named {
                streams.push(open_at_last(&client, named).await);
            }
            for named in [None, Some("203.0.113.3")] {
                refused(&client, named, 503, "too_many_streams").await;
            }
            client.get("/healthz").await.expect(200);
            drop(streams.pop());
            streams.push(open_at_last(&client, None).await);
            refused(&client, None, 503, "too_many_streams").await;
        }
    }
}

#[tokio::test]
async fn one_client_does_not_take_the_places_of_others() {
    let database = Database::new().await;
    for transport in Transport::all() {
        let server = transport
            .serve(&database, &["--max-streams-per-client", "2"])
            .await;
        let client = transport.client(&server);
        // One network of IPv6 is one client.
        for (first, second, other) in [
            ("203.0.113.7", "203.0.113.7", "203.0.113.8"),
            ("2001:db8::1", "2001:db8::ffff:2", "2001:db8:0:1::1"),
        ] {
            let mut streams = Vec::new();
            for named in [first, second] {
                streams.push(open(&client, Some(named)).await.expect("a stream"));
            }
            refused(&client, Some(first), 429, "rate_limited").await;
            // Another client, and requests that name nobody, do not count for it.
            for named in [Some(other), None, None, None] {
                streams.push(open(&client, named).await.expect("a stream"));
            }
            streams.remove(0);
            let again = open_at_last(&client, Some(first)).await;
            assert_eq!(open(&client, Some(second)).await.err(), Some(429));
            drop(again);
        }
        assert!(hits(&server, "streams_per_client").await >= 4);
    }
}

#[tokio::test]
async fn without_a_proxy_a_client_is_known_by_its_address() {
    let options = [
        "--max-streams-per-client",
        "1",
        "--trusted-proxy",
        "192.0.2.0/24",
    ];
    let server = Server::start_with(&options).await;
    let client = server.client();
    let stream = open(&client, None).await.expect("a stream");
    // Whoever it claims to speak for.
    for named in [None, Some("203.0.113.7")] {
        refused(&client, named, 429, "rate_limited").await;
    }
    drop(stream);
    open_at_last(&client, None).await;
}

#[tokio::test]
async fn a_stream_that_is_too_old_ends_and_is_resumed_without_a_loss() {
    let database = Database::new().await;
    let writer = Server::start_on(&database, &[]).await;
    let user = writer.user("ada").await;
    for transport in Transport::all() {
        let options = [
            "--max-stream-age",
            "1s",
            "--retry",
            "50ms",
            "--poll-interval",
            "20ms",
            "--keep-alive",
            "1h",
        ];
        let server = transport.serve(&database, &options).await;
        let client = transport.client(&server);
        let source = EventSource::open(client.http(), &server.url);
        source.until_open().await;
        let mut newest = 0;
        eventually("three ends", || async {
            user.board("one").await;
            (source.story().cuts.len() >= 3).then_some(())
        })
        .await;
        for event in user.events().await {
            newest = event["id"].as_i64().expect("an id");
        }
        eventually("the newest event", || async {
            (source.story().seen.last() == Some(&newest)).then_some(())
        })
        .await;
        let story = source.story();
        let opened_at = story.opened_at.expect("an id");
        let owed: Vec<_> = (opened_at + 1..=newest).collect();
        assert_eq!(story.seen, owed, "{}", transport.name);
        assert_eq!(story.gave_up, None);
        for cut in &story.cuts {
            assert_eq!(cut.error, None, "{}", transport.name);
            assert!((50..=200).contains(&cut.retry), "{cut:?}");
        }
    }
}

/// Clients reconnect only once a stream has ended.
#[tokio::test]
async fn a_stream_ends_at_its_age_also_while_nothing_happens() {
    let database = Database::new().await;
    for transport in Transport::all() {
        let options = ["--max-stream-age", "1s", "--keep-alive", "1h"];
        let server = transport.serve(&database, &options).await;
        let mut stream = transport.client(&server).stream(0).await;
        stream.opening().await;
        let last = stream.next().await.expect("a farewell");
        assert_eq!((last.id, &last.event), (None, &None));
        let retry = Duration::from_millis(last.retry.expect("when to come back"));
        let bounds = Duration::from_secs(2)..=Duration::from_secs(8);
        assert!(bounds.contains(&retry), "{retry:?}");
        assert_eq!(stream.next().await, None, "{}", transport.name);
    }
}
