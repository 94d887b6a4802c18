//! Requests that are sent again under the same `Idempotency-Key`, because their answer was lost.

use futures_util::future::join_all;
use reqwest::Method;
use rustix::process::Signal;
use serde_json::{Value, json};
use tokio::{io::AsyncWriteExt as _, net::TcpStream};

use crate::harness::{
    Answer, Client, Server,
    client::{board, path},
    eventually,
};

pub(super) const BOARDS: &str = "/api/v1/boards";

pub(super) async fn post(client: &Client, path: &str, key: &str, body: &Value) -> Answer {
    client
        .call(Method::POST, path)
        .header("Idempotency-Key", key)
        .json(body)
        .send()
        .await
}

/// Whether an answer says that it is a replay.
pub(super) fn is_replayed(answer: &Answer) -> bool {
    let replayed = answer.headers.get("Idempotent-Replayed");
    replayed.is_some_and(|it| it == "true")
}

/// The parts of an answer that must be the same each time.
pub(super) fn essence(answer: &Answer) -> (u16, Value, Vec<Option<String>>) {
    let header = |name| {
        let value = answer.headers.get(name);
        value.map(|it| it.to_str().expect("text").to_owned())
    };
    let headers = ["Location", "ETag", "Last-Event-ID", "Content-Type"].map(header);
    (
        answer.status.as_u16(),
        answer.body.clone(),
        headers.to_vec(),
    )
}

async fn counts(server: &Server) -> [i64; 3] {
    let counts = server.database().counts().await;
    ["boards", "paths", "events"].map(|table| {
        let found = counts.iter().find(|(name, _)| *name == table);
        found.expect("a table").1
    })
}

