//! Paths: drawn on anybody's board, seen by nobody else.

use serde_json::{Value, json};

use crate::harness::{
    Answer, Server,
    client::{board, path},
};

fn listed(page: &Answer) -> Vec<i64> {
    let items = page.body["items"].as_array().expect("items");
    items.iter().map(|it| it["id"].as_i64().unwrap()).collect()
}

/// The body of a path with these cells.
fn through(cells: &[(i64, i64)]) -> Value {
    let cells = cells.iter();
    let cells: Vec<_> = cells
        .map(|(row, col)| json!({ "row": row, "col": col }))
        .collect();
    json!({ "cells": cells })
}

#[tokio::test]
async fn a_path_on_somebody_elses_board_is_stored_and_announced_without_its_cells() {
    let server = Server::start().await;
    let (ada, bob) = (server.user("ada").await, server.user("Bob").await);
    let board = ada.board("first").await;
    ada.until_settled(1).await;
    let mut stream = server.stream(Some(1)).await;
    let created = bob
        .post(&format!("/api/v1/boards/{board}/paths"), &path())
        .await
        .expect(201);
    let id = &created.body["id"];
    let location = format!("/api/v1/paths/{id}");
    assert_eq!(created.header("location"), location);
    assert_eq!(created.header("last-event-id"), "1");
    assert_eq!(created.body["board_id"], board);
    assert_eq!(created.body["user_username"], "Bob");
    assert_eq!(created.body["cells"], path()["cells"]);
    assert_eq!(created.body["connects"], "#ff0000");
    bob.until_settled(2).await;
    let shown = bob.get(&location).await.expect(200);
    assert_eq!(shown.body, created.body);
    assert_eq!(shown.header("last-event-id"), "2");

    let events = ada.events().await;
    let event = &events[1];
    assert_eq!(event["type"], "newPath");
    assert_eq!(event["board_id"], board);
    let keys: Vec<_> = event["data"]
        .as_object()
        .expect("an object")
        .keys()
        .collect();
    assert_eq!(keys, ["path_id", "board_id", "board_name", "user_username"]);
    let data = json!({
        "path_id": id,
        "board_id": board,
        "board_name": "first",
        "user_username": "Bob",
    });
    assert_eq!(event["data"], data);
    assert_eq!(stream.opening().await, 1);
    assert_eq!(stream.expect("newPath").await.data, Some(data));
}

#[tokio::test]
async fn cells_are_in_no_event_of_a_board_s_whole_life() {
    let server = Server::start().await;
    let (ada, bob) = (server.user("ada").await, server.user("bob").await);
    let id = ada.board("first").await;
    ada.path(id).await;
    bob.path(id).await;
    let board_path = format!("/api/v1/boards/{id}");
    ada.put(&board_path, &board("second")).await.expect(200);
    ada.delete(&board_path).await.expect(204);
    ada.until_settled(5).await;
    let mut payloads: Vec<String> = server
        .database()
        .column("SELECT CAST(payload AS text) FROM events")
        .await;
    assert_eq!(payloads.len(), 5);
    payloads.push(format!("{:?}", server.client().events().await));
    for payload in payloads {
        for word in ["cell", "row", "col", "connects"] {
            assert!(!payload.contains(word), "{payload}");
        }
    }
}

