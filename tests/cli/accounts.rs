//! What `dotcast user` does to accounts, beside a running server.

use serde_json::{Value, json};

use crate::harness::{
    Answer, Client, Run, Server,
    client::{board, path},
    program, run,
};

const ME: &str = "/api/v1/users/me";

async fn user(server: &Server, arguments: &[&str]) -> Run {
    let mut command = program();
    command
        .arg("user")
        .args(arguments)
        .env("DATABASE_URL", server.database().url());
    run(&mut command, "").await
}

async fn printed(server: &Server, arguments: &[&str]) -> String {
    user(server, arguments).await.printed()
}

async fn log_in(client: &Client, name: &str, password: &str) -> Answer {
    let credentials = json!({ "username": name, "password": password });
    client.post("/api/v1/sessions", &credentials).await
}

#[tokio::test]
async fn users_are_listed_in_order_with_what_they_have() {
    let server = Server::start().await;
    assert_eq!(printed(&server, &["list", "--json"]).await, "");
    server.admin("root").await;
    let ada = server.user("ada").await;
    ada.board("one").await;
    ada.board("two").await;
    server.user("grace").await;
    printed(&server, &["disable", "grace"]).await;

    let lines = printed(&server, &["list", "--json"]).await;
    let mut users: Vec<Value> = lines
        .lines()
        .map(|line| serde_json::from_str(line).expect("JSON"))
        .collect();
    for user in &mut users {
        let created = user.as_object_mut().expect("an object");
        let created = created.remove("created_at").expect("a time");
        assert!(created.as_str().expect("text").starts_with("20"));
    }
    assert_eq!(
        users,
        [
            json!({ "id": 1, "username": "root", "is_admin": true, "disabled": false, "boards": 0 }),
            json!({ "id": 2, "username": "ada", "is_admin": false, "disabled": false, "boards": 2 }),
            json!({ "id": 3, "username": "grace", "is_admin": false, "disabled": true, "boards": 0 }),
        ]
    );
    let table = printed(&server, &["list"]).await;
    let words: Vec<Vec<_>> = table
        .lines()
        .map(|line| line.split_whitespace().take(5).collect())
        .collect();
    assert_eq!(
        words,
        [
            ["NAME", "ID", "ADMINISTRATOR", "DISABLED", "BOARDS"],
            ["root", "1", "yes", "no", "0"],
            ["ada", "2", "no", "no", "2"],
            ["grace", "3", "no", "yes", "0"],
        ]
    );
}

#[tokio::test]
async fn a_list_is_as_long_as_there_are_users() {
    let server = Server::start().await;
    let insert = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1003) \
                  INSERT INTO users (username, password_hash, created_at) \
                  SELECT 'user' || i, 'x', '2026-01-01 00:00:00+00:00' FROM n";
    server.database().execute(insert).await;
    let lines = printed(&server, &["list", "--json"]).await;
    assert_eq!(lines.lines().count(), 1003);
    assert!(lines.lines().last().expect("a line").contains("user1003"));
}

#[tokio::test]
async fn a_disabled_user_cannot_log_in_and_learns_it_only_with_the_right_password() {
    let server = Server::start().await;
    let ada = server.user("ada").await;
    let grace = server.user("grace").await;
    let told = printed(&server, &["disable", "Ada"]).await;
    assert_eq!(
        told,
        "ada cannot log in any more; their sessions are ended\n"
    );
    ada.get(ME).await.expect_problem(401, "revoked_token");
    grace.get(ME).await.expect(200);
    let stranger = server.client();
    log_in(&stranger, "ada", "battery staple")
        .await
        .expect_problem(401, "wrong_credentials");
    let refused = log_in(&stranger, "ada", "correct horse").await;
    refused.expect_problem(403, "user_disabled");
    // Once more changes nothing.
    printed(&server, &["disable", "ada"]).await;

    assert_eq!(
        printed(&server, &["enable", "ada"]).await,
        "ada can log in again\n"
    );
    log_in(&stranger, "ada", "correct horse").await.expect(201);
    // Their old session stays ended.
    ada.get(ME).await.expect_problem(401, "revoked_token");
}

