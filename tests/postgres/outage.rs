//! The database goes away and comes back: nothing that was acknowledged is lost, nothing is doubled, and nothing has
//! to be restarted.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
};

use tokio::task::JoinSet;

use super::sessions::{lock, until_listening, until_waiting};
use crate::harness::{Client, Cluster, Reader, Server, Stream, client, eventually};

const OPTIONS: [&str; 4] = ["--poll-interval", "50ms", "--keep-alive", "200ms"];

#[tokio::test]
async fn while_the_database_is_gone_streams_stay_open_and_writes_are_refused() {
    let cluster = Cluster::start().await;
    let database = cluster.database().await;
    let server = Server::start_on(&database, &OPTIONS).await;
    let user = server.user("ada").await;
    let mut live = Reader::open(&server.url).await;
    user.board("before").await;
    live.read_to(1).await;

    cluster.stop_immediately().await;
    let refused = user.post("/api/v1/boards", &client::board("lost")).await;
    let refused = refused.expect_problem(503, "unavailable");
    assert!(refused.header("retry-after").parse::<u32>().is_ok());
    user.get("/readyz").await.expect_problem(503, "unavailable");
    user.get("/healthz").await.expect(200);
    // A client that now comes with a cursor to look up is not turned away, but told where the stream stands as soon
    // as that is known.
    let mut early = Stream::open(&server.url, "", Some(1000)).await;
    let first = early.next().await.expect("a first sign");
    assert_eq!(first.comment.as_deref(), Some("dotcast"));
    assert_eq!((first.id, &first.event), (None, &None));
    for _ in 0..3 {
        let sign = early.next().await.expect("a keep-alive");
        assert_eq!(sign.comment.as_deref(), Some("keep-alive"));
    }
    // Only keep-alives come, or this would find something.
    live.read(3).await;
    assert_eq!(live.seen, [1]);

    cluster.start_again().await;
    eventually("readiness", || async {
        (user.get("/readyz").await.status == 200).then_some(())
    })
    .await;
    user.board("after").await;
    let newest: Vec<i64> = database.column("SELECT MAX(id) FROM events").await;
    let newest = newest[0];
    live.read_to(newest).await;
    assert_eq!(live.seen, [1, newest]);
    let mut frame = early.next().await.expect("a frame");
    while frame.event.is_none() {
        frame = early.next().await.expect("a frame");
    }
    assert_eq!(frame.event.as_deref(), Some("cursor"));
    let start = frame.id.expect("an id");
    let reset = early.expect("reset").await.data.expect("data");
    assert_eq!(reset["reason"], "ahead");
    if start < newest {
        assert_eq!(early.ids(1).await, [newest]);
    }
    // Logged after the event was shown.
    eventually("that it is said", || async {
        let words = "following the event log again";
        server.log().contains(words).then_some(())
    })
    .await;
}

