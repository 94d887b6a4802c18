//! Streams that begin at a time.

use crate::harness::{Server, Stream};

#[tokio::test]
async fn a_cursor_wins_over_a_time() {
    let server = Server::start().await;
    let ada = server.user("ada").await;
    for _ in 0..3 {
        ada.board("one").await;
    }
    ada.until_settled(3).await;
    let mut since = Stream::open(&server.url, "?since=1h", None).await;
    assert_eq!(since.opening().await, 0);
    assert_eq!(since.ids(3).await, [1, 2, 3]);
    // As an `EventSource` comes back to the same address.
    let mut again = Stream::open(&server.url, "?since=1h", Some(2)).await;
    assert_eq!(again.opening().await, 2);
    assert_eq!(again.ids(1).await, [3]);
    let mut later = Stream::open(&server.url, "?since=2100-01-01T00:00:00Z", None).await;
    assert_eq!(later.opening().await, 3);
    for wrong in ["yesterday", "10", "2026-11-27T12:00:00+01:00"] {
        for path in ["/sse/notifications/", "/api/v1/events"] {
            let answer = ada.get(&format!("{path}?since={wrong}")).await;
            let problem = answer.expect_problem(400, "invalid_parameter");
            assert_eq!(problem.fields(), ["since"]);
        }
    }
}

/// Other programs write finer times, and times of other zones.
#[tokio::test]
async fn times_are_compared_to_the_millisecond_however_they_are_written() {
    let server = Server::start().await;
    for at in [
        "2026-11-01T10:00:00.9996Z",
        "2026-11-01 11:00:01.000+01:00",
        "2026-11-01T10:00:01.0004Z",
    ] {
        let sql = format!(
            "INSERT INTO events (type, topic, payload, created_at) VALUES ('foreign', 1, '{{}}', '{at}')"
        );
        server.database().execute(&sql).await;
    }
    server.client().until_settled(3).await;
    for (since, cursor) in [
        ("2026-11-01T10:00:00.999Z", 0),
        ("2026-11-01T10:00:01Z", 1),
        ("2026-11-01T10:00:01.001Z", 3),
    ] {
        let query = format!("?since={since}");
        let mut stream = Stream::open(&server.url, &query, None).await;
        assert_eq!(stream.opening().await, cursor, "{since}");
    }
}
