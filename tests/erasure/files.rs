//! On SQLite no byte of the name is left in the files.

use reqwest::Method;

use super::{NAME, erase, leave_traces};
use crate::harness::{Database, Server, client::board};

/// How often the name is in the database's files, in whatever case.
fn bytes_left(database: &Database) -> Vec<(String, usize)> {
    let name = NAME.to_lowercase();
    let files = database.directory().read_dir().expect("a directory");
    let mut counts = Vec::new();
    for file in files {
        let file = file.expect("a file");
        let bytes = std::fs::read(file.path()).expect("readable");
        let bytes = bytes.to_ascii_lowercase();
        let windows = bytes.windows(name.len());
        let count = windows.filter(|it| *it == name.as_bytes()).count();
        counts.push((file.file_name().to_string_lossy().into_owned(), count));
    }
    counts.sort();
    counts
}

#[tokio::test]
async fn no_byte_of_the_name_is_left_while_servers_run() {
    let database = Database::sqlite();
    let server = Server::start_on(&database, &["--poll-interval", "50ms"]).await;
    let other_server = Server::start_on(&database, &["--poll-interval", "50ms"]).await;
    let user = server.user(NAME).await;
    let grace = other_server.user("grace").await;
    leave_traces(&user, &grace).await;
    // What retention has deleted is still in the file.
    server.run(&["trim", "--older-than", "0s"]).await;
    leave_traces(&user, &grace).await;
    user.call(Method::POST, "/api/v1/boards")
        .header("Idempotency-Key", &format!("{NAME}-1"))
        .json(&board("once"))
        .send()
        .await
        .expect(201);
    let before = bytes_left(&database);
    assert!(before.iter().any(|(_, count)| *count > 0), "{before:?}");

    erase(&server).await;
    let left = bytes_left(&database);
    let names: Vec<_> = left.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["dotcast.db", "dotcast.db-shm", "dotcast.db-wal"]);
    assert!(left.iter().all(|(_, count)| *count == 0), "{left:?}");
    // The servers go on, and bring none of it back.
    for client in [&grace, &server.user("ada").await] {
        let board = client.board("after").await;
        client.path(board).await;
    }
    let newest = grace.events().await.last().expect("events")["id"].clone();
    other_server
        .client()
        .until_settled(newest.as_i64().expect("an id"))
        .await;
    let left = bytes_left(&database);
    assert!(left.iter().all(|(_, count)| *count == 0), "{left:?}");
}

/// Then the name is gone from the tables, and the operator learns what to do about the file.
#[tokio::test]
async fn a_file_that_somebody_reads_is_cleaned_later() {
    use sea_orm::ConnectionTrait as _;
    let database = Database::sqlite();
    let server = Server::start_on(&database, &[]).await;
    let user = server.user(NAME).await;
    user.board("one").await;
    let reader = database.connect().await;
    reader
        .execute_unprepared("BEGIN; SELECT COUNT(*) FROM users;")
        .await
        .expect("a reader");
    let run = crate::harness::dotcast_on(
        &database,
        &[
            "user",
            "erase",
            NAME,
            "--yes",
            "--database-timeout",
            "100ms",
        ],
    )
    .await;
    assert_eq!(run.code, Some(1), "{run:?}");
    assert!(run.stdout.contains("is erased-1 from now on"), "{run:?}");
    assert!(
        run.stderr.contains("`dotcast user erase erased-1`"),
        "{run:?}"
    );
    reader.execute_unprepared("COMMIT").await.expect("an end");
    reader.close().await.expect("closed");

    super::try_erase(&server, "erased-1").await.printed();
    let left = bytes_left(&database);
    assert!(left.iter().all(|(_, count)| *count == 0), "{left:?}");
}
