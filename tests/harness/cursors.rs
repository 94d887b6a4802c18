//! Clients that come back after the log was restored from a backup, each from where it was.

use serde_json::json;

use super::{Client, Server};

/// All boards and all events, as the server tells them.
#[derive(Clone, Debug, PartialEq)]
pub struct Contents {
    pub boards: Vec<serde_json::Value>,
    pub events: Vec<serde_json::Value>,
}

impl Contents {
    pub async fn of(client: &Client) -> Self {
        Self {
            boards: client.all_boards().await,
            events: client.events().await,
        }
    }

    /// The id of the newest event, or 0.
    pub fn newest(&self) -> i64 {
        self.ids().last().copied().unwrap_or(0)
    }

    /// The ids of the events, in order.
    pub fn ids(&self) -> Vec<i64> {
        let id = |event: &serde_json::Value| event["id"].as_i64().expect("an id");
        self.events.iter().map(id).collect()
    }
}

/// Where clients have got to.
#[derive(Debug, Default)]
pub struct Cursors {
    /// From parts of the log that are still there.
    pub kept: Vec<i64>,
    /// From parts that are gone, each with the id behind which its part begins.
    pub lost: Vec<(i64, i64)>,
}

impl Cursors {
    /// That all ids above `newest` up to `last`, which were given out, are gone.
    pub fn lose(&mut self, newest: i64, last: i64) {
        self.kept.retain(|&cursor| cursor <= newest);
        for cursor in &mut self.lost {
            // A part that began later is gone with this one.
            cursor.1 = cursor.1.min(newest);
        }
        self.lost
            .extend([newest + 1, last].map(|cursor| (cursor, newest)));
        self.lost.dedup();
    }

    /// Has all of them come back: those from what is gone are told so and go on from where it began, and
    /// the others go on as if nothing had happened.
    pub async fn check(&self, server: &Server) {
        let client = server.client();
        let ids = Contents::of(&client).await.ids();
        let past = |cursor| ids.iter().copied().filter(move |&id| id > cursor);
        for &cursor in &self.kept {
            let mut stream = server.stream(Some(cursor)).await;
            assert_eq!(stream.opening().await, cursor);
            expect_events(&mut stream, past(cursor)).await;
            let page = page_after(&client, cursor).await;
            assert_eq!(page["reset"], json!(null), "{cursor}: {page}");
        }
        for &(cursor, from) in &self.lost {
            let mut stream = server.stream(Some(cursor)).await;
            assert_eq!(stream.opening().await, from, "from {cursor}");
            let told = stream.expect("reset").await.data.expect("data");
            let expected = json!({
                "reason": "restored",
                "requested_id": cursor,
                "oldest_id": ids.first().copied().unwrap_or(0),
                "newest_id": ids.last().copied().unwrap_or(0),
            });
            if ids.is_empty() {
                assert_eq!(told["reason"], "restored", "{told}");
            } else {
                assert_eq!(told, expected);
            }
            expect_events(&mut stream, past(from)).await;
            let page = page_after(&client, cursor).await;
            assert_eq!(page["reset"], "restored", "{cursor}: {page}");
        }
    }
}

/// Asserts that the next frames are these events, with no word between them.
async fn expect_events(stream: &mut super::Stream, ids: impl Iterator<Item = i64>) {
    for id in ids {
        let frame = stream.next().await.expect("a frame");
        assert!(frame.is_logged(), "{frame:?}");
        assert_eq!(frame.id, Some(id));
    }
}

async fn page_after(client: &Client, cursor: i64) -> serde_json::Value {
    let page = format!("/api/v1/events?limit=1&after={cursor}");
    client.get(&page).await.expect(200).body
}
