//! What docs/OPERATIONS.md tells an operator to type for backup and restore works: after a clean stop, and after
//! `kill -9`.

use std::path::Path;

use rustix::process::Signal;
use tempfile::TempDir;
use tokio::process::Command;

use crate::harness::{
    Client, Cluster, Contents, Cursors, Database, Launch, Server, postgres::binaries, run,
};

/// The commands of the section "Backup and restore" behind the comment `<!-- test: NAME -->`: the next block of shell
/// commands.
fn commands(name: &str) -> String {
    let document = include_str!("../docs/OPERATIONS.md").replace("\r\n", "\n");
    let (_, section) = document
        .split_once("\n## Backup and restore\n")
        .expect("the section");
    let section = section.split("\n## ").next().expect("the section");
    let comment = format!("<!-- test: {name} -->\n");
    let (_, rest) = section
        .split_once(&comment)
        .unwrap_or_else(|| panic!("{comment} is missing"));
    let rest = rest.trim_start().strip_prefix("```sh\n");
    let block = rest.unwrap_or_else(|| panic!("no block of commands behind {comment}"));
    let (block, _) = block.split_once("\n```").expect("the end of the block");
    assert!(!block.trim().is_empty(), "{name} is empty");
    block.to_owned()
}

/// An operator's shell: with the program and PostgreSQL's on the `PATH`, and the service's environment.
struct Terminal<'a> {
    directory: &'a Path,
    database: &'a Database,
}

impl Terminal<'_> {
    async fn type_in(&self, name: &str) {
        let commands = commands(name);
        let programs = Path::new(env!("CARGO_BIN_EXE_dotcast")).parent();
        let mut path = vec![programs.expect("a directory").to_owned(), binaries()];
        path.extend(std::env::split_paths(
            &std::env::var_os("PATH").expect("PATH"),
        ));
        let mut shell = Command::new("sh");
        shell
            .args(["-euc", &commands])
            .current_dir(self.directory)
            .env("DATABASE_URL", self.database.url())
            .env("PATH", std::env::join_paths(path).expect("a path"));
        let done = run(&mut shell, "").await;
        assert_eq!(done.code, Some(0), "{name}:\n{commands}\n{done:?}");
    }
}

/// Backs up beside the running server, goes on, ends the server, restores, and starts it again.
async fn back_up_and_restore(database: &Database, directory: &Path, kind: &str, end: Signal) {
    let terminal = Terminal {
        directory,
        database,
    };
    // A relative name, like the default, would be resolved where the tests run.
    let mut server = Server::launch(database, Launch::default()).await;
    let mut user = server.user("ada").await;
    make_boards(&user, 5).await;
    terminal.type_in(&format!("{kind}-backup")).await;
    let before = Contents::of(&user).await;
    make_boards(&user, 3).await;
    server.signal(end);
    server.wait().await;
    terminal.type_in(&format!("{kind}-restore")).await;

    let server = server.restart().await;
    user.url.clone_from(&server.url);
    assert_eq!(Contents::of(&user).await, before, "after {end:?}");
    let mut cursors = Cursors {
        kept: vec![0, 3, 5],
        lost: Vec::new(),
    };
    cursors.lose(5, 8);
    cursors.check(&server).await;
    make_boards(&user, 2).await;
    assert!(Contents::of(&user).await.newest() > 8, "after {end:?}");
    cursors.check(&server).await;
    server.client().get("/readyz").await.expect(200);
}

async fn make_boards(user: &Client, count: usize) {
    for _ in 0..count {
        user.board("one").await;
    }
}

#[tokio::test]
async fn backup_and_restore_of_sqlite_are_as_documented() {
    for end in [Signal::TERM, Signal::KILL] {
        let database = Database::sqlite();
        back_up_and_restore(&database, database.directory(), "sqlite", end).await;
    }
}

/// The commands may drop and create a database, so it is on a PostgreSQL that nobody else uses.
#[tokio::test]
async fn backup_and_restore_of_postgresql_are_as_documented() {
    for end in [Signal::TERM, Signal::KILL] {
        let cluster = Cluster::start().await;
        let database = cluster.database().await;
        let directory = TempDir::new().expect("a directory");
        back_up_and_restore(&database, directory.path(), "postgres", end).await;
    }
}

/// Nobody should type what no test has typed.
#[test]
fn each_block_of_commands_about_backups_is_named() {
    let document = include_str!("../docs/OPERATIONS.md");
    let (_, section) = document
        .split_once("\n## Backup and restore\n")
        .expect("the section");
    let section = section.split("\n## ").next().expect("the section");
    let blocks = section.matches("\n```sh\n").count();
    let named = section.matches("<!-- test: ").count();
    assert_eq!(blocks, named);
    for name in [
        "sqlite-backup",
        "sqlite-restore",
        "postgres-backup",
        "postgres-restore",
    ] {
        commands(name);
    }
}
