//! `client/examples/exactly_once.rs`: each path is counted once, whichever copies are killed, and whatever is missing is
//! told. `docs/EXACTLY-ONCE.md` shows the program as it is.

use std::{
    collections::BTreeMap,
    os::unix::process::ExitStatusExt as _,
    sync::atomic::{AtomicBool, Ordering},
};

use futures_util::future::join_all;
use rustix::process::Signal;
use tokio::process::Command;
use url::Url;

use super::example;
use crate::harness::{
    Client, Database, Follower, Server, Writer, eventually, run, server::without_settings,
};

/// How many copies are killed: a quarter of them at some moment, the others at each of the [`GATES`].
const KILLS: usize = 60;
const USERS: usize = 3;
const BOARDS: usize = 6;

/// Where a copy can be held up in a transaction: before it counts a path, before it stores the cursor, and while it
/// commits. In the last case PostgreSQL completes what the killed copy has asked for.
const GATES: [&str; 3] = [
    "TRIGGER gate BEFORE INSERT ON exactly_once.totals",
    "TRIGGER gate BEFORE UPDATE ON exactly_once.progress",
    "CONSTRAINT TRIGGER commit_gate AFTER UPDATE ON exactly_once.progress DEFERRABLE INITIALLY DEFERRED",
];

/// A running copy of the program.
struct Copy {
    /// By which PostgreSQL knows it.
    name: String,
    program: Follower,
}

impl Copy {
    fn start(server: &Server, number: usize) -> Self {
        let name = format!("copy-{number}");
        let program = Follower::run(command(server, &name));
        Self { name, program }
    }

    /// Kills it. It must not have ended before.
    async fn kill(self) {
        let log = self.program.log();
        let (status, _) = self.program.end(Signal::KILL).await;
        let signal = status.signal();
        assert_eq!(signal, Some(Signal::KILL.as_raw()), "{}: {log}", self.name);
    }
}

fn command(server: &Server, name: &str) -> Command {
    let mut database = Url::parse(&server.database().url()).expect("a URL");
    let mut query = database.query_pairs_mut();
    query.append_pair("application_name", name);
    drop(query);
    let mut command = Command::new(example("exactly_once"));
    without_settings(&mut command);
    command
        .arg(&server.url)
        .env("DATABASE_URL", database.as_str());
    command
}

/// Runs it until it ends by itself, which must be a failure; returns its complaint.
async fn complaint(server: &Server) -> String {
    let ended = run(&mut command(server, "copy"), "").await;
    assert_eq!(ended.code, Some(1), "{ended:?}");
    ended.stderr
}

/// What the program stores.
#[derive(Debug, PartialEq)]
struct Stored {
    totals: BTreeMap<i64, i64>,
    cursor: i64,
}

impl Stored {
    async fn of(database: &Database) -> Self {
        Self {
            totals: pairs(
                database,
                "SELECT board_id, paths FROM exactly_once.totals ORDER BY 1",
            )
            .await,
            cursor: cursor(database).await,
        }
    }

    /// What the server's own tables say.
    async fn expected(database: &Database) -> Self {
        let newest = database.column("SELECT max(id) FROM events").await;
        Self {
            totals: pairs(
                database,
                "SELECT board_id, COUNT(*) FROM paths GROUP BY board_id",
            )
            .await,
            cursor: newest[0],
        }
    }
}

async fn pairs(database: &Database, sql: &str) -> BTreeMap<i64, i64> {
    let rows = database.rows(sql).await;
    let pair = |row: &sea_orm::QueryResult| {
        let [key, value] = [0, 1].map(|at| row.try_get_by_index(at).expect(sql));
        (key, value)
    };
    rows.iter().map(pair).collect()
}

async fn cursor(database: &Database) -> i64 {
    let select = "SELECT cursor FROM exactly_once.progress";
    database.column(select).await[0]
}

async fn until_cursor(database: &Database, reaches: i64) {
    eventually("the cursor", || async {
        (cursor(database).await >= reaches).then_some(())
    })
    .await;
}

async fn until_tables(database: &Database) {
    let count = "SELECT COUNT(*) FROM pg_tables WHERE schemaname = 'exactly_once'";
    eventually("the program's tables", || async {
        (database.column::<i64>(count).await == [2]).then_some(())
    })
    .await;
}

