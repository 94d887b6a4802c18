//! How the database is used.

use std::time::Duration;

/// How the database is used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Upper bound on each wait for the database: for connecting, for a free connection, or for a look at the event
    /// log.
    pub database_timeout: Duration,
    /// On SQLite, how many transactions may share one fsync; 1 means that each has its own.
    pub group_commit: u32,
    /// On PostgreSQL, upper bound on connections, half of them for writing; at least 2.
    pub pool_size: u32,
    /// On PostgreSQL, how long a statement may take before the server ends it.
    pub statement_timeout: Option<Duration>,
    /// On PostgreSQL, how long a transaction may run no statement before the server ends it. One that is left open
    /// holds up the event log for everybody.
    pub idle_in_transaction_timeout: Option<Duration>,
    /// The name that PostgreSQL shows for our sessions, unless the URL sets one.
    pub application_name: String,
}
