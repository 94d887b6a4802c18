//! What idle streams cost the database: nothing.

use std::time::Duration;

use crate::harness::Server;

#[tokio::test]
#[expect(
    clippy::print_stdout,
    reason = "the counts are worth seeing, with --nocapture"
)]
async fn idle_streams_send_the_database_no_queries() {
    let server =
        Server::start_with(&["--log", "info,sqlx::query=debug", "--retention", "forever"]).await;
    let mut streams = vec![server.stream(None).await];
    let with_one = queries_in_ten_seconds(&server).await;
    for _ in 1..200 {
        streams.push(server.stream(None).await);
    }
    for stream in &mut streams {
        stream.opening().await;
    }
    let with_many = queries_in_ten_seconds(&server).await;
    println!("queries in 10 s: {with_one} with 1 stream, {with_many} with 200");
    // One a second, and the seconds of the two clocks need not begin together.
    assert!(with_one >= 8, "the tail polls: {with_one}");
    assert!(
        with_many.abs_diff(with_one) <= 2,
        "{with_one} and {with_many}"
    );
}

async fn queries_in_ten_seconds(server: &Server) -> usize {
    let count = || {
        server
            .log()
            .lines()
            .filter(|line| line.contains("sqlx::query"))
            .count()
    };
    let before = count();
    tokio::time::sleep(Duration::from_secs(10)).await;
    count() - before
}
