//! `pg_dump`, a lost database, `pg_restore` and `dotcast log break`: what was dumped is back, and exactly
//! those clients are told that have seen what is gone.

use std::time::{Duration, Instant};

use proptest::{prelude::*, strategy::ValueTree as _, test_runner::TestRunner};
use rustix::process::Signal;
use tempfile::TempDir;
use url::Url;

use crate::harness::{
    Client, Cluster, Contents, Cursors, Database, Server, dotcast_on, postgres::program, run,
};

/// As many as there is time for.
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
        cursors.kept.extend([newest, newest - newest.min(2)]);
        let dump = directory.path().join(format!("{number}.dump"));
        let dump = dump.to_str().expect("text");
        dump_to(&database, dump).await;
        make_boards(&user, more).await;
        let last = Contents::of(&user).await.newest();

        server.signal(if killed { Signal::KILL } else { Signal::TERM });
        server.wait().await;
        if crash {
            cluster.restart_immediately().await;
        }
        restore(&cluster, &database, dump).await;
        let told = dotcast_on(&database, &["log", "break"]).await.printed();
        assert!(told.contains(" are gone; "), "{told}");
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

/// What was given out after the dump is in no database any more, and a server that started on it would
/// give it out again.
#[tokio::test]
async fn what_a_break_is_told_to_go_through_is_gone() {
    let cluster = Cluster::start().await;
    let database = cluster.database().await;
    let directory = TempDir::new().expect("a directory");
    let mut server = Server::start_on(&database, &[]).await;
    let mut user = server.user("ada").await;
    make_boards(&user, 3).await;
    let dump = directory.path().join("a.dump");
    let dump = dump.to_str().expect("text");
    dump_to(&database, dump).await;
    make_boards(&user, 4).await;
    server.signal(Signal::KILL);
    server.wait().await;
    restore(&cluster, &database, dump).await;
    let told = dotcast_on(&database, &["log", "break", "--through", "7"]).await;
    let told = told.printed();
    assert!(told.starts_with("ids 4 to 7 are gone; "), "{told}");
    let server = server.restart().await;
    user.url.clone_from(&server.url);
    make_boards(&user, 2).await;
    assert_eq!(Contents::of(&user).await.ids(), [1, 2, 3, 8, 9]);
    let mut cursors = Cursors {
        kept: vec![0, 1, 3],
        lost: Vec::new(),
    };
    cursors.lose(3, 7);
    cursors.kept.extend([8, 9]);
    cursors.check(&server).await;
}

async fn make_boards(user: &Client, count: usize) {
    for _ in 0..count {
        user.board("one").await;
    }
}

async fn dump_to(database: &Database, file: &str) {
    let mut dump = program("pg_dump");
    dump.args(["-Fc", "-f", file, &database.url()]);
    run(&mut dump, "").await.printed();
}

/// The database is lost, and made anew from a dump.
async fn restore(cluster: &Cluster, database: &Database, file: &str) {
    let url = Url::parse(&database.url()).expect("a URL");
    let name = &url.path()[1..];
    for sql in [
        format!("DROP DATABASE {name} WITH (FORCE)"),
        format!("CREATE DATABASE {name} TEMPLATE template0"),
    ] {
        let mut psql = program("psql");
        psql.args(["-qX", "-c", &sql, &cluster.url("postgres")]);
        run(&mut psql, "").await.printed();
    }
    let mut restore = program("pg_restore");
    restore.args(["--exit-on-error", "-d", &database.url(), file]);
    run(&mut restore, "").await.printed();
}
