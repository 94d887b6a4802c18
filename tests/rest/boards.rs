//! Boards: created, read, listed, replaced, deleted, and what of it is announced.

use reqwest::Method;
use serde_json::{Value, json};

use crate::harness::{Answer, Client, Server, client::board};

/// The only event that a call has made after `known` others.
async fn only_event_after(client: &Client, known: i64) -> Value {
    client.until_settled(known + 1).await;
    let mut events = client.events().await;
    assert_eq!(events.len(), usize::try_from(known + 1).unwrap());
    events.pop().expect("an event")
}

/// Clients rely on the names and the order of an event's keys.
fn keys(event: &Value) -> Vec<&str> {
    let data = event["data"].as_object().expect("an object");
    data.keys().map(String::as_str).collect()
}

#[tokio::test]
async fn a_new_board_is_stored_answered_and_announced() {
    let server = Server::start().await;
    let ada = server.user("ada").await;
    let body = json!({
        "name": "  Été ☀  ",
        "rows": 2,
        "cols": 50,
        "dots": [
            { "row": 1, "col": 49, "color": "#FF00aa" },
            { "row": 0, "col": 0, "color": "#ff00AA" },
        ],
    });
    let created = ada.post("/api/v1/boards", &body).await.expect(201);
    assert_eq!(created.header("etag"), "\"1.0.0\"");
    assert_eq!(created.header("last-event-id"), "0");
    let location = format!("/api/v1/boards/{}", created.body["id"]);
    assert_eq!(created.header("location"), location);

    let shown = ada.get(&location).await.expect(200);
    assert_eq!(shown.body, created.body);
    assert_eq!(shown.header("etag"), "\"1.0.0\"");
    let Value::Object(mut fields) = shown.body else {
        panic!("an object");
    };
    assert_eq!(fields["created_at"], fields["updated_at"]);
    fields.retain(|name, _| !["id", "created_at", "updated_at"].contains(&name.as_str()));
    let expected = json!({
        "name": "Été ☀",
        "creator_username": "ada",
        "rows": 2,
        "cols": 50,
        "dots": [
            { "row": 1, "col": 49, "color": "#ff00aa" },
            { "row": 0, "col": 0, "color": "#ff00aa" },
        ],
        "version": 1,
        "solved_count": 0,
        "solved": false,
    });
    assert_eq!(Value::Object(fields), expected);

    let event = only_event_after(&ada, 0).await;
    assert_eq!(event["type"], "newBoard");
    assert_eq!(event["board_id"], created.body["id"]);
    assert_eq!(keys(&event), ["board_id", "board_name", "creator_username"]);
    assert_eq!(event["data"]["board_id"], created.body["id"]);
    assert_eq!(event["data"]["board_name"], "Été ☀");
    assert_eq!(event["data"]["creator_username"], "ada");
    let shown = ada.get(&location).await.expect(200);
    assert_eq!(shown.header("last-event-id"), "1");
}

#[tokio::test]
async fn a_board_without_dots_is_one() {
    let server = Server::start().await;
    let ada = server.user("ada").await;
    let body = json!({ "name": "x", "rows": 50, "cols": 2, "dots": [] });
    let created = ada.post("/api/v1/boards", &body).await.expect(201);
    assert_eq!(created.body["dots"], json!([]));
}

#[tokio::test]
async fn a_known_version_is_not_sent_again() {
    let server = Server::start().await;
    let ada = server.user("ada").await;
    let path = format!("/api/v1/boards/{}", ada.board("first").await);
    let get = async |tags: &str| {
        ada.call(Method::GET, &path)
            .header("If-None-Match", tags)
            .send()
            .await
    };
    for tags in ["\"1.0.0\"", "W/\"1.0.0\"", "\"7\", \"1.0.0-gzip\"", "*"] {
        let answer = get(tags).await.expect(304);
        assert_eq!(answer.header("etag"), "\"1.0.0\"");
        assert_eq!(answer.body, "");
    }
    for tags in [
        "\"2.0.0\"",
        "\"1\"",
        "\"1.0\"",
        "\"1.0.1\"",
        "\"01x\"",
        "\"\"",
    ] {
        assert_eq!(get(tags).await.expect(200).body["name"], "first");
    }
    for tags in ["1", "\"1", "", "\"1\" \"2\""] {
        let answer = get(tags).await.expect_problem(400, "invalid_header");
        assert_eq!(answer.fields(), ["If-None-Match"], "{tags}");
    }
    ada.put(&path, &board("second")).await.expect(200);
    let changed = get("\"1.0.0\"").await.expect(200);
    assert_eq!(changed.header("etag"), "\"2.0.0\"");
}

