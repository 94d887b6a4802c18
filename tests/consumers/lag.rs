//! How far consumers are behind, and what it costs to know.

use serde_json::{Value, json};

use super::{CONSUMERS, Worker};
use crate::{
    harness::{Client, Database, Server, eventually},
    metrics::page::Page,
};

/// Dates an event a minute and a half ago.
async fn make_older(database: &Database, id: i64) {
    let then = (chrono::Utc::now() - chrono::TimeDelta::seconds(90)).to_rfc3339();
    database.date_events(&id.to_string(), &then).await;
}

/// Appends this many consumers of the user 1, at these cursors.
async fn append_consumers(database: &Database, count: i64, cursor: &str) {
    let now = if database.is_postgres() {
        "now()"
    } else {
        "strftime('%Y-%m-%dT%H:%M:%fZ', 'now')"
    };
    database
        .execute(&format!(
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {count}) \
             INSERT INTO consumers (user_id, name, cursor, known_break, revision, created_at) \
             SELECT 1, 'idle-' || i, {cursor}, 0, 1, {now} FROM n"
        ))
        .await;
}

#[tokio::test]
async fn it_is_told_in_events_and_in_seconds_everywhere() {
    let server = Server::start().await;
    let ada = server.user("ada").await;
    for _ in 0..3 {
        ada.board("one").await;
    }
    make_older(server.database(), 2).await;
    let worker = Worker::new(&ada, "mailer");
    worker.put(json!({ "after": 1 })).await.expect(201);
    Worker::new(&ada, "up-to-date")
        .put(json!({}))
        .await
        .expect(201);
    let list = ada.get(CONSUMERS).await.expect(200).body;
    for shown in [&worker.show().await, &list["items"][1]] {
        assert_eq!(
            (&shown["name"], &shown["lag_events"]),
            (&json!("mailer"), &json!(2))
        );
        let seconds = shown["lag_seconds"].as_i64().expect("a number");
        assert!((90..150).contains(&seconds), "{seconds}");
    }
    assert_eq!(list["items"][0]["lag_events"], 0);
    assert_eq!(list["items"][0].get("lag_seconds"), None);

    let page = Page::of(&server.client()).await;
    let of = |metric: &str, name: &str| {
        let series = format!("dotcast_consumer_{metric}{{user=\"ada\",consumer=\"{name}\"}}");
        page.value(&series)
    };
    assert_eq!(of("lag_events", "mailer"), Some(2.0));
    assert_eq!(of("lag_events", "up-to-date"), Some(0.0));
    let seconds = of("lag_seconds", "mailer").expect("a number");
    assert!((90.0..150.0).contains(&seconds), "{seconds}");
    assert_eq!(of("lag_seconds", "up-to-date"), None);

    worker.take("").await;
    let lines = server.run(&["consumers", "--json"]).await;
    let lines: Vec<Value> = lines
        .lines()
        .map(|line| serde_json::from_str(line).expect("JSON"))
        .collect();
    assert_eq!(lines.len(), 2);
    let mailer = &lines[0];
    assert_eq!(
        (&mailer["username"], &mailer["name"]),
        (&json!("ada"), &json!("mailer"))
    );
    assert_eq!(
        (&mailer["cursor"], &mailer["lag_events"]),
        (&json!(1), &json!(2))
    );
    assert!(mailer["lag_seconds"].as_i64().expect("a number") >= 90);
    assert!(mailer["lease_until"].is_string(), "{mailer}");
    assert_eq!(lines[1]["lease_until"], Value::Null);
    assert_eq!(lines[1].get("lag_seconds"), None);

    let table = server.run(&["consumers"]).await;
    let rows: Vec<Vec<&str>> = table
        .lines()
        .map(|line| line.split_whitespace().collect())
        .collect();
    assert_eq!(
        rows[0],
        ["USER", "NAME", "CURSOR", "LAG", "LEASED", "UNTIL"]
    );
    assert_eq!(rows[1][..4], ["ada", "mailer", "1", "2"]);
    assert_eq!(rows[2], ["ada", "up-to-date", "3", "0", "-"]);
}

#[tokio::test]
async fn metrics_name_the_hundred_that_are_furthest_behind() {
    let server = Server::start().await;
    let ada = server.user("ada").await;
    append_consumers(server.database(), 150, "i").await;
    server.database().append_fillers(1, 200, 10).await;
    ada.until_settled(200).await;
    let page = Page::of(&server.client()).await;
    for metric in ["lag_events", "lag_seconds"] {
        let prefix = format!("dotcast_consumer_{metric}{{");
        let mut named: Vec<_> = page
            .series
            .keys()
            .filter(|series| series.starts_with(&prefix))
            .map(|series| {
                let number = series.rsplit("idle-").next().expect("a name");
                let number = number.trim_end_matches("\"}").parse::<i64>();
                number.expect("a number")
            })
            .collect();
        named.sort_unstable();
        assert_eq!(named, (1..=100).collect::<Vec<_>>(), "{metric}");
    }
    assert_eq!(
        page.value("dotcast_consumer_lag_events{user=\"ada\",consumer=\"idle-7\"}"),
        Some(193.0)
    );
    // The command lists them all.
    assert_eq!(server.run(&["consumers"]).await.lines().count(), 151);
}

/// How often this server has looked at the log, and how many statements its readers have run.
async fn counted(client: &Client) -> (f64, f64) {
    let page = Page::of(client).await;
    let looks = page.sum("dotcast_log_looks_total").expect("looks");
    let reads = "dotcast_database_statement_duration_seconds_count{connection=\"reader\"}";
    (looks, page.value(reads).expect("reads"))
}

#[tokio::test]
async fn idle_consumers_cost_no_query_even_if_workers_wait() {
    let server = Server::start_with(&["--poll-interval", "20ms"]).await;
    let ada = server.user("ada").await;
    append_consumers(server.database(), 1_000, "0").await;
    let waiting: Vec<_> = (1..=10)
        .map(|number| {
            let worker = Worker::new(&ada, &format!("idle-{number}"));
            tokio::spawn(async move { worker.take("wait=25s").await })
        })
        .collect();
    let client = server.client();
    // Once they all wait, nothing is read but for these pages: two statements each.
    let quiet = eventually("quiet", || async {
        let (looks, reads) = counted(&client).await;
        let (more_looks, more_reads) = counted(&client).await;
        (more_looks > looks && more_reads - reads <= 2.0).then_some((more_looks, more_reads))
    })
    .await;
    let (looks, reads) = quiet;
    let mut pages = 0.0;
    loop {
        let (now, reads_now) = counted(&client).await;
        pages += 1.0;
        assert!(
            reads_now - reads <= 2.0 * pages,
            "{reads} {reads_now} {pages}"
        );
        if now - looks >= 50.0 {
            break;
        }
    }
    assert!(waiting.iter().all(|it| !it.is_finished()));
    ada.board("news").await;
    for it in waiting {
        assert_eq!(it.await.expect("a worker").ids, [1]);
    }
}
