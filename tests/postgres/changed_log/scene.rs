//! A server whose log is changed, and what it has acknowledged and shown.

use std::sync::{Arc, Mutex};

use serde_json::Value;
use tokio::task::{JoinHandle, JoinSet};

use super::change::Change;
use crate::harness::{Client, Cluster, Database, Network, Server, client, eventually, sse::Frame};

/// A server with a stream that was opened before the change.
pub struct Scene {
    pub change: Change,
    /// The server's database, also after a failover.
    pub database: Database,
    pub network: Network,
    pub standby: Option<Cluster>,
    pub primary: Cluster,
    pub server: Server,
    user: Client,
    /// The boards that were acknowledged.
    acknowledged: Vec<i64>,
    /// The events that the stream has shown.
    shown: Arc<Mutex<Vec<Frame>>>,
    stream: JoinHandle<()>,
}

impl Scene {
    /// Starts it, on this cluster if the cluster need not be stopped.
    pub async fn start(shared: Cluster, change: Change) -> Self {
        let fails_over = matches!(change, Change::FailOver);
        let primary = if fails_over {
            Cluster::start().await
        } else {
            shared
        };
        let database = primary.database().await;
        let standby = if fails_over {
            Some(primary.standby().await)
        } else {
            None
        };
        let network = Network::to(&database).await;
        let url = network.url(&database);
        let options = [
            "--database-url",
            &url,
            "--poll-interval",
            "200ms",
            "--database-timeout",
            "2s",
        ];
        let server = Server::start_on(&database, &options).await;
        let shown = Arc::<Mutex<Vec<Frame>>>::default();
        let mut stream = server.stream(None).await;
        stream.opening().await;
        let seen = Arc::clone(&shown);
        let stream = tokio::spawn(async move {
            while let Some(frame) = stream.next().await {
                seen.lock().expect("no panic").push(frame);
            }
        });
        Self {
            change,
            database,
            network,
            standby,
            primary,
            user: server.user("ada").await,
            server,
            acknowledged: Vec::new(),
            shown,
            stream,
        }
    }

    /// Makes boards, a few at once so that several sessions take part. Not all need be acknowledged.
    pub async fn post(&mut self, rounds: usize) {
        for round in 0..rounds {
            let mut posts = JoinSet::new();
            for _ in 0..=round % 3 {
                let user = self.user.clone();
                posts.spawn(async move {
                    let board = client::board("one");
                    user.try_post("/api/v1/boards", &board).await
                });
            }
            for answer in posts.join_all().await {
                // When it ends there is no answer.
                if let Ok(answer) = answer
                    && answer.status == 201
                {
                    let board = answer.body["id"].as_i64().expect("an id");
                    self.acknowledged.push(board);
                }
            }
        }
    }

    pub async fn until_all_is_shown(&self) {
        let what = format!("{:?}: that all is shown", self.change);
        eventually(&what, || async { self.all_is_shown().then_some(()) }).await;
    }

    pub async fn until_all_is_shown_or_ended(&mut self) {
        let what = format!("{:?}: that all is shown, or the end", self.change);
        eventually(&what, || {
            let done = self.all_is_shown() || self.server.try_wait().is_some();
            async move { done.then_some(()) }
        })
        .await;
        if self.server.try_wait().is_some() {
            self.until_ended().await;
        }
    }

    pub async fn until_unready(&self) {
        let what = format!("{:?}: that it is not ready", self.change);
        eventually(&what, || async {
            (self.user.get("/readyz").await.status == 503).then_some(())
        })
        .await;
    }

    /// Waits for the end of the server, which must have said why, also on the stream.
    pub async fn until_ended(&mut self) {
        let change = self.change;
        eventually(&format!("{change:?}: the server's end"), || {
            let ended = self.server.try_wait();
            async move { ended }
        })
        .await;
        let complaint = self.server.complaint().await;
        (&mut self.stream).await.expect("a clean end of the stream");
        let shown = self.shown.lock().expect("no panic");
        let resets: Vec<_> = shown.iter().filter_map(reset).collect();
        assert_eq!(resets, ["restored"], "{change:?}: {complaint}");
    }

    /// Asserts that nothing was shown twice, or out of order.
    pub fn assert_in_order(&self) {
        let shown = self.shown.lock().expect("no panic");
        let logged = shown.iter().filter(|frame| frame.is_logged());
        let ids: Vec<_> = logged.map(|frame| frame.id).collect();
        let is_sorted = ids.is_sorted_by(|one, next| one < next);
        assert!(is_sorted, "{:?}: {ids:?}", self.change);
    }

    /// Ends the server, whatever it is doing; returns its database.
    pub fn leave(self) -> Left {
        self.stream.abort();
        Left {
            database: self.database,
            _clusters: (self.primary, self.standby),
        }
    }

    fn all_is_shown(&self) -> bool {
        let shown = self.shown.lock().expect("no panic");
        let boards: Vec<_> = shown
            .iter()
            .filter_map(|frame| frame.data.as_ref()?["board_id"].as_i64())
            .collect();
        self.acknowledged.iter().all(|it| boards.contains(it))
    }
}

/// What remains of a scene.
pub struct Left {
    pub database: Database,
    _clusters: (Cluster, Option<Cluster>),
}

/// The reason that a frame gives, if it is a reset.
fn reset(frame: &Frame) -> Option<Value> {
    let is_reset = frame.event.as_deref() == Some("reset");
    is_reset.then(|| frame.data.as_ref().expect("data")["reason"].clone())
}
