//! Servers on one database wake each other, and manage without.

use std::time::Instant;

use sea_orm::sqlx::postgres::PgListener;
use tokio::task::JoinSet;
use url::Url;

use super::sessions::{LISTENING, count, processes, until_listening};
use crate::harness::{Cluster, Database, Server, eventually, within};

const NEVER: [&str; 2] = ["--poll-interval", "1h"];

#[tokio::test]
async fn an_event_reaches_the_streams_of_another_server_before_it_polls() {
    let database = Database::postgres().await;
    let one = Server::start_on(&database, &NEVER).await;
    let other = Server::start_on(&database, &NEVER).await;
    until_listening(&database, 2).await;
    let user = one.user("ada").await;
    let mut stream = other.stream(None).await;
    stream.opening().await;
    for id in 1..=5 {
        user.board("a board").await;
        assert_eq!(stream.ids(1).await, [id]);
    }
    // And the other way.
    one.client().until_settled(5).await;
    let mut user = other.client();
    user.log_in("ada").await;
    let mut stream = one.stream(None).await;
    assert_eq!(stream.opening().await, 5);
    user.board("a board").await;
    assert_eq!(stream.ids(1).await, [6]);
}

#[tokio::test]
async fn a_server_that_lost_its_listening_session_makes_a_new_one() {
    let database = Database::postgres().await;
    let one = Server::start_on(&database, &NEVER).await;
    let other = Server::start_on(&database, &NEVER).await;
    let user = one.user("ada").await;
    let mut stream = other.stream(None).await;
    stream.opening().await;
    for round in 0..2 {
        let lost = until_listening(&database, 2).await;
        let terminate =
            format!("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {LISTENING}");
        assert_eq!(database.column::<bool>(&terminate).await, [true, true]);
        // Commits of that time are looked for once they listen again.
        user.board("meanwhile").await;
        assert_eq!(stream.ids(1).await, [2 * round + 1]);
        eventually("new sessions that listen", || async {
            let now = processes(&database, LISTENING).await;
            (now.len() == 2 && now.iter().all(|it| !lost.contains(it))).then_some(())
        })
        .await;
        user.board("afterwards").await;
        assert_eq!(stream.ids(1).await, [2 * round + 2]);
    }
}

/// Plain SQL notifies nobody, and need not.
#[tokio::test]
async fn what_nobody_tells_of_arrives_with_the_next_poll() {
    let database = Database::postgres().await;
    let server = Server::start_on(&database, &["--poll-interval", "50ms"]).await;
    let mut stream = server.stream(None).await;
    stream.opening().await;
    for round in 0..3 {
        database.append_fillers(7, 10, 5).await;
        let ids: Vec<i64> = (10 * round + 1..=10 * (round + 1)).collect();
        assert_eq!(stream.ids(10).await, ids);
    }
}

#[tokio::test]
async fn a_server_that_cannot_listen_polls() {
    let cluster = Cluster::start().await;
    let database = cluster.database().await;
    let mut url = Url::parse(&database.url()).expect("a URL");
    let name = url.path()[1..].to_owned();
    // One session for reading, one for writing, one for the log, and none that could listen.
    database
        .execute(&format!(
            "CREATE ROLE ada LOGIN CONNECTION LIMIT 3; ALTER DATABASE {name} OWNER TO ada"
        ))
        .await;
    url.set_username("ada").expect("a host");
    let arguments = [
        "--pool-size",
        "2",
        "--poll-interval",
        "50ms",
        "--database-url",
        url.as_str(),
    ];
    let server = Server::start_on(&database, &arguments).await;
    let started = cluster.log().len();
    eventually("a session that is refused", || async {
        cluster.log()[started..]
            .contains("too many connections for role")
            .then_some(())
    })
    .await;
    let user = server.user("ada").await;
    let mut stream = server.stream(None).await;
    stream.opening().await;
    user.board("one").await;
    assert_eq!(stream.ids(1).await, [1]);
    database.append_fillers(1, 10, 5).await;
    assert_eq!(stream.ids(10).await, (2..=11).collect::<Vec<_>>());
    assert_eq!(count(&database, LISTENING).await, 0);
}

#[tokio::test]
async fn many_commits_make_few_notifications() {
    let database = Database::postgres().await;
    let server = Server::start_on(&database, &NEVER).await;
    let user = server.user("ada").await;
    let mut listener = PgListener::connect(&database.url()).await.expect("connect");
    listener.listen("dotcast_events").await.expect("LISTEN");

    let started = Instant::now();
    let mut writers = JoinSet::new();
    for _ in 0..8 {
        let user = user.clone();
        writers.spawn(async move {
            for _ in 0..25 {
                user.board("a board").await;
            }
        });
    }
    while let Some(written) = within("the writers", writers.join_next()).await {
        written.expect("boards");
    }
    let most = started.elapsed().as_millis() / 20 + 3;
    database.execute("NOTIFY dotcast_events, 'end'").await;
    let mut seen = Vec::new();
    loop {
        let said = next(&mut listener).await;
        if said == "end" {
            break;
        }
        seen.push(said);
    }
    // One goes out at once, then one in 20 ms; one may be left of the login.
    assert!((seen.len() as u128) <= most, "{} of {most}", seen.len());
    seen.dedup();
    assert_eq!(seen.len(), 1, "all from one server: {seen:?}");
}

#[tokio::test]
async fn what_is_rolled_back_makes_no_notification() {
    const MARK: &str = "refused";
    let database = Database::postgres().await;
    let one = Server::start_on(&database, &NEVER).await;
    let other = Server::start_on(&database, &NEVER).await;
    let board = one.user("ada").await.board("one").await;
    // Logged in at one, so that the other has committed nothing so far.
    let mut grace = one.user("grace").await;
    grace.url.clone_from(&other.url);

    let mut listener = PgListener::connect(&database.url()).await.expect("connect");
    listener.listen("dotcast_events").await.expect("LISTEN");
    for _ in 0..5 {
        grace
            .delete(&format!("/api/v1/boards/{board}"))
            .await
            .expect_problem(403, "not_board_owner");
    }
    database
        .execute(&format!("NOTIFY dotcast_events, '{MARK}'"))
        .await;
    let mut before = Vec::new();
    while before.last().is_none_or(|it| it != MARK) {
        before.push(next(&mut listener).await);
    }
    grace.board("two").await;
    // Nobody else commits any more, and the other server announces itself for the first time.
    let first = next(&mut listener).await;
    assert!(!before.contains(&first), "{first} in {before:?}");
}

async fn next(listener: &mut PgListener) -> String {
    let notification = within("a notification", listener.recv()).await;
    notification.expect("a notification").payload().to_owned()
}
