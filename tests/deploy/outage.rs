//! Servers that are down, seen through each proxy.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use rustix::process::Signal;
use tokio::process::Command;
use tokio_util::sync::CancellationToken;

use super::Deployment;
use crate::harness::{Cluster, EventSource, Stream, client::http, eventually, proxy::Kind, run};

behind_each_proxy!(
    while_one_server_is_down_the_other_answers_everything,
    while_both_are_down_a_stream_breaks_without_a_status,
);

const OPTIONS: [&str; 4] = ["--poll-interval", "20ms", "--retry", "20ms"];

async fn while_one_server_is_down_the_other_answers_everything(kind: Kind) {
    for signal in [Signal::TERM, Signal::KILL] {
        let mut deployment = Deployment::start(kind, &OPTIONS).await;
        let ada = deployment.user("ada").await;
        let http = http();
        let clients: Vec<_> = (0..10)
            .map(|_| EventSource::open(&http, &deployment.proxy.url))
            .collect();
        for client in &clients {
            client.until_open().await;
        }
        // Before, while and after it goes. Each answer is asserted.
        let mut paths = vec!["/api/v1/boards", "/api/v1/events", "/healthz"];
        // A server that stops says so here, with a 503. Caddy passes it on, where the others ask the other server.
        if !matches!(kind, Kind::Caddy) {
            paths.push("/readyz");
        }
        let readers = Readers::start(&http, &deployment.proxy.url, &paths);
        readers.until_more().await;
        deployment.stop(0, signal).await;
        readers.until_more().await;
        let mut newest = 0;
        for _ in 0..10 {
            newest = ada.board("meanwhile").await;
            let mut stream = Stream::open(&deployment.proxy.url, "", Some(0)).await;
            assert_eq!(stream.opening().await, 0);
        }
        for client in &clients {
            eventually("the events", || async {
                (client.story().seen.last() == Some(&newest)).then_some(())
            })
            .await;
        }
        deployment.start_again(0).await;
        readers.until_more().await;
        readers.stop().await;
        newest = ada.board("after").await;
        for client in &clients {
            eventually("the events", || async {
                (client.story().seen.last() == Some(&newest)).then_some(())
            })
            .await;
            let story = client.story();
            let expected: Vec<_> = (1..=newest).collect();
            assert_eq!((&story.seen, &story.gave_up), (&expected, &None));
        }
    }
}

/// A browser's `EventSource` gives up on an error status, and comes back when the connection breaks.
async fn while_both_are_down_a_stream_breaks_without_a_status(kind: Kind) {
    let mut deployment = Deployment::start(kind, &OPTIONS).await;
    let ada = deployment.user("ada").await;
    let client = EventSource::open(&http(), &deployment.proxy.url);
    client.until_open().await;
    ada.board("before").await;
    for number in [0, 1] {
        deployment.stop(number, Signal::TERM).await;
    }
    // It tries several times without success.
    eventually("attempts", || async {
        let story = client.story();
        let failed = story.cuts.iter().filter(|cut| cut.error.is_some()).count();
        (failed >= 3).then_some(())
    })
    .await;
    let stream = format!("{}/sse/notifications/", deployment.proxy.url);
    let curl = run(Command::new("curl").args(["-sS", &stream]), "").await;
    assert_eq!(curl.code, Some(52), "an empty reply: {curl:?}");
    let answer = http().get(format!("{}/api/v1/boards", deployment.proxy.url));
    let status = answer.send().await.expect("an answer").status();
    assert!([502, 503].contains(&status.as_u16()), "{status}");

    for number in [1, 0] {
        deployment.start_again(number).await;
    }
    let newest = ada.board("after").await;
    eventually("the events", || async {
        (client.story().seen.len() >= 2).then_some(())
    })
    .await;
    let story = client.story();
    assert_eq!((&story.seen, &story.gave_up), (&vec![1, newest], &None));
}

/// Looking up a cursor takes the database. Streams open without it and wait, because an `EventSource` that gets an
/// error gives up.
#[tokio::test]
async fn while_the_database_is_down_streams_stay_open() {
    let cluster = Cluster::start().await;
    let deployment = Deployment::start_on(Kind::Nginx, &cluster.database().await, &OPTIONS).await;
    let ada = deployment.user("ada").await;
    let client = EventSource::open(&http(), &deployment.proxy.url);
    client.until_open().await;
    ada.board("before").await;
    for number in [0, 1] {
        deployment.server(number).client().until_settled(1).await;
    }
    cluster.stop_immediately().await;
    let mut late = Stream::open(&deployment.proxy.url, "", Some(1000)).await;
    let sign = late.next().await.expect("a keep-alive");
    assert_eq!(sign.comment.as_deref(), Some("dotcast"));

    cluster.start_again().await;
    let start = late.expect("cursor").await.id.expect("an id");
    let reset = late.expect("reset").await.data.expect("data");
    assert_eq!((start, &reset["reason"]), (1, &"ahead".into()));
    ada.board("after").await;
    let newest = late.ids(1).await[0];
    eventually("the events", || async {
        (client.story().seen.len() >= 2).then_some(())
    })
    .await;
    let story = client.story();
    assert_eq!((&story.seen, &story.gave_up), (&vec![1, newest], &None));
    assert!(story.cuts.is_empty(), "{:?}", story.cuts);
}

/// Clients that read all the time. Any answer other than 200 is a failure.
struct Readers {
    answers: Arc<AtomicUsize>,
    stop: CancellationToken,
    tasks: Vec<tokio::task::JoinHandle<()>>,
}

impl Readers {
    fn start(http: &reqwest::Client, url: &str, paths: &[&'static str]) -> Self {
        let answers = Arc::<AtomicUsize>::default();
        let stop = CancellationToken::new();
        let tasks = paths.iter().map(|&path| {
            let request = http.get(format!("{url}{path}"));
            let (answers, stop) = (Arc::clone(&answers), stop.clone());
            tokio::spawn(async move {
                while !stop.is_cancelled() {
                    let request = request.try_clone().expect("no body");
                    let answer = request.send().await.expect("an answer");
                    assert_eq!(answer.status(), 200, "{path}");
                    answer.bytes().await.expect("a body");
                    answers.fetch_add(1, Ordering::Relaxed);
                }
            })
        });
        let tasks = tasks.collect();
        Self {
            answers,
            stop,
            tasks,
        }
    }

    /// Waits until they have had a number of further answers.
    async fn until_more(&self) {
        let wanted = self.answers.load(Ordering::Relaxed) + 100;
        eventually("answers", || async {
            let failed = self.tasks.iter().any(tokio::task::JoinHandle::is_finished);
            let enough = self.answers.load(Ordering::Relaxed) >= wanted;
            (failed || enough).then_some(())
        })
        .await;
    }

    /// Ends them; fails if one has failed.
    async fn stop(self) {
        self.stop.cancel();
        for task in self.tasks {
            task.await.expect("only good answers");
        }
    }
}
