//! What clients see of `dotcast log break`: ids that were given out and are gone are never given out again, and a
//! client that comes with one of them is told.

use rustix::process::Signal;

use crate::harness::{Client, Contents, Cursors, Database, Server, dotcast_on};

/// A stopped server with three boards, and their creator.
async fn stopped() -> (Database, Server, Client) {
    let mut server = Server::start().await;
    let user = server.user("ada").await;
    for _ in 0..3 {
        user.board("one").await;
    }
    user.until_settled(3).await;
    server.signal(Signal::TERM);
    server.wait().await;
    (server.database().clone(), server, user)
}

async fn restart(server: Server, user: &mut Client) -> Server {
    let server = server.restart().await;
    user.url.clone_from(&server.url);
    server
}

#[tokio::test]
async fn ids_up_to_a_bound_are_gone_and_clients_are_told() {
    let (database, server, mut user) = stopped().await;
    let told = dotcast_on(&database, &["log", "break", "--through", "10"]).await;
    let told = told.printed();
    assert!(told.starts_with("ids 4 to 10 are gone"), "{told}");
    assert_eq!(told.lines().count(), 1, "{told}");

    let mut server = restart(server, &mut user).await;
    let mut cursors = Cursors {
        kept: vec![0, 1, 3],
        lost: Vec::new(),
    };
    cursors.lose(3, 10);
    cursors.check(&server).await;
    user.board("two").await;
    let newest = Contents::of(&user).await.newest();
    assert!(newest > 10, "{newest}");
    cursors.kept.push(newest);
    cursors.check(&server).await;

    // And once more, further on.
    server.kill().await;
    let through = newest + 5;
    let told = dotcast_on(
        &database,
        &["log", "break", "--through", &through.to_string()],
    )
    .await;
    let told = told.printed();
    let ids = format!("ids {} to {through} are gone", newest + 1);
    assert!(told.starts_with(&ids), "{told}");
    let server = restart(server, &mut user).await;
    cursors.lose(newest, through);
    user.board("three").await;
    assert!(Contents::of(&user).await.newest() > through);
    cursors.check(&server).await;
}

#[tokio::test]
async fn without_a_bound_it_is_far_above_what_anybody_can_have_seen() {
    let (database, server, mut user) = stopped().await;
    let told = dotcast_on(&database, &["log", "break"]).await.printed();
    let bound = told
        .strip_prefix("ids 4 to ")
        .and_then(|it| it.split_once(' '));
    let (bound, rest) = bound.unwrap_or_else(|| panic!("{told}"));
    assert!(rest.starts_with("are gone"), "{told}");
    let bound: i64 = bound.parse().expect("an id");
    assert!(bound > 1000, "{told}");
    let server = restart(server, &mut user).await;
    let mut cursors = Cursors {
        kept: vec![3],
        lost: Vec::new(),
    };
    cursors.lose(3, bound);
    cursors.check(&server).await;
    user.board("two").await;
    assert!(Contents::of(&user).await.newest() > bound);
    cursors.check(&server).await;
}

#[tokio::test]
async fn a_log_that_is_empty_can_be_broken() {
    let (database, server, mut user) = stopped().await;
    server.run(&["trim", "--older-than", "0s"]).await;
    let told = dotcast_on(&database, &["log", "break", "--through", "5"]).await;
    let told = told.printed();
    assert!(told.starts_with("ids 4 to 5 are gone"), "{told}");
    let server = restart(server, &mut user).await;
    user.board("two").await;
    let id = Contents::of(&user).await.newest();
    assert!(id > 5, "{id}");
    let mut stream = server.stream(Some(4)).await;
    assert_eq!(stream.opening().await, 3);
    let reset = stream.expect("reset").await.data.expect("data");
    assert_eq!(reset["reason"], "restored");
    assert_eq!(stream.ids(1).await, [id]);
    // The mark of retention is still what it was.
    let mut stream = server.stream(Some(3)).await;
    assert_eq!(stream.opening().await, 3);
    assert_eq!(stream.expect("newBoard").await.id, Some(id));
}

/// Whether it is refused there or not: no client misses anything.
#[tokio::test]
async fn beside_a_server_it_loses_nothing() {
    let server = Server::start_with(&["--poll-interval", "20ms"]).await;
    let user = server.user("ada").await;
    let mut stream = server.stream(None).await;
    stream.opening().await;
    user.board("one").await;
    assert_eq!(stream.ids(1).await, [1]);
    let broken = dotcast_on(server.database(), &["log", "break", "--through", "9"]).await;
    user.board("two").await;
    let id = stream.ids(1).await[0];
    assert_eq!(broken.code == Some(0), id > 9, "{id} after {broken:?}");
    assert_eq!(Contents::of(&user).await.ids(), [1, id]);
}

#[tokio::test]
async fn a_counter_that_is_too_low_stops_the_start_until_the_log_is_broken() {
    for trimmed in [false, true] {
        let (database, server, mut user) = stopped().await;
        if trimmed {
            server.run(&["trim", "--older-than", "0s"]).await;
        }
        let set_back = if database.is_postgres() {
            "SELECT setval('events_id', 1)"
        } else {
            "UPDATE sqlite_sequence SET seq = 1 WHERE name = 'events'"
        };
        database.execute(set_back).await;
        let launch = crate::harness::Launch::default();
        let Err(why) = Server::try_launch(&database, launch).await else {
            panic!("it starts, trimmed: {trimmed}");
        };
        assert!(why.contains("dotcast log break"), "{why}");
        dotcast_on(&database, &["log", "break"]).await.printed();
        let server = restart(server, &mut user).await;
        let mut stream = server.stream(Some(3)).await;
        assert_eq!(stream.opening().await, 3);
        user.board("two").await;
        assert!(stream.ids(1).await[0] > 3);
    }
}
