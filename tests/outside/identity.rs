//! The log under a server is replaced. What was acknowledged after that is shown, or the server has refused it, or it
//! has ended: no change vanishes silently.

use std::time::Duration;

use futures_util::future::join_all;
use serde_json::Value;
use tokio::process::Command;

use super::{
    cases::{BACKUP, CASES, Case, Must, TRIM},
    witness::Witness,
};
use crate::harness::{Client, Database, Launch, Server, client::board, eventually, program, run};

#[tokio::test]
async fn whatever_happens_to_the_log_an_acknowledged_change_is_shown_or_the_server_has_refused_or_ended()
 {
    let mut failures = Vec::new();
    // A periodic look finds it, or the one that an answer waits for.
    for interval in ["50ms", "1h"] {
        for cases in CASES.chunks(6) {
            // Each runs to its end, so that a failing one hides no other.
            let checks = cases.iter().map(|case| tokio::spawn(check(case, interval)));
            let failed = join_all(checks).await.into_iter().zip(cases);
            failures.extend(
                failed
                    .filter(|(it, _)| it.is_err())
                    .map(|(_, case)| case.what),
            );
        }
    }
    assert_eq!(failures, Vec::<&str>::new());
}

#[tokio::test]
async fn what_other_programs_may_do_ends_no_server() {
    let database = Database::sqlite();
    let launch = Launch::with(&["--poll-interval", "20ms"]);
    let server = Server::launch(&database, launch).await;
    let user = server.user("ada").await;
    let witness = Witness::open(&server.url).await;
    for (number, commands) in [
        "sqlite3 dotcast.db 'PRAGMA wal_checkpoint(TRUNCATE)'",
        "sqlite3 dotcast.db VACUUM",
        "sqlite3 dotcast.db REINDEX",
        "sqlite3 dotcast.db ANALYZE",
        BACKUP,
        "sqlite3 dotcast.db \"VACUUM INTO 'copy.db'\"",
        "sqlite3 dotcast.db \"INSERT INTO events (type, topic, payload) VALUES ('foreign', 1, '{}')\"",
        "sqlite3 dotcast.db \"BEGIN; INSERT INTO events (type, topic, payload) VALUES ('foreign', 1, '{}'); ROLLBACK\"",
        "dotcast migrate",
        "dotcast migrate status",
        TRIM,
        TRIM,
    ]
    .into_iter()
    .enumerate()
    {
        shell(&database, commands).await;
        let name = format!("board {number}");
        user.board(&name).await;
        eventually(commands, || async { witness.saw_board(&name).then_some(()) }).await;
    }
    assert!(witness.story().end.is_none(), "{:?}", witness.story());
    server.client().get("/readyz").await.expect(200);
}

async fn check(case: &'static Case, interval: &str) {
    let Case {
        what, server: must, ..
    } = case;
    let what = &format!("{what}, --poll-interval {interval}");
    let database = Database::sqlite();
    let launch = Launch::with(&["--poll-interval", interval, "--keep-alive", "200ms"]);
    let mut server = Server::launch(&database, launch).await;
    let user = server.user("ada").await;
    let witnesses = [
        Witness::open(&server.url).await,
        Witness::open_over_http_2(&server.url).await,
    ];
    shell(&database, case.before).await;
    for number in 1..=5 {
        let name = format!("early {number}");
        user.board(&name).await;
        until_all_saw(&witnesses, &name).await;
    }
    shell(&database, case.then).await;
    if interval == "50ms" && *must != Must::BeHonest {
        let end = format!("the end by itself: {what}");
        eventually(&end, || {
            let ended = server.try_wait();
            async move { ended }
        })
        .await;
    }

    let (acknowledged, refused) = write(&user).await;
    let mut ended = false;
    eventually(what, || {
        ended = server.try_wait().is_some();
        let shown = acknowledged
            .iter()
            .all(|name| witnesses.iter().all(|it| it.saw_board(name)));
        let events = server.client();
        let acknowledged = &acknowledged;
        let must = *must;
        async move {
            if ended {
                return Some(());
            }
            let may_go_on = interval == "1h" || must == Must::BeHonest;
            let done = shown && may_go_on && has_events(&events, acknowledged).await;
            // A server that refuses writes and goes on must not say that all is well, once it has looked.
            let looks = interval != "1h";
            let honest = !(refused && looks) || is_not_ready(&events).await;
            (done && honest).then_some(())
        }
    })
    .await;
    if !ended {
        return;
    }
    server.complaint().await;
    for witness in &witnesses {
        witness.expect_restored(what).await;
    }
    let server = start_again(server, what).await;
    if matches!(must, Must::EndWithoutLoss | Must::EndAndRecord) {
        // Nothing acknowledged is lost.
        let boards = names(&server.client()).await;
        assert!(
            acknowledged.iter().all(|it| boards.contains(it)),
            "{what}: {boards:?}"
        );
        let last_id = witnesses[0].last_id();
        let mut stream = server.stream(Some(last_id)).await;
        if *must == Must::EndAndRecord {
            stream.opening().await;
            let told = stream.expect("reset").await.data.expect("data");
            assert_eq!(told["reason"], "restored", "{what}: {told}");
            assert_eq!(told["requested_id"], last_id, "{what}: {told}");
        }
        let resumed = Witness::of(stream);
        for name in &acknowledged {
            eventually(what, || async {
                let seen = resumed.saw_board(name) || witnesses[0].saw_board(name);
                seen.then_some(())
            })
            .await;
        }
    }
}

