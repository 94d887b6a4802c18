//! What the API promises of consumers, and what it refuses.

use reqwest::Method;
use serde_json::{Value, json};

use super::{CONSUMERS, Worker, with_boards};
use crate::{
    harness::{Server, client::board},
    metrics::page::hits,
};

#[tokio::test]
async fn a_consumer_is_made_changed_shown_listed_and_deleted() {
    let server = Server::start().await;
    let ada = server.user("ada").await;
    ada.board("one").await;
    let worker = Worker::new(&ada, "mailer");
    let made = worker.put(json!({})).await.expect(201);
    assert_eq!(made.header("location"), worker.path);
    let body = &made.body;
    assert_eq!(body["name"], "mailer");
    assert_eq!(body["cursor"], 1, "at the present");
    assert_eq!(body["lag_events"], 0);
    assert_eq!(body.get("lag_seconds"), None);
    for field in ["types", "board_ids", "lease_until"] {
        assert_eq!(body[field], Value::Null, "{field}");
    }
    // The same again changes nothing.
    let again = worker.put(json!({})).await.expect(200);
    assert_eq!(again.body, made.body);

    let board = ada.board("two").await;
    let settings =
        json!({ "types": ["newPath", "newBoard", "newPath"], "board_ids": [board, board] });
    let changed = worker.put(settings).await.expect(200);
    assert_eq!(changed.body["types"], json!(["newBoard", "newPath"]));
    assert_eq!(changed.body["board_ids"], json!([board]));
    assert_eq!(changed.body["cursor"], 1, "it keeps its cursor");
    let moved = worker.put(json!({ "after": 0 })).await.expect(200);
    assert_eq!(moved.body["cursor"], 0);
    assert_eq!(moved.body["types"], Value::Null);
    let moved = worker.put(json!({ "now": true })).await.expect(200);
    assert_eq!(moved.body["cursor"], 2);
    assert_eq!(worker.show().await["cursor"], 2);

    ada.delete(&worker.path).await.expect(204);
    for answer in [
        ada.get(&worker.path).await,
        ada.delete(&worker.path).await,
        worker.ask("").await,
        worker.ack(1, &json!("x")).await,
        worker.seek(1).await,
    ] {
        answer.expect_problem(404, "consumer_not_found");
    }
}

#[tokio::test]
async fn consumers_are_listed_newest_first_a_page_at_a_time() {
    let server = Server::start().await;
    let ada = server.user("ada").await;
    let empty = ada.get(CONSUMERS).await.expect(200).body;
    assert_eq!(empty, json!({ "items": [], "next_before": null }));
    for name in ["one", "two", "three"] {
        Worker::new(&ada, name).put(json!({})).await.expect(201);
    }
    let mut names = Vec::new();
    let mut path = format!("{CONSUMERS}?limit=2");
    loop {
        let page = ada.get(&path).await.expect(200);
        let items = page.body["items"].as_array().expect("items").iter();
        names.extend(items.map(|it| it["name"].as_str().expect("a name").to_owned()));
        let Some(before) = page.body["next_before"].as_i64() else {
            break;
        };
        assert!(page.header("link").contains(&format!("before={before}")));
        path = format!("{CONSUMERS}?limit=2&before={before}");
    }
    assert_eq!(names, ["three", "two", "one"]);
}

#[tokio::test]
async fn each_user_sees_only_their_own_consumers() {
    let server = Server::start().await;
    let ada = server.user("ada").await;
    let grace = server.user("grace").await;
    Worker::new(&ada, "mailer").put(json!({})).await.expect(201);
    let hers = Worker::new(&grace, "mailer");
    for answer in [
        grace.get(&hers.path).await,
        grace.delete(&hers.path).await,
        hers.ask("").await,
        hers.ack(0, &json!("x")).await,
        hers.seek(0).await,
    ] {
        answer.expect_problem(404, "consumer_not_found");
    }
    // The name is free for her.
    hers.put(json!({ "after": 0 })).await.expect(201);
    let list = grace.get(CONSUMERS).await.expect(200);
    assert_eq!(list.body["items"].as_array().expect("items").len(), 1);

    let nobody = Worker::new(&server.client(), "mailer");
    for answer in [
        nobody.client.get(CONSUMERS).await,
        nobody.client.get(&nobody.path).await,
        nobody.client.delete(&nobody.path).await,
        nobody.put(json!({})).await,
        nobody.ask("").await,
        nobody.ack(0, &json!("x")).await,
        nobody.seek(0).await,
    ] {
        answer.expect_problem(401, "missing_token");
    }
}

