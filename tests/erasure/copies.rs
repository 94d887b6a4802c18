//! Whoever keeps a copy of the log can follow.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{NAME, erase, leave_traces, mentions};
use crate::harness::{Server, Stream};

/// A copy of the log, kept by nothing but its stream.
struct Replica {
    stream: Stream,
    cursor: i64,
    events: BTreeMap<i64, Value>,
}

impl Replica {
    async fn open(server: &Server, cursor: i64) -> Self {
        Self {
            stream: server.stream(Some(cursor)).await,
            cursor,
            events: BTreeMap::new(),
        }
    }

    /// Reads up to this event.
    async fn read_to(&mut self, id: i64) {
        while self.cursor < id {
            let frame = self.stream.next().await.expect("a frame");
            self.cursor = frame.id.unwrap_or(self.cursor);
            let (Some(data), true) = (&frame.data, frame.is_logged()) else {
                continue;
            };
            if frame.event.as_deref() == Some("userErased") {
                for id in data["event_ids"].as_array().expect("ids") {
                    let Some(copy) = self.events.get_mut(&id.as_i64().expect("an id")) else {
                        continue;
                    };
                    for key in ["creator_username", "user_username"] {
                        if let Some(name) = copy.get_mut(key) {
                            *name = data["pseudonym"].clone();
                        }
                    }
                }
            }
            self.events.insert(self.cursor, data.clone());
        }
    }
}

#[tokio::test]
async fn a_copy_ends_with_the_pseudonym_wherever_it_stood() {
    let server = Server::start_with(&["--poll-interval", "50ms"]).await;
    let user = server.user(NAME).await;
    let grace = server.user("grace").await;
    leave_traces(&user, &grace).await;
    leave_traces(&user, &grace).await;
    let newest = i64::try_from(grace.events().await.len()).expect("few");
    // One that has everything, one that has a part, and one that began later and has a part.
    let mut replicas = [
        (Replica::open(&server, 0).await, newest),
        (Replica::open(&server, 0).await, newest / 2),
        (Replica::open(&server, newest / 4).await, newest / 2),
    ];
    for (replica, through) in &mut replicas {
        replica.read_to(*through).await;
        let copy: Value = replica.events.values().cloned().collect();
        assert!(mentions(&copy, NAME) > 0, "{copy}");
        // The rest comes from another connection, as after a night.
        replica.stream = server.stream(Some(replica.cursor)).await;
    }

    erase(&server).await;
    let ada = server.user("ada").await;
    ada.board("later").await;
    let events = ada.events().await;
    let newest = events.last().expect("events")["id"].as_i64();
    let newest = newest.expect("an id");
    for (replica, _) in &mut replicas {
        replica.read_to(newest).await;
        let first = *replica.events.keys().next().expect("events");
        let kept = events.iter().filter(|it| it["id"].as_i64() >= Some(first));
        let kept: Vec<_> = kept.map(|it| &it["data"]).collect();
        let copied: Vec<_> = replica.events.values().collect();
        assert_eq!(copied, kept);
        let copy: Value = copied.into_iter().cloned().collect();
        assert_eq!(mentions(&copy, NAME), 0, "{copy}");
    }
}

#[tokio::test]
async fn very_many_events_are_named_in_parts() {
    let server = Server::start_with(&["--poll-interval", "50ms"]).await;
    server.user(NAME).await;
    let json = if server.database().is_postgres() {
        "jsonb"
    } else {
        "text"
    };
    let many = format!(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2500) \
         INSERT INTO events (type, topic, payload) \
         SELECT 'newBoard', i, CAST('{{\"board_id\":' || i || ',\"board_name\":\"b\",\"creator_username\":\"{NAME}\"}}' AS {json}) \
         FROM n"
    );
    server.database().execute(&many).await;
    let client = server.client();
    client.until_settled(2500).await;
    erase(&server).await;
    client.until_settled(2503).await;
    let page = client.get("/api/v1/events?after=2500").await.expect(200);
    let parts = page.body["items"].as_array().expect("items");
    let named: Vec<i64> = parts
        .iter()
        .flat_map(|part| part["data"]["event_ids"].as_array().expect("ids"))
        .map(|id| id.as_i64().expect("an id"))
        .collect();
    assert_eq!(named, (1..=2500).collect::<Vec<_>>());
    assert_eq!(parts.len(), 3);
    for part in parts {
        assert_eq!(part["data"]["user_id"], 1);
        assert_eq!(part["board_id"], 0);
    }
    let events = Value::from(client.events().await);
    assert_eq!(mentions(&events, NAME), 0);
    assert_eq!(mentions(&events, "\"creator_username\":\"erased-1\""), 2500);
}