#[tokio::test]
async fn only_own_paths_are_listed_newest_first_a_page_at_a_time() {
    let server = Server::start().await;
    let (ada, bob) = (server.user("ada").await, server.user("bob").await);
    let (board, other) = (ada.board("first").await, bob.board("other").await);
    let mut own = Vec::new();
    for _ in 0..3 {
        own.push(ada.path(board).await);
        bob.path(board).await;
        ada.path(other).await;
    }
    ada.until_settled(11).await;
    let list = ada
        .get(&format!("/api/v1/boards/{board}/paths"))
        .await
        .expect(200);
    assert_eq!(list.header("last-event-id"), "11");
    let items = list.body["items"].as_array().expect("items");
    own.reverse();
    assert_eq!(listed(&list), own);
    assert_eq!(list.body["next_before"], Value::Null);
    let shown = ada.get(&format!("/api/v1/paths/{}", own[0])).await;
    assert_eq!(items[0], shown.body);

    let page = async |query: &str| {
        let path = format!("/api/v1/boards/{board}/paths?{query}");
        ada.get(&path).await.expect(200)
    };
    let first = page("limit=2").await;
    assert_eq!(listed(&first), own[..2]);
    assert_eq!(first.body["next_before"], own[1]);
    let second = page(&format!("limit=2&before={}", own[1])).await;
    assert_eq!(listed(&second), own[2..]);
    assert_eq!(second.body["next_before"], Value::Null);
    let full = page("limit=3").await;
    assert_eq!(listed(&full), own);
    assert_eq!(full.body["next_before"], Value::Null);
    let wrong = format!("/api/v1/boards/{board}/paths?limit=201&before=x");
    let wrong = ada.get(&wrong).await;
    let wrong = wrong.expect_problem(400, "invalid_parameter");
    assert_eq!(wrong.fields(), ["limit", "before"]);

    // Neither an administrator nor the board's creator sees them.
    let root = server.admin("root").await;
    let list = root.get(&format!("/api/v1/boards/{board}/paths")).await;
    assert_eq!(list.expect(200).body["items"], json!([]));
}

#[tokio::test]
async fn somebody_elses_path_does_not_exist() {
    let server = Server::start().await;
    let ada = server.user("ada").await;
    let board = ada.board("first").await;
    let bob = server.user("bob").await;
    let id = bob.path(board).await;
    let root = server.admin("root").await;
    let before = server.database().counts().await;
    let foreign = format!("/api/v1/paths/{id}");
    let missing = format!("/api/v1/paths/{}", id + 1);
    for client in [&ada, &root] {
        let mut told = Vec::new();
        for path in [&foreign, &missing] {
            for answer in [client.get(path).await, client.delete(path).await] {
                let answer = answer.expect_problem(404, "path_not_found");
                // The same except for the number that the client itself sent.
                let number = path.rsplit('/').next().expect("an id");
                told.push(answer.body.to_string().replace(number, "N"));
            }
        }
        told.dedup();
        assert_eq!(told.len(), 1, "{told:?}");
    }
    for answer in [
        server.client().get(&foreign).await,
        server.client().delete(&foreign).await,
    ] {
        answer.expect_problem(401, "missing_token");
    }
    assert_eq!(server.database().counts().await, before);
    bob.get(&foreign).await.expect(200);
}

#[tokio::test]
async fn a_deleted_path_is_gone_without_an_event() {
    let server = Server::start().await;
    let ada = server.user("ada").await;
    let board = ada.board("first").await;
    let (gone, kept) = (ada.path(board).await, ada.path(board).await);
    let path = format!("/api/v1/paths/{gone}");
    ada.delete(&path).await.expect(204);
    ada.get(&path).await.expect_problem(404, "path_not_found");
    ada.delete(&path)
        .await
        .expect_problem(404, "path_not_found");
    let list = ada.get(&format!("/api/v1/boards/{board}/paths")).await;
    let items = list.body["items"].as_array().expect("items");
    assert_eq!(items.len(), 1);
    assert_eq!(items[0]["id"], kept);
    // The next event's id shows that there was none in between.
    let next = ada.path(board).await;
    assert!(next > kept);
    ada.until_settled(4).await;
    let events = ada.events().await;
    assert_eq!(events.len(), 4);
    assert_eq!(events[3]["data"]["path_id"], next);
}

