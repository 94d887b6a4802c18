//! What a stream opens with, for every kind of cursor.

use serde_json::json;

use crate::harness::{
    Server, Stream,
    client::{http, http2},
    within,
};

#[tokio::test]
async fn a_stream_opens_at_once_with_its_cursor() {
    let server = Server::start().await;
    let mut stream = server.stream(None).await;
    assert_eq!(stream.headers()["content-type"], "text/event-stream");
    assert_eq!(stream.headers()["cache-control"], "no-cache, no-transform");
    assert_eq!(stream.headers()["x-accel-buffering"], "no");
    let opening = stream.next().await.expect("an opening");
    assert_eq!(opening.comment.as_deref(), Some("dotcast"));
    assert_eq!(opening.retry, Some(2000));
    assert_eq!(opening.id, Some(0));
    assert_eq!(opening.event.as_deref(), Some("cursor"));
    assert_eq!(opening.data, Some(json!({ "id": 0 })));
}

#[tokio::test]
async fn the_slash_may_be_left_out() {
    let server = Server::start().await;
    let user = server.user("ada").await;
    user.board("one").await;
    let url = format!("{}/sse/notifications?last_event_id=0", server.url);
    let mut response = http().get(url).send().await.expect("a stream");
    let mut text = String::new();
    while !text.contains("newBoard") {
        let chunk = response.chunk().await.expect("bytes").expect("no end");
        text.push_str(&String::from_utf8_lossy(&chunk));
    }
}

#[tokio::test]
async fn a_cursor_is_followed_by_everything_after_it() {
    let server = Server::start().await;
    let user = server.user("ada").await;
    for number in 1..=5 {
        user.board(&format!("board {number}")).await;
    }
    user.until_settled(5).await;
    for (cursor, expected) in [(0, vec![1, 2, 3, 4, 5]), (3, vec![4, 5]), (5, vec![])] {
        let mut stream = server.stream(Some(cursor)).await;
        assert_eq!(stream.opening().await, cursor);
        assert_eq!(stream.ids(expected.len()).await, expected, "after {cursor}");
    }
}

#[tokio::test]
async fn the_header_goes_before_the_query_and_an_empty_cursor_is_none() {
    let server = Server::start().await;
    let user = server.user("ada").await;
    for number in 1..=5 {
        user.board(&format!("board {number}")).await;
    }
    user.until_settled(5).await;
    for (header, query, start) in [
        (None, "", 5),
        (None, "?last_event_id=1", 1),
        (None, "?lastEventId=2", 2),
        (Some("4"), "?last_event_id=1", 4),
        (Some("4"), "?lastEventId=2", 4),
        // The page has opened the stream with one cursor; its polyfill comes back with the other.
        (None, "?last_event_id=1&lastEventId=2", 2),
        (None, "?lastEventId=2&last_event_id=1", 2),
        (Some(""), "", 5),
        (Some(""), "?last_event_id=1", 1),
        (Some(""), "?lastEventId=&last_event_id=1", 1),
        (None, "?last_event_id=", 5),
        (None, "?lastEventId=", 5),
    ] {
        for http in [http(), http2()] {
            let mut request = http.get(format!("{}/sse/notifications/{query}", server.url));
            if let Some(header) = header {
                request = request.header("Last-Event-ID", header);
            }
            let response = within("a stream", request.send()).await.expect("a stream");
            let opened = Stream::of(response).opening().await;
            assert_eq!(opened, start, "{header:?} {query}");
        }
    }
}

