//! Followers of a log in a real file.

mod file;

use std::{sync::Arc, time::Duration};

use dotcast_log::{
    EventId,
    append::{NewEvent, append},
    filter::Filter,
    follow::{Follower, Item},
    frame::ResetReason,
    hub::Hub,
    poller::{Pace, Poller},
    retention,
    store::{PoolStore, Store},
    vital::Vital,
};
use serde_json::json;
use tempfile::TempDir;

/// A log in a new file, and what follows it.
struct Log {
    store: Arc<PoolStore>,
    hub: Hub,
    vital: Vital,
    _directory: TempDir,
}

impl Log {
    async fn new() -> Self {
        let (db, directory) = file::create().await;
        let store = Arc::new(PoolStore::new(db));
        let vital = Vital::default();
        let (hub, poller) = Poller::open(store.clone(), &vital).await.expect("a log");
        poller.start(Pace::default(), &vital).expect("a thread");
        Self {
            store,
            hub,
            vital,
            _directory: directory,
        }
    }

    /// Appends an event, committed or rolled back.
    async fn append(&self, kind: &str, topic: i64, is_committed: bool) {
        let transaction = self.store.begin().await.expect("a transaction");
        let event = NewEvent::new(kind, topic, &json!({ "topic": topic })).expect("JSON");
        append(&transaction.connection(), event)
            .await
            .expect("an event");
        if is_committed {
            transaction.commit().await.expect("a commit");
        }
    }

    fn follow(&self, cursor: EventId, filter: Filter) -> Follower {
        Follower::new(self.hub.clone(), cursor, filter)
    }
}

/// The next `count` events, by id and kind.
async fn events(follower: &mut Follower, count: usize) -> Vec<(EventId, String)> {
    let mut events = Vec::new();
    while events.len() < count {
        let item = tokio::time::timeout(Duration::from_secs(20), follower.next()).await;
        match item.expect("in time").expect("a log that is followed") {
            Item::Event(event) => events.push((event.id, event.kind.into())),
            Item::Position(_) => {}
            Item::Reset(reset) => panic!("{reset:?}"),
        }
    }
    events
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_there_and_what_comes_is_followed_in_order() {
    let log = Log::new().await;
    log.append("placed", 7, true).await;
    log.append("lost", 7, false).await;
    let mut all = log.follow(0, Filter::default());
    let mut some = log.follow(0, Filter::default().of_kinds(["paid"]).about([8]));
    assert_eq!(events(&mut all, 1).await, [(1, "placed".to_owned())]);
    log.append("paid", 7, true).await;
    log.append("paid", 8, true).await;
    let paid = |id| (id, "paid".to_owned());
    assert_eq!(events(&mut all, 2).await, [paid(2), paid(3)]);
    assert_eq!(events(&mut some, 1).await, [paid(3)]);
    // A follower that resumes.
    assert_eq!(
        events(&mut log.follow(2, Filter::default()), 1).await,
        [paid(3)]
    );
    log.vital.stop().cancel();
    while all.next().await.is_some() {}
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cursor_that_retention_has_overtaken_is_reset() {
    let log = Log::new().await;
    for topic in 1..=3 {
        log.append("placed", topic, true).await;
    }
    assert_eq!(
        events(&mut log.follow(0, Filter::default()), 3).await.len(),
        3
    );
    let store: Arc<dyn Store> = log.store.clone();
    let deleted = retention::trim(&store, Duration::ZERO, 3).await;
    assert_eq!(deleted, Ok(3));
    // A process that starts then: the window of this one may still have them.
    let (hub, _poller) = Poller::open(store, &log.vital).await.expect("a log");
    let mut follower = Follower::new(hub, 1, Filter::default());
    match follower.next().await {
        Some(Item::Reset(reset)) => {
            assert_eq!(
                (reset.reason, reset.requested_id),
                (ResetReason::Expired, 1)
            );
        }
        other => panic!("{other:?}"),
    }
    assert_eq!(follower.next().await, Some(Item::Position(3)));
}
