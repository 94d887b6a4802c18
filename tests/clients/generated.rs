//! Generated clients: each compiles, makes a board, is told that its version is stale, and reads events, of which one
//! is another program's.

use super::{run, tool};
use crate::harness::Server;

/// Runs the client in this folder on a new server.
async fn works(folder: &str) {
    let server = Server::start_with(&["--poll-interval", "50ms"]).await;
    let foreign =
        "INSERT INTO events (type, topic, payload) VALUES ('boardStarred', 1, '{\"stars\":5}')";
    server.database().execute(foreign).await;
    server.client().until_settled(1).await;
    let mut client = tool(&format!("{folder}/run"));
    client.arg(&server.url);
    let printed = run(client).await;
    let printed = printed.unwrap_or_else(|said| {
        panic!("{folder}; if something is missing, run .ci/clients:\n{said}")
    });
    assert!(printed.ends_with("done\n"), "{printed}");
}

#[tokio::test]
async fn openapi_typescript_and_openapi_fetch() {
    works("openapi-fetch").await;
}

#[tokio::test]
async fn hey_api() {
    works("hey-api").await;
}

#[tokio::test]
async fn openapi_python_client() {
    works("python").await;
}

#[tokio::test]
async fn progenitor() {
    works("rust").await;
}
