//! One's own sessions, and how many of them are kept.

use serde_json::Value;

use super::credentials;
use crate::harness::{Client, Server};

const SESSIONS: &str = "/api/v1/sessions";
const ME: &str = "/api/v1/users/me";

async fn logged_in(server: &Server, name: &str) -> Client {
    let mut client = server.client();
    client.log_in(name).await;
    client
}

async fn list(client: &Client) -> Vec<Value> {
    let answer = client.get(SESSIONS).await.expect(200);
    answer.body["items"].as_array().expect("items").clone()
}

fn id(session: &Value) -> i64 {
    session["id"].as_i64().expect("an id")
}

#[tokio::test]
async fn ones_own_sessions_are_listed_and_can_be_ended() {
    let server = Server::start().await;
    let laptop = server.user("ada").await;
    let phone = logged_in(&server, "ada").await;
    let grace = server.user("grace").await;
    let sessions = list(&laptop).await;
    let current: Vec<_> = sessions.iter().map(|it| it["is_current"].clone()).collect();
    assert_eq!(current, [false, true], "newest first");
    assert!(id(&sessions[0]) > id(&sessions[1]));
    for key in ["token", "token_hash"] {
        assert_eq!(sessions[0].get(key), None);
    }

    let of_phone = format!("{SESSIONS}/{}", id(&sessions[0]));
    // Somebody else's does not exist.
    grace
        .delete(&of_phone)
        .await
        .expect_problem(404, "session_not_found");
    phone.get(ME).await.expect(200);
    laptop.delete(&of_phone).await.expect(204);
    phone.get(ME).await.expect_problem(401, "revoked_token");
    laptop
        .delete(&of_phone)
        .await
        .expect_problem(404, "session_not_found");
    assert_eq!(list(&laptop).await.len(), 1);
    laptop
        .delete(&format!("{SESSIONS}/none"))
        .await
        .expect_problem(400, "invalid_parameter");
    server
        .client()
        .get(SESSIONS)
        .await
        .expect_problem(401, "missing_token");
    // One's current one, too.
    laptop
        .delete(&format!("{SESSIONS}/{}", id(&sessions[1])))
        .await
        .expect(204);
    laptop.get(ME).await.expect_problem(401, "revoked_token");
}

#[tokio::test]
async fn the_oldest_session_ends_when_there_is_one_too_many() {
    let server = Server::start_with(&["--max-sessions-per-user", "2"]).await;
    let grace = server.user("grace").await;
    let first = server.user("ada").await;
    let second = logged_in(&server, "ada").await;
    let third = logged_in(&server, "ada").await;
    first.get(ME).await.expect_problem(401, "revoked_token");
    assert_eq!(list(&third).await.len(), 2);
    // A session that was ended makes room.
    third.delete("/api/v1/sessions/current").await.expect(204);
    let fourth = logged_in(&server, "ada").await;
    for client in [&second, &fourth, &grace] {
        client.get(ME).await.expect(200);
    }
}

#[tokio::test]
async fn log_ins_at_once_leave_no_more_sessions_than_one_after_the_other() {
    let server = Server::start_with(&["--max-sessions-per-user", "2"]).await;
    let ada = server.user("ada").await;
    let body = credentials("ada", "correct horse");
    let log_in = || ada.post(SESSIONS, &body);
    let answers = futures_util::future::join_all((0..20).map(|_| log_in())).await;
    for answer in answers {
        answer.expect(201);
    }
    let newest = logged_in(&server, "ada").await;
    assert_eq!(list(&newest).await.len(), 2);
    // The number of ended ones kept is bounded, too.
    let rows: Vec<i64> = server.database().column("SELECT id FROM sessions").await;
    assert!(rows.len() <= 2 + 4 * 2 + 1, "{rows:?}");
}
