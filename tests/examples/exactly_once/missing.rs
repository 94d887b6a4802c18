//! Events that are missing, and cursors that went back.

use rustix::process::Signal;

use super::{Copy, Stored, command, until_cursor, until_tables};
use crate::harness::{Client, Database, Server, run};

/// Runs it until it ends by itself, which must be a failure; returns its complaint.
async fn complaint(server: &Server) -> String {
    let ended = run(&mut command(server, "copy"), "").await;
    assert_eq!(ended.code, Some(1), "{ended:?}");
    ended.stderr
}

/// A server with a board, and paths on it, which a copy has counted.
async fn counted(paths: i64) -> (Server, Client, i64) {
    let server = Server::start_on(&Database::postgres().await, &[]).await;
    let ada = server.user("ada").await;
    let board = ada.board("one").await;
    for _ in 0..paths {
        ada.path(board).await;
    }
    let copy = Copy::start(&server, 0);
    until_tables(server.database()).await;
    until_cursor(server.database(), 1 + paths).await;
    copy.kill().await;
    let totals = Stored::of(server.database()).await.totals;
    assert_eq!(totals, [(board, paths)].into());
    (server, ada, board)
}

/// Asserts that the program says each time that this is missing, and changes nothing; returns what it says.
async fn expect_missing(server: &Server, what: &str) -> String {
    let before = Stored::of(server.database()).await;
    complaint(server).await;
    let told = complaint(server).await;
    assert!(told.contains(what), "{told}");
    assert_eq!(Stored::of(server.database()).await, before);
    told
}

#[tokio::test]
async fn events_that_are_missing_stop_it_until_somebody_acts() {
    let (mut server, ada, board) = counted(4).await;
    let database = &server.database().clone();
    for _ in 0..2 {
        ada.path(board).await;
    }
    ada.until_settled(7).await;
    database
        .date_events("1, 2, 3, 4, 5, 6", "2020-01-01T00:00:00Z")
        .await;
    let deleted = server.run(&["trim", "--older-than", "30d"]).await;
    assert!(deleted.starts_with("deleted 6 "), "{deleted}");
    // Its memory still has them.
    server.signal(Signal::TERM);
    server = server.restart().await;
    let told = expect_missing(&server, "events after 5 are missing (expired)").await;

    // What it says.
    let (_, remedy) = told.split_once(": run ").expect("a remedy");
    let (remedy, _) = remedy.split_once(',').expect("its end");
    database.execute(remedy).await;
    let copy = Copy::start(&server, 1);
    until_tables(database).await;
    until_cursor(database, 7).await;
    copy.kill().await;
    let totals = Stored::of(database).await.totals;
    assert_eq!(totals, [(board, 1)].into());

    let forward = "UPDATE exactly_once.progress SET cursor = 1000";
    database.execute(forward).await;
    expect_missing(&server, "events after 1000 are missing (ahead)").await;
}

/// The totals are in the server's database, so they go back with the log, and nothing is missing.
#[tokio::test]
async fn after_a_restored_backup_it_goes_on_from_the_cursor_that_was_restored() {
    let (mut server, mut ada, board) = counted(3).await;
    let database = server.database().clone();
    let directory = tempfile::tempdir().expect("a directory");
    let backup = directory.path().join("backup");
    // Behind what was counted, and in front of what the copy will have received.
    ada.path(board).await;
    database.back_up(&backup).await;
    ada.path(board).await;
    let copy = Copy::start(&server, 1);
    until_cursor(&database, 6).await;

    let address = server
        .url
        .strip_prefix("http://")
        .expect("a URL")
        .to_owned();
    server.signal(Signal::TERM);
    server.wait().await;
    database.restore(&backup, &["--through", "6"]).await;
    server = Server::start_on(&database, &["--listen", &address]).await;
    ada.url.clone_from(&server.url);
    ada.path(board).await;
    let (status, _) = copy.program.ended().await;
    assert_eq!(status.code(), Some(1));
    // Its next start goes on.
    let copy = Copy::start(&server, 2);
    let expected = Stored::expected(&database).await;
    until_cursor(&database, expected.cursor).await;
    assert_eq!(Stored::of(&database).await, expected);
    assert_eq!(expected.totals, [(board, 5)].into());
    copy.kill().await;
}

/// What lies between would not be sent to this copy again.
#[tokio::test]
async fn a_copy_whose_cursor_went_back_ends() {
    let (server, ada, board) = counted(4).await;
    let database = server.database();
    let copy = Copy::start(&server, 1);
    ada.path(board).await;
    until_cursor(database, 6).await;
    let back =
        "UPDATE exactly_once.totals SET paths = 1; UPDATE exactly_once.progress SET cursor = 2";
    database.execute(back).await;
    ada.path(board).await;
    copy.program
        .until_logged("the stored cursor went back", 1)
        .await;
    let (status, _) = copy.program.ended().await;
    assert_eq!(status.code(), Some(1));
    let copy = Copy::start(&server, 2);
    let expected = Stored::expected(database).await;
    until_cursor(database, expected.cursor).await;
    assert_eq!(Stored::of(database).await, expected);
    copy.kill().await;
}
