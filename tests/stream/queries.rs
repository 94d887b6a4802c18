//! What streams cost the database: nothing while they are idle, and little when all catch up at once.

use std::time::Duration;

use futures_util::future::join_all;
use rustix::process::Signal;

use crate::harness::Server;

/// Each statement is logged.
const LOGGED: [&str; 4] = ["--log", "info,sqlx::query=debug", "--retention", "forever"];

#[tokio::test]
#[expect(
    clippy::print_stdout,
    reason = "the counts are worth seeing, with --nocapture"
)]
async fn idle_streams_send_the_database_no_queries() {
    let server = Server::start_with(&LOGGED).await;
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
    // One a second, and the two clocks' seconds need not coincide.
    assert!(with_one >= 8, "the tail polls: {with_one}");
    assert!(
        with_many.abs_diff(with_one) <= 2,
        "{with_one} and {with_many}"
    );
}

#[tokio::test]
async fn streams_that_catch_up_together_share_what_is_read() {
    const EVENTS: i64 = 1500;
    const STREAMS: i64 = 100;
    let server = Server::start_with(&LOGGED).await;
    server.database().append_fillers(1, EVENTS, 100).await;
    server.client().until_settled(EVENTS).await;
    // A restarted server has nothing in memory.
    server.signal(Signal::TERM);
    let server = server.restart().await;
    server.client().until_settled(EVENTS).await;
    let before = queries(&server);
    join_all((0..STREAMS).map(async |number| {
        // They were cut off at different places.
        let cursor = number * 3;
        let mut stream = server.stream(Some(cursor)).await;
        let missed = usize::try_from(EVENTS - cursor).expect("fits");
        let ids = stream.ids(missed).await;
        assert!(ids.into_iter().eq(cursor + 1..=EVENTS), "from {cursor}");
    }))
    .await;
    let queries = queries(&server) - before;
    assert!(queries < 100, "fewer than one for each stream: {queries}");
}

async fn queries_in_ten_seconds(server: &Server) -> usize {
    let before = queries(server);
    tokio::time::sleep(Duration::from_secs(10)).await;
    queries(server) - before
}

/// How many statements the server has sent so far.
fn queries(server: &Server) -> usize {
    let log = server.log();
    let lines = log.lines();
    lines.filter(|line| line.contains("sqlx::query")).count()
}
