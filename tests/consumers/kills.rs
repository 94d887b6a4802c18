//! Workers and servers that are killed: each event at least once, none skipped, in order.

use std::{
    collections::BTreeSet,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};

use rustix::process::Signal;
use serde_json::{Value, json};
use tokio::{task::JoinSet, time::sleep};

use super::{Batch, CONSUMERS, Worker};
use crate::harness::{Client, Server, client};

/// Each has four workers, and its events are handed out to one after the other.
const GROUPS: usize = 10;
const WORKERS: usize = 4;
/// How many workers of a group are killed between being handed a batch and acknowledging it.
const KILLS: usize = 20;
const EVENTS: i64 = 120;

/// What the workers of one consumer share.
struct Group {
    name: String,
    /// The servers. The second one is killed in the middle.
    urls: Arc<Mutex<[String; 2]>>,
    token: Option<String>,
    /// What was handed out, in order.
    journal: Mutex<Vec<i64>>,
    taken: AtomicUsize,
    killed: AtomicUsize,
    is_over: AtomicBool,
}

impl Group {
    /// A new worker, as good as a new process: it knows nothing but the consumer's name. It lives until it is killed, or
    /// everything is acknowledged.
    async fn work(&self, number: usize) {
        let mut at = number % 2;
        let mut client = Client::new("").over(&client::http());
        client.token.clone_from(&self.token);
        while !self.is_over.load(Ordering::Relaxed) {
            let url = self.urls.lock().expect("no panic")[at].clone();
            client.url.clone_from(&url);
            let worker = Worker::new(&client, &self.name);
            let path = format!("{}/events?limit=5&lease=1s&wait=1s", worker.path);
            let answer = match client.try_get(&path).await {
                Ok(answer) if answer.status == 200 => answer,
                Ok(answer) if answer.status == 409 => {
                    // As soon as the lease can have ended.
                    sleep(Duration::from_millis(250)).await;
                    continue;
                }
                // The server is gone or about to be; the other one has the consumer as well.
                Ok(answer) => {
                    assert_eq!(answer.status, 503, "{answer:?}");
                    at = 1 - at;
                    continue;
                }
                Err(_) => {
                    at = 1 - at;
                    continue;
                }
            };
            let batch = Batch::of(&answer.body);
            assert_eq!(batch.reset, Value::Null);
            self.journal.lock().expect("no panic").extend(&batch.ids);
            if batch.ids.is_empty() {
                // Somebody has acknowledged all, and may not have got the answer.
                if batch.next_after == EVENTS {
                    self.is_over.store(true, Ordering::Relaxed);
                }
                continue;
            }
            // Every second one, so that each is handed a batch that another has had.
            let taken = self.taken.fetch_add(1, Ordering::Relaxed);
            let is_second = taken.is_multiple_of(2);
            if is_second && self.killed.fetch_add(1, Ordering::Relaxed) < KILLS {
                return;
            }
            let body = json!({ "id": batch.last(), "lease_id": batch.lease_id });
            // Its answer may be lost with the server, or somebody else has the events: then they come again.
            let path = format!("{}/ack", worker.path);
            if let Ok(answer) = client.try_post(&path, &body).await {
                let status = answer.status.as_u16();
                assert!([200, 409, 503].contains(&status), "{answer:?}");
            }
        }
    }
}

/// Keeps so many workers alive until all is acknowledged.
async fn run(group: Arc<Group>) {
    let mut workers = JoinSet::new();
    let start = |workers: &mut JoinSet<()>, number| {
        let group = Arc::clone(&group);
        workers.spawn(async move { group.work(number).await });
    };
    for number in 0..WORKERS {
        start(&mut workers, number);
    }
    let mut number = WORKERS;
    while let Some(ended) = workers.join_next().await {
        ended.expect("a worker");
        if !group.is_over.load(Ordering::Relaxed) {
            start(&mut workers, number);
            number += 1;
        }
    }
}

#[tokio::test]
async fn each_event_is_handed_out_at_least_once_and_in_order_whoever_is_killed() {
    let options = [
        "--request-rate",
        "off",
        "--max-requests-per-client",
        "128",
        "--poll-interval",
        "50ms",
    ];
    let server = Server::start_with(&options).await;
    let mut other = Server::start_on(server.database(), &options).await;
    let ada = server.user("ada").await;
    let urls = Arc::new(Mutex::new([server.url.clone(), other.url.clone()]));
    let mut groups = Vec::new();
    for number in 0..GROUPS {
        let name = format!("group-{number}");
        Worker::new(&ada, &name)
            .put(json!({ "after": 0 }))
            .await
            .expect(201);
        groups.push(Arc::new(Group {
            name,
            urls: Arc::clone(&urls),
            token: ada.token.clone(),
            journal: Mutex::default(),
            taken: AtomicUsize::new(0),
            killed: AtomicUsize::new(0),
            is_over: AtomicBool::new(false),
        }));
    }
    let mut running = JoinSet::new();
    for group in &groups {
        running.spawn(run(Arc::clone(group)));
    }
    for number in 1..=EVENTS {
        ada.board(&format!("board {number}")).await;
        if number == EVENTS / 2 {
            other.signal(Signal::KILL);
            other = other.restart().await;
            urls.lock().expect("no panic")[1].clone_from(&other.url);
        }
    }
    while let Some(ended) = running.join_next().await {
        ended.expect("a group");
    }

    let ids: Vec<i64> = ada
        .events()
        .await
        .iter()
        .map(|event| event["id"].as_i64().expect("an id"))
        .collect();
    assert_eq!(ids, (1..=EVENTS).collect::<Vec<_>>());
    for group in groups {
        assert!(group.killed.load(Ordering::Relaxed) >= KILLS);
        let journal = group.journal.lock().expect("no panic");
        let mut seen = BTreeSet::new();
        for &id in &*journal {
            // Again, or the next.
            let next = seen.last().map_or(1, |last| last + 1);
            assert!(
                id <= next,
                "{id} before {next} in {}: {journal:?}",
                group.name
            );
            seen.insert(id);
        }
        assert_eq!(seen, (1..=EVENTS).collect());
        // Killed workers leave their batches to others.
        assert!(journal.len() > seen.len(), "{journal:?}");
    }
    let list = ada.get(&format!("{CONSUMERS}?limit=200")).await.expect(200);
    for consumer in list.body["items"].as_array().expect("items") {
        assert_eq!(consumer["cursor"], EVENTS);
    }
}
