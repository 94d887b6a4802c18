//! How the database is used.

use std::time::Duration;

/// How the database is used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Upper bound on each wait for the database: connecting, a connection that is free, a look at the
    /// event log.
    pub database_timeout: Duration,
    /// On SQLite, how many transactions may share one fsync; 1 is one for each.
    pub group_commit: u32,
    /// On PostgreSQL, how many connections at most, half of them for writing; at least 2.
    pub pool_size: u32,
    /// On PostgreSQL, how long a statement may take before the server breaks it off.
    pub statement_timeout: Option<Duration>,
    /// On PostgreSQL, how long a transaction may be without a statement before the server breaks it off: one
    /// that is left open holds up the event log for everybody.
    pub idle_in_transaction_timeout: Option<Duration>,
    /// What PostgreSQL calls our sessions, unless the URL says it.
    pub application_name: String,
}
