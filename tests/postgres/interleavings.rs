//! The ways in which commits can overtake each other, one by one: every event is delivered exactly once and in order,
//! and nothing that was rolled back is.

use std::time::{Duration, Instant};

use crate::harness::{Database, Server, Stream, Writer, eventually, program, run};

/// A server that logs its queries, and a stream from the beginning.
struct Watched {
    server: Server,
    stream: Stream,
}

impl Watched {
    async fn start(database: &Database) -> Self {
        Self::start_with(database, &[]).await
    }

    async fn start_with(database: &Database, arguments: &[&str]) -> Self {
        let mut all = vec![
            "--poll-interval",
            "20ms",
            "--log",
            "info,sqlx::query=debug,sqlx::postgres::notice=warn",
        ];
        all.extend(arguments);
        let server = Server::start_on(database, &all).await;
        let mut stream = server.stream(Some(0)).await;
        stream.opening().await;
        Self { server, stream }
    }

    /// How often the server has run statements with this in them.
    fn ran(&self, part: &str) -> usize {
        let log = self.server.log();
        log.lines().filter(|line| line.contains(part)).count()
    }

    /// Waits until the server has run two more of them: the second began after this call.
    async fn until_ran(&self, part: &str) {
        let before = self.ran(part);
        eventually(part, || async {
            (self.ran(part) >= before + 2).then_some(())
        })
        .await;
    }

    /// Asserts that the server sees a gap and shows nothing past this id.
    async fn is_held_up_at(&self, settled: i64) {
        self.until_ran("pg_locks").await;
        let events = self
            .server
            .client()
            .get(&format!("/api/v1/events?after={settled}"))
            .await
            .expect(200);
        assert_eq!(events.body["items"].as_array().map(Vec::len), Some(0));
    }

    /// Appends two events of which the one with the higher id is committed first, and asserts that it is held up. The
    /// writer of the lower one has yet to end.
    async fn overtaken(&self, database: &Database, low_id: i64) -> Writer {
        let mut low = Writer::begin(database).await;
        let mut high = Writer::begin(database).await;
        assert_eq!(low.append().await, low_id);
        assert_eq!(high.append().await, low_id + 1);
        high.commit().await;
        self.is_held_up_at(low_id - 1).await;
        low
    }

    /// Asserts that these are the next events.
    async fn delivers(&mut self, ids: &[i64]) {
        assert_eq!(self.stream.ids(ids.len()).await, ids);
    }
}

/// A database with its schema.
async fn migrated() -> Database {
    let database = Database::postgres().await;
    let mut migrate = program();
    migrate.arg("migrate").env("DATABASE_URL", database.url());
    run(&mut migrate, "").await.printed();
    database
}

#[tokio::test]
async fn the_higher_id_is_committed_first() {
    let database = migrated().await;
    let mut watched = Watched::start(&database).await;
    let low = watched.overtaken(&database, 1).await;
    low.commit().await;
    watched.delivers(&[1, 2]).await;
}

#[tokio::test]
async fn of_three_the_middle_one_is_committed_last() {
    let database = migrated().await;
    let mut watched = Watched::start(&database).await;
    let mut writers = Vec::new();
    for id in 1..=3 {
        let mut writer = Writer::begin(&database).await;
        assert_eq!(writer.append().await, id);
        writers.push(writer);
    }
    writers.pop().expect("the third").commit().await;
    watched.is_held_up_at(0).await;
    writers.remove(0).commit().await;
    // What precedes the gap waits for an earlier gap.
    watched.is_held_up_at(0).await;
    writers.remove(0).commit().await;
    watched.delivers(&[1, 2, 3]).await;
}

