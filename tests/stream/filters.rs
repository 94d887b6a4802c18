//! Streams that want only some of the events.

use crate::harness::{Server, Stream, eventually};

#[tokio::test]
async fn types_and_board_are_filtered_live_and_in_history() {
    let server = Server::start().await;
    let user = server.user("ada").await;
    let queries = [
        "?types=newPath",
        "?board_id=2",
        "?types=newPath,boardDeleted&board_id=1",
    ];
    let expected = [vec![3, 4], vec![2, 4], vec![3, 5]];
    let mut live = Vec::new();
    for query in queries {
        let mut stream = Stream::open(&server.url, query, None).await;
        stream.opening().await;
        live.push(stream);
    }
    assert_eq!((user.board("one").await, user.board("two").await), (1, 2));
    user.path(1).await;
    user.path(2).await;
    user.delete("/api/v1/boards/1").await.expect(204);
    user.until_settled(5).await;

    for ((query, expected), mut stream) in queries.into_iter().zip(expected).zip(live) {
        assert_eq!(stream.ids(expected.len()).await, expected, "live {query}");
        let mut stream = Stream::open(&server.url, query, Some(0)).await;
        assert_eq!(stream.opening().await, 0);
        assert_eq!(
            stream.ids(expected.len()).await,
            expected,
            "history {query}"
        );
    }
}

#[tokio::test]
async fn history_is_searched_to_its_end_however_little_matches() {
    let server = Server::start().await;
    let user = server.user("ada").await;
    // More than one query scans.
    server.database().append_fillers(9, 45_000, 0).await;
    let board = user.board("at the end").await;
    user.until_settled(45_001).await;
    for query in ["?types=newBoard".to_owned(), format!("?board_id={board}")] {
        let mut stream = Stream::open(&server.url, &query, Some(0)).await;
        assert_eq!(stream.opening().await, 0);
        assert_eq!(stream.ids(1).await, [45_001]);

        let mut after = 0;
        let mut found = Vec::new();
        loop {
            let page = user
                .get(&format!("/api/v1/events{query}&after={after}"))
                .await
                .expect(200);
            found.extend(page.body["items"].as_array().expect("items").clone());
            let next = page.body["next_after"].as_i64().expect("an id");
            if next == after {
                break;
            }
            after = next;
        }
        assert_eq!(found.len(), 1);
        assert_eq!(after, 45_001);
    }
}

#[tokio::test]
async fn a_filter_that_is_none_is_refused() {
    let server = Server::start().await;
    let client = server.client();
    let answer = client
        .get("/sse/notifications/?types=newBoard,nope&board_id=x")
        .await
        .expect_problem(400, "invalid_parameter");
    assert_eq!(answer.fields(), ["types", "board_id"]);
    let message = answer.body["errors"][0]["message"].as_str().expect("text");
    assert!(
        message.contains("newBoard, newPath, boardUpdated, boardDeleted, boardSolved"),
        "{message}"
    );
}

#[tokio::test]
async fn a_quiet_filtered_stream_learns_where_the_log_is() {
    let server = Server::start_with(&["--keep-alive", "200ms"]).await;
    let user = server.user("ada").await;
    let mut stream = Stream::open(&server.url, "?types=newPath", None).await;
    assert_eq!(stream.opening().await, 0);
    for number in 1..=3 {
        user.board(&format!("board {number}")).await;
    }
    // The cursor comes in place of the comment, until the client knows it.
    let mut told = 0;
    while told < 3 {
        let frame = stream.next().await.expect("a frame");
        if frame.event.is_none() {
            assert_eq!(frame.comment.as_deref(), Some("keep-alive"));
            continue;
        }
        assert_eq!(frame.event.as_deref(), Some("cursor"));
        let id = frame.id.expect("an id");
        assert!(id > told, "{id} after {told}");
        told = id;
    }
    let frame = stream.next().await.expect("a frame");
    assert_eq!(frame.comment.as_deref(), Some("keep-alive"));
}

/// Nobody looks at the streams of other boards when an event comes. They lose nothing by it: neither what comes later,
/// nor their place in the log, however much has gone by.
#[tokio::test]
async fn what_is_for_others_goes_by_and_what_is_ones_own_arrives() {
    let options = ["--poll-interval", "20ms", "--keep-alive", "1s"];
    let server = Server::start_with(&options).await;
    let mut streams = Vec::new();
    for board in 1..=20 {
        for _ in 0..2 {
            let query = format!("?board_id={board}");
            let mut stream = Stream::open(&server.url, &query, None).await;
            stream.opening().await;
            streams.push((board, 0, stream));
        }
    }
    let metrics = async || {
        let answer = reqwest::get(format!("{}/metrics", server.url)).await;
        answer.expect("an answer").text().await.expect("text")
    };
    let mut through = 0;
    for round in 0..3 {
        // More than the window holds goes by.
        server.database().append_fillers(99, 12_000, 1000).await;
        through += 12_000;
        eventually("that no stream is behind", || async {
            let newest = format!("dotcast_log_settled_id {through}\n");
            let metrics = metrics().await;
            (metrics.contains("dotcast_stream_lag_events 0\n") && metrics.contains(&newest))
                .then_some(())
        })
        .await;
        for board in 1..=20 {
            server.database().append_fillers(board, 2, 0).await;
        }
        for (board, told, stream) in &mut streams {
            let first = through + 2 * *board - 1;
            loop {
                let frame = stream.next().await.expect("a frame");
                match frame.event.as_deref() {
                    Some("filler") => {
                        assert_eq!(frame.id, Some(first), "board {board} in round {round}");
                        break;
                    }
                    // A keep-alive tells where the stream is.
                    Some("cursor") => {
                        let cursor = frame.id.expect("an id");
                        assert!(*told < cursor && cursor < first, "{cursor}");
                        *told = cursor;
                    }
                    event => assert_eq!(event, None),
                }
            }
            assert_eq!(stream.ids(1).await, [first + 1]);
        }
        through += 40;
    }
}