#[tokio::test]
async fn boards_are_listed_newest_first_a_page_at_a_time() {
    let server = Server::start().await;
    let (ada, bob) = (server.user("Ada").await, server.user("bob").await);
    let mut ids = Vec::new();
    for number in 0..5 {
        let creator = if number % 2 == 0 { &ada } else { &bob };
        ids.push(creator.board(&format!("board {number}")).await);
    }
    ids.reverse();
    ada.until_settled(5).await;
    let client = server.client();
    let get = async |query: &str| client.get(&format!("/api/v1/boards{query}")).await;
    let listed = |page: &Answer| -> Vec<i64> {
        let items = page.body["items"].as_array().expect("items");
        items.iter().map(|it| it["id"].as_i64().unwrap()).collect()
    };
    let all = get("").await.expect(200);
    assert_eq!(listed(&all), ids);
    assert_eq!(all.body["next_before"], Value::Null);
    assert_eq!(all.header("last-event-id"), "5");
    let shown = client.get(&format!("/api/v1/boards/{}", ids[0])).await;
    assert_eq!(all.body["items"][0], shown.body);

    let first = get("?limit=2").await.expect(200);
    assert_eq!(listed(&first), ids[..2]);
    assert_eq!(first.body["next_before"], ids[1]);
    // New boards between two pages shift nothing.
    ada.board("late").await;
    let second = get(&format!("?limit=2&before={}", ids[1])).await;
    assert_eq!(listed(&second), ids[2..4]);
    assert_eq!(second.body["next_before"], ids[3]);
    let third = get(&format!("?limit=2&before={}", ids[3])).await;
    assert_eq!(listed(&third), ids[4..]);
    assert_eq!(third.body["next_before"], Value::Null);
    // A page that is exactly full is the last one, too.
    let whole = get(&format!("?limit=5&before={}", ids[0] + 1)).await;
    assert_eq!(listed(&whole), ids);
    assert_eq!(whole.body["next_before"], Value::Null);
    assert_eq!(listed(&get("?before=0").await), Vec::<i64>::new());

    for name in ["bob", "BOB"] {
        let page = get(&format!("?creator={name}&limit=1")).await.expect(200);
        assert_eq!(listed(&page), [ids[1]]);
        assert_eq!(page.body["next_before"], ids[1]);
        let page = get(&format!("?creator={name}&before={}", ids[1])).await;
        assert_eq!(listed(&page), [ids[3]]);
        assert_eq!(page.body["next_before"], Value::Null);
    }
    for nobody in ["nobody", "%00", "ada%00", "%C3%A4d%C3%A4"] {
        let page = get(&format!("?creator={nobody}")).await.expect(200);
        assert_eq!(listed(&page), Vec::<i64>::new(), "{nobody}");
    }
}

#[tokio::test]
async fn every_wrong_parameter_of_the_list_is_named() {
    let server = Server::start().await;
    let client = server.client();
    let long = "x".repeat(33);
    for (query, fields) in [
        ("limit=0", vec!["limit"]),
        ("limit=201&before=-1", vec!["limit", "before"]),
        (
            "limit=&before=x&creator=",
            vec!["limit", "before", "creator"],
        ),
        (
            &*format!("limit=1&limit=2&creator={long}"),
            vec!["limit", "creator"],
        ),
        ("before=9223372036854775808", vec!["before"]),
    ] {
        let answer = client
            .get(&format!("/api/v1/boards?{query}"))
            .await
            .expect_problem(400, "invalid_parameter");
        assert_eq!(answer.fields(), fields, "{query}");
    }
}

