//! `client/examples/exactly_once.rs`: each path is counted once, whichever copies are killed, and whatever is missing is
//! told. `docs/EXACTLY-ONCE.md` shows the program as it is.

mod kills;
mod missing;

use std::{collections::BTreeMap, os::unix::process::ExitStatusExt as _};

use rustix::process::Signal;
use tokio::process::Command;
use url::Url;

use super::example;
use crate::harness::{Database, Follower, Server, eventually, server::without_settings};

/// A running copy of the program.
struct Copy {
    /// By which PostgreSQL knows it.
    name: String,
    program: Follower,
}

impl Copy {
    fn start(server: &Server, number: usize) -> Self {
        let name = format!("copy-{number}");
        let program = Follower::run(command(server, &name));
        Self { name, program }
    }

    /// Kills it. It must not have ended before.
    async fn kill(self) {
        let log = self.program.log();
        let (status, _) = self.program.end(Signal::KILL).await;
        let signal = status.signal();
        assert_eq!(signal, Some(Signal::KILL.as_raw()), "{}: {log}", self.name);
    }
}

fn command(server: &Server, name: &str) -> Command {
    let mut database = Url::parse(&server.database().url()).expect("a URL");
    let mut query = database.query_pairs_mut();
    query.append_pair("application_name", name);
    drop(query);
    let mut command = Command::new(example("exactly_once"));
    without_settings(&mut command);
    command
        .arg(&server.url)
        .env("DATABASE_URL", database.as_str());
    command
}

/// What the program stores.
#[derive(Debug, PartialEq)]
struct Stored {
    totals: BTreeMap<i64, i64>,
    cursor: i64,
}

impl Stored {
    async fn of(database: &Database) -> Self {
        Self {
            totals: pairs(
                database,
                "SELECT board_id, paths FROM exactly_once.totals ORDER BY 1",
            )
            .await,
            cursor: cursor(database).await,
        }
    }

    /// What the server's own tables say.
    async fn expected(database: &Database) -> Self {
        let newest = database.column("SELECT max(id) FROM events").await;
        Self {
            totals: pairs(
                database,
                "SELECT board_id, COUNT(*) FROM paths GROUP BY board_id",
            )
            .await,
            cursor: newest[0],
        }
    }
}

async fn pairs(database: &Database, sql: &str) -> BTreeMap<i64, i64> {
    let rows = database.rows(sql).await;
    let pair = |row: &sea_orm::QueryResult| {
        let [key, value] = [0, 1].map(|at| row.try_get_by_index(at).expect(sql));
        (key, value)
    };
    rows.iter().map(pair).collect()
}

async fn cursor(database: &Database) -> i64 {
    let select = "SELECT cursor FROM exactly_once.progress";
    database.column(select).await[0]
}

async fn until_cursor(database: &Database, reaches: i64) {
    eventually("the cursor", || async {
        (cursor(database).await >= reaches).then_some(())
    })
    .await;
}

async fn until_tables(database: &Database) {
    let count = "SELECT COUNT(*) FROM pg_tables WHERE schemaname = 'exactly_once'";
    eventually("the program's tables", || async {
        (database.column::<i64>(count).await == [2]).then_some(())
    })
    .await;
}

/// What people copy out of the document is what was tested.
#[test]
fn the_document_shows_the_program_as_it_is() {
    let document = include_str!("../../../docs/EXACTLY-ONCE.md");
    let program = include_str!("../../../client/examples/exactly_once.rs");
    let mut shown = 0;
    for block in document.split("\n```rust\n").skip(1) {
        let (block, _) = block.split_once("```").expect("its end");
        assert!(program.contains(&format!("\n\n{block}\n")), "{block}");
        shown += 1;
    }
    assert_eq!(shown, 2);
}
