//! `/api/v1/admin`: users and the log, for administrators.

use reqwest::Method;
use serde_json::{Value, json};

use crate::harness::{Answer, Client, Server};

const ME: &str = "/api/v1/users/me";
const USERS: &str = "/api/v1/admin/users";
const LOG: &str = "/api/v1/admin/log";
const TRIM: &str = "/api/v1/admin/log/trim";

async fn change(client: &Client, name: &str, change: Value) -> Answer {
    let path = format!("{USERS}/{name}");
    client.call(Method::PATCH, &path).json(&change).send().await
}

async fn names(client: &Client, query: &str) -> Vec<String> {
    let page = client.get(&format!("{USERS}{query}")).await.expect(200);
    let items = page.body["items"].as_array().expect("items");
    let name = |user: &Value| user["username"].as_str().expect("a name").to_owned();
    items.iter().map(name).collect()
}

#[tokio::test]
async fn only_administrators_get_in() {
    let server = Server::start().await;
    let ada = server.user("ada").await;
    let trim = json!({ "older_than_seconds": 0 });
    let requests = [
        (Method::GET, USERS.to_owned(), None),
        (
            Method::PATCH,
            format!("{USERS}/ada"),
            Some(json!({ "is_admin": true })),
        ),
        (Method::DELETE, format!("{USERS}/ada/sessions"), None),
        (
            Method::PUT,
            format!("{USERS}/ada/password"),
            Some(json!({ "password": "battery staple" })),
        ),
        (Method::DELETE, format!("{USERS}/ada"), None),
        (Method::GET, LOG.to_owned(), None),
        (Method::POST, TRIM.to_owned(), Some(trim)),
        (Method::GET, "/api/v1/admin/streams".to_owned(), None),
    ];
    for (method, path, body) in requests {
        for (client, status, code) in [
            (&server.client(), 401, "missing_token"),
            (&ada, 403, "not_administrator"),
        ] {
            let call = client.call(method.clone(), &path);
            let answer = match &body {
                Some(body) => call.json(body).send().await,
                None => call.send().await,
            };
            answer.expect_problem(status, code);
        }
    }
    let me = ada.get(ME).await.expect(200);
    assert_eq!(me.body["is_admin"], false);
}

#[tokio::test]
async fn users_are_listed_a_page_at_a_time_and_found_by_a_part_of_their_names() {
    let server = Server::start().await;
    let root = server.admin("root").await;
    for name in ["ada", "Ada_2", "grace", "ada-3"] {
        server.user(name).await.board("one").await;
    }
    assert_eq!(
        names(&root, "").await,
        ["ada-3", "grace", "Ada_2", "ada", "root"]
    );
    let page = root.get(&format!("{USERS}?limit=2")).await.expect(200);
    assert_eq!(page.body["next_before"], 4);
    assert_eq!(page.header("link"), "<?limit=2&before=4>; rel=\"next\"");
    assert_eq!(page.body["items"][0]["boards"], 1);
    assert_eq!(names(&root, "?limit=2&before=4").await, ["Ada_2", "ada"]);
    let last = root.get(&format!("{USERS}?limit=2&before=2")).await;
    assert_eq!(last.expect(200).body["next_before"], Value::Null);
    for (part, found) in [
        ("ADA", &["ada-3", "Ada_2", "ada"][..]),
        ("a_", &["Ada_2"]),
        ("-", &["ada-3"]),
        ("%25", &[]),
        ("%00", &[]),
        ("nobody", &[]),
    ] {
        assert_eq!(names(&root, &format!("?q={part}")).await, found, "{part}");
    }
    root.get(&format!("{USERS}?q=&limit=0"))
        .await
        .expect_problem(400, "invalid_parameter");
}

#[tokio::test]
async fn a_user_is_changed_in_what_is_given() {
    let server = Server::start().await;
    let root = server.admin("root").await;
    let ada = server.user("ada").await;
    let mut changed = change(&root, "ADA", json!({ "is_admin": true }))
        .await
        .expect(200)
        .body;
    changed
        .as_object_mut()
        .expect("a user")
        .remove("created_at");
    assert_eq!(
        changed,
        json!({ "id": 2, "username": "ada", "is_admin": true, "disabled": false, "boards": 0 })
    );
    ada.get(LOG).await.expect(200);
    let changed = change(&root, "ada", json!({ "disabled": true })).await;
    let changed = changed.expect(200).body;
    assert_eq!(
        (&changed["is_admin"], &changed["disabled"]),
        (&json!(true), &json!(true))
    );
    ada.get(ME).await.expect_problem(401, "revoked_token");
    let both = json!({ "is_admin": false, "disabled": false });
    change(&root, "ada", both).await.expect(200);
    change(&root, "ada", json!({})).await.expect(200);
    let mut ada = server.client();
    ada.log_in("ada").await;
    ada.get(LOG).await.expect(403);

    for wrong in [json!({ "is_admin": "yes" }), json!({ "password": "x" })] {
        change(&root, "ada", wrong)
            .await
            .expect_problem(422, "validation_failed");
    }
    change(&root, "nobody", json!({}))
        .await
        .expect_problem(404, "user_not_found");
    change(&root, "no%20name", json!({}))
        .await
        .expect_problem(400, "invalid_parameter");
}

