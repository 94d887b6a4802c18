//! A server on which nothing may change, whatever it is sent.

use serde_json::Value;

use super::{Client, Server};

/// A server with one user and one board, whose id is 1, and its state at the beginning.
pub struct Untouched {
    server: Server,
    /// Logged in, and the creator of the board.
    pub ada: Client,
    counts: Vec<(&'static str, i64)>,
    board: Value,
}

impl Untouched {
    pub async fn new() -> Self {
        let server = Server::start().await;
        let ada = server.user("ada").await;
        assert_eq!(ada.board("first").await, 1);
        Self {
            board: ada.get("/api/v1/boards/1").await.expect(200).body,
            counts: server.database().counts().await,
            server,
            ada,
        }
    }

    /// Asserts that its state is unchanged.
    pub async fn check(&self) {
        assert_eq!(self.server.database().counts().await, self.counts);
        let board = self.ada.get("/api/v1/boards/1").await.expect(200).body;
        assert_eq!(board, self.board);
    }
}