#[tokio::test]
async fn a_replaced_board_has_a_new_version_and_is_announced() {
    let server = Server::start().await;
    let ada = server.user("ada").await;
    let created = ada.post("/api/v1/boards", &board("first")).await;
    let path = created.header("location");
    ada.until_settled(1).await;
    let body = json!({ "name": "second", "rows": 4, "cols": 5, "dots": [] });
    let replaced = ada.put(path, &body).await.expect(200);
    assert_eq!(replaced.header("etag"), "\"2.0.0\"");
    assert_eq!(replaced.header("last-event-id"), "1");
    assert_eq!(replaced.body["version"], 2);
    assert_eq!(replaced.body["name"], "second");
    assert_eq!(replaced.body["rows"], 4);
    assert_eq!(replaced.body["cols"], 5);
    assert_eq!(replaced.body["dots"], json!([]));
    assert_eq!(replaced.body["created_at"], created.body["created_at"]);
    assert_ne!(replaced.body["updated_at"], created.body["updated_at"]);
    assert_eq!(ada.get(path).await.body, replaced.body);

    let event = only_event_after(&ada, 1).await;
    assert_eq!(event["type"], "boardUpdated");
    assert_eq!(keys(&event), ["board_id", "board_name", "user_username"]);
    let data = json!({
        "board_id": created.body["id"],
        "board_name": "second",
        "user_username": "ada",
    });
    assert_eq!(event["data"], data);
}

#[tokio::test]
async fn a_save_that_changes_nothing_leaves_no_trace() {
    let server = Server::start().await;
    let ada = server.user("ada").await;
    let created = ada.post("/api/v1/boards", &board("first")).await;
    let path = created.header("location");
    let mut same = board("  first ");
    same["dots"][0]["color"] = json!("#FF0000");
    for body in [board("first"), same] {
        let replaced = ada.put(path, &body).await.expect(200);
        assert_eq!(replaced.body, created.body);
        assert_eq!(replaced.header("etag"), "\"1.0.0\"");
    }
    // The next event's id shows that there was none in between.
    ada.board("other").await;
    assert_eq!(
        only_event_after(&ada, 1).await["data"]["board_name"],
        "other"
    );
}

#[tokio::test]
async fn a_deleted_board_takes_all_paths_along_and_is_announced() {
    let server = Server::start().await;
    let (ada, bob) = (server.user("ada").await, server.user("bob").await);
    let id = ada.board("first").await;
    let other = ada.board("other").await;
    let (own, foreign) = (ada.path(id).await, bob.path(id).await);
    let kept = bob.path(other).await;
    ada.delete(&format!("/api/v1/boards/{id}"))
        .await
        .expect(204);

    let event = only_event_after(&ada, 5).await;
    assert_eq!(event["type"], "boardDeleted");
    assert_eq!(event["board_id"], id);
    assert_eq!(keys(&event), ["board_id", "board_name", "user_username"]);
    let data = json!({ "board_id": id, "board_name": "first", "user_username": "ada" });
    assert_eq!(event["data"], data);

    for (client, path) in [(&ada, own), (&bob, foreign)] {
        client
            .get(&format!("/api/v1/paths/{path}"))
            .await
            .expect_problem(404, "path_not_found");
    }
    bob.get(&format!("/api/v1/paths/{kept}")).await.expect(200);
    let left: Vec<i64> = server.database().column("SELECT id FROM paths").await;
    assert_eq!(left, [kept]);
    // Its id is never another board's.
    assert!(ada.board("next").await > other);
}

#[tokio::test]
async fn a_board_that_is_not_there_is_not_found() {
    let server = Server::start().await;
    let ada = server.user("ada").await;
    let id = ada.board("first").await;
    ada.delete(&format!("/api/v1/boards/{id}"))
        .await
        .expect(204);
    for id in [id, id + 1, 0, i64::MAX] {
        let path = format!("/api/v1/boards/{id}");
        for answer in [
            ada.get(&path).await,
            ada.put(&path, &board("second")).await,
            ada.delete(&path).await,
        ] {
            answer.expect_problem(404, "board_not_found");
        }
    }
}
