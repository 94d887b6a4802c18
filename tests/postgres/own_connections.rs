//! The log has connections of its own: requests cannot take them away, and stopping the log takes nothing from
//! requests.

use rustix::process::Signal;
use tokio::task::JoinSet;

use super::sessions::{OURS, count, lock, until_waiting};
use crate::harness::{Cluster, Database, Server, client, eventually, within};

#[tokio::test]
async fn an_event_is_shown_while_every_connection_for_reading_is_taken() {
    let database = Database::postgres().await;
    let options = [
        "--pool-size",
        "4",
        "--poll-interval",
        "100ms",
        "--database-timeout",
        "1m",
        "--statement-timeout",
        "off",
    ];
    let server = Server::start_on(&database, &options).await;
    let mut stream = server.stream(None).await;
    assert_eq!(stream.opening().await, 0);

    let lock = lock(&database, "boards").await;
    let mut reads = JoinSet::new();
    for _ in 0..6 {
        let client = server.client();
        reads.spawn(async move { client.get("/api/v1/boards").await });
    }
    until_waiting(&database, 2).await;
    for id in 1..=3 {
        database.append_fillers(1, 1, 5).await;
        assert_eq!(stream.ids(1).await, [id]);
    }
    assert!(reads.try_join_next().is_none(), "they still wait");
    lock.rollback().await.expect("rollback");
    while let Some(answer) = within("an answer", reads.join_next()).await {
        answer.expect("an answer").expect(200);
    }
}

/// At a log-in's look-up, which reads, and at the log, which is written.
#[tokio::test]
async fn requests_that_wait_for_the_database_outlive_the_poller_at_the_end_of_the_server() {
    for (table, waiting) in [("sessions", "SELECT%"), ("events", "INSERT%")] {
        let database = Database::postgres().await;
        let options = ["--pool-size", "4", "--poll-interval", "100ms"];
        let mut server = Server::start_on(&database, &options).await;
        let user = server.user("ada").await;
        // Whichever task needs another connection opens it. Now and then that was the poller.
        let gate = lock(&database, "boards").await;
        let read = {
            let client = server.client();
            tokio::spawn(async move { client.get("/api/v1/boards").await })
        };
        until_waiting(&database, 1).await;
        database.append_fillers(1, 1, 5).await;
        user.until_settled(1).await;
        gate.rollback().await.expect("rollback");
        read.await.expect("an answer").expect(200);

        let gate = lock(&database, table).await;
        let mut posts = JoinSet::new();
        for _ in 0..2 {
            let user = user.clone();
            posts.spawn(async move { user.post("/api/v1/boards", &client::board("late")).await });
        }
        let waiting =
            format!("{OURS} AND wait_event_type = 'Lock' AND query LIKE '{waiting}{table}%'");
        eventually("posts that wait", || async {
            (count(&database, &waiting).await >= 1).then_some(())
        })
        .await;
        server.signal(Signal::TERM);
        eventually("the stop", || async {
            server.log().contains("stopping").then_some(())
        })
        .await;
        // That is when the poller ends.
        eventually("the end of the poll", || async {
            let refused = client::http().get(&server.url).send().await;
            refused.is_err().then_some(())
        })
        .await;
        gate.rollback().await.expect("rollback");
        while let Some(answer) = within("an answer", posts.join_next()).await {
            answer.expect("an answer").expect(201);
        }
        assert_eq!(server.wait().await.code(), Some(0));
    }
}

/// Several statements at once, of which one fails, leave a transaction open behind them.
#[tokio::test]
async fn the_log_is_followed_also_when_it_cannot_be_recorded_how_far() {
    let cluster = Cluster::start().await;
    let database = cluster.database().await;
    let server = Server::start_on(&database, &["--poll-interval", "50ms"]).await;
    let mut stream = server.stream(None).await;
    assert_eq!(stream.opening().await, 0);
    database
        .execute(
            "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS \
             $$ BEGIN RAISE EXCEPTION 'not now'; END $$; \
             CREATE TRIGGER refuse BEFORE UPDATE ON settled_through \
             FOR EACH ROW EXECUTE FUNCTION refuse()",
        )
        .await;
    let mark = "SELECT event_id FROM settled_through";
    eventually("a refusal", || async {
        database.append_fillers(1, 1, 5).await;
        let told = "cannot record how far the event log is settled";
        server.log().contains(told).then_some(())
    })
    .await;
    assert_eq!(database.column::<i64>(mark).await, [0]);
    database
        .execute("DROP TRIGGER refuse ON settled_through")
        .await;
    let newest: i64 = database.column("SELECT MAX(id) FROM events").await[0];
    assert_eq!(
        stream
            .ids(usize::try_from(newest).expect("few"))
            .await
            .last(),
        Some(&newest)
    );
    eventually("the mark", || async {
        (database.column::<i64>(mark).await == [newest]).then_some(())
    })
    .await;
    assert!(
        !cluster.log().contains("transaction is aborted"),
        "{}",
        cluster.log()
    );
}
