//! A reader that is slower than the writers: nobody waits for it, and it misses nothing.

use crate::harness::{Server, eventually};

/// More than the window and all the buffers of a connection hold.
const EVENTS: i64 = 12_000;
const PADDING: usize = 1000;

#[tokio::test]
async fn a_reader_that_the_window_left_behind_reads_on_in_the_log() {
    let server = Server::start_with(&["--poll-interval", "20ms"]).await;
    let mut slow = server.stream(None).await;
    let mut fast = server.stream(None).await;
    let last = write_events(&server, 1, EVENTS).await;
    // The fast one, and with it the tail, gets through while the slow one has not begun to read.
    assert_eq!(
        fast.ids(usize::try_from(EVENTS).expect("fits"))
            .await
            .last(),
        Some(&last)
    );
    let ids = slow.ids(usize::try_from(EVENTS).expect("fits")).await;
    assert!(ids.iter().copied().eq(1..=last), "exactly once, in order");
    server.client().until_settled(last).await;
}

#[tokio::test]
async fn a_reader_that_retention_overtook_is_told() {
    let server = Server::start_with(&["--poll-interval", "20ms"]).await;
    let mut slow = server.stream(None).await;
    write_events(&server, 1, EVENTS).await;
    server.client().until_settled(EVENTS).await;
    server.run(&["trim", "--older-than", "0s"]).await;
    write_events(&server, EVENTS + 1, 10).await;
    server.client().until_settled(EVENTS + 10).await;
    eventually("the mark", || async {
        let page = server.client().get("/api/v1/events?limit=1").await;
        (page.body["trimmed_through"] == EVENTS).then_some(())
    })
    .await;

    slow.opening().await;
    let mut expected = 1;
    let reset = loop {
        let frame = slow.next().await.expect("a frame");
        match frame.event.as_deref() {
            // What was on its way before the trim.
            Some("filler") => {
                assert_eq!(frame.id, Some(expected));
                expected += 1;
            }
            Some("cursor") => {
                assert_eq!(frame.id, Some(EVENTS));
                break slow.expect("reset").await;
            }
            _ => panic!("{frame:?}"),
        }
    };
    let data = reset.data.expect("data");
    assert_eq!(data["reason"], "expired");
    assert_eq!(data["requested_id"], expected - 1);
    assert_eq!(data["oldest_id"], EVENTS + 1);
    let ids = slow.ids(10).await;
    assert!(ids.into_iter().eq(EVENTS + 1..=EVENTS + 10));
}

/// Appends events as another program, in one transaction; returns the last id.
async fn write_events(server: &Server, first: i64, count: i64) -> i64 {
    let last = first + count - 1;
    server
        .execute(&format!(
            "WITH RECURSIVE n(i) AS (SELECT {first} UNION ALL SELECT i + 1 FROM n WHERE i < {last}) \
             INSERT INTO events (type, board_id, payload) \
             SELECT 'filler', 1, json_object('number', i, 'padding', '{}') FROM n",
            "x".repeat(PADDING)
        ))
        .await;
    last
}
