//! A connection to the database dies silently. Whatever waits on it gives it up, takes another, and logs once when
//! that begins and once when it is over.

use std::time::Duration;

use super::sessions::{OURS, lock, ports, until_listening, until_waiting};
use crate::harness::{
    Client, Database, Network, Server, Stream, client, eventually,
    network::{BOTH, Direction},
};

const BEGINS: &str = "cannot read the event log";
const ENDS: &str = "following the event log again";
const DEAF: &str = "no notifications";
const HEARS: &str = "hearing notifications again";

/// A server behind a network of its own.
async fn start(database: &Database, arguments: &[&str]) -> (Network, Server) {
    let network = Network::to(database).await;
    let url = network.url(database);
    let mut all = vec!["--database-url", &url, "--database-timeout", "1s"];
    all.extend(arguments);
    let server = Server::start_on(database, &all).await;
    (network, server)
}

async fn until_logged(server: &Server, text: &str) {
    eventually(text, || async { server.log().contains(text).then_some(()) }).await;
}

#[track_caller]
fn assert_logged_once(server: &Server, lines: [&str; 2]) {
    let log = server.log();
    for line in lines {
        assert_eq!(log.matches(line).count(), 1, "{line:?} in {log}");
    }
}

/// Asserts that an event is shown by a stream and by the history of the same server.
async fn assert_shown(client: &Client, stream: &mut Stream, id: i64) {
    assert_eq!(stream.ids(1).await, [id]);
    let page = client
        .get(&format!("/api/v1/events?after={}", id - 1))
        .await
        .expect(200);
    assert_eq!(page.body["items"][0]["id"], id);
}

#[tokio::test]
async fn events_flow_on_after_the_polls_connection_has_gone_silent() {
    let database = Database::postgres().await;
    let (network, server) = start(&database, &["--poll-interval", "500ms"]).await;
    let user = server.user("ada").await;
    let mut stream = server.stream(None).await;
    assert_eq!(stream.opening().await, 0);
    user.board("before").await;
    assert_eq!(stream.ids(1).await, [1]);

    for round in 0..3 {
        let gate = lock(&database, "events").await;
        until_waiting(&database, 1).await;
        let waiting = ports(&database, &format!("{OURS} AND wait_event_type = 'Lock'")).await;
        network.silence(&BOTH, |line| waiting.contains(&line.port().into()));
        gate.rollback().await.expect("rollback");
        user.board("after").await;
        assert_shown(&user, &mut stream, round + 2).await;
    }
}

#[tokio::test]
async fn while_everything_is_silent_the_server_is_not_ready_and_then_events_flow_again() {
    let database = Database::postgres().await;
    let (network, server) = start(&database, &["--poll-interval", "500ms"]).await;
    let user = server.user("ada").await;
    let mut stream = server.stream(None).await;
    assert_eq!(stream.opening().await, 0);
    user.board("before").await;
    assert_eq!(stream.ids(1).await, [1]);

    // Among the open connections, the poller's is in the middle of a query.
    let gate = lock(&database, "events").await;
    until_waiting(&database, 1).await;
    network.go_silent();
    gate.rollback().await.expect("rollback");
    let answer = eventually("that it is not ready", || async {
        let answer = user.get("/readyz").await;
        (answer.status != 200).then_some(answer)
    })
    .await;
    answer.expect_problem(503, "unavailable");
    user.get("/healthz").await.expect(200);
    user.post("/api/v1/boards", &client::board("lost"))
        .await
        .expect_problem(503, "unavailable");
    until_logged(&server, BEGINS).await;
    // Another program goes on writing.
    database.append_fillers(1, 1, 5).await;

    network.recover();
    eventually("readiness", || async {
        (user.get("/readyz").await.status == 200).then_some(())
    })
    .await;
    assert_eq!(stream.ids(1).await, [2]);
    user.board("after").await;
    assert_shown(&user, &mut stream, 3).await;
    until_logged(&server, ENDS).await;
    assert_logged_once(&server, [BEGINS, ENDS]);
}

/// Nobody polls here: what one server appends, the other learns by notification or does not show.
#[tokio::test]
async fn a_listener_whose_connection_has_gone_silent_finds_out_and_listens_again() {
    for directions in [&BOTH[..], &[Direction::FromDatabase]] {
        let database = Database::postgres().await;
        let one = Server::start_on(&database, &["--poll-interval", "1h"]).await;
        let (network, other) = start(&database, &["--poll-interval", "1h"]).await;
        until_listening(&database, 2).await;
        let user = one.user("ada").await;
        let mut stream = other.stream(None).await;
        assert_eq!(stream.opening().await, 0);
        user.board("before").await;
        assert_eq!(stream.ids(1).await, [1]);

        let silenced = network.silence(directions, |line| line.said("LISTEN "));
        assert_eq!(silenced, 1);
        user.board("meanwhile").await;
        until_logged(&other, DEAF).await;
        until_logged(&other, HEARS).await;
        // It has missed the notifications of that time, so it looks.
        assert_eq!(stream.ids(1).await, [2]);
        for id in 3..6 {
            user.board("afterwards").await;
            assert_eq!(stream.ids(1).await, [id]);
        }
        assert_logged_once(&other, [DEAF, HEARS]);
    }
}

/// Slow is not silent.
#[tokio::test]
async fn a_slow_network_is_no_outage() {
    let database = Database::postgres().await;
    let (network, server) = start(&database, &["--poll-interval", "500ms"]).await;
    let user = server.user("ada").await;
    let mut stream = server.stream(None).await;
    assert_eq!(stream.opening().await, 0);
    for direction in BOTH {
        network.delay(direction, Duration::from_millis(25));
    }
    for id in 1..=5 {
        user.board("far away").await;
        assert_shown(&user, &mut stream, id).await;
        user.get("/readyz").await.expect(200);
    }
    let log = server.log();
    for line in [BEGINS, DEAF] {
        assert!(!log.contains(line), "{line:?} in {log}");
    }
}

/// Requests that come at the same time share the look-up of their sessions.
#[tokio::test]
async fn a_look_up_of_sessions_that_hears_nothing_holds_up_nobody_else() {
    let database = Database::postgres().await;
    let (network, server) = start(&database, &["--statement-timeout", "off"]).await;
    let user = server.user("ada").await;
    let gate = lock(&database, "sessions").await;
    let unheard = {
        let user = user.clone();
        tokio::spawn(async move { user.get("/api/v1/users/me").await })
    };
    until_waiting(&database, 1).await;
    let waiting = ports(&database, &format!("{OURS} AND wait_event_type = 'Lock'")).await;
    network.silence(&BOTH, |line| waiting.contains(&line.port().into()));
    gate.rollback().await.expect("rollback");
    for _ in 0..3 {
        user.get("/api/v1/users/me").await.expect(200);
    }
    assert!(!unheard.is_finished(), "it was heard");
    unheard.abort();
}
