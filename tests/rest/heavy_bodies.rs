//! Bodies made to be expensive: the answer is as small as for any other mistake, and nobody else waits.

use futures_util::future::join_all;
use reqwest::Method;
use serde_json::json;

use crate::harness::{Client, Server, Untouched, client::board, within};

/// Largest body of a request, in bytes.
const MAX_BODY: usize = 1 << 20;
/// Largest answer to a bad body, in bytes: a hundred fields with names of 64 characters and a few words each.
const MAX_ANSWER: usize = 32 << 10;
/// How many of each are sent at once; there is memory for all of these bodies.
const AT_ONCE: usize = 2;

/// `start`, then `item` as often as it fits, then `end`; `item` gets its number.
fn filled(start: &str, item: impl Fn(usize) -> String, end: &str) -> String {
    let mut body = start.to_owned();
    for number in 0.. {
        let item = item(number);
        if body.len() + item.len() + end.len() > MAX_BODY {
            break;
        }
        body.push_str(&item);
    }
    body + end
}

/// The bodies, and the status that each must get.
fn heavy() -> Vec<(&'static str, String, u16)> {
    let same = |item: &'static str| move |_| item.to_owned();
    let (boards, paths) = ("/api/v1/boards", "/api/v1/boards/1/paths");
    let start = r#"{"name":"x","rows":50,"cols":50,"dots":["#;
    let dots = |dot: &dyn Fn(usize) -> serde_json::Value| {
        let mut board = board("x");
        board["dots"] = (0..2500).map(dot).collect();
        board.to_string()
    };
    let cells = |step: usize| {
        let cell = |at: usize| json!({ "row": at * step % 50, "col": at * step / 50 % 50 });
        json!({ "cells": (0..2500).map(cell).collect::<Vec<_>>() }).to_string()
    };
    vec![
        // Items of a wrong shape, and far too many of them.
        (boards, filled(start, same("{},"), "{}]}"), 422),
        (boards, filled(start, same("0,"), "0]}"), 422),
        (paths, filled(r#"{"cells":["#, same("1,"), "1]}"), 422),
        (paths, filled(r#"{"cells":["#, same("{},"), "1]}"), 422),
        (
            paths,
            filled(
                r#"{"cells":["#,
                same(r#"{"row":0,"col":0},"#),
                r#"{"row":0,"col":0}]}"#,
            ),
            422,
        ),
        // As many as allowed, of the right shape, that break every rule.
        (
            boards,
            dots(&|_| json!({ "row": 49, "col": 49, "color": "#000000" })),
            422,
        ),
        (
            boards,
            dots(&|at| json!({ "row": at / 50, "col": at % 50, "color": format!("#{at:06x}") })),
            422,
        ),
        (paths, cells(0), 422),
        (paths, cells(7), 422),
        // Fields that are unknown, repeated over and over, or have long names.
        (
            boards,
            filled("{", |at| format!("\"{at}\":0,"), "\"x\":0}"),
            422,
        ),
        (boards, filled("{", same("\"\":[],"), "\"x\":0}"), 422),
        (
            boards,
            filled("{", same("\"dots\":[],"), "\"dots\":[]}"),
            422,
        ),
        (boards, filled("{\"", same("n"), "\":0}"), 422),
        (
            boards,
            filled(
                "{",
                |at| format!("\"{at}{}\":0,", "n".repeat(9000)),
                "\"x\":0}",
            ),
            422,
        ),
        // One long string; nesting; a number without an end.
        (boards, filled("{\"name\":\"", same("é"), "\"}"), 422),
        (boards, filled("{\"name\":\"", same("\\u00e9"), "\"}"), 422),
        ("/api/v1/users", filled("\"", same("a"), "\""), 422),
        (boards, filled("", same("["), ""), 400),
        (
            boards,
            format!("{}{}", "[".repeat(MAX_BODY / 2), "]".repeat(MAX_BODY / 2)),
            422,
        ),
        (boards, filled("", same("{\"dots\":"), &"}".repeat(8)), 400),
        (boards, filled("{\"rows\":", same("9"), "}"), 400),
    ]
}

async fn send(client: &Client, path: &str, body: &str, status: u16) {
    let answer = client
        .call(Method::POST, path)
        .header("Content-Type", "application/json")
        .body(body.to_owned())
        .send()
        .await
        .expect(status);
    let start: String = body.chars().take(60).collect();
    let size = answer.body.to_string().len();
    assert!(size < MAX_ANSWER, "{size} bytes for {start}");
    if status == 422 {
        assert!((1..=100).contains(&answer.fields().len()), "{start}");
    }
}

#[tokio::test]
async fn nobody_waits_for_the_bodies_of_others() {
    let untouched = Untouched::new().await;
    let heavy = heavy();
    let ada = &untouched.ada;
    let bodies = heavy.iter().flat_map(|it| [it; AT_ONCE]);
    let attack = join_all(bodies.map(|(path, body, status)| send(ada, path, body, *status)));
    let honest = async {
        loop {
            ada.get("/healthz").await.expect(200);
        }
    };
    within("the answers", async {
        tokio::select! {
            _ = attack => {}
            () = honest => {}
        }
    })
    .await;
    untouched.check().await;
}

#[tokio::test]
async fn of_very_many_mistakes_a_hundred_are_named() {
    let server = Server::start().await;
    let ada = server.user("ada").await;
    assert_eq!(ada.board("first").await, 1);
    let cells = vec![json!({ "row": 0, "col": 50 }); 2501];
    let same = vec![json!({ "row": 0, "col": 0 }); 2500];
    let red = vec![json!({ "row": 0, "col": 0, "color": "red" }); 2501];
    let one = vec![json!({ "row": 0, "col": 0, "color": "#ff0000" }); 2500];
    let with = |dots| {
        let mut board = board("second");
        board["dots"] = dots;
        board
    };
    for (path, body) in [
        ("/api/v1/boards/1/paths", json!({ "cells": cells })),
        ("/api/v1/boards/1/paths", json!({ "cells": same })),
        ("/api/v1/boards", with(json!(red))),
        ("/api/v1/boards", with(json!(one))),
    ] {
        let answer = ada.post(path, &body).await;
        let answer = answer.expect_problem(422, "validation_failed");
        assert_eq!(answer.fields().len(), 100);
    }
}