#[tokio::test]
async fn the_lower_transaction_number_takes_the_higher_id() {
    let database = migrated().await;
    let mut watched = Watched::start(&database).await;
    for (first_id, early_commits_first) in [(1, true), (3, false)] {
        let mut early = Writer::begin(&database).await;
        let mut late = Writer::begin(&database).await;
        assert!(early.number().await < late.number().await);
        assert_eq!(late.append().await, first_id);
        assert_eq!(early.append().await, first_id + 1);
        if early_commits_first {
            early.commit().await;
            watched.is_held_up_at(first_id - 1).await;
            late.commit().await;
        } else {
            late.commit().await;
            watched.delivers(&[first_id]).await;
            early.commit().await;
            watched.delivers(&[first_id + 1]).await;
            continue;
        }
        watched.delivers(&[first_id, first_id + 1]).await;
    }
}

#[tokio::test]
async fn a_gap_from_a_roll_back_is_passed() {
    let database = migrated().await;
    let mut watched = Watched::start(&database).await;
    let low = watched.overtaken(&database, 1).await;
    low.roll_back().await;
    watched.delivers(&[2]).await;

    // Rolled back before the gap was seen, in part, or never used.
    let mut writer = Writer::begin(&database).await;
    assert_eq!(writer.append().await, 3);
    writer.roll_back().await;
    let mut writer = Writer::begin(&database).await;
    assert_eq!(writer.append().await, 4);
    writer.run("SAVEPOINT here").await;
    assert_eq!(writer.append().await, 5);
    writer.run("ROLLBACK TO SAVEPOINT here").await;
    writer.run("SELECT nextval('events_id')").await;
    assert_eq!(writer.append().await, 7);
    writer.commit().await;
    watched.delivers(&[4, 7]).await;
}

#[tokio::test]
async fn a_lock_from_a_savepoint_is_held_as_long_as_its_rows_may_come() {
    let database = migrated().await;
    let mut watched = Watched::start(&database).await;
    let mut low = Writer::begin(&database).await;
    low.run("SAVEPOINT one").await;
    assert_eq!(low.append().await, 1);
    low.run("SAVEPOINT two").await;
    assert_eq!(low.append().await, 2);
    low.run("ROLLBACK TO SAVEPOINT two").await;
    low.run("RELEASE SAVEPOINT one").await;
    let mut high = Writer::begin(&database).await;
    assert_eq!(high.append().await, 3);
    high.commit().await;
    watched.is_held_up_at(0).await;
    low.commit().await;
    watched.delivers(&[1, 3]).await;
}

#[tokio::test]
async fn a_gap_is_waited_for_thirty_seconds_while_others_go_on() {
    let database = migrated().await;
    let mut watched = Watched::start(&database).await;
    let mut slow = Writer::begin(&database).await;
    assert_eq!(slow.append().await, 1);
    let mut expected = vec![1];
    let began = Instant::now();
    // This length is the point of the test: longer than any conceivable timeout.
    while began.elapsed() < Duration::from_secs(30) {
        let mut writer = Writer::begin(&database).await;
        let ids = writer.append_many(3).await;
        if expected.len().is_multiple_of(2) {
            writer.commit().await;
            expected.extend(ids);
        } else {
            writer.roll_back().await;
            let mut writer = Writer::begin(&database).await;
            expected.push(writer.append().await);
            writer.commit().await;
        }
        watched.until_ran("pg_locks").await;
    }
    watched.is_held_up_at(0).await;
    // More than a page, and what follows it.
    let mut writer = Writer::begin(&database).await;
    expected.extend(writer.append_many(700).await);
    writer.commit().await;
    watched.is_held_up_at(0).await;
    slow.commit().await;
    watched.delivers(&expected).await;
}

#[tokio::test]
async fn a_server_starts_while_a_transaction_is_open() {
    let database = migrated().await;
    let mut done = Writer::begin(&database).await;
    assert_eq!(done.append().await, 1);
    done.commit().await;
    let mut slow = Writer::begin(&database).await;
    assert_eq!(slow.append().await, 2);
    let mut done = Writer::begin(&database).await;
    assert_eq!(done.append().await, 3);
    done.commit().await;

    let mut watched = Watched::start(&database).await;
    watched.delivers(&[1]).await;
    watched.is_held_up_at(1).await;
    // The present is before the gap: nothing that may still come may have been passed.
    let mut live = watched.server.stream(None).await;
    assert_eq!(live.opening().await, 1);
    slow.commit().await;
    watched.delivers(&[2, 3]).await;
    assert_eq!(live.ids(2).await, [2, 3]);
}

