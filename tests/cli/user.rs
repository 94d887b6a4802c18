//! `dotcast user`, beside a running server.

use serde_json::json;

use crate::harness::{Client, Run, Server, client::board, run, server::program};

async fn user(server: &Server, arguments: &[&str], password: &str) -> Run {
    let mut command = program();
    command
        .arg("user")
        .args(arguments)
        .env("DATABASE_URL", server.database().url());
    run(&mut command, &format!("{password}\n")).await
}

async fn log_in(client: &Client, name: &str, password: &str) -> crate::harness::Answer {
    let credentials = json!({ "username": name, "password": password });
    client.post("/api/v1/sessions", &credentials).await
}

#[tokio::test]
async fn a_user_who_was_added_can_log_in() {
    let server = Server::start().await;
    let printed = user(&server, &["add", "ada"], "a fine password").await;
    assert_eq!(printed.printed(), "registered the user ada\n");
    let answer = log_in(&server.client(), "ada", "a fine password")
        .await
        .expect(201);
    assert_eq!(answer.body["user"]["username"], "ada");
    assert_eq!(answer.body["user"]["is_admin"], false);
    log_in(&server.client(), "ada", "another password")
        .await
        .expect(401);
}

/// It would be in the environment of every command beside the service.
#[tokio::test]
async fn no_variable_makes_an_administrator() {
    let server = Server::start().await;
    let mut command = program();
    command
        .args(["user", "add", "ada"])
        .env("DATABASE_URL", server.database().url())
        .env("DOTCAST_ADMIN", "true");
    let added = run(&mut command, "correct horse\n").await.printed();
    assert_eq!(added, "registered the user ada\n");
}

#[tokio::test]
async fn an_administrator_may_change_boards_of_others() {
    let server = Server::start().await;
    let board_id = server.user("ada").await.board("one").await;
    let path = format!("/api/v1/boards/{board_id}");
    // The password of the harness.
    user(&server, &["add", "grace"], "correct horse")
        .await
        .printed();
    let added = user(&server, &["add", "root", "--admin"], "correct horse").await;
    assert_eq!(added.printed(), "registered the administrator root\n");

    let mut other = server.client();
    other.log_in("grace").await;
    other.put(&path, &board("two")).await.expect(403);
    let mut admin = server.client();
    admin.log_in("root").await;
    let me = admin.get("/api/v1/users/me").await.expect(200);
    assert_eq!(me.body["is_admin"], true);
    admin.put(&path, &board("two")).await.expect(200);
    admin.delete(&path).await.expect(204);
}

#[tokio::test]
async fn what_breaks_a_rule_is_refused_with_the_rule() {
    let server = Server::start().await;
    server.user("ada").await;
    let long = "x".repeat(33);
    for (name, password, told) in [
        ("ada", "a fine password", &["taken"][..]),
        ("ADA", "a fine password", &["taken"]),
        ("bob", "short", &["password", "8 to 256"]),
        ("bob", "", &["password", "8 to 256"]),
        ("bo", "a fine password", &["username", "3 to 32"]),
        (&long, "a fine password", &["username", "3 to 32"]),
        (
            "b b",
            "short",
            &["username", "3 to 32", "password", "8 to 256"],
        ),
        ("böb", "a fine password", &["username"]),
    ] {
        let complaint = user(&server, &["add", name], password).await.complaint(1);
        for part in told {
            assert!(complaint.contains(part), "{part} in {complaint}");
        }
    }
    // None of them was registered, and the one who was has kept the password.
    log_in(&server.client(), "bob", "a fine password")
        .await
        .expect(401);
    log_in(&server.client(), "ada", "correct horse")
        .await
        .expect(201);
}

#[tokio::test]
async fn a_new_password_ends_the_sessions_of_that_user_only() {
    let server = Server::start().await;
    let ada = server.user("ada").await;
    let grace = server.user("grace").await;
    ada.get("/api/v1/users/me").await.expect(200);

    // Names are told apart without regard to case.
    user(&server, &["passwd", "Ada"], "a fine password")
        .await
        .printed();
    ada.get("/api/v1/users/me")
        .await
        .expect_problem(401, "revoked_token");
    grace.get("/api/v1/users/me").await.expect(200);
    log_in(&ada, "ada", "correct horse").await.expect(401);
    log_in(&ada, "ada", "a fine password").await.expect(201);
}

#[tokio::test]
async fn a_password_that_cannot_be_set_leaves_the_old_one() {
    let server = Server::start().await;
    let ada = server.user("ada").await;
    let complaint = user(&server, &["passwd", "ada"], "short")
        .await
        .complaint(1);
    assert!(complaint.contains("8 to 256"), "{complaint}");
    let complaint = user(&server, &["passwd", "nobody"], "a fine password")
        .await
        .complaint(1);
    assert!(complaint.contains("no user nobody"), "{complaint}");
    ada.get("/api/v1/users/me").await.expect(200);
    log_in(&ada, "ada", "correct horse").await.expect(201);
}
