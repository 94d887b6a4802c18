//! An honest client, which asks for health, logs in and makes boards.

use std::{
    net::{IpAddr, Ipv4Addr, SocketAddr},
    time::Duration,
};

use hdrhistogram::Histogram;
use reqwest::{Client, RequestBuilder, StatusCode};
use serde_json::{Value, json};
use tokio::time::{Instant, MissedTickBehavior, interval};

use crate::error::Error;

/// Time limit for an answer.
const PATIENCE: Duration = Duration::from_secs(10);

/// The honest client.
pub struct Honest {
    url: String,
    /// A connection for each request: it takes part in the fight for connections.
    fresh: Client,
    kept: Client,
    token: String,
}

/// The results of one kind of request.
pub struct Answers {
    /// In microseconds.
    times: Histogram<u64>,
    /// Refused, or not answered in time.
    pub failed: u64,
}

/// The honest client's results.
pub struct Noticed {
    pub health: Answers,
    pub log_in: Answers,
    pub board: Answers,
}

impl Answers {
    fn new() -> Self {
        Self {
            times: Histogram::new(3).unwrap_or_else(|_| unreachable!("three digits are allowed")),
            failed: 0,
        }
    }

    fn add(&mut self, began: Instant, is_good: bool) {
        if !is_good {
            self.failed += 1;
        }
        let micros = u64::try_from(began.elapsed().as_micros()).unwrap_or(u64::MAX);
        // It grows as it must.
        let _ = self.times.record(micros);
    }

    /// A percentile of the answers' times, in milliseconds.
    pub fn percentile(&self, percent: f64) -> f64 {
        let micros = u32::try_from(self.times.value_at_percentile(percent)).unwrap_or(u32::MAX);
        f64::from(micros) / 1000.0
    }

    /// How many were sent.
    pub fn sent(&self) -> u64 {
        self.times.len()
    }
}

/// A client with this address.
pub fn client(address: Ipv4Addr) -> reqwest::ClientBuilder {
    Client::builder()
        .local_address(IpAddr::V4(address))
        .timeout(PATIENCE)
        .no_proxy()
}

/// Registers a user and logs in; the token.
pub async fn token(client: &Client, url: &str, name: &str) -> Result<String, Error> {
    let credentials = json!({ "username": name, "password": PASSWORD });
    let post = |path: &str| {
        client
            .post(format!("{url}/api/v1/{path}"))
            .json(&credentials)
    };
    post("users").send().await?.error_for_status()?;
    let opened = post("sessions").send().await?.error_for_status()?;
    let opened: Value = opened.json().await?;
    Ok(opened["token"].as_str().unwrap_or_default().to_owned())
}

pub const NAME: &str = "honest";
pub const PASSWORD: &str = "correct horse";

impl Honest {
    /// Registers it.
    pub async fn new(server: SocketAddr) -> Result<Self, Error> {
        let url = format!("http://{server}");
        let fresh = client(Ipv4Addr::LOCALHOST)
            .pool_max_idle_per_host(0)
            .build()?;
        let kept = client(Ipv4Addr::LOCALHOST).build()?;
        let token = token(&kept, &url, NAME).await?;
        Ok(Self {
            url,
            fresh,
            kept,
            token,
        })
    }

    /// Works for this long.
    pub async fn work(&self, within: Duration) -> Result<Noticed, Error> {
        let end = Instant::now() + within;
        let health = || self.fresh.get(format!("{}/healthz", self.url));
        let log_in = || {
            let credentials = json!({ "username": NAME, "password": PASSWORD });
            let log_in = self.fresh.post(format!("{}/api/v1/sessions", self.url));
            log_in.json(&credentials)
        };
        let board = || {
            let dots = json!([
                { "row": 0, "col": 0, "color": "#ff0000" }, { "row": 0, "col": 2, "color": "#ff0000" },
            ]);
            let board = json!({ "name": "A board", "rows": 3, "cols": 3, "dots": dots });
            let create = self.kept.post(format!("{}/api/v1/boards", self.url));
            create.bearer_auth(&self.token).json(&board)
        };
        let (health, log_in, board) = tokio::join!(
            each(Duration::from_millis(50), end, StatusCode::OK, health),
            each(Duration::from_secs(2), end, StatusCode::CREATED, log_in),
            each(Duration::from_millis(200), end, StatusCode::CREATED, board),
        );
        Ok(Noticed {
            health,
            log_in,
            board,
        })
    }
}

/// Sends a request in every `pause`, but not before the previous one is answered.
async fn each(
    pause: Duration,
    end: Instant,
    expected: StatusCode,
    request: impl Fn() -> RequestBuilder,
) -> Answers {
    let mut answers = Answers::new();
    let mut turn = interval(pause);
    turn.set_missed_tick_behavior(MissedTickBehavior::Delay);
    while Instant::now() < end {
        turn.tick().await;
        let began = Instant::now();
        let answer = request().send().await;
        answers.add(began, answer.is_ok_and(|it| it.status() == expected));
    }
    answers
}
