//! How often a request asks PostgreSQL, counted on the wire. Each question is a round trip, and wakes both sides.

use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::harness::{Client, Database, Network, Server, client};

/// Clients at once.
const CLIENTS: u64 = 16;
/// Requests of each client.
const REQUESTS: u64 = 10;
/// Upper bound on the questions of one request.
const MOST: u64 = 5;
/// What only the connection says that follows the log, however much is saved.
const FOLLOWS: &str = "newest_rewrite";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_board_or_a_path_asks_five_times_at_most() {
    let database = Database::postgres().await;
    let network = Network::to(&database).await;
    let url = network.url(&database);
    // Far from the limits, close to which boards and paths are counted each time.
    let many = "1000000";
    let limits = ["--max-boards-per-user", many, "--max-paths-per-board", many];
    let server = Server::start_on(
        &database,
        &[&["--database-url", &*url][..], &limits[..]].concat(),
    )
    .await;
    let user = server.user("ada").await;
    let board = user.board("for all paths").await;
    let paths = format!("/api/v1/boards/{board}/paths");
    let joins_nothing = json!({ "cells": [{ "row": 1, "col": 0 }, { "row": 1, "col": 1 }] });

    for (what, path, body) in [
        ("a board", "/api/v1/boards", client::board("one")),
        ("a path", &*paths, joins_nothing),
    ] {
        // Connections are made, and prepare their statements.
        post(&user, path, &body).await;
        let asked = || network.flights(|line| !line.said(FOLLOWS));
        let before = asked();
        post(&user, path, &body).await;
        let count = asked() - before;
        let posts = CLIENTS * REQUESTS;
        assert!(count <= MOST * posts, "{what}: {count} for {posts}");
    }
}

async fn post(user: &Client, path: &str, body: &Value) {
    let mut clients = JoinSet::new();
    for _ in 0..CLIENTS {
        let (user, path, body) = (user.clone(), path.to_owned(), body.clone());
        clients.spawn(async move {
            for _ in 0..REQUESTS {
                user.post(&path, &body).await.expect(201);
            }
        });
    }
    clients.join_all().await;
}
