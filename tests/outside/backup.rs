//! `dotcast backup` beside a server that writes.

use std::os::unix::fs::PermissionsExt as _;

use crate::harness::{Contents, Cursors, Database, Server, SqliteShell, client::board, dotcast_on};

const BACKUPS: usize = 5;

#[tokio::test]
async fn a_backup_beside_writers_is_one_state_of_the_database() {
    let database = Database::sqlite();
    let server = Server::start_on(&database, &[]).await;
    let user = server.user("ada").await;
    let write = |_| {
        let user = user.clone();
        tokio::spawn(async move {
            loop {
                user.post("/api/v1/boards", &board("one")).await.expect(201);
            }
        })
    };
    let writers: Vec<_> = (0..8).map(write).collect();
    let mut newest = 0;
    for number in 0..BACKUPS {
        user.until_settled(newest + 20).await;
        let acknowledged = Contents::of(&user).await.newest();
        let name = format!("copy-{number}.db");
        dotcast_on(&database, &["backup", &name]).await.printed();
        let copy = database.directory().join(&name);
        let mode = std::fs::metadata(&copy).expect("a file").permissions();
        assert_eq!(mode.mode() & 0o777, 0o600);

        let shell = SqliteShell::on(&copy);
        assert_eq!(shell.run("PRAGMA integrity_check;").await, "ok");
        let unequal = shell.run(
            "SELECT id FROM boards EXCEPT SELECT topic FROM events WHERE type = 'newBoard';
             SELECT topic FROM events EXCEPT SELECT id FROM boards;
             SELECT count(*) FROM boards EXCEPT SELECT count(*) FROM events;",
        );
        assert_eq!(unequal.await, "");
        let in_copy = shell.run("SELECT max(id) FROM events;").await;
        newest = in_copy.parse().expect("an id");
        assert!(newest >= acknowledged, "{newest} of {acknowledged}");
    }
    for writer in writers {
        writer.abort();
    }
    // Nothing else is left behind: one file each, and the three of the server.
    let files = database.directory().read_dir().expect("a directory");
    let names: Vec<_> = files
        .map(|file| file.expect("a file").file_name())
        .collect();
    assert_eq!(names.len(), BACKUPS + 3, "{names:?}");
}

#[tokio::test]
async fn a_backup_takes_the_place_of_nothing() {
    let database = Database::sqlite();
    let server = Server::start_on(&database, &[]).await;
    server.user("ada").await.board("one").await;
    let directory = database.directory();
    std::fs::write(directory.join("taken"), "mine\n").expect("write");
    std::fs::write(directory.join("empty"), "").expect("write");
    for (name, content) in [("taken", "mine\n"), ("empty", "")] {
        let told = dotcast_on(&database, &["backup", name]).await.complaint(2);
        assert!(told.contains(name), "{told}");
        let kept = std::fs::read_to_string(directory.join(name)).expect("read");
        assert_eq!(kept, content);
    }
    let told = dotcast_on(&database, &["backup", "dotcast.db"]).await;
    told.complaint(2);
    let told = dotcast_on(&database, &["backup", "missing/copy.db"]).await;
    told.refusal();
    let files = directory.read_dir().expect("a directory").count();
    assert_eq!(files, 5);
    assert_eq!(Contents::of(&server.client()).await.ids(), [1]);
}

#[tokio::test]
async fn on_postgresql_a_backup_is_made_by_other_means() {
    let database = Database::postgres().await;
    let server = Server::start_on(&database, &[]).await;
    let directory = tempfile::TempDir::new().expect("a directory");
    let copy = directory.path().join("copy.db");
    let copy = copy.to_str().expect("text");
    let told = dotcast_on(&database, &["backup", copy]).await.complaint(2);
    assert!(told.contains("pg_dump"), "{told}");
    let told = dotcast_on(&database, &["restore", copy]).await.refusal();
    assert!(told.contains("pg_restore"), "{told}");
    assert!(!std::fs::exists(copy).expect("stat"));
    server.client().get("/readyz").await.expect(200);
}

/// Elsewhere, too, as on a machine that takes over.
#[tokio::test]
async fn a_backup_is_a_database_that_a_server_starts_on() {
    let database = Database::sqlite();
    let server = Server::start_on(&database, &[]).await;
    let user = server.user("ada").await;
    user.board("one").await;
    user.board("two").await;
    let before = Contents::of(&server.client()).await;
    let other = Database::sqlite();
    let copy = other.file();
    let copy = copy.to_str().expect("text");
    dotcast_on(&database, &["backup", copy]).await.printed();
    let server = Server::start_on(&other, &[]).await;
    assert_eq!(Contents::of(&server.client()).await, before);
    let cursors = Cursors {
        kept: vec![0, 1, 2],
        lost: Vec::new(),
    };
    cursors.check(&server).await;
}
