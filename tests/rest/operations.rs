//! Every operation of the OpenAPI document on a running server.

use std::collections::BTreeSet;

use reqwest::Method;
use serde_json::json;

use crate::harness::{
    Answer, Client, Server,
    client::{board, path},
    contract::{DOCUMENT, operation},
};

/// Calls operations and records which.
struct Tour<'a> {
    client: &'a Client,
    done: BTreeSet<String>,
}

impl Tour<'_> {
    fn note(&mut self, method: &Method, path: &str) {
        let operation = operation(method, path);
        let operation = operation.unwrap_or_else(|| panic!("{method} {path} is undocumented"));
        let id = operation["operationId"].as_str().expect("an id");
        self.done.insert(id.to_owned());
    }

    async fn go(&mut self, method: Method, path: &str, body: Option<serde_json::Value>) -> Answer {
        self.note(&method, path);
        let call = self.client.call(method, path);
        match body {
            Some(body) => call.json(&body).send().await,
            None => call.send().await,
        }
    }
}

#[tokio::test]
async fn every_operation_of_the_document_is_there_and_does_what_it_says() {
    let server = Server::start().await;
    let ada = server.user("ada").await;
    server.run(&["user", "promote", "ada"]).await;
    let mut tour = Tour {
        client: &ada,
        done: BTreeSet::new(),
    };
    let grace = json!({ "username": "grace", "password": "correct horse" });
    let ada_again = json!({ "username": "ada", "password": "correct horse" });
    let passwords =
        json!({ "current_password": "correct horse", "new_password": "battery staple" });
    let (get, post, put, delete) = (Method::GET, Method::POST, Method::PUT, Method::DELETE);
    let patch = Method::PATCH;
    let change = json!({ "disabled": true });
    let (ack, seek) = (json!({ "id": 0 }), json!({ "after": 1 }));
    let older = json!({ "older_than_seconds": 3600 });
    let calls = [
        (&get, "/healthz", None, 200),
        (&get, "/readyz", None, 200),
        (&get, "/api/v1/users/registration", None, 200),
        (&post, "/api/v1/users", Some(grace.clone()), 201),
        (&post, "/api/v1/sessions", Some(grace), 201),
        (&get, "/api/v1/users/me", None, 200),
        (&get, "/api/v1/sessions", None, 200),
        (&post, "/api/v1/sessions", Some(ada_again), 201),
        (&delete, "/api/v1/sessions/3", None, 204),
        (&put, "/api/v1/users/me/password", Some(passwords), 204),
        (&post, "/api/v1/boards", Some(board("first")), 201),
        (&get, "/api/v1/boards", None, 200),
        (&get, "/api/v1/boards/1", None, 200),
        (&get, "/api/v1/boards/1/picture.svg", None, 200),
        (&get, "/api/v1/boards/1/picture.png", None, 200),
        (&put, "/api/v1/boards/1", Some(board("second")), 200),
        (&post, "/api/v1/boards/1/paths", Some(path()), 201),
        (&get, "/api/v1/boards/1/paths", None, 200),
        (&get, "/api/v1/paths?boards=1,2", None, 200),
        (&get, "/api/v1/paths/1", None, 200),
        (&delete, "/api/v1/paths/1", None, 204),
        (&delete, "/api/v1/boards/1", None, 204),
        (&get, "/api/v1/events?limit=10", None, 200),
        (
            &put,
            "/api/v1/consumers/one",
            Some(json!({ "after": 0 })),
            201,
        ),
        (&get, "/api/v1/consumers", None, 200),
        (&get, "/api/v1/consumers/one", None, 200),
        (&get, "/api/v1/consumers/one/events", None, 200),
        (&post, "/api/v1/consumers/one/ack", Some(ack), 200),
        (&post, "/api/v1/consumers/one/seek", Some(seek), 200),
        (&delete, "/api/v1/consumers/one", None, 204),
        (&get, "/api/v1/admin/users", None, 200),
        (&patch, "/api/v1/admin/users/grace", Some(change), 200),
        (&delete, "/api/v1/admin/users/grace/sessions", None, 204),
        (
            &put,
            "/api/v1/admin/users/grace/password",
            Some(json!({ "password": "battery staple" })),
            204,
        ),
        (&delete, "/api/v1/admin/users/grace", None, 204),
        (&get, "/api/v1/admin/log", None, 200),
        (&post, "/api/v1/admin/log/trim", Some(older), 200),
        (&get, "/api/v1/admin/streams", None, 200),
    ];
    for (method, path, body, status) in calls {
        tour.go(method.clone(), path, body).await.expect(status);
    }

    tour.note(&get, "/sse/notifications/");
    ada.until_settled(4).await;
    let mut stream = server.stream(Some(0)).await;
    assert_eq!(stream.opening().await, 0);
    for (id, event) in [
        (1, "newBoard"),
        (2, "boardUpdated"),
        (3, "newPath"),
        (4, "boardDeleted"),
    ] {
        assert_eq!(stream.expect(event).await.id, Some(id));
    }

    tour.go(delete, "/api/v1/sessions/current", None)
        .await
        .expect(204);
    ada.get("/api/v1/users/me").await.expect(401);

    let documented: BTreeSet<String> = DOCUMENT["paths"]
        .as_object()
        .expect("paths")
        .values()
        .flat_map(|operations| operations.as_object().expect("operations").values())
        .map(|operation| operation["operationId"].as_str().expect("an id").to_owned())
        .collect();
    assert_eq!(tour.done, documented);
}

#[tokio::test]
async fn head_answers_what_get_does_without_the_body() {
    let server = Server::start().await;
    let ada = server.user("ada").await;
    server.run(&["user", "promote", "ada"]).await;
    let id = ada.board("first").await;
    ada.path(id).await;
    ada.put("/api/v1/consumers/one", &json!({ "after": 0 }))
        .await
        .expect(201);
    ada.until_settled(2).await;
    let documents = ["/docs", "/openapi.json", "/openapi-3.2.json"];
    let mut paths: Vec<String> = documents.map(str::to_owned).into();
    paths.push("/problems/not_found".to_owned());
    for (path, operations) in DOCUMENT["paths"].as_object().expect("paths") {
        if operations.get("get").is_some() {
            let needed = if path == "/api/v1/paths" {
                "?boards=1"
            } else {
                ""
            };
            paths.push(path.replace("{id}", "1").replace("{name}", "one") + needed);
        }
    }
    for path in paths {
        let head = ada.call(Method::HEAD, &path).send().await.expect(200);
        assert_eq!(head.body, "", "{path}");
        if path == "/sse/notifications/" {
            // A GET of it would never end.
            assert_eq!(head.header("content-type"), "text/event-stream");
            continue;
        }
        let get = ada.get(&path).await.expect(200);
        for name in ["content-type", "etag", "last-event-id"] {
            assert_eq!(
                head.headers.get(name),
                get.headers.get(name),
                "{path} {name}"
            );
        }
    }
    let missing = ada.call(Method::HEAD, "/api/v1/boards/99").send().await;
    assert_eq!(missing.status, 404);
    assert_eq!(server.database().counts().await[2], ("boards", 1));
}