#[tokio::test]
async fn an_open_transaction_above_everything_does_not_hold_up_a_start() {
    let database = migrated().await;
    let mut done = Writer::begin(&database).await;
    done.append_many(5).await;
    done.commit().await;
    let mut slow = Writer::begin(&database).await;
    assert_eq!(slow.append().await, 6);
    let watched = Watched::start(&database).await;
    let mut live = watched.server.stream(None).await;
    assert_eq!(live.opening().await, 5);
    slow.commit().await;
    assert_eq!(live.ids(1).await, [6]);
}

#[tokio::test]
async fn a_writer_is_killed_between_its_id_and_its_commit() {
    let database = migrated().await;
    let mut watched = Watched::start(&database).await;
    let doomed = watched.overtaken(&database, 1).await;
    doomed.terminate(&database).await;
    watched.delivers(&[2]).await;
}

#[tokio::test]
async fn statements_of_many_rows_take_their_ids_in_turns() {
    let database = migrated().await;
    let mut watched = Watched::start(&database).await;
    // Each row takes a moment, so that the two statements overlap.
    let append = |database: Database, kept: bool| async move {
        let mut writer = Writer::begin(&database).await;
        writer
            .run(
                "INSERT INTO events (type, topic, payload) \
                 SELECT 'foreign', 1, '{}' FROM generate_series(1, 300), pg_sleep(0.001)",
            )
            .await;
        if kept {
            writer.commit().await;
        } else {
            writer.roll_back().await;
        }
    };
    tokio::join!(
        append(database.clone(), true),
        append(database.clone(), false),
        append(database.clone(), true),
    );
    let ids: Vec<i64> = database.column("SELECT id FROM events ORDER BY id").await;
    assert_eq!(ids.len(), 600);
    watched.delivers(&ids).await;
}

#[tokio::test]
async fn a_prepared_transaction_is_waited_for() {
    let database = migrated().await;
    let mut watched = Watched::start(&database).await;
    let name = database
        .url()
        .rsplit('/')
        .next()
        .expect("a name")
        .to_owned();
    let prepare = format!("PREPARE TRANSACTION '{name}'");
    let commit = format!("COMMIT PREPARED '{name}'");

    // Prepared after the gap was seen,
    let mut low = watched.overtaken(&database, 1).await;
    low.run(&prepare).await;
    watched.is_held_up_at(0).await;
    low.run(&commit).await;
    watched.delivers(&[1, 2]).await;

    // and before.
    let mut low = Writer::begin(&database).await;
    assert_eq!(low.append().await, 3);
    low.run(&prepare).await;
    let mut high = Writer::begin(&database).await;
    assert_eq!(high.append().await, 4);
    high.commit().await;
    watched.is_held_up_at(2).await;
    low.run(&commit).await;
    watched.delivers(&[3, 4]).await;
}

#[tokio::test]
async fn retention_does_not_pass_a_gap() {
    let database = migrated().await;
    let mut watched = Watched::start_with(&database, &["--retention", "1s"]).await;
    let old = "INSERT INTO events (type, topic, payload, created_at) \
               VALUES ('foreign', 1, '{}', '2001-01-01 00:00:00+00')";
    let mark = "SELECT event_id FROM trimmed_through";
    let mut low = Writer::begin(&database).await;
    let mut high = Writer::begin(&database).await;
    low.run(old).await;
    high.run(old).await;
    high.commit().await;
    watched.is_held_up_at(0).await;
    // Retention has looked for old events, and so has an administrator.
    watched.until_ran("clock_timestamp").await;
    let trimmed = watched.server.run(&["trim", "--older-than", "1d"]).await;
    assert_eq!(trimmed, "deleted 0 events\n");
    assert_eq!(database.column::<i64>(mark).await, [0]);
    low.commit().await;
    watched.delivers(&[1, 2]).await;
    eventually("retention", || async {
        (database.column::<i64>(mark).await == [2]).then_some(())
    })
    .await;
}
