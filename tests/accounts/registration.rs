//! Who may register, and how often.

use reqwest::Method;

use super::{credentials, retry_after};
use crate::{
    harness::{Answer, Client, Server, eventually},
    metrics::page::hits,
};

async fn register(client: &Client, from: &str, name: &str) -> Answer {
    client
        .call(Method::POST, "/api/v1/users")
        .header("X-Forwarded-For", from)
        .json(&credentials(name, "correct horse"))
        .send()
        .await
}

#[tokio::test]
async fn a_client_registers_users_at_a_rate() {
    let server = Server::start_with(&["--registration-rate", "2/2s"]).await;
    let plain = server.client();
    for (version, client) in [plain.over_http_2(), plain].into_iter().enumerate() {
        let from = format!("203.0.113.{version}");
        let name = |number: &str| format!("user-{version}-{number}");
        for number in ["1", "2"] {
            register(&client, &from, &name(number)).await.expect(201);
        }
        let refused = register(&client, &from, &name("3")).await;
        assert_eq!(retry_after(&refused), 1);
        refused.expect_problem(429, "rate_limited");
        assert!(hits(&server, "registration_rate").await >= 1);
        register(&client, "198.51.100.1", &name("4"))
            .await
            .expect(201);
        // If the proxy names nobody, nobody is counted.
        for number in ["5", "6", "7"] {
            let body = credentials(&name(number), "correct horse");
            client.post("/api/v1/users", &body).await.expect(201);
        }
        eventually("one more", || async {
            let answer = register(&client, &from, &name("8")).await;
            (answer.status == 201).then_some(())
        })
        .await;
    }
}

#[tokio::test]
async fn ten_an_hour_unless_it_is_said_otherwise() {
    let server = Server::start().await;
    let client = server.client();
    for number in 0..10 {
        let name = format!("user-{number}");
        register(&client, "203.0.113.7", &name).await.expect(201);
    }
    let refused = register(&client, "203.0.113.7", "user-10").await;
    let wait = retry_after(&refused.expect_problem(429, "rate_limited"));
    assert!((300..=360).contains(&wait), "{wait}");
}

#[tokio::test]
async fn where_registration_is_closed_the_operator_makes_the_users() {
    let server = Server::start_with(&["--registration", "closed"]).await;
    let mut client = server.client();
    let before = server.database().counts().await;
    for client in [client.clone(), client.over_http_2()] {
        client
            .post("/api/v1/users", &credentials("ada", "correct horse"))
            .await
            .expect_problem(403, "registration_closed");
    }
    assert_eq!(server.database().counts().await, before);
    let told = client.get("/api/v1/users/registration").await.expect(200);
    assert_eq!(told.body["open"], false);
    server
        .run_with(&["user", "add", "ada"], "correct horse\n")
        .await;
    client.log_in("ada").await;
}
