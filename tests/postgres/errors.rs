//! What clients are told when the database is in trouble: that they may retry, and nothing else.

use sea_orm::{ConnectionTrait as _, TransactionTrait as _};
use serde_json::json;
use tokio::time::Instant;

use super::sessions::{OURS, count, lock, until_waiting};
use crate::harness::{Answer, Client, Cluster, Database, Server, client, eventually, within};

/// Asserts the answer of a server that is temporarily unable to serve, which is always the same.
#[track_caller]
fn expect_unavailable(answer: Answer) {
    let answer = answer.expect_problem(503, "unavailable");
    assert_eq!(answer.header("retry-after"), "1");
    assert_eq!(
        answer.body,
        json!({
            "type": "/problems/unavailable",
            "title": "The server cannot do this right now",
            "status": 503,
            "detail": "The server is busy or its database is out of reach. Try again in a moment.",
            "code": "unavailable",
        })
    );
}

/// Posts a board in the background.
fn post(user: &Client, name: &'static str) -> tokio::task::JoinHandle<Answer> {
    let user = user.clone();
    tokio::spawn(async move { user.post("/api/v1/boards", &client::board(name)).await })
}

#[tokio::test]
async fn who_gets_no_connection_may_try_again() {
    let database = Database::postgres().await;
    let server = Server::start_on(&database, &["--pool-size", "2"]).await;
    let user = server.user("ada").await;
    let lock = lock(&database, "boards").await;
    let first = post(&user, "first");
    until_waiting(&database, 1).await;
    let second = post(&user, "second").await.expect("an answer");
    expect_unavailable(second);
    lock.rollback().await.expect("rollback");
    first.await.expect("an answer").expect(201);
    assert_eq!(user.boards().await.len(), 1);
}

#[tokio::test]
async fn who_waits_too_long_for_a_lock_may_try_again() {
    let database = Database::postgres().await;
    let server = Server::start_on(&database, &["--statement-timeout", "1s"]).await;
    let user = server.user("ada").await;
    let board = user.board("one").await;
    let lock = lock(&database, "events").await;
    expect_unavailable(user.post("/api/v1/boards", &client::board("two")).await);
    expect_unavailable(user.delete(&format!("/api/v1/boards/{board}")).await);
    let path = format!("/api/v1/boards/{board}/paths");
    expect_unavailable(user.post(&path, &client::path()).await);
    lock.rollback().await.expect("rollback");
    // Nothing of them is left.
    user.path(board).await;
    assert_eq!(user.boards().await.len(), 1);
    let ids: Vec<i64> = database.column("SELECT id FROM events ORDER BY id").await;
    assert_eq!(ids.len(), 2);
    user.until_settled(ids[1]).await;
}

#[tokio::test]
async fn whose_session_is_ended_may_try_again() {
    let database = Database::postgres().await;
    let server = Server::start_on(&database, &[]).await;
    let user = server.user("ada").await;
    let lock = lock(&database, "events").await;
    let answer = post(&user, "lost");
    let waiting = format!("{OURS} AND wait_event_type = 'Lock' AND query LIKE 'INSERT%'");
    eventually("the writer", || async {
        (count(&database, &waiting).await == 1).then_some(())
    })
    .await;
    let end = format!("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {waiting}");
    assert_eq!(database.column::<bool>(&end).await, [true]);
    expect_unavailable(within("an answer", answer).await.expect("an answer"));
    lock.rollback().await.expect("rollback");
    user.board("kept").await;
    assert_eq!(user.boards().await.len(), 1);
}

#[tokio::test]
async fn who_is_the_victim_of_a_deadlock_may_try_again() {
    let database = Database::postgres().await;
    let server = Server::start_on(&database, &[]).await;
    let user = server.user("ada").await;
    let board = user.board("one").await;

    // The server changes the board and waits for the log's table. We hold what it needs after that and wait for the
    // board. Then the server closes the circle. Our session never checks for deadlocks, so the server's does.
    let gate = lock(&database, "events").await;
    let connection = database.connect().await;
    let ours = connection.begin().await.expect("begin");
    let (class, object) = dotcast_log::schema::EVENTS_LOCK;
    ours.execute_unprepared(&format!(
        "SET LOCAL deadlock_timeout = '1h'; SELECT pg_advisory_xact_lock({class}, {object})"
    ))
    .await
    .expect("the writers' lock");
    let answer = {
        let user = user.clone();
        let path = format!("/api/v1/boards/{board}");
        tokio::spawn(async move { user.put(&path, &client::board("changed")).await })
    };
    let waiting = format!("{OURS} AND wait_event_type = 'Lock' AND query LIKE 'INSERT%'");
    eventually("the server at the gate", || async {
        (count(&database, &waiting).await == 1).then_some(())
    })
    .await;
    let update = tokio::spawn(async move {
        ours.execute_unprepared("UPDATE boards SET version = version")
            .await
            .expect("we go on");
        ours.rollback().await.expect("rollback");
    });
    let ours_waits = "wait_event_type = 'Lock' AND query LIKE 'UPDATE boards%' \
                      AND datname = current_database()";
    eventually("our own wait", || async {
        (count(&database, ours_waits).await == 1).then_some(())
    })
    .await;
    gate.rollback().await.expect("rollback");
    expect_unavailable(within("an answer", answer).await.expect("an answer"));
    within("our update", update).await.expect("an update");
    user.put(
        &format!("/api/v1/boards/{board}"),
        &client::board("changed"),
    )
    .await
    .expect(200);
}

/// Probes want to know now: the answer does not wait as long as requests do for a connection.
#[tokio::test]
async fn readiness_is_told_soon_while_the_database_does_not_answer() {
    let cluster = Cluster::start().await;
    let database = cluster.database().await;
    let server = Server::start_on(&database, &["--pool-size", "2"]).await;
    let client = server.client();
    client.get("/readyz").await.expect(200);

    // It is there, and the one session for reading has to wait.
    let lock = lock(&database, "boards").await;
    let boards = {
        let client = client.clone();
        tokio::spawn(async move { client.get("/api/v1/boards").await })
    };
    until_waiting(&database, 1).await;
    not_ready_soon(&client).await;
    lock.rollback().await.expect("rollback");
    boards.await.expect("an answer").expect(200);
    client.get("/readyz").await.expect(200);

    // It is gone.
    cluster.stop_immediately().await;
    not_ready_soon(&client).await;
    client.get("/healthz").await.expect(200);
    cluster.start_again().await;
    eventually("readiness", || async {
        (client.get("/readyz").await.status == 200).then_some(())
    })
    .await;
}

async fn not_ready_soon(client: &Client) {
    let asked = Instant::now();
    let answer = client.get("/readyz").await;
    let answer = answer.expect_problem(503, "unavailable");
    assert_eq!(answer.body["detail"], "The database does not answer.");
    assert_eq!(answer.header("retry-after"), "1");
    // Two seconds, which is less than a request waits for a connection.
    assert!(asked.elapsed().as_secs() < 5, "{:?}", asked.elapsed());
}
