//! Stopping.

use std::time::{Duration, Instant};

use rustix::process::Signal;

use crate::harness::Server;

#[tokio::test]
async fn streams_end_cleanly_and_the_process_is_gone_in_time() {
    for signal in [Signal::TERM, Signal::INT] {
        let mut server = Server::start_with(&["--retry", "2s"]).await;
        let user = server.user("ada").await;
        let mut streams = Vec::new();
        for _ in 0..50 {
            let mut stream = server.stream(None).await;
            stream.opening().await;
            streams.push(stream);
        }
        user.board("one").await;
        for stream in &mut streams {
            assert_eq!(stream.ids(1).await, [1]);
        }
        let asked = Instant::now();
        server.signal(signal);
        let mut pauses = Vec::new();
        for stream in &mut streams {
            let last = stream.next().await.expect("a farewell");
            assert_eq!((last.id, &last.event), (None, &None));
            pauses.push(last.retry.expect("when to come back"));
            assert_eq!(
                stream.next().await,
                None,
                "the stream ends without a broken chunk"
            );
        }
        assert!(server.wait().await.success());
        assert!(
            asked.elapsed() < Duration::from_secs(5),
            "{:?}",
            asked.elapsed()
        );
        // Not all in one instant, and not for ever.
        assert!(
            pauses.iter().all(|pause| (2000..=8000).contains(pause)),
            "{pauses:?}"
        );
        pauses.sort_unstable();
        pauses.dedup();
        assert!(pauses.len() > 10, "{pauses:?}");
    }
}

#[tokio::test]
async fn a_client_that_never_reads_does_not_hold_the_server() {
    let mut server = Server::start().await;
    let _stream = server.stream(Some(0)).await;
    let address = server.url.trim_start_matches("http://").to_owned();
    let _idle = tokio::net::TcpStream::connect(&address)
        .await
        .expect("connect");
    let asked = Instant::now();
    server.signal(Signal::TERM);
    assert!(server.wait().await.success());
    assert!(
        asked.elapsed() < Duration::from_secs(5),
        "{:?}",
        asked.elapsed()
    );
}
