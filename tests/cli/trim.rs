//! `dotcast trim`, and the server's own retention.

use rustix::process::Signal;

use crate::harness::{Client, Database, Server, eventually};

async fn ids(client: &Client) -> Vec<i64> {
    let events = client.events().await;
    events
        .iter()
        .map(|event| event["id"].as_i64().expect("an id"))
        .collect()
}

/// A server with this many events, ids from 1.
async fn server_with(events: i64) -> (Server, Client) {
    let server = Server::start().await;
    let user = server.user("ada").await;
    for number in 1..=events {
        user.board(&format!("board {number}")).await;
    }
    user.until_settled(events).await;
    (server, user)
}

async fn make_older(server: &Server, ids: &str, created_at: &str) {
    server
        .database()
        .execute(&format!(
            "UPDATE events SET created_at = {created_at} WHERE id IN ({ids})"
        ))
        .await;
}

/// A time as SQL.
fn hours_ago(server: &Server, hours: u8) -> String {
    if server.database().is_postgres() {
        format!("now() - interval '{hours} hours'")
    } else {
        format!("strftime('%Y-%m-%dT%H:%M:%fZ', 'now', '-{hours} hours')")
    }
}

#[tokio::test]
async fn only_what_is_older_is_deleted_and_counted() {
    let (server, user) = server_with(5).await;
    make_older(&server, "1", &hours_ago(&server, 5)).await;
    // Other programs may write times in SQLite's own notation.
    let four_hours_ago = if server.database().is_postgres() {
        hours_ago(&server, 4)
    } else {
        "datetime('now', '-4 hours')".to_owned()
    };
    make_older(&server, "2", &four_hours_ago).await;
    make_older(&server, "3", &hours_ago(&server, 2)).await;

    for (older_than, deleted, kept) in [
        ("6h", 0, &[1, 2, 3, 4, 5][..]),
        ("3h", 2, &[3, 4, 5]),
        ("3h", 0, &[3, 4, 5]),
        ("1h 30m", 1, &[4, 5]),
        ("1h 30m", 0, &[4, 5]),
        ("100000years", 0, &[4, 5]),
        ("0s", 2, &[]),
        ("0s", 0, &[]),
    ] {
        let printed = server.run(&["trim", "--older-than", older_than]).await;
        assert_eq!(
            printed,
            format!("deleted {deleted} events\n"),
            "{older_than}"
        );
        assert_eq!(ids(&user).await, kept, "{older_than}");
    }
}

/// Otherwise there would be holes in what a cursor promises.
#[tokio::test]
async fn an_old_event_behind_a_younger_one_is_kept() {
    let (server, user) = server_with(3).await;
    make_older(&server, "1, 3", "'2020-01-01T00:00:00.000Z'").await;
    let printed = server.run(&["trim", "--older-than", "1h"]).await;
    assert_eq!(printed, "deleted 1 events\n");
    assert_eq!(ids(&user).await, [2, 3]);
}

/// A time as SQL.
fn hours_ahead(server: &Server, hours: u8) -> String {
    if server.database().is_postgres() {
        format!("now() + interval '{hours} hours'")
    } else {
        format!("strftime('%Y-%m-%dT%H:%M:%fZ', 'now', '+{hours} hours')")
    }
}

/// Its time says nothing; the events around it tell its age.
#[tokio::test]
async fn an_event_dated_in_the_future_goes_with_the_first_too_old_one_behind_it() {
    let (server, user) = server_with(5).await;
    make_older(&server, "1, 4", &hours_ago(&server, 5)).await;
    make_older(&server, "2, 3", &hours_ahead(&server, 12)).await;
    for (older_than, deleted, kept) in [
        ("6h", 0, &[1, 2, 3, 4, 5][..]),
        ("4h", 4, &[5]),
        ("0s", 1, &[]),
    ] {
        let printed = server.run(&["trim", "--older-than", older_than]).await;
        assert_eq!(
            printed,
            format!("deleted {deleted} events\n"),
            "{older_than}"
        );
        assert_eq!(ids(&user).await, kept, "{older_than}");
    }
    user.board("a board").await;
    make_older(&server, "6", &hours_ahead(&server, 12)).await;
    let printed = server.run(&["trim", "--older-than", "0s"]).await;
    assert_eq!(printed, "deleted 0 events\n");
    assert_eq!(ids(&user).await, [6]);
}

