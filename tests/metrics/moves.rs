//! Each documented metric is served, and moves when what it counts happens.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::future::join;
use rustix::process::Signal;
use serde_json::json;

use super::page::{Page, documented};
use crate::{
    harness::{Client, Database, Network, Server, Writer, client::board, eventually},
    postgres::sessions::lock,
};

/// What is the same on all servers here: it must be there, and not 0.
const CONSTANT: [&str; 2] = ["dotcast_build_info", "process_max_fds"];

/// All values that metrics were seen to have, and all types.
#[derive(Default)]
struct Seen {
    values: BTreeMap<String, BTreeSet<String>>,
    types: BTreeMap<String, String>,
}

impl Seen {
    fn note(&mut self, page: &Page) {
        for name in documented().keys() {
            let sum = page
                .sum(name)
                .map_or("absent".to_owned(), |it| it.to_string());
            self.values.entry(name.clone()).or_default().insert(sum);
        }
        self.types.extend(page.types.clone());
    }

    /// Waits until a metric is as wanted.
    async fn until(&mut self, client: &Client, metric: &str, wanted: impl Fn(f64) -> bool) {
        let page = eventually(metric, || async {
            let page = Page::of(client).await;
            page.sum(metric).is_some_and(&wanted).then_some(page)
        })
        .await;
        self.note(&page);
    }

    /// Metrics that had only one value.
    fn unmoved(&self) -> BTreeSet<&str> {
        let values = self.values.iter();
        let unmoved = values.filter(|(_, values)| values.len() < 2);
        unmoved.map(|(name, _)| name.as_str()).collect()
    }
}

/// A server with little room, seen to serve; the event 1 is older than its window.
async fn start(database: &Database, seen: &mut Seen, arguments: &[&str]) -> (Server, Client) {
    let mut all = vec!["--max-streams", "1", "--poll-interval", "100ms"];
    all.extend(arguments);
    let server = Server::start_on(database, &all).await;
    server.user("ada").await.board("first").await;
    server.signal(Signal::TERM);
    let server = server.restart().await;
    seen.note(&Page::of(&server.client()).await);
    let mut ada = server.client();
    ada.log_in("ada").await;
    (server, ada)
}

/// Reads a page of history, follows live, and hits a limit.
async fn follow(server: &Server, ada: &Client, seen: &mut Seen) {
    let client = server.client();
    let mut stream = server.stream(Some(0)).await;
    assert_eq!(stream.ids(1).await, [1]);
    ada.board("second").await;
    assert_eq!(stream.ids(1).await, [2]);
    let page = Page::of(&client).await;
    for (series, value) in [
        ("dotcast_streams{transport=\"http1\"}", 1.0),
        ("dotcast_streams_opened_total{transport=\"http1\"}", 1.0),
        ("dotcast_stream_events_total", 2.0),
        ("dotcast_stream_lag_events", 0.0),
        ("dotcast_log_settled_id", 2.0),
        ("dotcast_log_newest_id", 2.0),
        ("dotcast_log_events_total", 1.0),
        ("dotcast_log_rounds_total", 1.0),
        ("dotcast_log_pages_total", 1.0),
        (
            "dotcast_http_requests_total{operation=\"createBoard\",status=\"201\"}",
            1.0,
        ),
    ] {
        assert_eq!(page.value(series), Some(value), "{series}");
    }
    seen.note(&page);
    client.get("/sse/notifications/").await.expect(503);
    // It lacks the event 1.
    ada.put("/api/v1/consumers/behind", &json!({ "after": 0 }))
        .await
        .expect(201);
    let page = Page::of(&client).await;
    let hit = "dotcast_limits_hit_total{limit=\"streams\"}";
    assert_eq!(page.value(hit), Some(1.0));
    seen.note(&page);
    drop(stream);
    seen.until(&client, "dotcast_streams_ended_total", |it| it > 0.0)
        .await;
}

#[tokio::test]
async fn every_metric_is_documented_and_moves_and_every_documented_one_is_there() {
    let mut seen = Seen::default();

    let database = Database::sqlite();
    let (server, ada) = start(&database, &mut seen, &[]).await;
    follow(&server, &ada, &mut seen).await;
    drop(server);

    let database = Database::postgres().await;
    let network = Network::to(&database).await;
    let url = network.url(&database);
    let options = [
        "--database-url",
        &url,
        "--database-timeout",
        "1s",
        "--pool-size",
        "2",
    ];
    let (server, ada) = start(&database, &mut seen, &options).await;
    follow(&server, &ada, &mut seen).await;
    let client = server.client();

    // Another program's event is open in front of one of ours.
    let mut foreign = Writer::begin(&database).await;
    foreign.append().await;
    ada.post("/api/v1/boards", &board("held up"))
        .await
        .expect(201);
    seen.until(&client, "dotcast_log_held_up_seconds", |it| it > 0.0)
        .await;
    foreign.roll_back().await;
    seen.until(&client, "dotcast_log_settled_id", |it| it > 3.0)
        .await;

    // One connection writes, and waits for a lock; another caller waits for the connection.
    let gate = lock(&database, "events").await;
    let (one, other) = (board("one"), board("other"));
    let writes = join(
        ada.post("/api/v1/boards", &one),
        ada.post("/api/v1/boards", &other),
    );
    let watch = async {
        seen.until(&client, "dotcast_database_waiting", |it| it > 0.0)
            .await;
        gate.rollback().await.expect("rollback");
    };
    let ((first, second), ()) = join(writes, watch).await;
    // They may have waited for longer than they can.
    for answer in [first, second] {
        assert!([201, 503].contains(&answer.status.as_u16()), "{answer:?}");
    }

    network.go_silent();
    seen.until(&client, "dotcast_database_faults_total", |it| it > 0.0)
        .await;
    network.recover();
    drop(server);

    assert_eq!(seen.unmoved(), CONSTANT.into_iter().collect());
    for name in CONSTANT {
        assert!(!seen.values[name].contains("0"), "{name}");
        assert!(!seen.values[name].contains("absent"), "{name}");
    }
    assert_eq!(seen.types, documented());
}