#[tokio::test]
async fn a_cursor_that_is_none_is_refused() {
    let server = Server::start().await;
    let client = server.client();
    for cursor in [
        "abc",
        "-1",
        "99999999999999999999",
        "9223372036854775808",
        "1.5",
        "+1",
    ] {
        let by_header = client
            .call(reqwest::Method::GET, "/sse/notifications/")
            .header("Last-Event-ID", cursor)
            .send()
            .await
            .expect_problem(400, "invalid_cursor");
        assert_eq!(by_header.fields(), ["Last-Event-ID"]);
        let cursor = cursor.replace('+', "%2B");
        for name in ["last_event_id", "lastEventId"] {
            let by_query = client
                .get(&format!("/sse/notifications/?{name}={cursor}"))
                .await
                .expect_problem(400, "invalid_cursor");
            assert_eq!(by_query.fields(), [name]);
        }
    }
    // Bytes that are not text, and two cursors at once.
    for headers in [
        "Last-Event-ID: \u{ff}\r\n",
        "Last-Event-ID: 1\r\nLast-Event-ID: 2\r\n",
        "Last-Event-ID: 1\r\nLast-Event-ID: \u{ff}\r\n",
    ] {
        let answer = raw(&server, headers).await;
        assert!(answer.starts_with("HTTP/1.1 400 "), "{headers:?}: {answer}");
        assert!(answer.contains("invalid_cursor"), "{headers:?}: {answer}");
    }
}

async fn raw(server: &Server, headers: &str) -> String {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    let address = server.url.trim_start_matches("http://");
    let mut socket = tokio::net::TcpStream::connect(address)
        .await
        .expect("connect");
    let request = format!(
        "GET /sse/notifications/ HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n{headers}\r\n"
    );
    socket.write_all(request.as_bytes()).await.expect("write");
    let mut answer = Vec::new();
    crate::harness::within("an answer", socket.read_to_end(&mut answer))
        .await
        .expect("read");
    String::from_utf8_lossy(&answer).into_owned()
}

#[tokio::test]
async fn an_expired_cursor_is_told_and_what_is_kept_follows() {
    let server = Server::start().await;
    let user = server.user("ada").await;
    for number in 1..=3 {
        user.board(&format!("board {number}")).await;
    }
    let trimmed = server.run(&["trim", "--older-than", "0s"]).await;
    assert_eq!(trimmed, "deleted 3 events\n");
    user.board("board 4").await;
    user.board("board 5").await;
    user.until_settled(5).await;

    for cursor in [1, 2] {
        let mut stream = server.stream(Some(cursor)).await;
        assert_eq!(stream.opening().await, 3);
        let reset = stream.expect("reset").await;
        let told =
            json!({ "reason": "expired", "requested_id": cursor, "oldest_id": 4, "newest_id": 5 });
        assert_eq!(reset.data, Some(told));
        assert_eq!(reset.id, None);
        assert_eq!(stream.ids(2).await, [4, 5]);
    }
    // The mark itself is not expired, and 0 asks only for what is kept.
    for cursor in [0, 3] {
        let mut stream = server.stream(Some(cursor)).await;
        assert_eq!(stream.opening().await, 3);
        assert_eq!(stream.expect("newBoard").await.id, Some(4));
        assert_eq!(stream.ids(1).await, [5]);
    }
}

#[tokio::test]
async fn a_cursor_ahead_of_the_log_is_told_and_the_present_follows() {
    let server = Server::start().await;
    let user = server.user("ada").await;
    user.board("one").await;
    user.until_settled(1).await;
    let mut stream = server.stream(Some(100)).await;
    assert_eq!(stream.opening().await, 1);
    let reset = stream.expect("reset").await;
    let told = json!({ "reason": "ahead", "requested_id": 100, "oldest_id": 1, "newest_id": 1 });
    assert_eq!(reset.data, Some(told));
    user.board("two").await;
    assert_eq!(stream.ids(1).await, [2]);
}

#[tokio::test]
async fn an_empty_log_that_was_trimmed_keeps_counting() {
    let server = Server::start().await;
    let user = server.user("ada").await;
    user.board("one").await;
    server.run(&["trim", "--older-than", "0s"]).await;
    let mut stream = server.stream(Some(1)).await;
    assert_eq!(stream.opening().await, 1);
    user.board("two").await;
    assert_eq!(stream.ids(1).await, [2]);
}
