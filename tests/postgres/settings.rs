//! Sessions have the settings that the options give.

use std::time::Duration;

use dotcast::db::{Db, Settings};
use dotcast_log::vital::Vital;
use entity::board;
use sea_orm::{
    ActiveModelTrait as _, ActiveValue::Set, ConnectionTrait as _, TransactionTrait as _,
};
use tokio::task::JoinSet;

use super::sessions::{OURS, count, lock, until_listening, until_waiting};
use crate::harness::{Database, Server, client, eventually, within};

const IDLE: &str = "datname = current_database() AND state = 'idle in transaction'";

#[tokio::test]
async fn sessions_have_the_name_of_the_option_unless_the_url_has_one() {
    for (flag, query, expected) in [
        ("dotcast", "", "dotcast"),
        ("dots at home", "", "dots at home"),
        ("dots at home", "?application_name=elsewhere", "elsewhere"),
    ] {
        let database = Database::postgres().await;
        let url = format!("{}{query}", database.url());
        let arguments = ["--application-name", flag, "--database-url", &url];
        let server = Server::start_on(&database, &arguments).await;
        assert_eq!(server.user("ada").await.board("one").await, 1);
        // One for reading, one for writing, one that polls, one that listens; and those of this test.
        let ours = format!("datname = current_database() AND application_name = '{expected}'");
        eventually("all of them", || async {
            (count(&database, &ours).await >= 4).then_some(())
        })
        .await;
        eventually("no others", || async {
            let others = format!(
                "datname = current_database() AND application_name <> '{expected}' \
                 AND pid <> pg_backend_pid()"
            );
            (count(&database, &others).await == 0).then_some(())
        })
        .await;
    }
}

#[tokio::test]
async fn there_are_never_more_sessions_than_the_pool_and_two_for_the_log() {
    const POOL: i64 = 4;
    let database = Database::postgres().await;
    let server = Server::start_on(&database, &["--pool-size", &POOL.to_string()]).await;
    let user = server.user("ada").await;
    assert_eq!(user.board("one").await, 1);
    until_listening(&database, 1).await;
    // The two of the start end a moment later.
    eventually("the end of the first sessions", || async {
        (count(&database, OURS).await <= POOL + 2).then_some(())
    })
    .await;

    let lock = lock(&database, "boards").await;
    let mut requests = JoinSet::new();
    for number in 0..10 {
        let user = user.clone();
        requests.spawn(async move { user.board(&format!("board {number}")).await });
    }
    until_waiting(&database, POOL / 2).await;
    for _ in 0..10 {
        let anybody = server.client();
        requests.spawn(async move {
            anybody.get("/api/v1/boards/1").await.expect(200);
            1
        });
    }
    // All allowed connections are in use, and the other requests wait for one.
    until_waiting(&database, POOL).await;
    for _ in 0..10 {
        assert_eq!(count(&database, OURS).await, POOL + 2);
    }
    lock.rollback().await.expect("rollback");
    while let Some(answer) = within("an answer", requests.join_next()).await {
        answer.expect("an answer");
        assert!(count(&database, OURS).await <= POOL + 2);
    }
    assert_eq!(user.boards().await.len(), 11);
}

#[tokio::test]
async fn a_statement_that_takes_too_long_is_broken_off() {
    let database = Database::postgres().await;
    let server = Server::start_on(&database, &["--statement-timeout", "1s"]).await;
    let user = server.user("ada").await;
    assert_eq!(user.board("one").await, 1);

    let lock = lock(&database, "boards").await;
    let post = user.post("/api/v1/boards", &client::board("two")).await;
    let get = user.get("/api/v1/boards").await;
    for answer in [post, get] {
        let answer = answer.expect_problem(503, "unavailable");
        assert_eq!(answer.header("retry-after"), "1");
    }
    lock.rollback().await.expect("rollback");
    user.board("three").await;
    assert_eq!(user.boards().await.len(), 2);
}

/// With `off` nothing is sent, so the database's own setting applies; otherwise ours.
#[tokio::test]
async fn without_a_timeout_of_ours_the_one_of_the_database_holds() {
    for timeout in [None, Some(Duration::from_hours(1))] {
        let database = Database::postgres().await;
        let url = database.url();
        let (_, name) = url.rsplit_once('/').expect("a name");
        database
            .execute(&format!(
                "ALTER DATABASE {name} SET statement_timeout = '1s';
                 ALTER DATABASE {name} SET idle_in_transaction_session_timeout = '1s'"
            ))
            .await;
        let db = open(&database, timeout).await;
        let begun = db.transaction().await.expect("begin");
        let sleep = "SELECT pg_sleep(2)";
        let slept = begun.connection().execute_unprepared(sleep).await;
        assert_eq!(slept.is_ok(), timeout.is_some(), "{slept:?}");
        drop(begun);

        let begun = db.transaction().await.expect("begin");
        // And another program's session, which times out in any case.
        let others = database.connect().await.begin().await.expect("begin");
        let statement = "SELECT 1";
        for done in [
            begun.connection().execute_unprepared(statement).await,
            others.execute_unprepared(statement).await,
        ] {
            done.expect("a statement");
        }
        let open = timeout.map_or(0, |_| 1);
        eventually("the end of the transactions", || async {
            (count(&database, IDLE).await == open).then_some(())
        })
        .await;
        others.commit().await.expect_err("it was broken off");
        assert_eq!(begun.commit().await.is_ok(), timeout.is_some());
    }
}

/// A program that stops in the middle of a transaction holds up the log, but not for ever.
#[tokio::test]
async fn a_transaction_that_is_left_open_is_broken_off_and_the_streams_go_on() {
    let database = Database::postgres().await;
    let server = Server::start_on(&database, &[]).await;
    let user = server.user("ada").await;
    let mut stream = server.stream(None).await;
    stream.opening().await;

    let db = open(&database, Some(Duration::from_secs(2))).await;
    let open = db.transaction().await.expect("begin");
    let lost = board::ActiveModel {
        creator_id: Set(1),
        updated_by_id: Set(1),
        name: Set("lost".to_owned()),
        rows: Set(3),
        cols: Set(3),
        dots: Set(board::Dots(Vec::new())),
        created_at: Set(chrono::DateTime::UNIX_EPOCH),
        updated_at: Set(chrono::DateTime::UNIX_EPOCH),
        ..Default::default()
    };
    lost.insert(open.connection())
        .await
        .expect("a board and event 1");

    let kept = user.board("kept").await;
    assert_eq!(stream.ids(1).await, [2]);
    open.commit().await.expect_err("it was broken off");
    user.board("more").await;
    assert_eq!(stream.ids(1).await, [3]);
    assert!(user.boards().await.contains(&kept));
    assert_eq!(user.boards().await.len(), 2);
}

/// The library's entry point, with both timeouts.
async fn open(database: &Database, timeout: Option<Duration>) -> Db {
    let settings = Settings {
        database_timeout: Duration::from_secs(5),
        group_commit: 64,
        pool_size: 2,
        statement_timeout: timeout,
        idle_in_transaction_timeout: timeout,
        application_name: "in process".to_owned(),
    };
    let url = database.url().parse().expect("a URL");
    Db::connect(&url, &settings, &Vital::default())
        .await
        .expect("connect")
}
