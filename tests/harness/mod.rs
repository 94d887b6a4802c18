//! The tests' foundation. It acts through the public API, except where a test is about another program that writes to
//! the database.
//!
//! - [`server`]: the built program as a child process
//! - [`accounts`]: accounts of administrators
//! - [`cursors`]: clients that come back after a restore
//! - [`database`]: a test's data, and access to its tables
//! - [`postgres`]: a PostgreSQL of the tests' own
//! - [`backups`]: backups and restores
//! - [`browser`]: a real browser
//! - [`certificates`]: for TLS
//! - [`clock`]: a wall clock that a test sets
//! - [`client`]: REST calls, each answer checked against the OpenAPI document
//! - [`command`]: the built program's other commands, run to their end
//! - [`event_source`]: clients that behave as a browser's `EventSource`, hundreds at once
//! - [`flights`]: what is asked of PostgreSQL, counted on the wire
//! - [`follower`]: `dotcast tail`, or another program that follows, as a child process
//! - [`keeping`]: how caches may keep an answer
//! - [`large`]: the largest boards and paths
//! - [`launch`]: how to start a server
//! - [`lines`]: a stream of lines of JSON
//! - [`network`]: a network to PostgreSQL that goes silent
//! - [`namespace`]: another machine, as far as the network can tell
//! - [`proxy`]: a proxy with the configuration that ships
//! - [`contract`]: the document itself
//! - [`transport`]: the transports of HTTP
//! - [`untouched`]: a server on which nothing may change
//! - [`reader`]: a stream that is cut and resumed
//! - [`writer`]: another program that appends to the log, step by step
//! - [`sqlite_shell`]: what other programs do to a SQLite file
//! - [`sse`]: a stream off the wire, parsed independently of the program's own client

pub mod accounts;
pub mod backups;
pub mod browser;
pub mod certificates;
pub mod client;
pub mod clock;
pub mod command;
pub mod contract;
pub mod cursors;
pub mod database;
pub mod event_source;
pub mod flights;
pub mod follower;
pub mod keeping;
pub mod large;
pub mod launch;
pub mod lines;
pub mod namespace;
pub mod network;
pub mod postgres;
pub mod proxy;
pub mod reader;
pub mod server;
pub mod sqlite_shell;
pub mod sse;
pub mod transport;
pub mod untouched;
pub mod writer;

use std::{future::Future, time::Duration};

pub use certificates::Certificates;
pub use client::{Answer, Client};
pub use clock::Clock;
pub use command::{Run, dotcast_on, run};
pub use cursors::{Contents, Cursors};
pub use database::Database;
pub use event_source::EventSource;
pub use follower::Follower;
pub use launch::Launch;
pub use lines::Lines;
pub use namespace::Namespace;
pub use network::Network;
pub use postgres::Cluster;
pub use proxy::Proxy;
pub use reader::Reader;
pub use server::{Server, program};
pub use sqlite_shell::SqliteShell;
pub use sse::Stream;
pub use transport::Transport;
pub use untouched::Untouched;
pub use writer::Writer;

/// How long a test waits for anything that must happen.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// Waits for something that must happen.
pub async fn within<T>(what: &str, future: impl Future<Output = T>) -> T {
    tokio::time::timeout(PATIENCE, future)
        .await
        .unwrap_or_else(|_| panic!("{what} did not happen within {PATIENCE:?}"))
}

/// Polls until there is an answer.
pub async fn eventually<T, F: Future<Output = Option<T>>>(
    what: &str,
    mut ask: impl FnMut() -> F,
) -> T {
    within(what, async {
        loop {
            if let Some(answer) = ask().await {
                return answer;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    })
    .await
}
