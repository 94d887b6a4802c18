//! Clients that take little or nothing.

use super::transport::{Security, Site};
use crate::harness::eventually;

const PADDING: usize = 1000;

#[tokio::test]
async fn a_client_that_takes_nothing_is_cut_and_others_are_not() {
    for security in Security::ALL {
        // Keep-alives would come later than the cut: nothing but the time limit can end it.
        let site = Site::start(
            security,
            &[
                "--write-timeout",
                "1s",
                "--keep-alive",
                "1h",
                "--poll-interval",
                "20ms",
            ],
        )
        .await;
        let server = &site.server;
        let mut healthy = site.client().stream(0).await;
        healthy.opening().await;
        let before = server.open_files();
        let mut stuck = Vec::new();
        for _ in 0..40 {
            let mut wire = site.slow_wire(4096).await;
            wire.get("/sse/notifications/").await;
            wire.until("\n\n\r\n").await;
            stuck.push(wire);
        }
        // More than the sockets hold.
        server.database().append_fillers(1, 10_000, PADDING).await;
        assert!(healthy.ids(10_000).await.into_iter().eq(1..=10_000));
        eventually("the end of the stuck connections", || async {
            // More database connections may be open than before.
            (server.open_files() < before + 20).then_some(())
        })
        .await;
        for mut wire in stuck {
            // It sees an end that cannot be mistaken for the stream's own.
            assert!(
                wire.rest()
                    .await
                    .is_none_or(|rest| !rest.ends_with("0\r\n\r\n"))
            );
        }
        server.database().append_fillers(10_001, 1, PADDING).await;
        assert_eq!(healthy.ids(1).await, [10_001]);
    }
}

#[tokio::test]
async fn a_client_that_takes_a_little_now_and_then_gets_everything() {
    for security in Security::ALL {
        let site = Site::start(
            security,
            &["--write-timeout", "1s", "--poll-interval", "20ms"],
        )
        .await;
        let server = &site.server;
        server.database().append_fillers(1, 3000, PADDING).await;
        site.client().until_settled(3000).await;
        let mut wire = site.slow_wire(4096).await;
        wire.get("/sse/notifications/?last_event_id=0").await;
        for id in 1..=3000 {
            let end = format!("\nid: {id}\n");
            let before = wire.until(&end).await;
            let others = before.matches("\nid: ").count();
            assert!(others <= 2, "only the cursor may come first: {before}");
        }
    }
}

#[tokio::test]
async fn a_client_that_floods_its_stream_is_cut() {
    for security in Security::ALL {
        let site = Site::start(security, &[]).await;
        let flood = "x".repeat(1 << 20);
        eventually("the cut", || async {
            let mut wire = site.wire().await;
            wire.get("/sse/notifications/").await;
            wire.until("\n\n\r\n").await;
            for _ in 0..64 {
                if !wire.try_send(&flood).await {
                    return Some(());
                }
            }
            None
        })
        .await;
    }
}
