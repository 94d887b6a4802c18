//! What docs/BACKUP.md tells an operator to type for backup and restore works: after a clean stop, and after
//! `kill -9`.

use std::path::Path;

use rustix::process::Signal;
use tempfile::TempDir;
use tokio::process::Command;

use super::{markdown::page, terminals::path};
use crate::harness::{Client, Cluster, Contents, Cursors, Database, Launch, Server, run};

/// The page.
pub const PAGE: &str = "docs/BACKUP.md";

/// The block of commands behind the comment `<!-- test: NAME -->`.
fn commands(name: &str) -> String {
    let page = page(PAGE);
    let mark = format!("test: {name}");
    let blocks = page.blocks().into_iter();
    let mut blocks = blocks.filter(|(_, comment)| *comment == Some(mark.as_str()));
    let (Some((block, _)), None) = (blocks.next(), blocks.next()) else {
        panic!("{PAGE} has no block, or several, behind <!-- {mark} -->")
    };
    assert_eq!(block.language, "sh", "{name}");
    block.text.clone()
}

/// An operator's shell: with the program and PostgreSQL's on the `PATH`, and the service's environment.
struct Terminal<'a> {
    directory: &'a Path,
    database: &'a Database,
}

impl Terminal<'_> {
    async fn type_in(&self, name: &str) {
        let commands = commands(name);
        let mut shell = Command::new("sh");
        shell
            .args(["-euc", &commands])
            .current_dir(self.directory)
            .env("DATABASE_URL", self.database.url())
            .env("PATH", path());
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

/// A block that says that it is run is run above.
#[test]
fn each_block_that_names_a_test_is_known() {
    let page = page(PAGE);
    let blocks = page.blocks().into_iter();
    let named = blocks.filter_map(|(_, comment)| comment?.strip_prefix("test: "));
    let known =
        ["sqlite", "postgres"].map(|kind| ["backup", "restore"].map(|it| format!("{kind}-{it}")));
    assert_eq!(named.collect::<Vec<_>>(), known.concat());
}