#[tokio::test]
async fn what_a_path_connects_follows_from_the_board_as_it_is_now() {
    let server = Server::start().await;
    let (ada, bob) = (server.user("ada").await, server.user("bob").await);
    let board_id = ada.board("first").await;
    let paths = format!("/api/v1/boards/{board_id}/paths");
    for (cells, connects) in [
        (&[(0, 0), (0, 1), (0, 2)][..], json!("#ff0000")),
        (&[(0, 2), (1, 2), (1, 1), (1, 0), (0, 0)], json!("#ff0000")),
        (&[(0, 0), (0, 1)], Value::Null),
        (&[(1, 0), (0, 0), (0, 1), (0, 2)], Value::Null),
    ] {
        let created = bob.post(&paths, &through(cells)).await.expect(201);
        assert_eq!(created.body["connects"], connects, "{cells:?}");
    }
    let connects = async || -> Vec<Value> {
        let list = bob.get(&paths).await.expect(200);
        let items = list.body["items"].as_array().expect("items").iter();
        // In the order in which they were drawn.
        let listed: Vec<_> = items.rev().map(|it| it["connects"].clone()).collect();
        let first = bob.get("/api/v1/paths/1").await.expect(200);
        assert_eq!(first.body["connects"], listed[0]);
        listed
    };
    let null = Value::Null;
    let red = json!("#ff0000");
    assert_eq!(
        connects().await,
        [&red, &red, &null, &null].map(Clone::clone)
    );

    // A dot in the way, another colour, dots elsewhere.
    let board_path = format!("/api/v1/boards/{board_id}");
    let mut changed = board("first");
    let dots = changed["dots"].as_array_mut().expect("dots");
    dots.push(json!({ "row": 0, "col": 1, "color": "#00ff00" }));
    dots.push(json!({ "row": 2, "col": 2, "color": "#00ff00" }));
    ada.put(&board_path, &changed).await.expect(200);
    assert_eq!(
        connects().await,
        [&null, &red, &null, &null].map(Clone::clone)
    );
    let mut changed = board("first");
    changed["dots"][0]["color"] = json!("#0000FF");
    changed["dots"][1] = json!({ "row": 0, "col": 1, "color": "#0000ff" });
    ada.put(&board_path, &changed).await.expect(200);
    let blue = json!("#0000ff");
    assert_eq!(
        connects().await,
        [&null, &null, &blue, &null].map(Clone::clone)
    );
    // Even if the path leaves a grid that has become smaller: it stays as it was drawn.
    let small = json!({ "name": "first", "rows": 2, "cols": 2, "dots": [] });
    ada.put(&board_path, &small).await.expect(200);
    assert_eq!(connects().await, vec![Value::Null; 4]);
}

#[tokio::test]
async fn a_path_keeps_to_the_grid_of_its_own_board() {
    let server = Server::start().await;
    let ada = server.user("ada").await;
    let board = ada.board("first").await;
    let paths = format!("/api/v1/boards/{board}/paths");
    let before = server.database().counts().await;
    for (cells, fields) in [
        (&[(2, 2), (2, 3)][..], vec!["cells[1].col"]),
        (
            &[(3, 2), (3, 3)],
            vec!["cells[0].row", "cells[1].row", "cells[1].col"],
        ),
        (&[(0, 0), (-1, 0)], vec!["cells[1].row"]),
        (&[(0, 0), (1, 1)], vec!["cells[1]"]),
        (&[(0, 0), (0, 2)], vec!["cells[1]"]),
        (&[(0, 0), (0, 1), (0, 0)], vec!["cells[2]"]),
        (&[(0, 0), (0, 0)], vec!["cells[1]"]),
        (&[(0, 0)], vec!["cells"]),
        (&[], vec!["cells"]),
        (
            &[(0, 0), (0, 2), (0, 3), (0, 2)],
            vec!["cells[1]", "cells[2].col", "cells[3]"],
        ),
    ] {
        let answer = ada
            .post(&paths, &through(cells))
            .await
            .expect_problem(422, "validation_failed");
        assert_eq!(answer.fields(), fields, "{cells:?}");
    }
    assert_eq!(server.database().counts().await, before);
}

#[tokio::test]
async fn on_a_board_that_is_not_there_nothing_is_listed_or_drawn() {
    let server = Server::start().await;
    let ada = server.user("ada").await;
    let gone = ada.board("first").await;
    ada.delete(&format!("/api/v1/boards/{gone}"))
        .await
        .expect(204);
    for board in [gone, gone + 1, 0] {
        let paths = format!("/api/v1/boards/{board}/paths");
        for answer in [ada.get(&paths).await, ada.post(&paths, &path()).await] {
            answer.expect_problem(404, "board_not_found");
        }
        // Without a session nobody learns anything of it.
        let nobody = server.client();
        for answer in [nobody.get(&paths).await, nobody.post(&paths, &path()).await] {
            answer.expect_problem(401, "missing_token");
        }
    }
}
