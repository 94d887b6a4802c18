//! Keep-alives.

use crate::harness::Server;

#[tokio::test]
async fn a_silent_stream_gets_comments() {
    let server = Server::start_with(&["--keep-alive", "100ms"]).await;
    let mut stream = server.stream(None).await;
    stream.opening().await;
    for _ in 0..3 {
        let frame = stream.next().await.expect("a frame");
        assert_eq!(frame.comment.as_deref(), Some("keep-alive"));
        assert_eq!((frame.id, frame.event), (None, None));
    }
}

#[tokio::test]
async fn a_comment_is_followed_by_events_as_before() {
    let server = Server::start_with(&["--keep-alive", "100ms", "--retry", "1234ms"]).await;
    let user = server.user("ada").await;
    let mut stream = server.stream(None).await;
    let opening = stream.next().await.expect("an opening");
    assert_eq!(opening.retry, Some(1234));
    stream.next().await.expect("a comment");
    user.board("one").await;
    assert_eq!(stream.ids(1).await, [1]);
}
