//! Random histories of one database: changes, backups, stops, restores, breaks and trims, with clients that come back
//! from wherever they were. Each sees every event of the current log once and in order, past its cursor, or is told
//! that this cannot be.

use std::{ops::RangeInclusive, path::PathBuf};

use proptest::{
    prelude::*,
    test_runner::{Config, TestRunner},
};
use rustix::process::Signal;
use tempfile::TempDir;

use crate::harness::{Client, Contents, Database, Server, Stream, client::board, dotcast_on};

const CLIENTS: usize = 5;

/// What happens next.
#[derive(Clone, Debug)]
enum Step {
    /// Boards are made.
    Create(u8),
    /// A client comes back, reads up to this many events, and leaves.
    Resume { client: usize, events: usize },
    /// A copy of the current database is made.
    BackUp,
    /// The server ends, and one of the copies replaces the database.
    Restore {
        copy: prop::sample::Index,
        kill: bool,
    },
    /// The server ends and starts again.
    Restart { kill: bool },
    /// The server ends, and somebody says that ids above all existing ones were given out.
    Break { more: i64, kill: bool },
    /// The oldest events are deleted.
    Trim { share: u8 },
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        5 => (1..5_u8).prop_map(Step::Create),
        6 => (0..CLIENTS, 0..6_usize).prop_map(|(client, events)| Step::Resume { client, events }),
        2 => Just(Step::BackUp),
        2 => (any::<prop::sample::Index>(), any::<bool>())
            .prop_map(|(copy, kill)| Step::Restore { copy, kill }),
        1 => any::<bool>().prop_map(|kill| Step::Restart { kill }),
        1 => (1..20_i64, any::<bool>()).prop_map(|(more, kill)| Step::Break { more, kill }),
        1 => (0..4_u8).prop_map(|share| Step::Trim { share }),
    ];
    prop::collection::vec(step, 5..30)
}

#[test]
fn whatever_is_restored_each_client_sees_the_log_as_it_is_or_is_told() {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let mut runner = TestRunner::new(Config {
        cases: 12,
        max_shrink_iters: 60,
        failure_persistence: None,
        ..Config::default()
    });
    runner
        .run(&steps(), |steps| runtime.block_on(check(steps)))
        .unwrap_or_else(|error| panic!("{error}"));
}

/// An event as a client knows it: its id, and the name of its board.
type Event = (i64, String);

/// The truth, known only from what was done.
#[derive(Clone, Debug, Default)]
struct Truth {
    /// The current log.
    log: Vec<Event>,
    trimmed_through: i64,
    /// The ids that were given out and are gone.
    gone: Vec<RangeInclusive<i64>>,
}

impl Truth {
    fn newest(&self) -> i64 {
        self.log
            .last()
            .map_or(self.trimmed_through, |event| event.0)
    }

    /// Records that everything given out above the existing ids is gone.
    fn lose(&mut self, last: i64) {
        self.gone.push(self.newest() + 1..=last);
    }

    /// For a lost cursor: the last existing id before its part.
    fn before_the_break(&self, cursor: i64) -> Option<i64> {
        let breaks = self.gone.iter().filter(|it| it.contains(&cursor));
        breaks.map(|it| it.start() - 1).min()
    }
}

struct World {
    database: Database,
    directory: TempDir,
    server: Option<Server>,
    user: Client,
    truth: Truth,
    copies: Vec<Truth>,
    /// Each client's cursor, and whether it is an event that the client has seen.
    cursors: [(i64, bool); CLIENTS],
    made: u32,
    /// The highest id that was ever given out, or said to be.
    given_out: i64,
}

async fn check(steps: Vec<Step>) -> Result<(), TestCaseError> {
    let database = Database::new().await;
    let server = Server::start_on(&database, &["--retention", "forever"]).await;
    let mut world = World {
        user: server.user("ada").await,
        server: Some(server),
        database,
        directory: TempDir::new().expect("a directory"),
        truth: Truth::default(),
        copies: Vec::new(),
        cursors: [(0, false); CLIENTS],
        made: 0,
        given_out: 0,
    };
    for step in steps {
        world.take(step).await?;
    }
    world.create().await?;
    for client in 0..CLIENTS {
        world.resume(client, usize::MAX).await?;
    }
    Ok(())
}

impl World {
    async fn take(&mut self, step: Step) -> Result<(), TestCaseError> {
        match step {
            Step::Create(count) => {
                for _ in 0..count {
                    self.create().await?;
                }
            }
            Step::Resume { client, events } => self.resume(client, events).await?,
            Step::BackUp => {
                self.database.back_up(&self.copy(self.copies.len())).await;
                self.copies.push(self.truth.clone());
            }
            Step::Restore { copy, kill } => {
                if self.copies.is_empty() {
                    return Ok(());
                }
                self.stop(kill).await;
                let number = copy.index(self.copies.len());
                let through = self.given_out.to_string();
                let through = ["--through", &through];
                // If nothing above the existing ids was given out, nothing is gone.
                let is_newest = self.given_out == self.copies[number].newest();
                let log_break = if is_newest { &[][..] } else { &through };
                self.database.restore(&self.copy(number), log_break).await;
                // What was gone when the copy was made is gone again, and the rest of it is back.
                self.truth = self.copies[number].clone();
                self.truth.lose(self.given_out);
                self.start().await;
            }
            Step::Restart { kill } => {
                self.stop(kill).await;
                self.start().await;
            }
            Step::Break { more, kill } => {
                self.stop(kill).await;
                let through = self.given_out + more;
                self.dotcast(&["log", "break", "--through", &through.to_string()])
                    .await;
                self.truth.lose(through);
                self.given_out = through;
                self.start().await;
            }
            Step::Trim { share } => {
                self.trim(share).await;
                // Until the server looks again, it may answer from memory.
                self.create().await?;
            }
        }
        Ok(())
    }