/// Makes seven boards; returns the names of those that were acknowledged, and whether others were refused by a server
/// that goes on.
async fn write(user: &Client) -> (Vec<String>, bool) {
    let mut acknowledged = Vec::new();
    let mut refused = false;
    for number in 1..=7 {
        let name = format!("late {number}");
        match user.try_post("/api/v1/boards", &board(&name)).await {
            Ok(answer) if answer.status == 201 => acknowledged.push(name),
            Ok(_) => refused = true,
            Err(_) => break,
        }
        // So that a periodic look comes between them, too.
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    (acknowledged, refused)
}

async fn until_all_saw(witnesses: &[Witness], name: &str) {
    eventually(name, || async {
        witnesses.iter().all(|it| it.saw_board(name)).then_some(())
    })
    .await;
}

/// Whether `GET /api/v1/events` has the events of all these boards.
async fn has_events(client: &Client, boards: &[String]) -> bool {
    if boards.is_empty() {
        return true;
    }
    let Ok(answer) = client.try_get("/api/v1/events?limit=200").await else {
        return false;
    };
    let Some(items) = answer.body["items"].as_array() else {
        return false;
    };
    let has = |name: &String| items.iter().any(|it| it["data"]["board_name"] == **name);
    boards.iter().all(has)
}

async fn is_not_ready(client: &Client) -> bool {
    let answer = client.try_get("/readyz").await;
    answer.is_ok_and(|answer| answer.status == 503)
}

async fn names(client: &Client) -> Vec<String> {
    let answer = client.get("/api/v1/boards?limit=200").await.expect(200);
    let items = answer.body["items"].as_array().expect("items");
    let name = |it: &Value| it["name"].as_str().expect("a name").to_owned();
    items.iter().map(name).collect()
}

/// Restarts the server, running the command that it names if it refuses.
async fn start_again(server: Server, what: &str) -> Server {
    let database = server.database().clone();
    let why = match server.try_restart().await {
        Ok(server) => return server,
        Err(why) => why,
    };
    assert!(why.contains("dotcast log break"), "{what}: {why}");
    let mut mend = program();
    mend.args(["log", "break"])
        .env("DATABASE_URL", database.url());
    run(&mut mend, "").await.printed();
    Server::start_on(&database, &[]).await
}

/// Runs commands in the directory of the database.
async fn shell(database: &Database, commands: &str) {
    let programs = std::path::Path::new(env!("CARGO_BIN_EXE_dotcast")).parent();
    let programs = programs.expect("a directory").display();
    let path = std::env::var("PATH").expect("PATH");
    let mut shell = Command::new("sh");
    shell
        .args(["-euc", commands])
        .current_dir(database.directory())
        .env("DATABASE_URL", database.url())
        .env("PATH", format!("{programs}:{path}"));
    let done = run(&mut shell, "").await;
    assert_eq!(done.code, Some(0), "{commands}: {done:?}");
}
