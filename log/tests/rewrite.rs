//! Rewriting a log in a real file while it is followed.

mod file;

use std::sync::Arc;

use dotcast_log::{
    append::{NewEvent, append},
    filter::Filter,
    follow::{Follower, Item},
    hub::Hub,
    poller::{Pace, Poller},
    rewrite::{self, Verdict},
    store::{PoolStore, Store as _},
    vital::Vital,
};
use sea_orm::prelude::Json;
use serde_json::json;

/// Hides who has bought something.
fn hide(payload: &mut Json) -> Verdict {
    match payload["by"].as_str() {
        Some("ada") => {
            payload["by"] = "somebody".into();
            Verdict::Changed
        }
        Some("somebody") => Verdict::Done,
        _ => Verdict::Other,
    }
}

async fn bought(store: &PoolStore, by: &[&str]) {
    let transaction = store.begin().await.expect("a transaction");
    for by in by {
        let event = NewEvent::new("bought", 7, &json!({ "item": 1, "by": by })).expect("JSON");
        append(&transaction.connection(), event)
            .await
            .expect("an event");
    }
    transaction.commit().await.expect("a commit");
}

/// The payloads of the events up to this id, as a follower from the beginning is given them.
async fn followed(hub: &Hub, through: i64) -> Vec<String> {
    let mut follower = Follower::new(hub.clone(), 0, Filter::default());
    let mut payloads = Vec::new();
    while let Some(item) = follower.next().await {
        if let Item::Event(event) = item {
            payloads.push(String::from_utf8(event.payload.to_vec()).expect("UTF-8"));
            if event.id == through {
                break;
            }
        }
    }
    payloads
}

#[tokio::test]
async fn what_is_rewritten_is_followed_as_it_is_now() {
    let (db, _directory) = file::create().await;
    let store = Arc::new(PoolStore::new(db));
    let vital = Vital::default();
    bought(&store, &["ada", "bob"]).await;
    let (hub, poller) = Poller::open(store.clone(), &vital).await.expect("a log");
    poller.start(Pace::default(), &vital).expect("a thread");
    bought(&store, &["ada", "eve", "somebody"]).await;
    // A page of history, and a round in the window.
    let before = followed(&hub, 5).await;
    assert_eq!(before[0], r#"{"item":1,"by":"ada"}"#);

    let found = rewrite::settled(&*store, &hide).await.expect("rewritten");
    assert_eq!((found.events, found.through), (vec![1, 3, 5], 5));
    bought(&store, &["ada", "bob"]).await;
    let transaction = store.begin().await.expect("a transaction");
    let conn = transaction.connection();
    let rest = rewrite::rest(&conn, 5, &hide).await.expect("rewritten");
    assert_eq!((rest.events, rest.through), (vec![6], 7));
    rewrite::record(&conn).await.expect("recorded");
    let told = NewEvent::new("hidden", 0, &json!({})).expect("JSON");
    append(&conn, told).await.expect("an event");
    drop(conn);
    transaction.commit().await.expect("a commit");

    // Whoever has seen the last event finds the others as they are now.
    let mut told = Follower::new(hub.clone(), 7, Filter::default());
    while !matches!(told.next().await, Some(Item::Event(event)) if event.id == 8) {}
    let by = [
        "somebody", "bob", "somebody", "eve", "somebody", "somebody", "bob",
    ];
    let mut expected: Vec<_> = by.map(|by| format!(r#"{{"item":1,"by":"{by}"}}"#)).into();
    expected.push("{}".to_owned());
    assert_eq!(followed(&hub, 8).await, expected);
    // Once more finds nothing to do.
    let again = rewrite::settled(&*store, &hide).await.expect("rewritten");
    assert_eq!(again.events, [1, 3, 5, 6]);
    vital.stop().cancel();
}

#[tokio::test]
async fn a_long_log_is_rewritten_in_parts() {
    let (db, _directory) = file::create().await;
    let store = PoolStore::new(db);
    bought(&store, &vec!["ada"; 2000]).await;
    let found = rewrite::settled(&store, &hide).await.expect("rewritten");
    assert_eq!(found.events, (1..=2000).collect::<Vec<_>>());
    bought(&store, &vec!["ada"; 2001]).await;
    let transaction = store.begin().await.expect("a transaction");
    let conn = transaction.connection();
    let rest = rewrite::rest(&conn, found.through, &hide).await;
    let rest = rest.expect("rewritten");
    assert_eq!(rest.events, (2001..=4001).collect::<Vec<_>>());
    assert_eq!(rest.through, 4001);
}