/// Whatever the poll interval: it says how often a readable log is read.
#[tokio::test]
async fn after_an_outage_events_flow_at_once_and_not_after_a_poll_interval() {
    let cluster = Cluster::start().await;
    let database = cluster.database().await;
    let server = Server::start_on(&database, &["--poll-interval", "1h"]).await;
    let user = server.user("ada").await;
    let mut stream = server.stream(None).await;
    assert_eq!(stream.opening().await, 0);
    user.board("before").await;
    assert_eq!(stream.ids(1).await, [1]);
    until_listening(&database, 1).await;

    // A look is in progress when the database goes away.
    let gate = lock(&database, "events").await;
    database.execute("NOTIFY dotcast_events, 'another'").await;
    until_waiting(&database, 1).await;
    cluster.stop_immediately().await;
    drop(gate);
    eventually("that it is seen", || async {
        let seen = server.log().contains("cannot read the event log");
        seen.then_some(())
    })
    .await;
    cluster.start_again().await;

    eventually("readiness", || async {
        (user.get("/readyz").await.status == 200).then_some(())
    })
    .await;
    user.board("after").await;
    let newest: Vec<i64> = database.column("SELECT MAX(id) FROM events").await;
    assert_eq!(stream.ids(1).await, newest);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn five_crashes_under_load_lose_and_double_nothing() {
    let cluster = Cluster::start().await;
    let database = cluster.database().await;
    let servers = [
        Server::start_on(&database, &OPTIONS).await,
        Server::start_on(&database, &OPTIONS).await,
    ];
    let user = servers[0].user("ada").await;
    let mut readers = Vec::new();
    for index in 0..20 {
        readers.push(Reader::open(&servers[index % 2].url).await);
    }

    let acknowledged = Arc::<Mutex<Vec<i64>>>::default();
    let enough = Arc::<AtomicBool>::default();
    let mut writers = JoinSet::new();
    for index in 0..4 {
        let mut client = user.clone();
        client.url.clone_from(&servers[index % 2].url);
        writers.spawn(write(
            client,
            Arc::clone(&acknowledged),
            Arc::clone(&enough),
        ));
    }
    for _ in 0..5 {
        until_more(&acknowledged).await;
        cluster.restart_immediately().await;
    }
    until_more(&acknowledged).await;
    enough.store(true, Ordering::Relaxed);
    writers.join_all().await;

    let committed: Vec<i64> = database.column("SELECT id FROM events ORDER BY id").await;
    let newest = *committed.last().expect("events");
    for reader in &mut readers {
        reader.read_to(newest).await;
        assert_eq!(reader.seen, committed);
    }
    let mut events = BTreeMap::new();
    let announced: Vec<i64> = database.column("SELECT topic FROM events").await;
    for board in announced {
        *events.entry(board).or_insert(0) += 1;
    }
    assert!(events.values().all(|&count| count == 1), "{events:?}");
    let boards: Vec<i64> = database.column("SELECT id FROM boards ORDER BY id").await;
    assert!(events.keys().eq(&boards), "each board has its event");
    let boards = BTreeSet::from_iter(boards);
    for board in acknowledged.lock().expect("no panic").iter() {
        assert!(boards.contains(board), "board {board} was acknowledged");
    }
}

/// As after a failover to a standby that lacked the last commits.
#[tokio::test]
async fn a_database_that_comes_back_with_less_is_not_gone_on_with() {
    let cluster = Cluster::start().await;
    let database = cluster.database().await;
    let mut server = Server::start_on(&database, &OPTIONS).await;
    let user = server.user("ada").await;
    let mut live = Reader::open(&server.url).await;
    for name in ["one", "two", "three"] {
        user.board(name).await;
    }
    live.read_to(3).await;
    database.execute("DELETE FROM events WHERE id > 1").await;
    cluster.stop_immediately().await;
    user.get("/readyz").await.expect_problem(503, "unavailable");
    eventually("that it is seen", || async {
        server
            .log()
            .contains("cannot read the event log")
            .then_some(())
    })
    .await;
    cluster.start_again().await;

    let complaint = server.complaint().await;
    assert!(
        complaint.contains("event 3 has been shown and is gone"),
        "{complaint}"
    );
    // Once more, and clients that know more are told.
    let server = server.restart().await;
    let mut stream = server.stream(Some(3)).await;
    assert_eq!(stream.opening().await, 1);
    let reset = stream.expect("reset").await.data.expect("data");
    assert_eq!(reset["reason"], "restored");
}

/// Waits until twenty more boards were acknowledged.
async fn until_more(acknowledged: &Mutex<Vec<i64>>) {
    let count = || acknowledged.lock().expect("no panic").len();
    let before = count();
    eventually("writes", || async {
        (count() >= before + 20).then_some(())
    })
    .await;
}

/// Makes boards until told to stop, whatever the answers.
async fn write(client: Client, acknowledged: Arc<Mutex<Vec<i64>>>, enough: Arc<AtomicBool>) {
    while !enough.load(Ordering::Relaxed) {
        let answer = client.post("/api/v1/boards", &client::board("one")).await;
        if answer.status == 201 {
            let id = answer.body["id"].as_i64().expect("an id");
            acknowledged.lock().expect("no panic").push(id);
        } else {
            answer.expect_problem(503, "unavailable");
        }
    }
}

/// A stream does not end because nobody can say whether it may go on. And no ended session outlives the outage.
#[tokio::test]
async fn while_the_database_is_gone_streams_of_users_go_on() {
    let cluster = Cluster::start().await;
    let database = cluster.database().await;
    let options = [&OPTIONS[..], &["--stream-access", "users"]].concat();
    let server = Server::start_on(&database, &options).await;
    let user = server.user("ada").await;
    let mut stream = user.stream(0).await;
    stream.opening().await;
    cluster.stop_immediately().await;
    eventually("that it is said", || async {
        let words = "cannot ask which sessions have ended; their streams go on";
        server.log().contains(words).then_some(())
    })
    .await;
    for _ in 0..3 {
        let sign = stream.next().await.expect("a keep-alive");
        assert_eq!(sign.comment.as_deref(), Some("keep-alive"));
    }
    cluster.start_again().await;
    eventually("the end of the session", || async {
        let answer = user.delete("/api/v1/sessions/current").await;
        (answer.status == 204).then_some(())
    })
    .await;
    loop {
        let frame = stream.next().await.expect("a frame");
        if frame.event.is_some() {
            assert_eq!(frame.event.as_deref(), Some("bye"));
            break;
        }
    }
    assert_eq!(stream.next().await, None);
}