#[tokio::test]
async fn the_last_administrator_stays() {
    let server = Server::start().await;
    let root = server.admin("root").await;
    server.user("ada").await;
    for last in [json!({ "is_admin": false }), json!({ "disabled": true })] {
        change(&root, "root", last)
            .await
            .expect_problem(409, "last_administrator");
    }
    change(&root, "ada", json!({ "is_admin": true }))
        .await
        .expect(200);
    change(&root, "root", json!({ "is_admin": false }))
        .await
        .expect(200);
    root.get(USERS).await.expect(403);
}

#[tokio::test]
async fn sessions_of_a_user_and_their_streams_end_at_once() {
    // Nothing but the request itself would notice it.
    let options = ["--stream-access", "users", "--poll-interval", "1h"];
    let server = Server::start_with(&options).await;
    let root = server.admin("root").await;
    let ada = server.user("ada").await;
    for disabled in [false, true] {
        let mut ada = ada.clone();
        ada.log_in("ada").await;
        let mut stream = ada.stream(0).await;
        stream.opening().await;
        if disabled {
            change(&root, "ada", json!({ "disabled": true }))
                .await
                .expect(200);
        } else {
            root.delete(&format!("{USERS}/ada/sessions"))
                .await
                .expect(204);
        }
        stream.expect("bye").await;
        ada.get(ME).await.expect_problem(401, "revoked_token");
    }
    root.delete(&format!("{USERS}/nobody/sessions"))
        .await
        .expect_problem(404, "user_not_found");
    root.get(ME).await.expect(200);
}

#[tokio::test]
async fn the_log_is_described_and_trimmed() {
    let server = Server::start_with(&["--poll-interval", "50ms"]).await;
    let root = server.admin("root").await;
    let state = async || root.get(LOG).await.expect(200).body;
    let empty = json!({
        "oldest_id": 1, "newest_id": 0, "settled_id": 0, "trimmed_through": 0, "breaks": [], "open_streams": 0,
    });
    assert_eq!(state().await, empty);
    for _ in 0..3 {
        root.board("one").await;
    }
    let mut stream = server.stream(None).await;
    stream.opening().await;
    let full = json!({
        "oldest_id": 1, "newest_id": 3, "settled_id": 3, "trimmed_through": 0, "breaks": [], "open_streams": 1,
    });
    assert_eq!(state().await, full);

    let trim = async |seconds: i64| {
        let body = json!({ "older_than_seconds": seconds });
        root.post(TRIM, &body).await
    };
    assert_eq!(trim(3600).await.expect(200).body, json!({ "deleted": 0 }));
    assert_eq!(trim(0).await.expect(200).body, json!({ "deleted": 3 }));
    trim(-1).await.expect_problem(422, "validation_failed");
    trim(i64::MAX)
        .await
        .expect_problem(422, "validation_failed");
    let trimmed = state().await;
    assert_eq!(
        (&trimmed["oldest_id"], &trimmed["trimmed_through"]),
        (&json!(4), &json!(3))
    );

    server.run(&["log", "break", "--through", "9"]).await;
    root.board("one").await;
    root.until_settled(11).await;
    let breaks = &state().await["breaks"];
    assert_eq!(*breaks, json!([{ "first_id": 4, "last_id": 9 }]));
}

#[tokio::test]
async fn a_new_password_ends_the_sessions_with_the_old_one() {
    let server = Server::start().await;
    let root = server.admin("root").await;
    let ada = server.user("ada").await;
    let password = format!("{USERS}/ADA/password");
    root.put(&password, &json!({ "password": "short" }))
        .await
        .expect_problem(422, "validation_failed");
    ada.get(ME).await.expect(200);
    root.put(&password, &json!({ "password": "battery staple" }))
        .await
        .expect(204);
    ada.get(ME).await.expect_problem(401, "revoked_token");
    for (password, status) in [("correct horse", 401), ("battery staple", 201)] {
        let credentials = json!({ "username": "ada", "password": password });
        let answer = server.client().post("/api/v1/sessions", &credentials).await;
        answer.expect(status);
    }
    root.put(
        &format!("{USERS}/nobody/password"),
        &json!({ "password": "battery staple" }),
    )
    .await
    .expect_problem(404, "user_not_found");
}

#[tokio::test]
async fn a_user_is_deleted_with_boards_only_if_that_is_asked_for() {
    let server = Server::start().await;
    let root = server.admin("root").await;
    let ada = server.user("ada").await;
    server.user("grace").await;
    let id = ada.board("one").await;
    let path = format!("{USERS}/ADA");
    for query in ["", "?with_boards=false"] {
        root.delete(&format!("{path}{query}"))
            .await
            .expect_problem(409, "has_boards");
    }
    root.delete(&format!("{path}?with_boards=perhaps"))
        .await
        .expect_problem(400, "invalid_parameter");
    // Nothing has happened so far.
    ada.get(ME).await.expect(200);
    let mut stream = server.stream(Some(1)).await;
    assert_eq!(stream.opening().await, 1);
    root.delete(&format!("{path}?with_boards=true"))
        .await
        .expect(204);
    let event = stream.expect("boardDeleted").await.data.expect("data");
    assert_eq!(event["user_username"], "ada");
    ada.get(ME).await.expect_problem(401, "invalid_token");
    root.get(&format!("/api/v1/boards/{id}")).await.expect(404);
    root.delete(&path)
        .await
        .expect_problem(404, "user_not_found");
    root.delete(&format!("{USERS}/grace")).await.expect(204);
    assert_eq!(names(&root, "").await, ["root"]);
    root.delete(&format!("{USERS}/root"))
        .await
        .expect_problem(409, "last_administrator");
}
