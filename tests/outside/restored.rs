//! `dotcast restore` restores exactly what was backed up, and tells exactly the clients that have seen what is gone.

use proptest::{
    prelude::*,
    strategy::ValueTree as _,
    test_runner::{Config, TestRunner},
};
use rustix::process::Signal;

use crate::harness::{
    Client, Contents, Cursors, Database, Server, SqliteShell, client::board, dotcast_on,
};

const ROUNDS: usize = 20;

/// What happens between two restores.
#[derive(Debug)]
struct Round {
    /// How many boards are made before the backup, and how many changes are lost behind it.
    kept: i64,
    lost: i64,
    end: End,
}

/// How the server ends before the restore.
#[derive(Clone, Debug)]
enum End {
    Stopped,
    Killed,
    /// In the middle of writes.
    KilledAtWork,
}

fn round() -> impl Strategy<Value = Round> {
    let end = prop_oneof![
        Just(End::Stopped),
        Just(End::Killed),
        Just(End::KilledAtWork)
    ];
    (0..6_i64, 1..8_i64, end).prop_map(|(kept, lost, end)| Round { kept, lost, end })
}

#[tokio::test]
async fn after_a_restore_there_is_exactly_what_was_backed_up_and_clients_know_what_is_gone() {
    let database = Database::sqlite();
    let mut server = Server::start_on(&database, &[]).await;
    let mut user = server.user("ada").await;
    let mut cursors = Cursors::default();
    let mut runner = TestRunner::new(Config::default());
    for number in 0..ROUNDS {
        let round = round().new_tree(&mut runner).expect("a round").current();
        eprintln!("{number}: {round:?}");
        for _ in 0..round.kept {
            user.board("kept").await;
        }
        let before = Contents::of(&user).await;
        let newest = before.newest();
        cursors.kept.extend(before.ids().iter().rev().take(3));
        let backup = format!("backup-{number}.db");
        dotcast_on(&database, &["backup", &backup]).await.printed();

        // Not only new rows are taken back, but also changes of earlier ones.
        for change in 0..round.lost {
            match before.boards.first().filter(|_| change == 1) {
                Some(one) => {
                    let path = format!("/api/v1/boards/{}", one["id"]);
                    user.put(&path, &board("changed")).await.expect(200);
                }
                None => drop(user.board("lost").await),
            }
        }
        let last = Contents::of(&user).await.newest();
        assert_eq!(last, newest + round.lost);
        end(&mut server, &user, &round.end).await;
        dotcast_on(&database, &["restore", &backup]).await.printed();
        expect_one_sound_file(&database).await;
        cursors.lose(newest, last);

        server = server.restart().await;
        user.url.clone_from(&server.url);
        assert_eq!(Contents::of(&user).await, before);
        cursors.check(&server).await;
        // Also when there are new events.
        user.board("new").await;
        let new = Contents::of(&user).await.newest();
        assert!(
            new > last,
            "{new} was given out before, {last} was the last"
        );
        cursors.check(&server).await;
    }
}

/// Ends the server. What is written meanwhile is acknowledged or not, and lost in any case.
async fn end(server: &mut Server, user: &Client, how: &End) {
    match how {
        End::Stopped => server.signal(Signal::TERM),
        End::Killed => server.signal(Signal::KILL),
        End::KilledAtWork => {
            let write = |_| {
                let user = user.clone();
                async move {
                    while user
                        .try_post("/api/v1/boards", &board("lost"))
                        .await
                        .is_ok()
                    {}
                }
            };
            let writers: Vec<_> = (0..8).map(|it| tokio::spawn(write(it))).collect();
            let newest = Contents::of(user).await.newest();
            user.until_settled(newest + 5).await;
            server.signal(Signal::KILL);
            for writer in writers {
                writer.await.expect("a writer");
            }
        }
    }
    server.wait().await;
}

/// Asserts that there is one complete file, and nothing of the earlier ones.
async fn expect_one_sound_file(database: &Database) {
    let file = database.file();
    for remnant in ["-wal", "-shm", "-journal"] {
        let remnant = format!("{}{remnant}", file.display());
        assert!(!std::fs::exists(&remnant).expect("stat"), "{remnant}");
    }
    let shell = SqliteShell::on(&file);
    assert_eq!(shell.run("PRAGMA integrity_check;").await, "ok");
    assert_eq!(shell.run("PRAGMA foreign_key_check;").await, "");
}

/// Nobody knows any more what was given out after the backup.
#[tokio::test]
async fn a_restore_takes_the_place_of_a_database_that_is_broken_or_gone() {
    for damage in [
        "rm dotcast.db",
        "rm dotcast.db*",
        "echo junk >dotcast.db",
        ": >dotcast.db",
        "head -c 9000 /dev/zero | dd of=dotcast.db bs=4096 seek=1 conv=notrunc status=none",
    ] {
        let database = Database::sqlite();
        let mut server = Server::start_on(&database, &[]).await;
        let mut user = server.user("ada").await;
        for _ in 0..3 {
            user.board("kept").await;
        }
        let before = Contents::of(&user).await;
        dotcast_on(&database, &["backup", "backup.db"])
            .await
            .printed();
        for _ in 0..4 {
            user.board("lost").await;
        }
        server.kill().await;
        let mut shell = tokio::process::Command::new("sh");
        shell
            .args(["-euc", damage])
            .current_dir(database.directory());
        crate::harness::run(&mut shell, "").await.printed();

        dotcast_on(&database, &["restore", "backup.db"])
            .await
            .printed();
        expect_one_sound_file(&database).await;
        let server = server.restart().await;
        user.url.clone_from(&server.url);
        assert_eq!(Contents::of(&user).await, before, "{damage}");
        let mut cursors = Cursors {
            kept: vec![0, 3],
            lost: Vec::new(),
        };
        cursors.lose(3, 7);
        cursors.check(&server).await;
        user.board("new").await;
        assert!(Contents::of(&user).await.newest() > 7, "{damage}");
        cursors.check(&server).await;
    }
}

#[tokio::test]
async fn a_backup_of_the_release_before_is_brought_up_to_date() {
    use migration::{Migrator, MigratorTrait as _};

    let old = Database::sqlite();
    let connection = old.connect().await;
    // Accounts, boards and events: the schema of the first release.
    Migrator::up(&connection, Some(3)).await.expect("up");
    connection.close().await.expect("close");
    old.execute(
        "INSERT INTO events (type, board_id, payload) VALUES ('old', 1, '{}'), ('old', 1, '{}')",
    )
    .await;
    let database = Database::sqlite();
    let backup = database.directory().join("backup.db");
    let copy = format!(".backup {}", backup.display());
    SqliteShell::on(&old.file()).run(&copy).await;

    dotcast_on(&database, &["restore", "backup.db"])
        .await
        .printed();
    let status = dotcast_on(&database, &["migrate", "status"])
        .await
        .printed();
    assert!(!status.contains("pending"), "{status}");
    let server = Server::start_on(&database, &["--no-migrate"]).await;
    let mut cursors = Cursors {
        kept: vec![0, 1, 2],
        lost: Vec::new(),
    };
    cursors.lose(2, 2 + 1);
    cursors.check(&server).await;
    server.user("ada").await.board("new").await;
    cursors.check(&server).await;
}
