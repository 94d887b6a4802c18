//! `dotcast restore` beside a server: it must notice every program that has the database open.

use std::{
    fs::OpenOptions,
    io::{Seek as _, SeekFrom, Write as _},
    path::{Path, PathBuf},
};

use crate::harness::{Database, Run, Server, program, run};

/// It looks at its database once an hour.
const IDLE: [&str; 2] = ["--poll-interval", "1h"];

/// A server on SQLite with two boards, and a backup from when there was one.
async fn server() -> (Server, PathBuf) {
    let server = Server::start_on(&Database::sqlite(), &IDLE).await;
    let backup = server.database().directory().join("backup");
    let user = server.user("ada").await;
    user.board("one").await;
    let file = backup.display().to_string();
    server.run(&["backup", &file]).await;
    user.board("two").await;
    (server, backup)
}

async fn restore(database: &Database, backup: &Path) -> Run {
    let mut command = program();
    command
        .arg("restore")
        .arg(backup)
        .env("DATABASE_URL", database.url());
    run(&mut command, "").await
}

#[tokio::test]
async fn an_idle_server_is_noticed_until_it_ends() {
    let (mut server, backup) = server().await;
    let database = server.database().clone();
    for _ in 0..2 {
        let complaint = restore(&database, &backup).await.complaint(1);
        assert!(complaint.contains("is in use; stop"), "{complaint}");
    }
    // And it is not disturbed.
    let mut again = server.client();
    again.log_in("ada").await;
    assert_eq!(again.board("three").await, 3);

    server.kill().await;
    let printed = restore(&database, &backup).await.printed();
    assert!(printed.contains("ids 2 to 3 are gone"), "{printed}");
    let server = server.restart().await;
    assert_eq!(server.client().boards().await.len(), 1);
}

/// SQLite cannot read such a file, so it cannot tell who has it open.
#[tokio::test]
async fn a_server_is_noticed_also_when_its_file_is_destroyed() {
    let (mut server, backup) = server().await;
    let database = server.database().clone();
    let mut file = OpenOptions::new()
        .write(true)
        .open(database.file())
        .expect("open");
    file.seek(SeekFrom::Start(0)).expect("seek");
    file.write_all(&[0xa5; 100]).expect("write");
    drop(file);
    let complaint = restore(&database, &backup).await.complaint(1);
    assert!(complaint.contains("is in use; stop"), "{complaint}");

    server.kill().await;
    // The log may hold the destroyed page; then nothing is in doubt.
    let printed = restore(&database, &backup).await.printed();
    assert!(printed.contains("ids 2 to "), "{printed}");
    let server = server.restart().await;
    assert_eq!(server.client().boards().await.len(), 1);
}
