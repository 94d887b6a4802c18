//! Followers that catch up from wherever they were, over pages that they share.

mod file;

use std::{sync::Arc, time::Duration};

use dotcast_log::{
    EventId, breaks,
    filter::Filter,
    follow::{Follower, Item},
    hub::Hub,
    poller::Poller,
    retention,
    store::{PoolStore, Store},
    vital::Vital,
};
use futures_util::future::join_all;
use proptest::{
    prelude::*,
    test_runner::{Config, TestRunner},
};
use sea_orm::{ConnectionTrait as _, DatabaseConnection, Statement};
use tempfile::TempDir;
use tokio::runtime::Runtime;

/// A log in a new file.
struct Log {
    db: DatabaseConnection,
    store: Arc<PoolStore>,
    _directory: TempDir,
}

impl Log {
    async fn new() -> Self {
        let (db, directory) = file::create().await;
        Self {
            store: Arc::new(PoolStore::new(db.clone())),
            db,
            _directory: directory,
        }
    }

    async fn execute(&self, sql: &str) {
        self.db.execute_unprepared(sql).await.expect(sql);
    }

    /// Appends events of five kinds and about seven topics, their payloads as no program should write them.
    async fn append(&self, count: u32) {
        self.execute(&format!(
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {count}) \
             INSERT INTO events (type, topic, payload) \
             SELECT 'kind' || (i % 5), i % 7, '{{ \"a\" :' || char(10) || ' \" b\" }}' FROM n"
        ))
        .await;
    }

    /// The ids of the events that match, as SQL.
    async fn ids(&self, condition: &str) -> Vec<EventId> {
        let sql = format!("SELECT id FROM events WHERE {condition} ORDER BY id");
        let statement = Statement::from_string(self.db.get_database_backend(), sql);
        let rows = self.db.query_all_raw(statement).await.expect("rows");
        let ids = rows.iter().map(|row| row.try_get_by_index(0));
        ids.collect::<Result<_, _>>().expect("ids")
    }

    /// A hub that has nothing in memory, as after a start.
    async fn hub(&self) -> Hub {
        let vital = Vital::default();
        let (hub, _) = Poller::open(self.store.clone(), &vital)
            .await
            .expect("a log");
        hub
    }
}

/// Follows from `cursor` to the end, past resets. Returns the ids of the events, and where they begin.
async fn follow(hub: &Hub, cursor: EventId, filter: Filter) -> (EventId, Vec<EventId>) {
    let mut follower = Follower::new(hub.clone(), cursor, filter);
    let (mut from, mut ids) = (cursor, Vec::new());
    loop {
        let item = tokio::time::timeout(Duration::from_secs(20), follower.next()).await;
        match item.expect("in time").expect("a log that is followed") {
            Item::Event(event) => {
                assert_eq!(event.payload, r#"{"a":" b"}"#);
                ids.push(event.id);
            }
            Item::Reset(_) => from = EventId::MAX,
            Item::Position(at) => {
                if from == EventId::MAX {
                    from = at;
                }
                if at >= hub.settled() {
                    return (from, ids);
                }
            }
        }
    }
}

/// What happens to the log.
#[derive(Clone, Debug)]
enum Step {
    Append(u32),
    /// Events are missing here and there, as after rollbacks on PostgreSQL.
    Thin(u32),
    /// Ids are skipped.
    Break(EventId),
    /// Everything is deleted.
    Trim,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        4 => (1..900_u32).prop_map(Step::Append),
        2 => (2..40_u32).prop_map(Step::Thin),
        1 => (1..5000_i64).prop_map(Step::Break),
        1 => Just(Step::Trim),
    ];
    prop::collection::vec(step, 1..8)
}