/// As a server of the previous release, which does not look, opens one.
#[tokio::test]
async fn a_session_of_a_disabled_user_is_none() {
    let server = Server::start().await;
    let ada = server.user("ada").await;
    let all = server.database();
    all.execute("UPDATE users SET disabled = TRUE").await;
    ada.get(ME).await.expect_problem(401, "revoked_token");
    all.execute("UPDATE users SET disabled = FALSE").await;
    ada.get(ME).await.expect(200);
}

#[tokio::test]
async fn promoting_and_demoting_counts_at_once() {
    let server = Server::start().await;
    let board_id = server.user("ada").await.board("one").await;
    let at = format!("/api/v1/boards/{board_id}");
    let grace = server.user("grace").await;
    server.admin("root").await;
    grace.put(&at, &board("two")).await.expect(403);
    let told = printed(&server, &["promote", "GRACE"]).await;
    assert_eq!(told, "grace is an administrator now\n");
    grace.put(&at, &board("two")).await.expect(200);
    let told = printed(&server, &["demote", "grace"]).await;
    assert_eq!(told, "grace is no administrator any more\n");
    grace.put(&at, &board("three")).await.expect(403);
}

#[tokio::test]
async fn the_last_administrator_goes_only_if_it_is_said() {
    let server = Server::start().await;
    let root = server.admin("root").await;
    let other = server.admin("other").await;
    // One who is disabled administers nothing.
    printed(&server, &["disable", "other"]).await;
    other.get(ME).await.expect(401);
    for command in [&["demote"][..], &["disable"]] {
        let arguments = [command, &["root"]].concat();
        let complaint = user(&server, &arguments).await.complaint(1);
        assert_eq!(
            complaint,
            "error: root is the last administrator; --yes does it all the same\n"
        );
    }
    let me = root.get(ME).await.expect(200);
    assert_eq!(me.body["is_admin"], true);
    // What takes nothing away needs no consent.
    printed(&server, &["promote", "root"]).await;
    printed(&server, &["demote", "other"]).await;
    printed(&server, &["demote", "root", "--yes"]).await;
    let me = root.get(ME).await.expect(200);
    assert_eq!(me.body["is_admin"], false);
}

#[tokio::test]
async fn of_two_administrators_who_go_at_once_one_stays() {
    let server = Server::start().await;
    for round in 0..3 {
        for name in ["one", "two"] {
            if round == 0 {
                server.user(name).await;
            }
            printed(&server, &["promote", name]).await;
        }
        let (one, two) = tokio::join!(
            user(&server, &["demote", "one"]),
            user(&server, &["demote", "two"])
        );
        let codes = [one.code, two.code];
        assert!(codes.contains(&Some(0)), "{one:?} {two:?}");
        assert!(codes.contains(&Some(1)), "{one:?} {two:?}");
    }
}

#[tokio::test]
async fn the_sessions_of_a_user_can_be_ended() {
    let server = Server::start().await;
    let ada = server.user("ada").await;
    let grace = server.user("grace").await;
    assert_eq!(
        printed(&server, &["sessions", "end", "ADA"]).await,
        "ended the sessions of ada\n"
    );
    ada.get(ME).await.expect_problem(401, "revoked_token");
    grace.get(ME).await.expect(200);
    log_in(&ada, "ada", "correct horse").await.expect(201);
}

#[tokio::test]
async fn who_does_not_exist_is_named() {
    let server = Server::start().await;
    server.user("ada").await;
    for command in [
        &["promote"][..],
        &["demote"],
        &["disable"],
        &["enable"],
        &["delete", "--yes"],
        &["sessions", "end"],
    ] {
        let arguments = [command, &["nobody"]].concat();
        let complaint = user(&server, &arguments).await.complaint(1);
        assert_eq!(complaint, "error: there is no user nobody\n");
    }
}