#[tokio::test]
async fn what_is_wrong_is_named() {
    let server = Server::start().await;
    let ada = server.user("ada").await;
    let worker = Worker::new(&ada, "mailer");
    let many: Vec<i64> = (0..101).collect();
    for (settings, fields) in [
        (json!({ "types": ["nope"] }), &["types[0]"][..]),
        (json!({ "types": ["newBoard", "cursor"] }), &["types[1]"]),
        (json!({ "types": [] }), &["types"]),
        (json!({ "types": "newBoard" }), &["types"]),
        (json!({ "board_ids": [] }), &["board_ids"]),
        (json!({ "board_ids": many }), &["board_ids"]),
        (json!({ "board_ids": [-1] }), &["board_ids[0]"]),
        (json!({ "after": -1 }), &["after"]),
        (json!({ "after": "1" }), &["after"]),
        (json!({ "after": 1, "now": true }), &["now"]),
        (json!({ "since": 1 }), &["since"]),
    ] {
        let answer = worker.put(settings.clone()).await;
        let answer = answer.expect_problem(422, "validation_failed");
        assert_eq!(answer.fields(), fields, "{settings}");
    }
    ada.get(&worker.path).await.expect(404);

    let long = "x".repeat(65);
    for name in ["a%20b", "a.b", "%C3%A4", &long] {
        let answer = Worker::new(&ada, name).put(json!({})).await;
        let answer = answer.expect_problem(400, "invalid_parameter");
        assert_eq!(answer.fields(), ["name"], "{name}");
    }
    Worker::new(&ada, &long[1..])
        .put(json!({ "after": 0 }))
        .await
        .expect(201);

    worker.put(json!({ "after": 0 })).await.expect(201);
    for (query, fields) in [
        ("limit=0", &["limit"][..]),
        ("limit=201", &["limit"]),
        ("wait=61s", &["wait"]),
        ("wait=-1s", &["wait"]),
        ("wait=1", &["wait"]),
        ("lease=999ms", &["lease"]),
        ("lease=13h", &["lease"]),
        ("lease=soon&limit=x&wait=", &["limit", "wait", "lease"]),
    ] {
        let answer = worker.ask(query).await;
        let answer = answer.expect_problem(400, "invalid_parameter");
        assert_eq!(answer.fields(), fields, "{query}");
    }
    worker
        .ask("after=1")
        .await
        .expect_problem(400, "unknown_parameter");
    for (path, body, fields) in [
        ("ack", json!({}), &["id"][..]),
        (
            "ack",
            json!({ "id": -1, "lease_id": 7 }),
            &["id", "lease_id"],
        ),
        ("seek", json!({}), &["after"]),
        ("seek", json!({ "after": -1 }), &["after"]),
    ] {
        let answer = ada.post(&format!("{}/{path}", worker.path), &body).await;
        let answer = answer.expect_problem(422, "validation_failed");
        assert_eq!(answer.fields(), fields, "{path} {body}");
    }
}

#[tokio::test]
async fn a_user_has_a_hundred_consumers_and_may_delete_one_for_another() {
    let server = Server::start_with(&["--request-rate", "off"]).await;
    let ada = server.user("ada").await;
    let grace = server.user("grace").await;
    let name = |number: i32| format!("consumer-{number}");
    for number in 0..100 {
        let worker = Worker::new(&ada, &name(number));
        worker.put(json!({})).await.expect(201);
    }
    let more = Worker::new(&ada, "more");
    more.put(json!({}))
        .await
        .expect_problem(409, "too_many_consumers");
    assert_eq!(hits(&server, "consumers_per_user").await, 1);
    // Those that there are can be changed.
    let first = Worker::new(&ada, &name(0));
    first.put(json!({ "after": 0 })).await.expect(200);
    Worker::new(&grace, "hers").put(json!({})).await.expect(201);
    ada.delete(&first.path).await.expect(204);
    more.put(json!({})).await.expect(201);
}