/// More of them than one query looks at.
#[tokio::test]
async fn many_events_dated_in_the_future_are_passed_over_and_told_of_once() {
    const MANY: i64 = 2500;
    let database = Database::new().await;
    let server = Server::start_on(&database, &["--retention", "forever"]).await;
    let user = server.user("ada").await;
    database.append_fillers(1, MANY, 0).await;
    let ahead = hours_ahead(&server, 12);
    database
        .execute(&format!("UPDATE events SET created_at = {ahead}"))
        .await;
    user.board("an old one").await;
    make_older(&server, &(MANY + 1).to_string(), &hours_ago(&server, 2)).await;
    user.board("a new one").await;
    user.until_settled(MANY + 2).await;
    let before = server.run(&["trim", "--older-than", "3h"]).await;
    assert_eq!(before, "deleted 0 events\n");
    server.signal(Signal::TERM);
    drop(server);

    let server = Server::start_on(&database, &["--retention", "1h"]).await;
    let settled = "SELECT event_id FROM trimmed_through UNION SELECT event_id FROM settled_through \
                   WHERE event_id < (SELECT event_id FROM trimmed_through)";
    eventually("the trim", || async {
        (database.column::<i64>(settled).await == [MANY + 1]).then_some(())
    })
    .await;
    let kept: Vec<i64> = database.column("SELECT id FROM events").await;
    assert_eq!(kept, [MANY + 2]);
    let log = server.log();
    assert_eq!(log.matches("dated in the future").count(), 1, "{log}");
}

#[tokio::test]
async fn ids_are_never_used_again() {
    let (mut server, user) = server_with(3).await;
    for (signal, next) in [(Signal::TERM, 4), (Signal::KILL, 5)] {
        server.run(&["trim", "--older-than", "0s"]).await;
        server.signal(signal);
        server = server.restart().await;
        assert_eq!(server.stream(None).await.opening().await, next - 1);
        let mut user = user.clone();
        user.url.clone_from(&server.url);
        user.board("another").await;
        user.until_settled(next).await;
        assert_eq!(ids(&user).await, [next]);
    }
}

#[tokio::test]
async fn the_server_trims_by_itself_and_streams_go_on() {
    let server = Server::start_with(&["--retention", "1s"]).await;
    let user = server.user("ada").await;
    let mut stream = server.stream(None).await;
    assert_eq!(stream.opening().await, 0);
    for id in 1..=2 {
        user.board("a board").await;
        assert_eq!(stream.ids(1).await, [id]);
        eventually("the trim", || async {
            ids(&user).await.is_empty().then_some(())
        })
        .await;
    }
    // A late client is told so, once the server has noticed; one that was connected has missed nothing.
    let mut late = eventually("a look after the trim", || async {
        let mut late = server.stream(Some(1)).await;
        (late.opening().await == 2).then_some(late)
    })
    .await;
    assert_eq!(
        late.expect("reset").await.data.expect("data")["reason"],
        "expired"
    );
    user.board("a board").await;
    assert_eq!(stream.ids(1).await, [3]);
    assert_eq!(late.ids(1).await, [3]);
}

#[tokio::test]
async fn for_ever_means_for_ever() {
    let server = Server::start_with(&["--retention", "forever"]).await;
    let user = server.user("ada").await;
    user.board("a board").await;
    user.board("a board").await;
    make_older(&server, "1", "'1970-01-01T00:00:00.000Z'").await;
    let database = server.database().clone();
    // A server trims first of all when it starts, as the last one here shows.
    server.signal(Signal::TERM);
    let server = server.restart().await;
    let mut stream = server.stream(Some(0)).await;
    assert_eq!(stream.ids(2).await, [1, 2]);
    let mut again = server.client();
    again.log_in("ada").await;
    again.board("a board").await;
    assert_eq!(stream.ids(1).await, [3]);
    assert_eq!(ids(&again).await, [1, 2, 3]);
    drop(server);

    let server = Server::start_on(&database, &[]).await;
    let client = server.client();
    eventually("the trim", || async {
        (ids(&client).await == [2, 3]).then_some(())
    })
    .await;
}

