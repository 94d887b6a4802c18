//! What following the log costs the database, as PostgreSQL counts it.

use std::time::Duration;

use crate::harness::{Cluster, Database, Server, Writer};

const SECONDS: u64 = 10;

#[tokio::test]
#[expect(
    clippy::print_stdout,
    reason = "the counts are worth seeing, with --nocapture"
)]
async fn an_idle_server_asks_once_per_poll_and_once_more_while_there_is_a_gap() {
    // Of its own, so that only our statements are counted.
    let cluster = Cluster::start().await;
    let database = cluster.database().await;
    database
        .execute("CREATE EXTENSION pg_stat_statements")
        .await;
    let options = ["--poll-interval", "1s", "--retention", "forever"];
    let server = Server::start_on(&database, &options).await;
    let mut streams = Vec::new();
    for _ in 0..100 {
        let mut stream = server.stream(None).await;
        stream.opening().await;
        streams.push(stream);
    }
    let idle = statements(&database).await;

    let mut low = Writer::begin(&database).await;
    let mut high = Writer::begin(&database).await;
    low.append().await;
    high.append().await;
    high.commit().await;
    let with_gap = statements(&database).await;
    low.commit().await;
    for stream in &mut streams {
        assert_eq!(stream.ids(2).await, [1, 2]);
    }

    println!("statements in {SECONDS} s: {idle} idle, {with_gap} with a gap");
    // The two clocks' seconds need not coincide. Every five of them the listener proves that it hears, and the
    // settled position is recorded if it has changed.
    assert!((SECONDS - 2..=SECONDS + 4).contains(&idle), "{idle}");
    assert!(
        (SECONDS - 2..=2 * SECONDS + 6).contains(&with_gap),
        "{with_gap}"
    );
}

/// How many statements the server runs in a while.
async fn statements(database: &Database) -> u64 {
    let count = || async {
        let calls = "SELECT COALESCE(SUM(calls), 0)::bigint FROM pg_stat_statements \
                     JOIN pg_database ON pg_database.oid = dbid \
                     WHERE datname = current_database() AND query NOT LIKE '%pg_stat_statements%'";
        let calls: Vec<i64> = database.column(calls).await;
        u64::try_from(calls[0]).expect("a count")
    };
    let before = count().await;
    tokio::time::sleep(Duration::from_secs(SECONDS)).await;
    count().await - before
}