/// A filter, and what it means.
fn filters() -> impl Strategy<Value = (Filter, String)> {
    let kinds = prop::collection::vec(0..6_u8, 1..4);
    let topics = prop::collection::vec(0..8_i64, 1..4);
    (prop::option::of(kinds), prop::option::of(topics)).prop_map(|(kinds, topics)| {
        let (mut filter, mut conditions) = (Filter::default(), vec!["true".to_owned()]);
        if let Some(kinds) = kinds {
            let names: Vec<_> = kinds.iter().map(|it| format!("kind{it}")).collect();
            conditions.push(format!("type IN ('{}')", names.join("', '")));
            filter = filter.of_kinds(names);
        }
        if let Some(topics) = topics {
            let list: Vec<_> = topics.iter().map(ToString::to_string).collect();
            conditions.push(format!("topic IN ({})", list.join(", ")));
            filter = filter.about(topics);
        }
        (filter, conditions.join(" AND "))
    })
}

#[test]
fn wherever_followers_come_from_each_sees_what_matches_past_its_cursor_once() {
    let runtime = Runtime::new().expect("a runtime");
    let mut runner = TestRunner::new(Config {
        cases: 32,
        failure_persistence: None,
        ..Config::default()
    });
    let cursors = prop::collection::vec((any::<prop::sample::Index>(), filters()), 1..20);
    runner
        .run(&(steps(), cursors), |(steps, followers)| {
            runtime.block_on(check(steps, followers))
        })
        .unwrap_or_else(|error| panic!("{error}"));
}

async fn check(
    steps: Vec<Step>,
    followers: Vec<(prop::sample::Index, (Filter, String))>,
) -> Result<(), TestCaseError> {
    let log = Log::new().await;
    for step in steps {
        match step {
            Step::Append(count) => log.append(count).await,
            Step::Thin(by) => {
                log.execute(&format!("DELETE FROM events WHERE id % {by} = 1"))
                    .await;
            }
            Step::Break(more) => {
                let through = log.ids("true").await.last().copied().unwrap_or(0) + more;
                let _ = breaks::record(&*log.store, None, Some(through)).await;
            }
            Step::Trim => {
                let settled = log.hub().await.settled();
                let store: Arc<dyn Store> = log.store.clone();
                let trimmed = retention::trim(&store, Duration::ZERO, settled).await;
                prop_assert!(trimmed.is_ok(), "{:?}", trimmed);
            }
        }
    }
    log.append(300).await;
    let hub = log.hub().await;
    let size = usize::try_from(hub.settled()).expect("small");
    let seen = followers.iter().map(async |(place, (filter, _))| {
        let cursor = EventId::try_from(place.index(size)).expect("small");
        (cursor, follow(&hub, cursor, filter.clone()).await)
    });
    let seen = join_all(seen).await;
    for ((cursor, (from, seen)), (_, (_, condition))) in seen.into_iter().zip(&followers) {
        let due = log.ids(&format!("{condition} AND id > {from}")).await;
        prop_assert_eq!(seen, due, "from {} for {}", cursor, condition);
    }
    Ok(())
}

#[tokio::test]
async fn who_comes_later_finds_the_pages_of_a_long_log_in_memory() {
    let log = Log::new().await;
    log.append(30_000).await;
    let hub = log.hub().await;
    let seen = follow(&hub, 0, Filter::default()).await;
    assert_eq!(seen.1.len(), 30_000);
    let pages = hub.stats().pages.count();
    assert_eq!(pages, 30_000_u64.div_ceil(256));
    for cursor in [29_000, 0, 7777] {
        let seen = follow(&hub, cursor, Filter::default()).await;
        assert!(seen.1.into_iter().eq(cursor + 1..=30_000), "{cursor}");
    }
    assert_eq!(hub.stats().pages.count(), pages);
}

#[tokio::test]
async fn who_wants_the_same_shares_pages_wherever_they_come_from() {
    let log = Log::new().await;
    log.append(10_000).await;
    let hub = log.hub().await;
    let filter = Filter::default().about([3]);
    for cursor in (0..20).map(|it| it * 499) {
        let (_, ids) = follow(&hub, cursor, filter.clone()).await;
        let due = log.ids(&format!("topic = 3 AND id > {cursor}")).await;
        assert_eq!(ids, due);
    }
    let pages = hub.stats().pages.count();
    assert!(pages <= 10, "{pages}");
}
