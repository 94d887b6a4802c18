//! The programs in `examples/`: what they save announces itself, and who follows sees each event once. And the one in
//! `client/examples/` that counts each event once.

mod exactly_once;
mod why;

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
    process::Stdio,
};

use reqwest::StatusCode;
use serde_json::json;
use tokio::process::{Child, Command};

use crate::harness::{Database, Stream, client::http, eventually, server::free_address};

/// An example, as cargo has built it beside the server.
fn example(name: &str) -> PathBuf {
    let server = Path::new(env!("CARGO_BIN_EXE_dotcast"));
    let program = server.with_file_name("examples").join(name);
    assert!(
        program.exists(),
        "{} is missing: run `cargo build --workspace --examples`",
        program.display()
    );
    program
}

/// An example that serves.
struct Example {
    url: String,
    _program: Child,
}

impl Example {
    async fn start(name: &str, database: &Database) -> Self {
        let address = free_address();
        let mut url = database.url();
        if url.starts_with("sqlite") {
            url += "?mode=rwc";
        }
        let program = Command::new(example(name))
            .args([url, address.to_string()])
            .stdin(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .expect("the example starts");
        let url = format!("http://{address}");
        eventually("an answer", || async {
            http().get(&url).send().await.ok().map(|_| ())
        })
        .await;
        Self {
            url,
            _program: program,
        }
    }

    async fn order(&self, item: &str) -> StatusCode {
        let order = http().post(format!("{}/orders", self.url));
        let answer = order.json(&json!({ "item": item })).send().await;
        answer.expect("an answer").status()
    }

    async fn follow(&self, cursor: i64) -> Stream {
        let request = http()
            .get(format!("{}/events", self.url))
            .header("Last-Event-ID", cursor);
        Stream::of(request.send().await.expect("a stream"))
    }

    /// Reads so many events past `cursor`, and hangs up. Where it has come to, and what was ordered.
    async fn read(&self, mut cursor: i64, count: usize) -> (i64, Vec<String>) {
        let mut stream = self.follow(cursor).await;
        let mut items = Vec::new();
        while items.len() < count {
            let frame = stream.next().await.expect("no end");
            cursor = frame.id.unwrap_or(cursor);
            if frame.event.as_deref() == Some("ordered") {
                let item = frame.data.expect("data")["item"].clone();
                items.push(item.as_str().expect("a text").to_owned());
            }
        }
        (cursor, items)
    }
}

/// How many orders are placed at the same time, and how many there are of each.
const TOGETHER: usize = 4;
const ROUNDS: usize = 10;

async fn each_order_is_seen_once(name: &str) {
    let database = Database::new().await;
    let one = Example::start(name, &database).await;
    // Another process on the same log.
    let other = Example::start(name, &database).await;
    let orders = async {
        for round in 0..ROUNDS {
            let order = |writer: usize| {
                let (one, other) = (&one, &other);
                async move {
                    let item = format!("{round}.{writer}");
                    let (first, again) = if writer.is_multiple_of(2) {
                        (one, other)
                    } else {
                        (other, one)
                    };
                    assert_eq!(first.order(&item).await, 201, "{item}");
                    // There can be one of each, so this is rolled back, with the event that was there already.
                    assert_eq!(again.order(&item).await, 409, "{item}");
                }
            };
            futures_util::future::join_all((0..TOGETHER).map(order)).await;
        }
    };
    let reader = async {
        let (mut cursor, mut seen) = (0, Vec::new());
        for length in (1..=3).cycle() {
            let left = TOGETHER * ROUNDS - seen.len();
            if left == 0 {
                break;
            }
            let by = if length == 2 { &other } else { &one };
            let (reached, items) = by.read(cursor, length.min(left)).await;
            cursor = reached;
            seen.extend(items);
        }
        seen
    };
    let ((), seen) = tokio::join!(orders, reader);
    let distinct: BTreeSet<_> = seen.iter().collect();
    assert_eq!((seen.len(), distinct.len()), (40, 40), "{seen:?}");
    // Nothing was left of what was rolled back.
    let events: Vec<i64> = database.column("SELECT COUNT(*) FROM events").await;
    assert_eq!(events, [40]);
}

#[tokio::test]
async fn with_axum_each_order_is_seen_once() {
    each_order_is_seen_once("axum").await;
}

#[tokio::test]
async fn with_poem_each_order_is_seen_once() {
    each_order_is_seen_once("poem").await;
}
