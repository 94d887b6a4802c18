//! Copies that are killed in the middle of their work, alone and beside others.

use std::sync::atomic::{AtomicBool, Ordering};

use futures_util::future::join_all;

use super::{Copy, Stored, cursor, until_cursor, until_tables};
use crate::harness::{Client, Database, Server, Writer, eventually};

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

/// Which of the copies waits at a gate.
async fn held_up(copies: &[Copy], database: &Database, gate: usize) -> usize {
    let waiting = format!(
        "SELECT application_name FROM pg_stat_activity JOIN pg_locks USING (pid) WHERE datname = current_database() \
         AND locktype = 'advisory' AND objid = {gate} AND objsubid = 1 AND NOT granted"
    );
    eventually("a copy at the gate", || async {
        for copy in copies {
            assert_eq!(copy.program.log(), "", "{}", copy.name);
        }
        let names: Vec<String> = database.column(&waiting).await;
        copies.iter().position(|copy| names.contains(&copy.name))
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
            let victim = held_up(&copies, database, gate).await;
            copies.swap_remove(victim).kill().await;
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