async fn install_gates(database: &Database) {
    // Shared: copies pass, unless a test has the lock.
    let function = "CREATE FUNCTION exactly_once.gate() RETURNS trigger LANGUAGE plpgsql AS \
                    'BEGIN PERFORM pg_advisory_xact_lock_shared(TG_ARGV[0]::bigint); RETURN NEW; END'";
    database.execute(function).await;
    for (number, gate) in GATES.iter().enumerate() {
        let sql =
            format!("CREATE {gate} FOR EACH ROW EXECUTE FUNCTION exactly_once.gate({number})");
        database.execute(&sql).await;
    }
}

/// The copy that waits at a gate.
async fn held_up(database: &Database, gate: usize) -> String {
    let waiting = format!(
        "SELECT application_name FROM pg_stat_activity JOIN pg_locks USING (pid) WHERE datname = current_database() \
         AND locktype = 'advisory' AND objid = {gate} AND objsubid = 1 AND NOT granted"
    );
    eventually("a copy at the gate", || async {
        let mut names = database.column::<String>(&waiting).await;
        names.pop()
    })
    .await
}

/// Kills copies in the middle of their work while others go on, until it is enough; returns those that live.
async fn kill_copies(server: &Server, user: &Client) -> Vec<Copy> {
    let database = server.database();
    let mut copies = Vec::new();
    let mut started = 0;
    for round in 0..KILLS {
        // For some rounds there is one copy, then there are two at once.
        let together = 1 + (round / 4) % 2;
        while copies.len() < together {
            copies.push(Copy::start(server, started));
            started += 1;
        }
        let gate = round % 4;
        if gate < GATES.len() {
            let mut holder = Writer::begin(database).await;
            let lock = format!("SELECT pg_advisory_xact_lock({gate})");
            holder.run(&lock).await;
            let name = held_up(database, gate).await;
            let place = copies.iter().position(|copy| copy.name == name);
            copies.swap_remove(place.expect("a copy")).kill().await;
            // PostgreSQL notices when it goes on.
            holder.commit().await;
        } else {
            let further = i64::from(random(60));
            until_cursor(database, cursor(database).await + further).await;
            let victim = random(2) as usize % copies.len();
            copies.swap_remove(victim).kill().await;
        }
        // Events that are not counted.
        user.board("another").await;
    }
    copies
}

async fn draw(user: &Client, boards: &[i64], is_over: &AtomicBool) {
    for board in boards.iter().cycle() {
        if is_over.load(Ordering::Relaxed) {
            break;
        }
        user.path(*board).await;
    }
}

/// A random number below `bound`.
fn random(bound: u32) -> u32 {
    getrandom::u32().expect("randomness") % bound
}

#[tokio::test]
async fn each_path_is_counted_once_whichever_copies_are_killed() {
    let database = Database::postgres().await;
    let server = Server::start_on(&database, &["--request-rate", "off"]).await;
    let first = Copy::start(&server, 0);
    until_tables(&database).await;
    install_gates(&database).await;
    first.kill().await;
    let mut users = Vec::new();
    for number in 0..USERS {
        users.push(server.user(&format!("user-{number}")).await);
    }
    let mut boards = Vec::new();
    for number in 0..BOARDS {
        boards.push(users[0].board(&format!("board {number}")).await);
    }
    let is_over = AtomicBool::new(false);
    let drawing = join_all(users.iter().map(|user| draw(user, &boards, &is_over)));
    let killing = async {
        let copies = kill_copies(&server, &users[0]).await;
        is_over.store(true, Ordering::Relaxed);
        copies
    };
    let (mut copies, _) = tokio::join!(killing, drawing);
    copies.push(Copy::start(&server, KILLS + 1));
    // It is not a path that ends the log.
    users[0].board("the last").await;
    let expected = Stored::expected(&database).await;
    until_cursor(&database, expected.cursor).await;
    assert_eq!(Stored::of(&database).await, expected);
    assert_eq!(expected.totals.len(), BOARDS);
    let drawn: i64 = expected.totals.values().sum();
    assert!(drawn > 300, "{drawn}");
    for copy in copies {
        copy.kill().await;
    }
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

/// What people copy out of the document is what was tested.
#[test]
fn the_document_shows_the_program_as_it_is() {
    let document = include_str!("../../docs/EXACTLY-ONCE.md");
    let program = include_str!("../../client/examples/exactly_once.rs");
    let mut shown = 0;
    for block in document.split("\n```rust\n").skip(1) {
        let (block, _) = block.split_once("```").expect("its end");
        assert!(program.contains(&format!("\n\n{block}\n")), "{block}");
        shown += 1;
    }
    assert_eq!(shown, 2);
}