#[tokio::test]
async fn a_user_is_deleted_with_everything_that_is_theirs() {
    let server = Server::start().await;
    let ada = server.user("ada").await;
    let grace = server.admin("grace").await;
    let own = ada.board("ada's").await;
    let other = grace.board("grace's").await;
    grace.path(own).await;
    grace.path(other).await;
    ada.path(own).await;
    ada.path(other).await;
    // One that she solves, and one that she was the last to change.
    let at = format!("/api/v1/boards/{other}");
    let second = json!({ "cells": [{ "row": 2, "col": 0 }, { "row": 2, "col": 1 }] });
    let paths = format!("{at}/paths");
    ada.post(&paths, &second).await.expect(201);
    assert_eq!(grace.get(&at).await.body["solved_count"], 1);
    printed(&server, &["promote", "ada"]).await;
    ada.put(&at, &board("changed")).await.expect(200);

    // Nothing happens without being asked for.
    let complaint = user(&server, &["delete", "ada"]).await.complaint(1);
    assert_eq!(
        complaint,
        "error: ada has boards (1); --with-boards deletes them, too\n"
    );
    let complaint = user(&server, &["delete", "ada", "--with-boards"]).await;
    assert_eq!(
        complaint.complaint(2),
        "error: nobody can be asked whether to delete ada, with 1 board; --yes does it\n"
    );
    ada.get(ME).await.expect(200);

    let newest = grace.events().await.len();
    let told = printed(&server, &["delete", "ada", "--with-boards", "--yes"]).await;
    assert_eq!(
        told,
        "deleted ada, with 1 board, and 2 paths on boards of others\n"
    );
    ada.get(ME).await.expect_problem(401, "invalid_token");
    log_in(&ada, "ada", "correct horse")
        .await
        .expect_problem(401, "wrong_credentials");
    assert_eq!(grace.boards().await, [other].into());
    assert_eq!(grace.get(&at).await.body["solved_count"], 0);
    let left = grace.get(&paths).await;
    assert_eq!(left.body["items"].as_array().expect("items").len(), 1);
    let settled = i64::try_from(newest).expect("few") + 1;
    grace.until_settled(settled).await;
    let events = grace.events().await;
    assert_eq!(events.len(), newest + 1);
    let last = &events[newest];
    assert_eq!(last["type"], "boardDeleted");
    assert_eq!(
        last["data"],
        json!({ "board_id": own, "board_name": "ada's", "user_username": "ada" })
    );
    // The name is free.
    server.user("ada").await.get(ME).await.expect(200);
}

#[tokio::test]
async fn more_boards_and_paths_than_one_transaction_takes_are_deleted() {
    let server = Server::start_with(&["--request-rate", "off"]).await;
    let ada = server.user("ada").await;
    let grace = server.user("grace").await;
    let other = grace.board("grace's").await;
    for number in 0..60 {
        ada.board(&format!("board {number}")).await;
    }
    let many = format!(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1100) \
         INSERT INTO paths (board_id, user_id, cells, created_at) \
         SELECT {other}, 1, '[]', '2026-01-01 00:00:00+00:00' FROM n"
    );
    server.database().execute(&many).await;
    let told = printed(&server, &["delete", "ada", "--with-boards", "--yes"]).await;
    assert_eq!(
        told,
        "deleted ada, with 60 boards, and 1100 paths on boards of others\n"
    );
    let counts = server.database().counts().await;
    assert_eq!(counts[2], ("boards", 1));
    assert_eq!(counts[3], ("paths", 0));
    grace
        .post(&format!("/api/v1/boards/{other}/paths"), &path())
        .await
        .expect(201);
}

/// `script` gives the command a terminal.
#[tokio::test]
async fn on_a_terminal_it_asks() {
    let server = Server::start().await;
    let ada = server.user("ada").await;
    let delete = async |answer: &str| {
        let command = format!("{} user delete ada", env!("CARGO_BIN_EXE_dotcast"));
        let mut script = tokio::process::Command::new("script");
        script
            .args(["--quiet", "--return", "--command", &command, "/dev/null"])
            .env("DATABASE_URL", server.database().url());
        run(&mut script, &format!("{answer}\n")).await
    };
    for answer in ["", "n", "no"] {
        let refused = delete(answer).await;
        assert_eq!(refused.code, Some(1), "{refused:?}");
        let asked = "Really delete ada, with 0 boards? [y/N] ";
        assert!(refused.stdout.contains(asked), "{refused:?}");
        assert!(
            refused.stdout.contains("nothing was changed"),
            "{refused:?}"
        );
        ada.get(ME).await.expect(200);
    }
    let done = delete("y").await;
    assert_eq!(done.code, Some(0), "{done:?}");
    assert!(done.stdout.contains("deleted ada"), "{done:?}");
    ada.get(ME).await.expect(401);
}
