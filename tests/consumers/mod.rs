//! Consumers: cursors that the server keeps for programs.

mod contract;
mod kills;
mod lag;
mod leases;
mod moves;
mod owners;
mod resets;
mod streams;
mod waiting;

use serde_json::{Value, json};

use crate::harness::{Answer, Client, Server};

const CONSUMERS: &str = "/api/v1/consumers";

/// A worker's way to one consumer.
#[derive(Clone)]
struct Worker {
    client: Client,
    path: String,
}

/// What a worker was handed.
#[derive(Clone, Debug)]
struct Batch {
    ids: Vec<i64>,
    lease_id: Value,
    next_after: i64,
    reset: Value,
}

impl Worker {
    fn new(client: &Client, name: &str) -> Self {
        Self {
            client: client.clone(),
            path: format!("{CONSUMERS}/{name}"),
        }
    }

    /// The same consumer, over another server.
    fn at(&self, url: &str) -> Self {
        let mut other = self.clone();
        url.clone_into(&mut other.client.url);
        other
    }

    /// Makes or changes the consumer.
    async fn put(&self, settings: Value) -> Answer {
        self.client.put(&self.path, &settings).await
    }

    async fn show(&self) -> Value {
        self.client.get(&self.path).await.expect(200).body
    }

    async fn ask(&self, query: &str) -> Answer {
        let path = format!("{}/events?{query}", self.path);
        self.client.get(&path).await
    }

    /// A batch, which nobody else must have.
    async fn take(&self, query: &str) -> Batch {
        Batch::of(&self.ask(query).await.expect(200).body)
    }

    async fn ack(&self, id: i64, lease_id: &Value) -> Answer {
        let body = json!({ "id": id, "lease_id": lease_id });
        self.client.post(&format!("{}/ack", self.path), &body).await
    }

    async fn seek(&self, after: i64) -> Answer {
        let body = json!({ "after": after });
        self.client
            .post(&format!("{}/seek", self.path), &body)
            .await
    }
}

impl Batch {
    fn of(body: &Value) -> Self {
        let items = body["items"].as_array().expect("items").iter();
        Self {
            ids: items.map(|it| it["id"].as_i64().expect("an id")).collect(),
            lease_id: body["lease_id"].clone(),
            next_after: body["next_after"].as_i64().expect("an id"),
            reset: body["reset"].clone(),
        }
    }

    fn last(&self) -> i64 {
        *self.ids.last().expect("an event")
    }
}

/// A server with so many boards, and their creator.
async fn with_boards(count: i64) -> (Server, Client) {
    let server = Server::start().await;
    let ada = server.user("ada").await;
    for _ in 0..count {
        ada.board("one").await;
    }
    ada.until_settled(count).await;
    (server, ada)
}

/// Deletes the events up to this one, as retention does.
async fn trim(server: &Server, through: i64) {
    let ids: Vec<_> = (1..=through).map(|id| id.to_string()).collect();
    server
        .database()
        .date_events(&ids.join(","), "2020-01-01T00:00:00Z")
        .await;
    let told = server.run(&["trim", "--older-than", "30d"]).await;
    assert!(told.starts_with("deleted "), "{told}");
}