#[tokio::test]
async fn a_request_that_is_sent_again_makes_nothing_and_gets_the_first_answer() {
    let server = Server::start().await;
    let ada = server.user("ada").await;
    let paths = "/api/v1/boards/1/paths";
    let first_board = post(&ada, BOARDS, "b", &board("one")).await.expect(201);
    let first_path = post(&ada, paths, "p", &path()).await.expect(201);
    assert!(!is_replayed(&first_board) && !is_replayed(&first_path));
    assert_eq!(first_path.body["connects"], "#ff0000");
    let again = async || {
        let before = counts(&server).await;
        let second_board = post(&ada, BOARDS, "b", &board("one")).await;
        let second_path = post(&ada, paths, "p", &path()).await;
        assert!(is_replayed(&second_board) && is_replayed(&second_path));
        assert_eq!(essence(&second_board), essence(&first_board));
        assert_eq!(essence(&second_path), essence(&first_path));
        assert_eq!(counts(&server).await, before);
    };
    again().await;
    // The answer does not change with later events.
    let mut other = board("two");
    other["dots"] = json!([]);
    ada.put("/api/v1/boards/1", &other).await.expect(200);
    again().await;
    ada.delete("/api/v1/boards/1").await.expect(204);
    again().await;
    // The same input is the same request, however it is written.
    let dots = [
        r##"{"color":"#FF0000","col":0,"row":0}"##,
        r##"{"color":"#ff0000","col":2,"row":0}"##,
        r##"{"color":"#FFaa00","col":0,"row":2}"##,
        r##"{"color":"#ffAA00","col":1,"row":2}"##,
    ];
    let dots = dots.join(" , ");
    let written = format!(r#"{{ "cols":3, "rows":3, "dots":[{dots}], "name":" one " }}"#);
    let third = ada
        .call(Method::POST, BOARDS)
        .header("Idempotency-Key", "b")
        .header("Content-Type", "application/json")
        .body(written)
        .send()
        .await;
    assert_eq!(essence(&third), essence(&first_board));
}

#[tokio::test]
async fn a_key_is_one_request_s_of_one_user() {
    let server = Server::start().await;
    let ada = server.user("ada").await;
    post(&ada, BOARDS, "k", &board("one")).await.expect(201);
    post(&ada, BOARDS, "other", &board("two")).await.expect(201);
    let (first, second) = ("/api/v1/boards/1/paths", "/api/v1/boards/2/paths");
    post(&ada, first, "p", &path()).await.expect(201);
    let before = counts(&server).await;
    let mut shorter = path();
    shorter["cells"].as_array_mut().expect("cells").pop();
    for (to, key, body) in [
        (BOARDS, "k", board("two")),
        (first, "k", path()),
        (BOARDS, "p", board("one")),
        (first, "p", shorter),
        (second, "p", path()),
        ("/api/v1/boards/99/paths", "p", path()),
    ] {
        post(&ada, to, key, &body)
            .await
            .expect_problem(422, "idempotency_mismatch");
    }
    assert_eq!(counts(&server).await, before);
    let grace = server.user("grace").await;
    let hers = post(&grace, BOARDS, "k", &board("one")).await.expect(201);
    assert!(!is_replayed(&hers));
    assert_eq!(hers.body["creator_username"], "grace");
}

#[tokio::test]
async fn a_request_that_failed_may_be_corrected_under_its_key() {
    let server = Server::start().await;
    let ada = server.user("ada").await;
    let mut bad = board("one");
    bad["dots"][0]["row"] = json!(1);
    bad["dots"][1]["color"] = json!("#00ff00");
    post(&ada, BOARDS, "b", &bad)
        .await
        .expect_problem(422, "validation_failed");
    let paths = "/api/v1/boards/1/paths";
    post(&ada, paths, "p", &path())
        .await
        .expect_problem(404, "board_not_found");
    let made = post(&ada, BOARDS, "b", &board("one")).await.expect(201);
    assert!(!is_replayed(&made));
    let wrong = json!({ "cells": [{ "row": 0, "col": 0 }, { "row": 2, "col": 2 }] });
    post(&ada, paths, "p", &wrong)
        .await
        .expect_problem(422, "validation_failed");
    let made = post(&ada, paths, "p", &path()).await.expect(201);
    assert!(!is_replayed(&made));
    assert_eq!(counts(&server).await, [1, 1, 2]);
}

#[tokio::test]
async fn a_key_is_visible_ascii_and_not_too_long() {
    let server = Server::start().await;
    let ada = server.user("ada").await;
    let longest = "k".repeat(255);
    for good in ["!", "~", "2f4c\"'\\;,", &longest] {
        post(&ada, BOARDS, good, &board("one")).await.expect(201);
    }
    let before = counts(&server).await;
    let too_long = "k".repeat(256);
    for bad in ["", "a b", "a\tb", &too_long] {
        let answer = post(&ada, BOARDS, bad, &board("one")).await;
        let answer = answer.expect_problem(400, "invalid_header");
        assert_eq!(answer.fields(), ["Idempotency-Key"]);
    }
    let twice = ada.call(Method::POST, BOARDS).json(&board("one"));
    let twice = twice
        .header("Idempotency-Key", "a")
        .header("Idempotency-Key", "b");
    twice.send().await.expect_problem(400, "invalid_header");
    assert_eq!(counts(&server).await, before);
}

#[tokio::test]
async fn of_many_at_once_under_one_key_one_makes_something() {
    let server = Server::start().await;
    let ada = server.user("ada").await;
    let paths = "/api/v1/boards/1/paths";
    for (to, body) in [(BOARDS, board("one")), (paths, path())] {
        // Other requests in between, whose writes share commits with theirs.
        let others = (0..10).map(|_| ada.board("other"));
        let same = (0..50).map(|_| post(&ada, to, to, &body));
        let (answers, _) = tokio::join!(join_all(same), join_all(others));
        let first = answers.iter().filter(|it| !is_replayed(it)).count();
        assert_eq!(first, 1);
        for answer in &answers {
            assert_eq!(essence(answer), essence(&answers[0]));
            assert_eq!(answer.status, 201);
        }
    }
    assert_eq!(counts(&server).await, [21, 1, 22]);
}

#[tokio::test]
async fn an_answer_that_the_server_s_end_has_lost_is_given_by_the_next() {
    let mut server = Server::start().await;
    let mut ada = server.user("ada").await;
    for round in 1..=3_i64 {
        let key = format!("round {round}").replace(' ', "-");
        let name = format!("board {round}");
        let lost = tokio::spawn({
            let (ada, key, name) = (ada.clone(), key.clone(), name.clone());
            async move {
                // It may have no answer.
                let call = ada
                    .call(Method::POST, BOARDS)
                    .header("Idempotency-Key", &key);
                let _ = call.json(&board(&name)).try_send().await;
            }
        });
        let made = format!("SELECT id FROM boards WHERE name = '{name}'");
        eventually("the board", || async {
            let ids: Vec<i64> = server.database().column(&made).await;
            (!ids.is_empty()).then_some(())
        })
        .await;
        server.signal(Signal::KILL);
        lost.await.expect("the end of the connection");
        server = server.restart().await;
        ada.url.clone_from(&server.url);
        let answer = post(&ada, BOARDS, &key, &board(&name)).await.expect(201);
        assert!(is_replayed(&answer));
        let ids: Vec<i64> = server.database().column(&made).await;
        assert_eq!(ids, [answer.body["id"].as_i64().expect("an id")]);
        assert_eq!(counts(&server).await, [round, 0, round]);
    }
}

#[tokio::test]
async fn clients_that_hang_up_and_come_back_make_nothing_twice() {
    let server = Server::start().await;
    let ada = server.user("ada").await;
    let address = server.url.trim_start_matches("http://");
    let token = ada.token.as_deref().expect("logged in");
    let mut answers = Vec::new();
    for number in 0..20 {
        let (key, body) = (format!("key-{number}"), board("one").to_string());
        for _ in 0..3 {
            let mut socket = TcpStream::connect(address).await.expect("connect");
            let request = format!(
                "POST {BOARDS} HTTP/1.1\r\nHost: {address}\r\nAuthorization: Bearer {token}\r\n\
                 Content-Type: application/json\r\nContent-Length: {}\r\nIdempotency-Key: {key}\r\n\r\n{body}",
                body.len(),
            );
            socket.write_all(request.as_bytes()).await.expect("write");
        }
        let ada = ada.clone();
        let answer = async move { post(&ada, BOARDS, &key, &board("one")).await };
        answers.push(tokio::spawn(answer));
    }
    for answer in join_all(answers).await {
        answer.expect("an answer").expect(201);
    }
    eventually("the end of all requests", || async {
        (server.connections() <= 20).then_some(())
    })
    .await;
    assert_eq!(counts(&server).await, [20, 0, 20]);
}