#[tokio::test]
async fn many_that_make_the_same_consumer_at_once_make_one() {
    let server = Server::start().await;
    let other = Server::start_on(server.database(), &[]).await;
    let ada = server.user("ada").await;
    let here = Worker::new(&ada, "mailer");
    let there = here.at(&other.url);
    let made = futures_util::future::join_all((0..10).map(|number| {
        let worker = if number % 2 == 0 { &here } else { &there };
        worker.put(json!({}))
    }));
    let mut statuses: Vec<_> = made.await.iter().map(|it| it.status.as_u16()).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [vec![200; 9], vec![201]].concat());
}

#[tokio::test]
async fn a_batch_has_the_events_of_the_log_that_the_filter_passes() {
    let server = Server::start().await;
    let ada = server.user("ada").await;
    let one = ada.board("one").await;
    let two = ada.board("two").await;
    ada.path(one).await;
    ada.path(two).await;
    ada.put(&format!("/api/v1/boards/{one}"), &board("changed"))
        .await
        .expect(200);
    for (settings, query, expected) in [
        (json!({}), "", &[1, 2, 3, 4, 5][..]),
        (json!({}), "limit=2", &[1, 2]),
        (json!({ "types": ["newPath"] }), "", &[3, 4]),
        (json!({ "board_ids": [one] }), "", &[1, 3, 5]),
        (
            json!({ "types": ["newPath", "boardUpdated"], "board_ids": [one, 99] }),
            "limit=200",
            &[3, 5],
        ),
    ] {
        let mut settings = settings;
        settings["after"] = json!(0);
        let worker = Worker::new(&ada, "mailer");
        worker.put(settings.clone()).await;
        let answer = worker.ask(query).await.expect(200);
        let batch = super::Batch::of(&answer.body);
        assert_eq!(batch.ids, expected, "{settings}");
        let log = ada.get("/api/v1/events").await.expect(200).body;
        for event in answer.body["items"].as_array().expect("items") {
            let log = log["items"].as_array().expect("items");
            assert!(log.contains(event), "{event}");
        }
        worker.ack(batch.last(), &batch.lease_id).await.expect(200);
    }
}

#[tokio::test]
async fn head_takes_nothing() {
    let server = Server::start().await;
    let ada = server.user("ada").await;
    let worker = Worker::new(&ada, "mailer");
    worker.put(json!({})).await.expect(201);
    ada.board("one").await;
    for _ in 0..2 {
        let path = format!("{}/events?wait=20s", worker.path);
        ada.call(Method::HEAD, &path).send().await.expect(200);
    }
    assert_eq!(worker.show().await["lease_until"], Value::Null);
    assert_eq!(worker.take("").await.ids, [1]);
}

#[tokio::test]
async fn a_consumer_starts_at_a_time() {
    let (server, ada) = with_boards(4).await;
    server
        .database()
        .date_events("1,2", "2026-01-01T00:00:00Z")
        .await;
    let worker = Worker::new(&ada, "mailer");
    for (since, cursor) in [
        ("2025-12-31T23:00:00+00:00", 0),
        ("2026-01-01T00:00:01Z", 2),
        ("1h", 2),
        ("2100-01-01T00:00:00Z", 4),
    ] {
        let shown = worker.put(json!({ "since": since })).await.body;
        assert_eq!(shown["cursor"], cursor, "{since}: {shown}");
    }
    for (settings, field) in [
        (json!({ "since": "yesterday" }), "since"),
        (json!({ "since": "10m", "after": 1 }), "since"),
        (json!({ "since": "10m", "now": true }), "now"),
        (json!({ "after": 1, "now": true }), "now"),
    ] {
        let refused = worker.put(settings).await;
        let refused = refused.expect_problem(422, "validation_failed");
        assert_eq!(refused.fields(), [field]);
    }
    assert_eq!(worker.show().await["cursor"], 4);
}
