//! Clients that make boards.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use reqwest::{Client, StatusCode};
use serde_json::{Value, json};
use tokio::time::{MissedTickBehavior, interval, sleep};
use tokio_util::sync::CancellationToken;

use super::{client_address, ledger::Ledger};
use crate::attack::honest;

/// Makes five boards a second, on either server, until it is stopped.
pub async fn run(
    index: u32,
    servers: Arc<[SocketAddr]>,
    ledger: Arc<Ledger>,
    stop: CancellationToken,
) {
    let address = client_address(index as usize);
    let Ok(client) = honest::client(address).build() else {
        ledger.fault("a writer has no client".to_owned());
        return;
    };
    let name = format!("writer{index}");
    let token = match honest::token(&client, &format!("http://{}", servers[0]), &name).await {
        Ok(token) => token,
        Err(error) => {
            ledger.fault(format!("{name} cannot log in: {error}"));
            return;
        }
    };
    let mut turn = interval(Duration::from_millis(200));
    turn.set_missed_tick_behavior(MissedTickBehavior::Delay);
    while stop.run_until_cancelled(turn.tick()).await.is_some() {
        let server = servers[fastrand::usize(0..servers.len())];
        // A killed server leaves the outcome open: then nothing is promised.
        match make(&client, server, &token).await {
            Ok(Some(board)) => ledger.board(board),
            Ok(None) => {}
            Err(_) => sleep(Duration::from_millis(50)).await,
        }
    }
}

async fn make(client: &Client, server: SocketAddr, token: &str) -> reqwest::Result<Option<u64>> {
    let board = json!({ "name": "Soaked", "rows": 3, "cols": 3, "dots": [] });
    let post = client.post(format!("http://{server}/api/v1/boards"));
    let answer = post.bearer_auth(token).json(&board).send().await?;
    if answer.status() != StatusCode::CREATED {
        return Ok(None);
    }
    Ok(answer.json::<Value>().await?["id"].as_u64())
}
