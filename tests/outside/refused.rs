//! What `dotcast restore` refuses, leaving the database as it was.

use std::{collections::BTreeMap, fs::File, path::Path};

use rustix::process::Signal;

use crate::harness::{Contents, Database, Server, SqliteShell, dotcast_on};

/// The files of a directory, except the database's own: looking at those may clean up after a crash.
fn files(directory: &Path) -> BTreeMap<String, Vec<u8>> {
    let entries = directory.read_dir().expect("a directory");
    let entries = entries.map(|entry| entry.expect("an entry"));
    entries
        .map(|entry| {
            (
                entry.file_name().into_string().expect("a name"),
                entry.path(),
            )
        })
        .filter(|(name, path)| !name.starts_with("dotcast.db") && path.is_file())
        .map(|(name, path)| (name, std::fs::read(path).expect("read")))
        .collect()
}

/// A database with three boards, a backup of the first two of them, and its server.
async fn backed_up() -> (Database, Server) {
    let database = Database::sqlite();
    let server = Server::start_on(&database, &[]).await;
    let user = server.user("ada").await;
    user.board("one").await;
    user.board("two").await;
    dotcast_on(&database, &["backup", "backup.db"])
        .await
        .printed();
    user.board("three").await;
    (database, server)
}

#[tokio::test]
async fn a_database_that_a_server_has_open_is_not_restored() {
    let (database, server) = backed_up().await;
    let before = Contents::of(&server.client()).await;
    for _ in 0..2 {
        let told = dotcast_on(&database, &["restore", "backup.db"]).await;
        told.complaint(1);
    }
    let mut ada = server.client();
    ada.log_in("ada").await;
    let mut stream = server.stream(Some(3)).await;
    stream.opening().await;
    ada.board("four").await;
    assert_eq!(stream.ids(1).await, [4]);
    assert_eq!(Contents::of(&ada).await.events[..3], before.events);

    // When the last of several has ended it can be.
    let mut second = Server::start_on(&database, &[]).await;
    drop(server);
    let told = dotcast_on(&database, &["restore", "backup.db"]).await;
    told.complaint(1);
    second.signal(Signal::TERM);
    second.wait().await;
    dotcast_on(&database, &["restore", "backup.db"])
        .await
        .printed();
}

#[tokio::test]
async fn what_is_no_whole_dotcast_database_is_not_restored() {
    for signal in [Signal::TERM, Signal::KILL] {
        let (database, mut server) = backed_up().await;
        server.signal(signal);
        server.wait().await;
        let directory = database.directory();
        let good = std::fs::read(directory.join("backup.db")).expect("read");
        let mut broken = BTreeMap::from([
            ("empty", Vec::new()),
            ("junk", b"no database\n".repeat(1000)),
            ("header", good[..100].to_vec()),
            ("half", good[..good.len() / 2].to_vec()),
            ("page", good[..good.len() - 4096].to_vec()),
            ("byte", good[..good.len() - 1].to_vec()),
        ]);
        let mut hollow = good.clone();
        hollow[4096..].fill(0);
        broken.insert("hollow", hollow);
        for (name, content) in broken {
            std::fs::write(directory.join(name), content).expect("write");
        }
        std::fs::create_dir(directory.join("directory")).expect("mkdir");
        let foreign = SqliteShell::on(&directory.join("foreign"));
        foreign.run("CREATE TABLE theirs (id INTEGER);").await;
        let before = files(directory);
        let database_file = std::fs::read(database.file()).expect("read");
        for name in [
            "missing",
            "directory",
            "empty",
            "junk",
            "header",
            "half",
            "page",
            "byte",
            "hollow",
            "foreign",
            "dotcast.db",
        ] {
            let told = dotcast_on(&database, &["restore", name]).await.refusal();
            assert!(told.contains(name), "{told}");
            let after = files(directory);
            let names =
                |files: &BTreeMap<String, Vec<u8>>| files.keys().cloned().collect::<Vec<_>>();
            assert_eq!(names(&after), names(&before), "{signal:?} {name}");
            assert!(after == before, "{signal:?} {name}: a file has changed");
            if signal == Signal::TERM {
                let same = std::fs::read(database.file()).expect("read") == database_file;
                assert!(same, "{name}: the database has changed");
            }
        }
        let server = server.restart().await;
        assert_eq!(Contents::of(&server.client()).await.ids(), [1, 2, 3]);
    }
}

/// Two that start at once must not mix their backups.
#[tokio::test]
async fn of_several_restores_at_once_each_is_whole() {
    let (database, mut server) = backed_up().await;
    server.kill().await;
    let runs = (0..4).map(|_| dotcast_on(&database, &["restore", "backup.db"]));
    let runs = futures_util::future::join_all(runs).await;
    assert!(runs.iter().any(|run| run.code == Some(0)), "{runs:?}");
    for run in runs.into_iter().filter(|run| run.code != Some(0)) {
        let told = run.refusal();
        assert!(told.contains("another restore is under way"), "{told}");
    }
    let check = SqliteShell::on(&database.file());
    assert_eq!(check.run("PRAGMA integrity_check;").await, "ok");
    let server = server.restart().await;
    assert_eq!(Contents::of(&server.client()).await.ids(), [1, 2]);
}

/// Nobody has to win a race: who comes while another is at work is told, and the other is not hindered.
#[tokio::test]
async fn while_a_restore_is_under_way_no_other_begins() {
    let (database, mut server) = backed_up().await;
    server.kill().await;
    let under_way = File::open(database.directory()).expect("open");
    under_way.lock().expect("nobody else is at work");
    let before = files(database.directory());
    let told = dotcast_on(&database, &["restore", "backup.db"])
        .await
        .refusal();
    assert!(told.contains("another restore is under way"), "{told}");
    assert!(files(database.directory()) == before, "a file has changed");
    drop(under_way);
    let restored = dotcast_on(&database, &["restore", "backup.db"]).await;
    assert_eq!(restored.code, Some(0), "{restored:?}");
}
