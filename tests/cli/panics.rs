//! A task or thread that the server cannot do without breaks: the server ends and says which.

use crate::harness::{Database, Launch, Server, client, program, run, within};

/// Starts a server in which a part is made to panic, uses it until it has ended, and returns its complaint.
async fn end_of(database: &Database, name: &str) -> String {
    let variable = ("DOTCAST_TEST_PANIC".to_owned(), name.to_owned());
    let launch = Launch::with(&["--poll-interval", "20ms", "--retention", "1s"]);
    let mut server = Server::launch(database, launch.environment([variable])).await;
    let mut user = server.client();
    let credentials = serde_json::json!({ "username": "ada", "password": "correct horse" });
    within("its end", async {
        while server.try_wait().is_none() {
            // Its answers do not matter, only that it is used.
            if let Ok(answer) = user.try_post("/api/v1/sessions", &credentials).await {
                user.token = answer.body["token"].as_str().map(str::to_owned);
            }
            let _ = user.try_post("/api/v1/boards", &client::board("one")).await;
        }
    })
    .await;
    server.complaint().await
}

#[tokio::test]
async fn a_server_ends_when_something_breaks_that_it_cannot_do_without() {
    let mut cases = vec![
        ("poller", "the poller"),
        ("reactor", "a reactor"),
        ("retention", "retention"),
    ];
    let database = Database::new().await;
    if database.is_postgres() {
        cases.push(("notifier", "the notifier"));
    } else {
        cases.push(("group commit", "the task that writes to SQLite"));
        cases.push(("session look-up", "the session look-up"));
        cases.push(("wakes", "the task that wakes others"));
    }
    let mut add = program();
    add.args(["migrate", "up"])
        .env("DATABASE_URL", database.url());
    run(&mut add, "").await.printed();
    let mut add = program();
    add.args(["user", "add", "ada"])
        .env("DATABASE_URL", database.url());
    run(&mut add, "correct horse\n").await.printed();
    for (name, told) in cases {
        let complaint = end_of(&database, name).await;
        assert_eq!(complaint, format!("error: {told} panicked"));
    }
}
