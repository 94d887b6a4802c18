//! Who may change a board, and under which condition on its version.

use reqwest::{Method, StatusCode};
use serde_json::json;

use crate::harness::{Server, client::board};

/// Conditions that version 1 does not meet. A tag that this server never gave matches nothing.
const STALE: [&str; 7] = [
    "\"2\"",
    "\"0\", \"2\"",
    "W/\"2\"",
    "\"one\"",
    "\"\"",
    "\"+1\"",
    "\"01\"",
];

const MALFORMED: [&str; 7] = [
    "1",
    "\"1",
    "",
    "w/\"1\"",
    "\"1\",",
    "\"1\" \"2\"",
    "\u{fffd}",
];

#[tokio::test]
async fn a_change_is_made_only_to_a_version_that_if_match_names() {
    let server = Server::start().await;
    let ada = server.user("ada").await;
    let created = ada.post("/api/v1/boards", &board("first")).await;
    let path = created.header("location");
    let before = server.database().counts().await;
    let call = async |method: Method, tags: &str| {
        let call = ada.call(method.clone(), path).header("If-Match", tags);
        let call = if method == Method::PUT {
            call.json(&board("second"))
        } else {
            call
        };
        call.send().await
    };
    for method in [Method::PUT, Method::DELETE] {
        for tags in STALE {
            let answer = call(method.clone(), tags).await;
            answer.expect_problem(412, "stale_version");
        }
        for tags in MALFORMED {
            let answer = call(method.clone(), tags).await;
            let answer = answer.expect_problem(400, "invalid_header");
            assert_eq!(answer.fields(), ["If-Match"], "{tags}");
        }
    }
    assert_eq!(ada.get(path).await.body, created.body);
    assert_eq!(server.database().counts().await, before);

    let mut version = 1;
    for tags in ["\"1\"", "W/\"2\"", "\"7\", \"3-gzip\",W/\"9\"", "*"] {
        let put = ada
            .call(Method::PUT, path)
            .header("If-Match", tags)
            .json(&board(&format!("after {version}")))
            .send()
            .await
            .expect(200);
        version += 1;
        assert_eq!(put.body["version"], version);
    }
    call(Method::DELETE, "\"5\"").await.expect(204);
    call(Method::PUT, "*")
        .await
        .expect_problem(404, "board_not_found");
}

#[tokio::test]
async fn two_headers_are_one_list() {
    let server = Server::start().await;
    let ada = server.user("ada").await;
    let created = ada.post("/api/v1/boards", &board("first")).await;
    let path = created.header("location");
    let put = |tags: [&str; 2]| {
        ada.call(Method::PUT, path)
            .header("If-Match", tags[0])
            .header("If-Match", tags[1])
            .json(&board("second"))
            .send()
    };
    put(["\"8\"", "\"9\""]).await.expect(412);
    put(["\"8\"", "nonsense"]).await.expect(400);
    put(["\"8\"", "\"1\""]).await.expect(200);
}

#[tokio::test]
async fn of_writers_who_saw_the_same_version_one_wins() {
    let server = Server::start().await;
    let ada = server.user("ada").await;
    let created = ada.post("/api/v1/boards", &board("first")).await;
    let path = created.header("location");
    let mut writers = tokio::task::JoinSet::new();
    for number in 0..8 {
        let call = ada
            .call(Method::PUT, path)
            .header("If-Match", "\"1\"")
            .json(&board(&format!("by writer {number}")));
        writers.spawn(call.send());
    }
    let answers = writers.join_all().await;
    let winners: Vec<_> = answers
        .iter()
        .filter(|answer| answer.status == StatusCode::OK)
        .collect();
    assert_eq!(winners.len(), 1);
    let stale = answers.iter().filter(|answer| answer.status == 412).count();
    assert_eq!(stale, 7);
    assert_eq!(ada.get(path).await.body, winners[0].body);
    ada.until_settled(2).await;
    assert_eq!(ada.events().await.len(), 2);
}

#[tokio::test]
async fn nobody_but_its_creator_changes_a_board() {
    let server = Server::start().await;
    let (ada, bob) = (server.user("ada").await, server.user("bob").await);
    let created = ada.post("/api/v1/boards", &board("first")).await;
    let path = created.header("location");
    let before = server.database().counts().await;
    for tags in ["*", "\"1\"", "\"9\""] {
        bob.call(Method::PUT, path)
            .header("If-Match", tags)
            .json(&board("second"))
            .send()
            .await
            .expect_problem(403, "not_board_owner");
        bob.call(Method::DELETE, path)
            .header("If-Match", tags)
            .send()
            .await
            .expect_problem(403, "not_board_owner");
    }
    // Not even to its current content.
    bob.put(path, &board("first"))
        .await
        .expect_problem(403, "not_board_owner");
    let nobody = server.client();
    nobody
        .put(path, &board("second"))
        .await
        .expect_problem(401, "missing_token");
    nobody
        .delete(path)
        .await
        .expect_problem(401, "missing_token");
    nobody
        .post("/api/v1/boards", &board("second"))
        .await
        .expect_problem(401, "missing_token");
    assert_eq!(ada.get(path).await.body, created.body);
    assert_eq!(server.database().counts().await, before);
}

#[tokio::test]
async fn an_administrator_changes_every_board_and_is_named_for_it() {
    let server = Server::start().await;
    let ada = server.user("ada").await;
    let root = server.admin("root").await;
    let me = root.get("/api/v1/users/me").await.expect(200);
    assert_eq!(me.body["is_admin"], true);
    let created = ada.post("/api/v1/boards", &board("first")).await;
    let path = created.header("location");
    let replaced = root.put(path, &board("second")).await.expect(200);
    assert_eq!(replaced.body["creator_username"], "ada");
    root.delete(path).await.expect(204);
    ada.until_settled(3).await;
    let events: Vec<_> = ada.events().await.into_iter().skip(1).collect();
    for event in &events {
        let id = &created.body["id"];
        let data = json!({ "board_id": id, "board_name": "second", "user_username": "root" });
        assert_eq!(event["data"], data);
    }
    let types: Vec<_> = events.iter().map(|event| &event["type"]).collect();
    assert_eq!(types, ["boardUpdated", "boardDeleted"]);
}