/// The clock was wrong when it was written. Its age is that of the events after it.
#[tokio::test]
async fn an_event_dated_in_the_future_does_not_stop_retention() {
    let database = Database::new().await;
    let mut server = Server::start_on(&database, &["--retention", "1h"]).await;
    let user = server.user("ada").await;
    for _ in 1..=6 {
        user.board("a board").await;
    }
    user.until_settled(6).await;
    server.signal(Signal::TERM);
    server.wait().await;
    database.date_events("1, 3", "2020-01-01T00:00:00Z").await;
    database.date_events("2, 5", "2099-01-01T00:00:00Z").await;

    // A server trims first of all when it starts.
    let server = server.restart().await;
    let client = server.client();
    eventually("the trim", || async {
        (ids(&client).await == [4, 5, 6]).then_some(())
    })
    .await;
    let warnings = server.log().matches("dated in the future").count();
    assert_eq!(warnings, 1, "{}", server.log());

    database.date_events("4", "2020-01-01T00:00:00Z").await;
    let printed = server.run(&["trim", "--older-than", "1h"]).await;
    assert_eq!(printed, "deleted 1 events\n");
    // After the future, the past may follow again.
    database.date_events("6", "2020-01-01T00:00:00Z").await;
    let printed = server.run(&["trim", "--older-than", "1h"]).await;
    assert_eq!(printed, "deleted 2 events\n");
    assert_eq!(ids(&client).await, [0; 0]);
}

#[tokio::test]
async fn events_dated_in_the_future_are_told_of_once_however_often_retention_meets_them() {
    let server = Server::start_with(&["--retention", "2s"]).await;
    let database = server.database();
    let user = server.user("ada").await;
    for _ in 0..2 {
        let mut last_id = 0;
        for _ in 0..3 {
            user.board("a board").await;
            last_id = *ids(&user).await.last().expect("an event");
            if last_id % 3 != 0 {
                let at = "2099-01-01T00:00:00Z";
                database.date_events(&last_id.to_string(), at).await;
            }
        }
        // The first two are deleted with the third.
        assert_eq!(last_id % 3, 0, "{last_id}");
        eventually("the trim", || async {
            ids(&user).await.is_empty().then_some(())
        })
        .await;
    }
    // At most once for each time that they appeared.
    let warnings = server.log().matches("dated in the future").count();
    assert!((1..=2).contains(&warnings), "{}", server.log());
}

/// Two programs that write keep SQLite from beginning its log anew, unless one of them sees to it.
#[tokio::test]
async fn the_log_beside_a_sqlite_file_is_cut_while_a_server_runs() {
    const LARGE: u64 = 4 << 20;
    let database = Database::sqlite();
    let server = Server::start_on(&database, &["--retention", "forever"]).await;
    let user = server.user("ada").await;
    user.board("an old one").await;
    let grow = "PRAGMA wal_autocheckpoint = 0; CREATE TABLE other (it BLOB); \
                INSERT INTO other VALUES (zeroblob(6000000));";
    database.execute(grow).await;
    let log = database.directory().join("dotcast.db-wal");
    let size = || std::fs::metadata(&log).map_or(0, |it| it.len());
    assert!(size() > LARGE, "{}", size());
    let printed = server.run(&["trim", "--older-than", "0s"]).await;
    assert_eq!(printed, "deleted 1 events\n");
    assert!(size() < LARGE, "{}", size());
    // Nothing of it is lost.
    let kept: Vec<i64> = database.column("SELECT length(it) FROM other").await;
    assert_eq!(kept, [6_000_000]);
    user.board("a new one").await;
}

/// The mark and the deletion are one: whenever it is killed, nothing below the mark is left, and nothing above it is gone.
#[tokio::test]
async fn a_trim_that_is_killed_leaves_a_log_that_goes_on_where_its_mark_is() {
    const EVENTS: i64 = 6_000;
    let (server, user) = server_with(1).await;
    let database = server.database();
    database.append_fillers(1, EVENTS, 100).await;
    user.until_settled(EVENTS + 1).await;
    make_older(
        &server,
        "SELECT id FROM events",
        "'2020-01-01T00:00:00.000Z'",
    )
    .await;
    let mark = "SELECT event_id FROM trimmed_through";
    let mut before = 0;
    for _ in 0..3 {
        let mut trim = crate::harness::program();
        trim.args(["trim", "--older-than", "1d"])
            .env("DATABASE_URL", database.url());
        let mut trim = trim.kill_on_drop(true).spawn().expect("the program starts");
        eventually("a batch", || async {
            (database.column::<i64>(mark).await[0] > before).then_some(())
        })
        .await;
        trim.kill().await.expect("killed");
        before = database.column::<i64>(mark).await[0];
        let kept: Vec<i64> = database.column("SELECT id FROM events ORDER BY id").await;
        assert!(kept.into_iter().eq(before + 1..=EVENTS + 1), "{before}");
    }
    let printed = server.run(&["trim", "--older-than", "1d"]).await;
    assert_eq!(printed, format!("deleted {} events\n", EVENTS + 1 - before));
}
