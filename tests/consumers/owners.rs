//! What becomes of consumers when something happens to their users.

use serde_json::json;

use super::Worker;
use crate::harness::Server;

async fn consumers(server: &Server) -> Vec<String> {
    let names = "SELECT name FROM consumers ORDER BY name";
    server.database().column(names).await
}

#[tokio::test]
async fn they_go_with_a_user_who_is_deleted_or_erased() {
    let server = Server::start().await;
    for name in ["ada", "grace", "joan"] {
        let user = server.user(name).await;
        let worker = Worker::new(&user, &format!("of-{name}"));
        worker.put(json!({})).await.expect(201);
    }
    server.run(&["user", "delete", "ada", "--yes"]).await;
    assert_eq!(consumers(&server).await, ["of-grace", "of-joan"]);
    // Their names may have the user's name in them.
    server.run(&["user", "erase", "grace", "--yes"]).await;
    assert_eq!(consumers(&server).await, ["of-joan"]);
}

#[tokio::test]
async fn they_stay_with_a_user_who_is_disabled() {
    let server = Server::start().await;
    let ada = server.user("ada").await;
    let worker = Worker::new(&ada, "mailer");
    worker.put(json!({})).await.expect(201);
    server.run(&["user", "disable", "ada"]).await;
    worker.ask("").await.expect(401);
    server.run(&["user", "enable", "ada"]).await;
    let mut again = server.client();
    again.log_in("ada").await;
    Worker::new(&again, "mailer").show().await;
}
