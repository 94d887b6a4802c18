//! Clients that come back after the log was restored from a backup, each with its cursor.

use futures_util::future::join_all;
use serde_json::{Value, json};

use super::{Client, Server, Stream};

/// All boards and all events, as the server shows them.
#[derive(Clone, Debug, PartialEq)]
pub struct Contents {
    pub boards: Vec<Value>,
    pub events: Vec<Value>,
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
        let id = |event: &Value| event["id"].as_i64().expect("an id");
        self.events.iter().map(id).collect()
    }
}

/// The cursors of clients.
#[derive(Debug, Default)]
pub struct Cursors {
    /// In parts of the log that still exist.
    pub kept: Vec<i64>,
    /// In parts that are gone, each with the id after which its part begins.
    pub lost: Vec<(i64, i64)>,
}

impl Cursors {
    /// Records that all given-out ids above `newest` up to `last` are gone.
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

    /// Lets all of them come back at once. Those in a lost part are told so and go on from where it began; the others
    /// go on as if nothing had happened.
    pub async fn check(&self, server: &Server) {
        let ids = Contents::of(&server.client()).await.ids();
        let kept = self.kept.iter();
        let kept = kept.map(|&cursor| expect_resumed(server, &ids, cursor));
        let lost = self.lost.iter();
        let lost = lost.map(|&(cursor, from)| expect_told(server, &ids, cursor, from));
        tokio::join!(join_all(kept), join_all(lost));
    }
}

async fn expect_resumed(server: &Server, ids: &[i64], cursor: i64) {
    let mut stream = server.stream(Some(cursor)).await;
    assert_eq!(stream.opening().await, cursor);
    expect_events(&mut stream, ids, cursor).await;
    let page = page_after(server, cursor).await;
    assert_eq!(page["reset"], json!(null), "{cursor}: {page}");
}

async fn expect_told(server: &Server, ids: &[i64], cursor: i64, from: i64) {
    let mut stream = server.stream(Some(cursor)).await;
    assert_eq!(stream.opening().await, from, "from {cursor}");
    let told = stream.expect("reset").await.data.expect("data");
    assert_eq!(told["reason"], "restored", "{told}");
    assert_eq!(told["requested_id"], cursor, "{told}");
    if let [oldest, .., newest] = ids {
        assert_eq!(told["oldest_id"], *oldest, "{told}");
        assert_eq!(told["newest_id"], *newest, "{told}");
    }
    expect_events(&mut stream, ids, from).await;
    let page = page_after(server, cursor).await;
    assert_eq!(page["reset"], "restored", "{cursor}: {page}");
}

/// Asserts that the next frames are the events past this cursor, and nothing in between.
async fn expect_events(stream: &mut Stream, ids: &[i64], cursor: i64) {
    for &id in ids.iter().filter(|&&id| id > cursor) {
        let frame = stream.next().await.expect("a frame");
        assert!(frame.is_logged(), "{frame:?}");
        assert_eq!(frame.id, Some(id));
    }
}

async fn page_after(server: &Server, cursor: i64) -> Value {
    let page = format!("/api/v1/events?limit=1&after={cursor}");
    server.client().get(&page).await.expect(200).body
}
