//! Two servers are restarted one after the other, under hundreds of streams and steady writes. See what
//! happened with `cargo test rolling_restart -- --nocapture`.

#![allow(
    clippy::print_stdout,
    reason = "what was seen is shown with --nocapture"
)]

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use rustix::process::{Resource, Rlimit, Signal, getrlimit, setrlimit};
use tokio_util::sync::CancellationToken;

use super::Deployment;
use crate::harness::{
    Client, Database, EventSource,
    client::{board, http},
    event_source::Cut,
    eventually,
    proxy::Kind,
};

/// How many clients there are behind nginx, where it is about how they spread as well.
const CLIENTS: usize = 500;
/// How many there are behind the other proxies, where it is about the proxy.
const FEW_CLIENTS: usize = 60;
const WRITERS: usize = 2;
/// Interval between a writer's posts, while it is answered.
const PACE: Duration = Duration::from_millis(100);
/// `--retry`, in milliseconds; a stopping server says one to four times as much.
const RETRY: u64 = 500;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_rolling_restart_loses_and_repeats_nothing_and_spreads_the_clients() {
    check(Kind::Nginx, &Database::postgres().await, CLIENTS).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_rolling_restart_on_one_file_does_neither() {
    check(Kind::Nginx, &Database::sqlite(), CLIENTS).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_rolling_restart_behind_haproxy_does_neither() {
    check(Kind::Haproxy, &Database::postgres().await, FEW_CLIENTS).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_rolling_restart_behind_caddy_does_neither() {
    check(Kind::Caddy, &Database::postgres().await, FEW_CLIENTS).await;
}

async fn check(kind: Kind, database: &Database, number: usize) {
    allow_many_files();
    let retry = format!("{RETRY}ms");
    let options = ["--retry", &*retry, "--poll-interval", "50ms"];
    let mut deployment = Deployment::start_on(kind, database, &options).await;
    let ada = deployment.user("ada").await;
    let http = http();
    let clients: Vec<_> = (0..number)
        .map(|_| EventSource::open(&http, &deployment.proxy.url))
        .collect();
    until_all(&clients, "streams", |client| client.story().is_open).await;
    let writers = Writers::start(&http, &ada);
    writers.until_more().await;

    let started = Instant::now();
    for number in [0, 1] {
        deployment.stop(number, Signal::TERM).await;
        writers.until_more().await;
        deployment.start_again(number).await;
        writers.until_more().await;
    }
    let restarted = started.elapsed();
    until_all(&clients, "streams", |client| client.story().is_open).await;
    writers.until_more().await;
    let written = writers.stop().await;

    let committed: Vec<i64> = database.column("SELECT id FROM events ORDER BY id").await;
    let boards: Vec<i64> = database.column("SELECT topic FROM events").await;
    let boards = BTreeSet::from_iter(boards);
    assert!(written.acknowledged.is_subset(&boards), "a write was lost");
    let newest = committed.last();
    until_all(&clients, "all events", |client| {
        client.story().seen.last() == newest || client.story().gave_up.is_some()
    })
    .await;
    let mut cuts = Vec::new();
    for client in &clients {
        let story = client.story();
        assert_eq!(story.gave_up, None, "{:?}", story.cuts);
        assert_eq!(story.opened_at, Some(0));
        assert_eq!(story.seen, committed, "{:?}", story.cuts);
        assert!(!story.cuts.is_empty(), "its server was restarted");
        cuts.extend(story.cuts.iter().cloned());
    }
    println!(
        "{number} clients, {} events, each seen by each once and in order; \
         {} writes acknowledged, {} not: {:?}; two restarts in {restarted:?}",
        committed.len(),
        written.acknowledged.len(),
        written.failed.len(),
        written.failed,
    );
    report(&cuts, started);

    // By what the servers advertised: when the clients actually came also depends on the machine.
    let told: Vec<_> = cuts
        .iter()
        .filter(|cut| cut.error.is_none())
        .map(|cut| cut.retry)
        .collect();
    let third = RETRY; // of the window from once to four times
    assert!(told.iter().all(|it| (RETRY..=4 * RETRY).contains(it)));
    assert!(told.iter().any(|&it| it < RETRY + third), "{told:?}");
    assert!(told.iter().any(|&it| it > 4 * RETRY - third), "{told:?}");
    let distinct = BTreeSet::from_iter(told).len();
    assert!(distinct > number / 4, "only {distinct} different pauses");
}

/// Prints when the clients came back, and how that was meant.
fn report(cuts: &[Cut], started: Instant) {
    let broken = cuts.iter().filter(|cut| cut.error.is_some());
    println!(
        "{} reconnects, {} after a connection that broke",
        cuts.len(),
        broken.clone().count()
    );
    for error in broken.filter_map(|cut| cut.error.as_ref()).take(3) {
        println!("  {error}");
    }
    let again = cuts.iter().filter_map(|cut| cut.again);
    let again = again.map(|at| at.duration_since(started).as_millis());
    histogram("reconnects by time since the first signal", again);
    let told = cuts.iter().map(|cut| u128::from(cut.retry));
    histogram("reconnects by the pause that was advertised", told);
}

fn histogram(title: &str, milliseconds: impl Iterator<Item = u128>) {
    let mut counts = BTreeMap::new();
    for at in milliseconds {
        *counts.entry(at / 100).or_insert(0_usize) += 1;
    }
    println!("{title} (ms):");
    let last = counts.keys().max().copied().unwrap_or_default();
    for bucket in counts.keys().min().copied().unwrap_or_default()..=last {
        let count = counts.get(&bucket).copied().unwrap_or_default();
        println!(
            "{:>6} {count:>4} {}",
            bucket * 100,
            "#".repeat(count.div_ceil(2))
        );
    }
}

/// Waits until something holds for every client.
async fn until_all(clients: &[EventSource], what: &str, holds: impl Fn(&EventSource) -> bool) {
    eventually(what, || async { clients.iter().all(&holds).then_some(()) }).await;
}

/// Each stream is an open file: here, twice in the proxy, and in the servers, which inherit our limit.
fn allow_many_files() {
    let limit = getrlimit(Resource::Nofile);
    let wanted = limit.maximum.unwrap_or(u64::MAX).min(16_384);
    if limit.current.is_some_and(|current| current < wanted) {
        let limit = Rlimit {
            current: Some(wanted),
            ..limit
        };
        setrlimit(Resource::Nofile, limit).expect("a higher limit");
    }
}

/// Users who make boards, one after the other.
struct Writers {
    acknowledged: Arc<AtomicUsize>,
    written: Arc<Mutex<Written>>,
    stop: CancellationToken,
    tasks: Vec<tokio::task::JoinHandle<()>>,
}

#[derive(Default)]
struct Written {
    /// The boards that were answered with 201.
    acknowledged: BTreeSet<i64>,
    /// Other answers. Such a board may exist or not.
    failed: Vec<String>,
}

impl Writers {
    fn start(http: &reqwest::Client, user: &Client) -> Self {
        let acknowledged = Arc::<AtomicUsize>::default();
        let written = Arc::<Mutex<Written>>::default();
        let stop = CancellationToken::new();
        let tasks = (0..WRITERS).map(|_| {
            let request = http
                .post(format!("{}/api/v1/boards", user.url))
                .bearer_auth(user.token.as_ref().expect("a token"))
                .json(&board("steady"));
            let (acknowledged, written) = (Arc::clone(&acknowledged), Arc::clone(&written));
            let stop = stop.clone();
            tokio::spawn(async move {
                let mut pace = tokio::time::interval(PACE);
                while !stop.is_cancelled() {
                    pace.tick().await;
                    let outcome = write(request.try_clone().expect("a body")).await;
                    let mut written = written.lock().expect("no panic");
                    match outcome {
                        Ok(id) => {
                            written.acknowledged.insert(id);
                            acknowledged.fetch_add(1, Ordering::Relaxed);
                        }
                        Err(why) => written.failed.push(why),
                    }
                }
            })
        });
        Self {
            tasks: tasks.collect(),
            acknowledged,
            written,
            stop,
        }
    }

    /// Waits until a number of further writes have been acknowledged.
    async fn until_more(&self) {
        let wanted = self.acknowledged.load(Ordering::Relaxed) + 10;
        eventually("writes", || async {
            (self.acknowledged.load(Ordering::Relaxed) >= wanted).then_some(())
        })
        .await;
    }

    async fn stop(self) -> Written {
        self.stop.cancel();
        for task in self.tasks {
            task.await.expect("no panic");
        }
        std::mem::take(&mut self.written.lock().expect("no panic"))
    }
}

/// Makes a board; its id, or why there is none.
async fn write(request: reqwest::RequestBuilder) -> Result<i64, String> {
    let answer = request.send().await.map_err(|error| format!("{error:?}"))?;
    if answer.status() != 201 {
        return Err(answer.status().to_string());
    }
    let board: serde_json::Value = answer.json().await.map_err(|error| error.to_string())?;
    Ok(board["id"].as_i64().expect("an id"))
}
