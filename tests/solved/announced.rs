//! What solves a board, and what followers are told.

use serde_json::json;

use super::{BLUE, BLUE_AROUND, RED, RED_AROUND, draw, make, path, seen, told};
use crate::harness::{Server, client};

#[tokio::test]
async fn the_path_that_joins_the_last_pair_solves_the_board() {
    let server = Server::start().await;
    let (ada, bob) = (server.user("ada").await, server.user("Bob").await);
    let board = make(&ada, "Night metro").await;
    let mut stream = server.stream(Some(0)).await;
    stream.opening().await;
    draw(&bob, board, RED).await;
    draw(&bob, board, &[(1, 0), (1, 1)]).await;
    assert_eq!(seen(&bob, board).await, (0, Some(false)));
    draw(&bob, board, BLUE).await;
    assert_eq!(seen(&bob, board).await, (1, Some(true)));

    for event in ["newBoard", "newPath", "newPath", "newPath"] {
        stream.expect(event).await;
    }
    let data = stream.expect("boardSolved").await.data.expect("data");
    let expected =
        json!({ "board_id": board, "board_name": "Night metro", "user_username": "Bob" });
    assert_eq!(data, expected);
    let keys: Vec<_> = data.as_object().expect("an object").keys().collect();
    assert_eq!(keys, ["board_id", "board_name", "user_username"]);
}

#[tokio::test]
async fn a_single_path_solves_a_board_with_one_pair_and_nothing_one_without() {
    let server = Server::start().await;
    let ada = server.user("ada").await;
    let mut body = super::two_pairs("one pair");
    body["dots"].as_array_mut().expect("dots").truncate(2);
    let made = ada.post("/api/v1/boards", &body).await.expect(201);
    let one = made.body["id"].as_i64().expect("an id");
    body["dots"] = json!([]);
    let made = ada.post("/api/v1/boards", &body).await.expect(201);
    let none = made.body["id"].as_i64().expect("an id");
    for board in [one, none] {
        draw(&ada, board, &[(1, 0), (1, 1)]).await;
        assert_eq!(seen(&ada, board).await, (0, Some(false)));
        draw(&ada, board, RED).await;
    }
    assert_eq!(seen(&ada, one).await, (1, Some(true)));
    assert_eq!(seen(&ada, none).await, (0, Some(false)));
}

#[tokio::test]
async fn paths_that_cross_do_not_count_until_some_choice_does_not() {
    let server = Server::start().await;
    let ada = server.user("ada").await;
    let board = make(&ada, "first").await;
    for cells in [RED_AROUND, BLUE_AROUND, RED_AROUND, BLUE_AROUND] {
        draw(&ada, board, cells).await;
        assert_eq!(seen(&ada, board).await, (0, Some(false)));
    }
    // The straight red goes with either blue.
    draw(&ada, board, RED).await;
    assert_eq!(seen(&ada, board).await, (1, Some(true)));
}

#[tokio::test]
async fn what_others_have_drawn_does_not_count() {
    let server = Server::start().await;
    let (ada, bob) = (server.user("ada").await, server.user("bob").await);
    let board = make(&ada, "first").await;
    draw(&ada, board, RED).await;
    draw(&bob, board, BLUE).await;
    assert_eq!(seen(&ada, board).await, (0, Some(false)));
    // Nor what was drawn elsewhere.
    let other = make(&ada, "other").await;
    draw(&ada, other, BLUE).await;
    assert_eq!(seen(&ada, board).await, (0, Some(false)));
    draw(&bob, board, RED).await;
    assert_eq!(seen(&ada, board).await, (1, Some(false)));
    assert_eq!(seen(&bob, board).await, (1, Some(true)));
    draw(&ada, board, BLUE).await;
    assert_eq!(seen(&ada, board).await, (2, Some(true)));
    let told = told(&ada, board).await;
    assert_eq!(
        told[told.len() - 4..],
        [
            "newPath bob",
            "boardSolved bob",
            "newPath ada",
            "boardSolved ada"
        ]
    );
}

