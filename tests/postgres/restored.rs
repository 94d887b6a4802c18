//! `pg_dump`, a lost database, `pg_restore` and `dotcast log break`: the dump is restored, and exactly the clients
//! that have seen lost events are told.

use std::time::{Duration, Instant};

use proptest::{prelude::*, strategy::ValueTree as _, test_runner::TestRunner};
use rustix::process::Signal;
use tempfile::TempDir;

use crate::harness::{Client, Cluster, Contents, Cursors, Database, Server};

/// As many as time allows.
const ROUNDS: usize = 20;
const TIME: Duration = Duration::from_mins(1);

#[tokio::test]
async fn after_a_restore_there_is_exactly_what_was_dumped_and_clients_know_what_is_gone() {
    let cluster = Cluster::start().await;
    let database = cluster.database().await;
    let directory = TempDir::new().expect("a directory");
    let mut server = Server::start_on(&database, &[]).await;
    let mut user = server.user("ada").await;
    let mut cursors = Cursors::default();
    let mut runner = TestRunner::default();
    let began = Instant::now();
    for number in 0..ROUNDS {
        if began.elapsed() > TIME {
            break;
        }
        let round = (0..6_usize, 1..8_usize, any::<bool>(), any::<bool>());
        let (kept, more, killed, crash) = round.new_tree(&mut runner).expect("a round").current();
        eprintln!("{number}: {kept} kept, {more} lost, killed: {killed}, crash: {crash}");
        make_boards(&user, kept).await;
        let before = Contents::of(&user).await;
        let newest = before.newest();
        cursors.kept.extend(before.ids().iter().rev().take(3));
        let dump = directory.path().join(format!("{number}.dump"));
        database.back_up(&dump).await;
        make_boards(&user, more).await;
        let last = Contents::of(&user).await.newest();

        server.signal(if killed { Signal::KILL } else { Signal::TERM });
        server.wait().await;
        if crash {
            cluster.restart_immediately().await;
        }
        database.restore(&dump, &[]).await;
        cursors.lose(newest, last);

        server = server.restart().await;
        user.url.clone_from(&server.url);
        assert_eq!(Contents::of(&user).await, before);
        cursors.check(&server).await;
        make_boards(&user, 1).await;
        let new = Contents::of(&user).await.newest();
        assert!(
            new > last,
            "{new} was given out before, {last} was the last"
        );
        cursors.check(&server).await;
    }
}

/// No database knows any more what was given out after the dump. A server that started on it would give it out again.
#[tokio::test]
async fn what_a_break_is_told_to_go_through_is_gone() {
    let database = Database::postgres().await;
    let directory = TempDir::new().expect("a directory");
    let mut server = Server::start_on(&database, &[]).await;
    let mut user = server.user("ada").await;
    make_boards(&user, 3).await;
    let dump = directory.path().join("a.dump");
    database.back_up(&dump).await;
    make_boards(&user, 4).await;
    server.kill().await;
    database.restore(&dump, &["--through", "7"]).await;
    let server = server.restart().await;
    user.url.clone_from(&server.url);
    make_boards(&user, 2).await;
    let ids = Contents::of(&user).await.ids();
    assert_eq!(ids[..3], [1, 2, 3]);
    assert!(ids[3] > 7, "{ids:?}");
    let mut cursors = Cursors {
        kept: vec![0, 1, 3],
        lost: Vec::new(),
    };
    cursors.lose(3, 7);
    cursors.kept.extend(&ids[3..]);
    cursors.check(&server).await;
}

async fn make_boards(user: &Client, count: usize) {
    for _ in 0..count {
        user.board("one").await;
    }
}
