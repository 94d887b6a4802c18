//! `dotcast user erase`: a name goes from wherever it is kept.

mod again;
mod copies;
mod files;
mod shown;

use serde_json::{Value, json};

use crate::harness::{Client, Run, Server, client::board, dotcast_on};

/// A name that is part of nothing else.
const NAME: &str = "Wilhelmina-Q";

async fn try_erase(server: &Server, name: &str) -> Run {
    dotcast_on(server.database(), &["user", "erase", name, "--yes"]).await
}

/// Erases the name of the user with id 1; returns the pseudonym.
async fn erase(server: &Server) -> &'static str {
    let told = try_erase(server, NAME).await.printed();
    assert!(told.starts_with("Wilhelmina-Q is erased-1 from now on, and so in "));
    "erased-1"
}

/// Lets the user do everything that leaves the name somewhere. Returns a board of theirs.
async fn leave_traces(user: &Client, other: &Client) -> i64 {
    let own = user.board("one").await;
    let gone = user.board("two").await;
    user.delete(&format!("/api/v1/boards/{gone}"))
        .await
        .expect(204);
    user.put(&format!("/api/v1/boards/{own}"), &board("renamed"))
        .await
        .expect(200);
    let others = other.board("another's").await;
    other.path(own).await;
    user.path(others).await;
    let second = json!({ "cells": [{ "row": 2, "col": 0 }, { "row": 2, "col": 1 }] });
    // Solves it.
    user.post(&format!("/api/v1/boards/{others}/paths"), &second)
        .await
        .expect(201);
    own
}

/// How often a text is in what the server shows.
fn mentions(shown: &Value, name: &str) -> usize {
    shown.to_string().matches(name).count()
}