#[tokio::test]
async fn it_happens_once_for_each_user_whatever_is_drawn_or_deleted_later() {
    let server = Server::start().await;
    let ada = server.user("ada").await;
    let board = make(&ada, "first").await;
    let mut paths = vec![draw(&ada, board, RED).await, draw(&ada, board, BLUE).await];
    paths.push(draw(&ada, board, RED).await);
    for id in paths {
        ada.delete(&format!("/api/v1/paths/{id}")).await.expect(204);
        assert_eq!(seen(&ada, board).await, (1, Some(true)));
    }
    draw(&ada, board, RED).await;
    draw(&ada, board, BLUE).await;
    assert_eq!(seen(&ada, board).await, (1, Some(true)));
    let solved = told(&ada, board).await;
    let solved = solved.iter().filter(|it| it.starts_with("boardSolved"));
    assert_eq!(solved.count(), 1);
}

#[tokio::test]
async fn a_path_that_was_deleted_does_not_count() {
    let server = Server::start().await;
    let ada = server.user("ada").await;
    let board = make(&ada, "first").await;
    let red = draw(&ada, board, RED).await;
    ada.delete(&format!("/api/v1/paths/{red}"))
        .await
        .expect(204);
    draw(&ada, board, BLUE).await;
    assert_eq!(seen(&ada, board).await, (0, Some(false)));
}

#[tokio::test]
async fn a_request_that_is_sent_again_solves_nothing_again() {
    let server = Server::start().await;
    let ada = server.user("ada").await;
    let board = make(&ada, "first").await;
    draw(&ada, board, RED).await;
    let to = format!("/api/v1/boards/{board}/paths");
    for _ in 0..3 {
        let call = ada.call(reqwest::Method::POST, &to);
        let call = call.header("Idempotency-Key", "k").json(&path(BLUE));
        call.send().await.expect(201);
    }
    let expected = [
        "newBoard ada",
        "newPath ada",
        "newPath ada",
        "boardSolved ada",
    ];
    assert_eq!(told(&ada, board).await, expected);
}

#[tokio::test]
async fn followers_may_ask_for_it_alone() {
    let server = Server::start().await;
    let ada = server.user("ada").await;
    let board = make(&ada, "first").await;
    draw(&ada, board, RED).await;
    draw(&ada, board, BLUE).await;
    let page = ada
        .get("/api/v1/events?types=boardSolved")
        .await
        .expect(200);
    let items = page.body["items"].as_array().expect("items");
    assert_eq!(items.len(), 1);
    assert_eq!(items[0]["board_id"], board);
}

/// The newest paths are considered, up to four full grids of cells.
#[tokio::test]
async fn paths_older_than_ten_thousand_cells_do_not_count() {
    let server = Server::start().await;
    let ada = server.user("ada").await;
    let mut body = super::two_pairs("large");
    (body["rows"], body["cols"]) = (json!(50), json!(50));
    let made = ada.post("/api/v1/boards", &body).await.expect(201);
    let board = made.body["id"].as_i64().expect("an id");
    let to = format!("/api/v1/boards/{board}/paths");
    draw(&ada, board, RED).await;
    for _ in 0..4 {
        let long = crate::harness::large::long_path();
        ada.post(&to, &long).await.expect(201);
    }
    draw(&ada, board, BLUE).await;
    assert_eq!(seen(&ada, board).await, (0, Some(false)));
    draw(&ada, board, RED).await;
    assert_eq!(seen(&ada, board).await, (1, Some(true)));
    // The harness's board has pairs, too, and will do.
    let id = ada.board("first").await;
    ada.post(&format!("/api/v1/boards/{id}/paths"), &client::path())
        .await
        .expect(201);
    draw(&ada, id, &[(2, 0), (2, 1)]).await;
    assert_eq!(seen(&ada, id).await, (1, Some(true)));
}
