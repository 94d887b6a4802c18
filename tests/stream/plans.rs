//! How the databases find a part of the log: by an index, whatever they think of how often something occurs.

use std::sync::{Arc, Mutex};

use dotcast_log::{connection::Connection, filter::Filter, read::Log};
use migration::{Migrator, MigratorTrait as _};
use sea_orm::{
    ConnectionTrait, DatabaseConnection, DbBackend, DbErr, ExecResult, QueryResult, Statement,
};

use crate::harness::Database;

/// A connection that asks for the plan of each query first.
#[derive(Clone, Debug)]
struct Explained {
    db: DatabaseConnection,
    plans: Arc<Mutex<Vec<String>>>,
}

#[async_trait::async_trait]
impl ConnectionTrait for Explained {
    fn get_database_backend(&self) -> DbBackend {
        self.db.get_database_backend()
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        self.db.execute_raw(statement).await
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        self.db.execute_unprepared(sql).await
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        self.db.query_one_raw(statement).await
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        let (explain, text) = match self.get_database_backend() {
            DbBackend::Postgres => ("EXPLAIN", 0),
            _ => ("EXPLAIN QUERY PLAN", 3),
        };
        let mut explanation = statement.clone();
        explanation.sql = format!("{explain} {}", explanation.sql);
        let rows = self.db.query_all_raw(explanation).await?;
        let lines = rows.iter().map(|row| row.try_get_by_index::<String>(text));
        let plan = lines.collect::<Result<Vec<_>, _>>()?.join("\n");
        self.plans.lock().expect("plans").push(plan);
        self.db.query_all_raw(statement).await
    }
}

/// So many that it never pays to read all of them.
const EVENTS: i64 = 200_000;

#[tokio::test]
async fn each_part_of_the_log_is_found_by_an_index() {
    let database = Database::new().await;
    let db = database.connect().await;
    Migrator::up(&db, None).await.expect("up");
    // Whoever counts finds that half of all events are about topic 1, and half of a kind. But all of these are old.
    database
        .execute(&format!(
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {EVENTS}) \
             INSERT INTO events (type, topic, payload) \
             SELECT CASE WHEN i <= {EVENTS} / 2 THEN 'old' ELSE 'kind' || (i % 50) END, \
                    CASE WHEN i <= {EVENTS} / 2 THEN 1 ELSE i END, '{{}}' FROM n; \
             ANALYZE;"
        ))
        .await;
    let plans = Arc::default();
    let log = Log::new(Connection::new(Explained {
        db,
        plans: Arc::clone(&plans),
    }));
    let of = |kinds: &[&'static str]| Filter::default().of_kinds(kinds.iter().copied());
    let half = EVENTS / 2;
    for (filter, index) in [
        (Filter::default(), "PRIMARY KEY"),
        (Filter::default().about([1]), "events_topic"),
        (Filter::default().about([half + 7]), "events_topic"),
        (of(&["old"]), "events_type"),
        (of(&["kind7"]), "events_type"),
        (of(&["kind7", "old", "other"]), "events_type"),
        (of(&["kind7", "old"]).about([1]), "events_topic"),
        (
            Filter::default().about((0..100).map(|it| it * 100 + 1)),
            "events_topic",
        ),
        (
            of(&["kind7", "old"]).about([1, half + 7, half + 57, 3]),
            "events_topic",
        ),
    ] {
        let index = match index {
            "PRIMARY KEY" if database.is_postgres() => "events_pkey",
            index => index,
        };
        for after in [0, half] {
            let through = EVENTS;
            let rows = log.rows(after, through, &filter, 50).await.expect("rows");
            let entries = log.entries(after, through, &filter, 256).await;
            let entries = entries.expect("entries");
            let back = log.rows_back(after, through, &filter, 50).await;
            let back = back.expect("rows");
            for (ids, limit) in [
                (rows.events.iter().map(|it| it.id).collect::<Vec<_>>(), 50),
                (entries.events.iter().map(|it| it.id).collect(), 256),
                (back.events.iter().rev().map(|it| it.id).collect(), 50),
            ] {
                assert!(ids.is_sorted() && ids.len() <= limit, "{filter:?}: {ids:?}");
            }
            let plans: Vec<String> = std::mem::take(&mut *plans.lock().expect("plans"));
            assert_eq!(plans.len(), 3);
            for plan in plans {
                let found = plan.contains(index);
                let scanned = ["Seq Scan on events", "SCAN events", "Bitmap"];
                let scanned = scanned.iter().any(|it| plan.contains(it));
                assert!(found && !scanned, "{filter:?} after {after}:\n{plan}");
            }
        }
    }
}
