//! A server does not start on a log that could not be exact. It names the one command that repairs it, and after that
//! command, exactly as printed, it starts.

use rustix::process::Signal;
use tokio::task::JoinSet;

use crate::harness::{Database, Launch, Server, eventually, program, run};

/// The refusals that may follow each other: ids given out in descending order leave the counter too low.
const MOST: usize = 2;

/// What somebody has done to the log, and how the repairing command begins.
const CASES: [(&str, &str); 12] = [
    ("SELECT setval('events_id', 2)", "dotcast log break"),
    ("SELECT setval('events_id', 1, false)", "dotcast log break"),
    (
        "DELETE FROM events WHERE id > 3; SELECT setval('events_id', 3)",
        "dotcast log break",
    ),
    (
        "DELETE FROM events; UPDATE trimmed_through SET event_id = 5; SELECT setval('events_id', 4)",
        "dotcast log break",
    ),
    ("ALTER SEQUENCE events_id RESTART", "dotcast log break"),
    ("ALTER SEQUENCE events_id CACHE 10", "ALTER SEQUENCE"),
    ("ALTER SEQUENCE events_id INCREMENT BY 10", "ALTER SEQUENCE"),
    ("ALTER SEQUENCE events_id INCREMENT BY -1", "ALTER SEQUENCE"),
    (
        "ALTER SEQUENCE events_id MAXVALUE 1000 CYCLE",
        "ALTER SEQUENCE",
    ),
    (
        "ALTER TABLE events DISABLE TRIGGER events_take_id",
        "ALTER TABLE",
    ),
    (
        "ALTER TABLE events ENABLE REPLICA TRIGGER events_take_id",
        "ALTER TABLE",
    ),
    ("DROP TRIGGER events_take_id ON events", "CREATE TRIGGER"),
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_start_is_refused_with_the_command_that_mends_the_log() {
    // A few at a time.
    for cases in CASES.chunks(4) {
        let mut checks = JoinSet::new();
        for &(damage, expected) in cases {
            checks.spawn(check(damage, expected));
        }
        checks.join_all().await;
    }
}

async fn check(damage: &str, expected: &str) {
    let database = Database::postgres().await;
    let mut server = Server::start_on(&database, &[]).await;
    let user = server.user("ada").await;
    for _ in 0..5 {
        user.board("before").await;
    }
    eventually("that it is written down what is settled", || async {
        let settled = "SELECT event_id FROM settled_through";
        (database.column::<i64>(settled).await == [5]).then_some(())
    })
    .await;
    server.signal(Signal::TERM);
    assert_eq!(server.wait().await.code(), Some(0));
    database.execute(damage).await;

    let refusal = refusal(&database).await.err().expect(damage);
    let command = command(&refusal);
    assert!(command.starts_with(expected), "{damage}: {refusal}");
    run_as_printed(&command, &database).await;
    let server = start(&database).await;
    assert_all_is_shown(&server).await;
}

#[tokio::test]
async fn what_was_set_and_set_back_is_no_reason_to_refuse_a_start() {
    let database = Database::postgres().await;
    let mut server = Server::start_on(&database, &[]).await;
    assert_eq!(server.user("ada").await.board("one").await, 1);
    server.signal(Signal::TERM);
    assert_eq!(server.wait().await.code(), Some(0));
    for sql in [
        "ALTER SEQUENCE events_id CACHE 10; ALTER SEQUENCE events_id CACHE 1",
        "ALTER TABLE events DISABLE TRIGGER ALL; ALTER TABLE events ENABLE TRIGGER ALL",
        "ALTER TABLE events ENABLE ALWAYS TRIGGER events_take_id",
        "SELECT setval('events_id', 1000)",
    ] {
        database.execute(sql).await;
    }
    let server = refusal(&database).await.expect("it starts");
    assert_all_is_shown(&server).await;
}

/// Otherwise an id could be taken without the lock, and a reader would pass it although its event is still to come.
#[tokio::test]
async fn a_running_server_says_so_when_ids_are_no_longer_given_out_in_order() {
    let by_sql = CASES
        .iter()
        .filter(|(_, mend)| *mend != "dotcast log break");
    for (damage, _) in by_sql {
        let database = Database::postgres().await;
        let options = ["--log", "error", "--poll-interval", "200ms"];
        let mut server = Server::start_on(&database, &options).await;
        let client = server.client();
        client.get("/readyz").await.expect(200);
        database.execute(damage).await;
        eventually(damage, || {
            let has_ended = server.try_wait().is_some();
            let client = client.clone();
            async move {
                if has_ended {
                    return Some(());
                }
                let asked = client.try_get("/readyz").await;
                asked.is_ok_and(|answer| answer.status == 503).then_some(())
            }
        })
        .await;
    }
}

/// Starts a server, and runs the command in its refusal.
pub async fn start(database: &Database) -> Server {
    for _ in 0..MOST {
        match refusal(database).await {
            Ok(server) => return server,
            Err(refusal) => run_as_printed(&command(&refusal), database).await,
        }
    }
    refusal(database).await.expect("it starts")
}

async fn refusal(database: &Database) -> Result<Server, String> {
    let options = ["--log", "error", "--poll-interval", "200ms"];
    Server::try_launch(database, Launch::with(&options)).await
}

/// The command in a refusal: the quoted words.
#[track_caller]
fn command(refusal: &str) -> String {
    let quoted: Vec<_> = refusal.split('`').collect();
    assert_eq!(quoted.len(), 3, "one command: {refusal}");
    quoted[1].to_owned()
}

/// Runs one of our commands, or SQL, with nothing added.
async fn run_as_printed(command: &str, database: &Database) {
    match command.strip_prefix("dotcast ") {
        Some(arguments) => {
            let mut command = program();
            command
                .args(arguments.split(' '))
                .env("DATABASE_URL", database.url());
            run(&mut command, "").await.printed();
        }
        None => database.execute(command).await,
    }
}

/// Asserts that new events are shown to earlier clients, and in the history.
async fn assert_all_is_shown(server: &Server) {
    let mut stream = server.stream(None).await;
    let opening = stream.opening().await;
    let mut user = server.client();
    user.log_in("ada").await;
    let mut boards = Vec::new();
    for _ in 0..15 {
        boards.push(user.board("after").await);
    }
    let ids = stream.ids(boards.len()).await;
    let sql = format!("SELECT topic FROM events WHERE id > {opening} ORDER BY id");
    assert_eq!(server.database().column::<i64>(&sql).await, boards);
    assert!(ids.is_sorted(), "{ids:?}");
    assert!(ids[0] > 5, "{ids:?}");
}
