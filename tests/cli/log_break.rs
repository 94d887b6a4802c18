//! `dotcast log break`.

use rustix::process::Signal;
use serde_json::{Value, json};

use crate::harness::{Client, Database, Run, Server, Writer, program, run, within};

async fn log_break(server: &Server, arguments: &[&str]) -> Run {
    let mut command = program();
    command
        .args(["log", "break"])
        .args(arguments)
        .env("DATABASE_URL", server.database().url());
    run(&mut command, "").await
}

fn told(first: i64, last: i64) -> String {
    format!(
        "ids {first} to {last} are gone; clients that resume from one of them are told to reload what they show\n"
    )
}

/// The recorded breaks, and the settled position.
async fn recorded(server: &Server) -> (Vec<(i64, i64)>, i64) {
    let database = server.database();
    let rows = database
        .rows("SELECT first_id, last_id FROM breaks ORDER BY id")
        .await;
    let breaks = rows
        .iter()
        .map(|row| {
            let id = |index| row.try_get_by_index(index).expect("an id");
            (id(0), id(1))
        })
        .collect();
    let settled = database
        .column("SELECT event_id FROM settled_through")
        .await;
    (breaks, settled[0])
}

async fn with_boards(count: usize) -> (Server, Client) {
    let server = Server::start().await;
    let user = server.user("ada").await;
    for _ in 0..count {
        user.board("a board").await;
    }
    (server, user)
}

#[tokio::test]
async fn the_ids_behind_the_newest_event_are_gone_and_streams_go_on_above_them() {
    let (server, user) = with_boards(3).await;
    let mut stream = server.stream(Some(3)).await;
    assert_eq!(stream.opening().await, 3);

    let printed = log_break(&server, &["--through", "7"]).await.printed();
    assert_eq!(printed, told(4, 7));
    assert_eq!(recorded(&server).await, (vec![(4, 7)], 8));
    user.board("a board").await;
    assert_eq!(stream.ids(1).await, [9]);

    // Nobody says how far, so it skips far enough.
    let printed = log_break(&server, &[]).await.printed();
    let (breaks, settled) = recorded(&server).await;
    let (first, last) = breaks[1];
    assert!(first == 10 && last > 1_000_000, "{breaks:?}");
    assert_eq!(printed, told(first, last));
    assert_eq!(settled, last + 1);
    // Below what is already known: no more than needed.
    let printed = log_break(&server, &["--through", "12"]).await.printed();
    assert_eq!(printed, told(last + 2, last + 2));
    // Where there are events.
    let refused = log_break(&server, &["--through", "9"]).await.complaint(1);
    assert!(refused.contains("the newest event is 9"), "{refused}");
    assert_eq!(recorded(&server).await.1, last + 3);
    user.board("a board").await;
    assert_eq!(stream.ids(1).await, [last + 4]);
}

#[tokio::test]
async fn an_empty_log_can_have_lost_everything() {
    let (server, user) = with_boards(0).await;
    let printed = log_break(&server, &["--through", "12"]).await.printed();
    assert_eq!(printed, told(1, 12));
    let mut stream = server.stream(Some(12)).await;
    user.board("a board").await;
    stream.opening().await;
    assert_eq!(stream.ids(1).await, [14]);

    server.run(&["trim", "--older-than", "0s"]).await;
    let printed = log_break(&server, &["--through", "15"]).await.printed();
    assert_eq!(printed, told(15, 15));
}

/// As after restoring a dump without its sequence.
#[tokio::test]
async fn a_counter_that_was_set_back_is_raised_again() {
    let (mut server, user) = with_boards(3).await;
    user.until_settled(3).await;
    // The server would notice, and raise the counter itself.
    server.signal(Signal::TERM);
    server.wait().await;
    let set_back = if server.database().is_postgres() {
        "SELECT setval('events_id', 1)"
    } else {
        "UPDATE sqlite_sequence SET seq = 1 WHERE name = 'events'"
    };
    server.database().execute(set_back).await;
    let printed = log_break(&server, &["--through", "4"]).await.printed();
    assert_eq!(printed, told(4, 4));
    server.database().append_fillers(1, 1, 0).await;
    let newest = "SELECT MAX(id) FROM events";
    assert_eq!(server.database().column::<i64>(newest).await, [6]);
}

#[tokio::test]
async fn there_must_be_ids_left() {
    let (server, _) = with_boards(1).await;
    let complaint = log_break(&server, &["--through", &i64::MAX.to_string()])
        .await
        .complaint(1);
    assert!(complaint.contains("no ids would be left"), "{complaint}");
    assert_eq!(recorded(&server).await.0, []);
}

#[tokio::test]
async fn a_writer_that_does_not_end_is_not_waited_for() {
    let server = Server::start_on(&Database::postgres().await, &[]).await;
    let mut writer = Writer::begin(server.database()).await;
    let id = writer.append().await;
    let run = within("the end", log_break(&server, &[])).await;
    assert_eq!(run.code, Some(1), "{run:?}");
    // A log line says that it took long.
    let complaint = run.stderr.lines().last().expect("a complaint");
    assert!(complaint.contains("cannot record the break"), "{complaint}");
    assert!(complaint.contains("stop everything"), "{complaint}");
    assert_eq!(recorded(&server).await.0, []);
    writer.commit().await;
    let printed = log_break(&server, &["--through", "9"]).await.printed();
    assert_eq!(printed, told(id + 1, 9));
}

#[tokio::test]
async fn the_state_of_the_log_tells_what_is_missing() {
    let server = Server::start().await;
    let ada = server.user("ada").await;
    ada.board("one").await;
    ada.board("two").await;
    let state = async |arguments: &[&str]| {
        let arguments = [&["log", "state"], arguments].concat();
        server.run(&arguments).await
    };
    let as_text = "oldest event     1\nnewest event     2\ntrimmed through  0\n";
    assert_eq!(state(&[]).await, as_text);
    log_break(&server, &["--through", "9"]).await.printed();
    assert_eq!(
        state(&[]).await,
        format!("{as_text}lost             3 to 9\n")
    );
    let as_json: Value = serde_json::from_str(&state(&["--json"]).await).expect("JSON");
    let expected = json!({
        "oldest_id": 1,
        "newest_id": 2,
        "trimmed_through": 0,
        "breaks": [{ "first_id": 3, "last_id": 9 }],
    });
    assert_eq!(as_json, expected);
}
