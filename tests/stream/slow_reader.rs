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
    server.database().append_fillers(1, EVENTS, PADDING).await;
    // The fast reader, and with it the window, gets through before the slow one has begun to read.
    assert_eq!(
        fast.ids(usize::try_from(EVENTS).expect("fits"))
            .await
            .last(),
        Some(&EVENTS)
    );
    let ids = slow.ids(usize::try_from(EVENTS).expect("fits")).await;
    assert!(ids.iter().copied().eq(1..=EVENTS), "exactly once, in order");
    server.client().until_settled(EVENTS).await;
}

#[tokio::test]
async fn a_reader_that_retention_overtook_is_told() {
    let server = Server::start_with(&["--poll-interval", "20ms"]).await;
    let mut slow = server.stream(None).await;
    server.database().append_fillers(1, EVENTS, PADDING).await;
    server.client().until_settled(EVENTS).await;
    server.run(&["trim", "--older-than", "0s"]).await;
    server.database().append_fillers(1, 10, PADDING).await;
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
            // Frames that were on their way before the trim.
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
