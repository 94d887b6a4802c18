//! Solved boards: what solves one, who is told, and that it happens once.

mod announced;
mod at_once;
mod crash;
mod layouts;
mod seen;

use serde_json::{Value, json};

use crate::harness::Client;

/// Straight lines of both colours, and detours through the row between them, which cross each other.
const RED: &[(i64, i64)] = &[(0, 0), (0, 1), (0, 2)];
const BLUE: &[(i64, i64)] = &[(2, 2), (2, 1), (2, 0)];
const RED_AROUND: &[(i64, i64)] = &[(0, 0), (1, 0), (1, 1), (1, 2), (0, 2)];
const BLUE_AROUND: &[(i64, i64)] = &[(2, 0), (1, 0), (1, 1), (1, 2), (2, 2)];

/// A board with two pairs: red in the first of three rows, blue in the last.
fn two_pairs(name: &str) -> Value {
    let dot = |row: i64, col: i64, color: &str| json!({ "row": row, "col": col, "color": color });
    json!({
        "name": name,
        "rows": 3,
        "cols": 3,
        "dots": [
            dot(0, 0, "#ff0000"),
            dot(0, 2, "#ff0000"),
            dot(2, 0, "#0000ff"),
            dot(2, 2, "#0000ff"),
        ],
    })
}

/// Makes one.
async fn make(client: &Client, name: &str) -> i64 {
    let made = client.post("/api/v1/boards", &two_pairs(name)).await;
    made.expect(201).body["id"].as_i64().expect("an id")
}

fn path(cells: &[(i64, i64)]) -> Value {
    let cells = cells.iter();
    let cells: Vec<_> = cells
        .map(|(row, col)| json!({ "row": row, "col": col }))
        .collect();
    json!({ "cells": cells })
}

/// Saves a path; returns its id.
async fn draw(client: &Client, board: i64, cells: &[(i64, i64)]) -> i64 {
    let to = format!("/api/v1/boards/{board}/paths");
    let saved = client.post(&to, &path(cells)).await.expect(201);
    saved.body["id"].as_i64().expect("an id")
}

/// The types and names of the events of a board, in their order.
async fn told(client: &Client, board: i64) -> Vec<String> {
    let events = client.events().await;
    let of_board = events.iter().filter(|event| event["board_id"] == board);
    let text = |event: &Value| {
        let data = &event["data"];
        let who = data
            .get("user_username")
            .unwrap_or(&data["creator_username"]);
        format!(
            "{} {}",
            event["type"].as_str().expect("a type"),
            who.as_str().expect("a name")
        )
    };
    of_board.map(text).collect()
}

/// What a client is told of who has solved a board.
async fn seen(client: &Client, board: i64) -> (i64, Option<bool>) {
    let shown = client.get(&format!("/api/v1/boards/{board}")).await;
    of(&shown.expect(200).body)
}

fn of(board: &Value) -> (i64, Option<bool>) {
    let count = board["solved_count"].as_i64().expect("a count");
    (count, board["solved"].as_bool())
}
