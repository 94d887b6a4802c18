//! Somebody changes the log under a running server, or replaces it. Whatever was acknowledged after that is shown; or
//! the server has refused it; or it has ended and said why. After what it asks for, it starts again.

mod change;
mod scene;

use tokio::task::JoinSet;

use self::{
    change::Change::{self, FailOver, Replace, Restore, Sql, TrimAnd},
    scene::Scene,
};
use super::mends;
use crate::harness::{Cluster, Database};

/// How the server must react. In any case it may go on only if it shows what it acknowledges.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Outcome {
    /// End, and say why.
    End,
    /// Say that it is not ready.
    Unready,
    /// Go on, or end.
    Either,
}

#[derive(Clone, Copy, Debug)]
struct Case {
    change: Change,
    outcome: Outcome,
    /// The manual repair before a server can start: none of our commands restores what is missing.
    repair: Option<&'static str>,
}

const CASES: [Case; 25] = [
    ends(FailOver),
    ends(Restore),
    ends(Replace),
    // The counter is set back, with and without rows there, or forward.
    either(Sql("SELECT setval('events_id', 2)")),
    either(Sql("ALTER SEQUENCE events_id RESTART")),
    either(TrimAnd("SELECT setval('events_id', 1, false)")),
    either(TrimAnd("SELECT setval('events_id', 3)")),
    either(Sql("SELECT setval('events_id', 1000000)")),
    // Ids are given out otherwise.
    either(Sql("ALTER SEQUENCE events_id CACHE 10")),
    either(Sql("ALTER SEQUENCE events_id INCREMENT BY 10")),
    either(Sql("ALTER SEQUENCE events_id INCREMENT BY -1")),
    either(Sql("ALTER TABLE events DISABLE TRIGGER ALL")),
    // Rows are changed.
    ends(Sql(
        "DELETE FROM events WHERE id = (SELECT MAX(id) FROM events)",
    )),
    ends(Sql(
        "DELETE FROM events WHERE id > 2; SELECT setval('events_id', 2)",
    )),
    ends(Sql("TRUNCATE events")),
    ends(Sql("TRUNCATE events RESTART IDENTITY")),
    either(Sql(
        "UPDATE events SET id = id + 1000 WHERE id = (SELECT MAX(id) FROM events)",
    )),
    ends(Sql("UPDATE events SET uuid = gen_random_uuid()")),
    unready(Sql("ALTER TABLE events RENAME TO elsewhere"))
        .repaired_by("ALTER TABLE elsewhere RENAME TO events"),
    // Marks are changed.
    ends(Sql("UPDATE trimmed_through SET event_id = 1000000"))
        .repaired_by("UPDATE trimmed_through SET event_id = 0"),
    unready(Sql("DELETE FROM trimmed_through"))
        .repaired_by("INSERT INTO trimmed_through (id, event_id) VALUES (1, 0)"),
    either(Sql("UPDATE settled_through SET event_id = 1000000")),
    either(Sql("UPDATE settled_through SET event_id = 0")),
    either(Sql("DELETE FROM settled_through"))
        .repaired_by("INSERT INTO settled_through (id, event_id) VALUES (1, 0)"),
    ends(Sql(
        "INSERT INTO breaks (first_id, last_id) VALUES (3, 1000)",
    )),
];

const fn case(change: Change, outcome: Outcome) -> Case {
    Case {
        change,
        outcome,
        repair: None,
    }
}

const fn ends(change: Change) -> Case {
    case(change, Outcome::End)
}

const fn unready(change: Change) -> Case {
    case(change, Outcome::Unready)
}

const fn either(change: Change) -> Case {
    case(change, Outcome::Either)
}

impl Case {
    const fn repaired_by(mut self, sql: &'static str) -> Self {
        self.repair = Some(sql);
        self
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_acknowledged_is_shown_or_the_server_says_that_it_cannot_be() {
    let cluster = Cluster::start().await;
    // A few at a time.
    for cases in CASES.chunks(4) {
        let mut checks = JoinSet::new();
        for &case in cases {
            checks.spawn(check(cluster.clone(), case));
        }
        checks.join_all().await;
    }
}

async fn check(cluster: Cluster, case: Case) {
    let mut scene = Scene::start(cluster, case.change).await;
    scene.post(5).await;
    scene.until_all_is_shown().await;
    scene.change().await;
    scene.post(12).await;
    match case.outcome {
        Outcome::End => scene.until_ended().await,
        Outcome::Unready => scene.until_unready().await,
        Outcome::Either => scene.until_all_is_shown_or_ended().await,
    }
    scene.assert_in_order();
    let left = scene.leave();

    if let Some(repair) = case.repair {
        left.database.execute(repair).await;
    }
    assert_it_goes_on(&left.database, case).await;
}

/// Asserts that new events are shown, and that a client that resumes from one of them gets the rest.
async fn assert_it_goes_on(database: &Database, case: Case) {
    let server = mends::start(database).await;
    let mut stream = server.stream(None).await;
    stream.opening().await;
    let mut user = server.client();
    user.log_in("ada").await;
    let mut ids = Vec::new();
    for _ in 0..3 {
        let board = user.board("at last").await;
        let id = stream.ids(1).await[0];
        let sql = format!("SELECT topic FROM events WHERE id = {id}");
        assert_eq!(database.column::<i64>(&sql).await, [board], "{case:?}");
        ids.push(id);
    }
    let mut resumed = server.stream(Some(ids[0])).await;
    assert_eq!(resumed.opening().await, ids[0], "{case:?}");
    for id in &ids[1..] {
        let frame = resumed.next().await.expect("a frame");
        assert_eq!(frame.id, Some(*id), "{case:?}: {frame:?}");
    }
}
