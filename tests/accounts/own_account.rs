//! Changing one's own password.

use serde_json::json;

use super::{credentials, retry_after};
use crate::harness::{Answer, Client, Server, eventually};

const PASSWORD: &str = "/api/v1/users/me/password";
const ME: &str = "/api/v1/users/me";

async fn change(client: &Client, current: &str, new: &str) -> Answer {
    let body = json!({ "current_password": current, "new_password": new });
    client.put(PASSWORD, &body).await
}

#[tokio::test]
async fn a_new_password_ends_the_other_sessions_and_not_this_one() {
    let server = Server::start().await;
    let laptop = server.user("ada").await;
    let grace = server.user("grace").await;
    let mut phone = server.client();
    phone.log_in("ada").await;
    change(&laptop, "correct horse", "battery staple")
        .await
        .expect(204);
    laptop.get(ME).await.expect(200);
    grace.get(ME).await.expect(200);
    phone.get(ME).await.expect_problem(401, "revoked_token");
    let log_in = async |password| {
        let credentials = credentials("ada", password);
        server.client().post("/api/v1/sessions", &credentials).await
    };
    log_in("correct horse")
        .await
        .expect_problem(401, "wrong_credentials");
    log_in("battery staple").await.expect(201);
}

#[tokio::test]
async fn without_the_current_password_nothing_changes() {
    let server = Server::start().await;
    let ada = server.user("ada").await;
    let mut phone = server.client();
    phone.log_in("ada").await;
    let wrong = change(&ada, "Correct horse", "battery staple").await;
    let wrong = wrong.expect_problem(422, "validation_failed");
    assert_eq!(wrong.fields(), ["current_password"]);
    let short = change(&ada, "correct horse", "short").await;
    let short = short.expect_problem(422, "validation_failed");
    assert_eq!(short.fields(), ["new_password"]);
    let body = json!({ "current_password": "correct horse", "new_password": "battery staple" });
    server
        .client()
        .put(PASSWORD, &body)
        .await
        .expect_problem(401, "missing_token");
    phone.get(ME).await.expect(200);
    server.client().log_in("ada").await;
}

#[tokio::test]
async fn guessing_the_current_password_is_guessing() {
    let server = Server::start().await;
    let ada = server.user("ada").await;
    for client in [ada.over_http_2(), server.user("grace").await] {
        for _ in 0..5 {
            change(&client, "wrong password", "battery staple")
                .await
                .expect(422);
        }
        // Guesses until a delay is so long that the next request comes within it on a slow machine, too.
        eventually("a delay of more than a second", || async {
            let answer = change(&client, "wrong password", "battery staple").await;
            (answer.status == 429 && retry_after(&answer) > 1).then_some(())
        })
        .await;
        let refused = change(&client, "correct horse", "battery staple").await;
        refused.expect_problem(429, "rate_limited");
        eventually("the end of the delay", || async {
            let answer = change(&client, "correct horse", "battery staple").await;
            (answer.status == 204).then_some(())
        })
        .await;
    }
}