    async fn create(&mut self) -> Result<(), TestCaseError> {
        self.made += 1;
        let name = format!("board {}", self.made);
        let created = self.user.post("/api/v1/boards", &board(&name)).await;
        created.expect(201);
        let contents = Contents::of(&self.user).await;
        let id = contents.newest();
        prop_assert!(
            id > self.given_out,
            "{id} was given out: {}",
            self.given_out
        );
        self.given_out = id;
        self.truth.log.push((id, name));
        prop_assert_eq!(contents.ids(), self.ids_past(0));
        Ok(())
    }

    fn ids_past(&self, cursor: i64) -> Vec<i64> {
        let log = self.truth.log.iter().map(|event| event.0);
        log.filter(|&id| id > cursor).collect()
    }

    /// A client comes back with its cursor.
    async fn resume(&mut self, client: usize, most: usize) -> Result<(), TestCaseError> {
        let (cursor, is_event) = self.cursors[client];
        let server = self.server.as_ref().expect("a server");
        let mut stream = server.stream(Some(cursor)).await;
        let opening = stream.opening().await;
        let begins = self.truth.before_the_break(cursor);
        let mark = self.truth.trimmed_through;
        let (from, reasons) = match begins {
            // Both are true then.
            Some(_) if cursor < mark => (mark, vec!["restored", "expired"]),
            Some(begins) => (begins.max(mark), vec!["restored"]),
            // Asking from the beginning is asking for what is kept.
            None if cursor == 0 => (mark, Vec::new()),
            None if cursor < mark => (mark, vec!["expired"]),
            None => (cursor, Vec::new()),
        };
        // It may go on from anywhere between two events.
        let passed = self.truth.log.iter();
        let passed = passed.filter(|event| (from + 1..=opening).contains(&event.0));
        let is_right = opening >= from && passed.count() == 0;
        prop_assert!(is_right, "{opening} from {cursor} of {:?}", &self.truth);
        let query = format!("/api/v1/events?limit=1&after={cursor}");
        let page = self.user.get(&query).await.expect(200);
        let told = &page.body["reset"];
        if told.is_null() {
            // A client that has seen no lost event need not be told.
            let unharmed = reasons.is_empty() || !is_event;
            prop_assert!(unharmed, "from {cursor} of {:?}", &self.truth);
        } else {
            let reset = stream.expect("reset").await.data.expect("data");
            prop_assert_eq!(&reset["reason"], told, "from {}", cursor);
            let known = reasons.iter().any(|it| told == it);
            prop_assert!(known, "from {cursor}: {told} of {:?}", &self.truth);
        }
        let due = self.truth.log.iter().filter(|event| event.0 > opening);
        let due: Vec<Event> = due.take(most).cloned().collect();
        let seen = read(&mut stream, due.len()).await;
        prop_assert_eq!(&seen, &due, "from {}", cursor);
        let here = (opening, is_event && opening == cursor);
        self.cursors[client] = seen.last().map_or(here, |event| (event.0, true));
        Ok(())
    }

    /// Deletes this many quarters of the log, as old.
    async fn trim(&mut self, quarters: u8) {
        let count = self.truth.log.len() * usize::from(quarters) / 4;
        let Some(last) = count.checked_sub(1).map(|at| self.truth.log[at].0) else {
            return;
        };
        let old = "UPDATE events SET created_at = '2020-01-01T00:00:00Z' WHERE id <=";
        self.database.execute(&format!("{old} {last}")).await;
        self.dotcast(&["trim", "--older-than", "1d"]).await;
        self.truth.log.drain(..count);
        self.truth.trimmed_through = last;
    }

    fn copy(&self, number: usize) -> PathBuf {
        self.directory.path().join(number.to_string())
    }

    async fn stop(&mut self, kill: bool) {
        let server = self.server.as_mut().expect("a server");
        server.signal(if kill { Signal::KILL } else { Signal::TERM });
        server.wait().await;
    }

    async fn start(&mut self) {
        let server = self.server.take().expect("a server").restart().await;
        self.user.url.clone_from(&server.url);
        self.server = Some(server);
    }

    async fn dotcast(&self, arguments: &[&str]) {
        dotcast_on(&self.database, arguments).await.printed();
    }
}

/// The next events; messages of the server between them do not count.
async fn read(stream: &mut Stream, count: usize) -> Vec<Event> {
    let mut seen = Vec::new();
    while seen.len() < count {
        let frame = stream.next().await.expect("a frame");
        let data = frame.data.as_ref().filter(|_| frame.is_logged());
        let name = data.map(|data| data["board_name"].as_str().expect("a name").to_owned());
        seen.extend(frame.id.zip(name));
    }
    seen
}
