//! The attacks.

use std::{future::Future, net::SocketAddr, sync::Arc};

use serde_json::{Value, json};
use tokio::time::sleep;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use super::{
    attacker::{ADDRESS, BODY, PAUSE},
    honest::{self, NAME},
    http2, plain,
};
use crate::error::Error;

/// Boards of the largest size for the listing attack: more than fit on a page.
const LARGE_BOARDS: usize = 220;

/// Every known attack.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Attack {
    WrongBodies,
    SlowBodies,
    Http2Bodies,
    ShutWindows,
    LargeLists,
    Guessing,
    Idle,
}

impl Attack {
    pub const ALL: [Self; 7] = [
        Self::WrongBodies,
        Self::SlowBodies,
        Self::Http2Bodies,
        Self::ShutWindows,
        Self::LargeLists,
        Self::Guessing,
        Self::Idle,
    ];

    /// A short description.
    pub fn name(self) -> &'static str {
        match self {
            Self::WrongBodies => "bodies of 1 MiB that break every rule, 16 at a time",
            Self::SlowBodies => "1,000 slow bodies of 1 MiB",
            Self::Http2Bodies => "256 unfinished bodies on each of 4 HTTP/2 connections",
            Self::ShutWindows => "10,000 HTTP/2 streams and lists with shut windows",
            Self::LargeLists => "the largest lists, 64 at a time",
            Self::Guessing => "160 connections that guess passwords",
            Self::Idle => "1,500 idle connections, 1,000 files allowed",
        }
    }

    /// How many files the server may open, if that is limited.
    pub fn open_files(self) -> Option<u64> {
        (self == Self::Idle).then_some(1000)
    }
}

/// The attacker, and what it found.
pub struct Scene {
    server: SocketAddr,
    client: reqwest::Client,
    token: String,
}

/// An attack in progress.
pub struct Attacking {
    stop: CancellationToken,
    tasks: TaskTracker,
}

impl Scene {
    /// Registers the attacker, and creates what the attack needs.
    pub async fn set(server: SocketAddr, attack: Attack) -> Result<Self, Error> {
        let client = honest::client(ADDRESS).build()?;
        let url = format!("http://{server}");
        let token = honest::token(&client, &url, "attacker").await?;
        let scene = Self {
            server,
            client,
            token,
        };
        if matches!(attack, Attack::LargeLists | Attack::ShutWindows) {
            let board = large_board();
            for _ in 0..LARGE_BOARDS {
                scene
                    .post("boards", &board)
                    .send()
                    .await?
                    .error_for_status()?;
            }
        }
        Ok(scene)
    }

    fn post(&self, path: &str, body: &Value) -> reqwest::RequestBuilder {
        let url = format!("http://{}/api/v1/{path}", self.server);
        self.client.post(url).bearer_auth(&self.token).json(body)
    }

    /// Attacks until it is stopped.
    pub fn begin(self, attack: Attack) -> Attacking {
        let attacking = Attacking {
            stop: CancellationToken::new(),
            tasks: TaskTracker::new(),
        };
        let scene = Arc::new(self);
        match attack {
            Attack::WrongBodies => {
                let bodies = wrong_bodies().map(Arc::new);
                attacking.times(16, |index| {
                    let (scene, body) = (
                        Arc::clone(&scene),
                        Arc::clone(&bodies[index % bodies.len()]),
                    );
                    async move { scene.send_for_ever(|it| it.body_of(&body)).await }
                });
            }
            Attack::SlowBodies => attacking.times(1000, |_| {
                let scene = Arc::clone(&scene);
                async move { plain::slow_bodies(scene.server, &scene.token).await }
            }),
            Attack::Http2Bodies => attacking.times(4, |_| {
                let scene = Arc::clone(&scene);
                async move { http2::unfinished_bodies(scene.server, &scene.token).await }
            }),
            Attack::ShutWindows => attacking.times(40, |_| {
                let scene = Arc::clone(&scene);
                async move { http2::shut_windows(scene.server).await }
            }),
            Attack::LargeLists => attacking.times(64, |_| {
                let scene = Arc::clone(&scene);
                async move { scene.send_for_ever(Self::list).await }
            }),
            Attack::Guessing => attacking.times(160, |index| {
                let scene = Arc::clone(&scene);
                // Half of them guess at the honest client's name.
                let name = if index % 2 == 0 {
                    NAME.to_owned()
                } else {
                    format!("user{index}")
                };
                let guess = json!({ "username": name, "password": "correct donkey" });
                async move { scene.send_for_ever(|it| it.post("sessions", &guess)).await }
            }),
            Attack::Idle => attacking.times(1500, |_| {
                let scene = Arc::clone(&scene);
                async move { plain::idle(scene.server).await }
            }),
        }
        attacking
    }

    fn body_of(&self, body: &str) -> reqwest::RequestBuilder {
        let url = format!("http://{}/api/v1/boards", self.server);
        let request = self.client.post(url).bearer_auth(&self.token);
        request
            .header("content-type", "application/json")
            .body(body.to_owned())
    }

    fn list(&self) -> reqwest::RequestBuilder {
        self.client
            .get(format!("http://{}/api/v1/boards?limit=200", self.server))
    }

    /// One after the other, reading the answers.
    async fn send_for_ever(&self, request: impl Fn(&Self) -> reqwest::RequestBuilder) {
        loop {
            let is_read = match request(self).send().await {
                Ok(answer) => answer.bytes().await.is_ok(),
                Err(_) => false,
            };
            if !is_read {
                sleep(PAUSE).await;
            }
        }
    }
}

impl Attacking {
    fn times<F>(&self, number: usize, attack: impl Fn(usize) -> F)
    where
        F: Future<Output = ()> + Send + 'static,
    {
        for index in 0..number {
            let (attack, stop) = (attack(index), self.stop.clone());
            self.tasks
                .spawn(async move { stop.run_until_cancelled(attack).await });
        }
    }

    /// Ends it and closes all of its connections.
    pub async fn stop(self) {
        self.stop.cancel();
        self.tasks.close();
        self.tasks.wait().await;
    }
}

/// Every cell of the largest grid has a dot, and every colour two.
fn large_board() -> Value {
    let dots = (0..2500).map(|index| {
        let color = format!("#{:06x}", index / 2);
        json!({ "row": index / 50, "col": index % 50, "color": color })
    });
    json!({ "name": "Large", "rows": 50, "cols": 50, "dots": dots.collect::<Vec<_>>() })
}

/// Bodies of the largest size: without a shape, of the wrong shape in each item, of the right shape but against every
/// rule, and as deep as possible.
fn wrong_bodies() -> [String; 5] {
    let filled = |begin: &str, item: &str, end: &str| {
        let number = (BODY - begin.len() - end.len()) / (item.len() + 1);
        format!("{begin}{}{end}", vec![item; number].join(","))
    };
    let dots = vec![r##"{"row":99,"col":99,"color":"#GGGGGG"}"##; 2500].join(",");
    [
        filled(r#"{"dots":["#, "{}", "]}"),
        filled(r#"{"name":"","rows":1,"cols":1,"dots":["#, "1", "]}"),
        filled("{", r#""a":1"#, "}"),
        format!(
            r#"{{"name":"{}","rows":1,"cols":1,"dots":[{dots}]}}"#,
            "x".repeat(BODY / 2)
        ),
        "[".repeat(BODY),
    ]
}
