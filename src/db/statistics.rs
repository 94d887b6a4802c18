//! What is counted about the database.

use std::{sync::Arc, time::Instant};

use prometheus_client::{
    encoding::EncodeLabelSet,
    metrics::{counter::Counter, family::Family, histogram::Histogram},
};

/// Bounds of the buckets for the duration of statements, in seconds.
const DURATIONS: [f64; 12] = [
    0.0001, 0.000_25, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.1, 0.5, 1.0, 5.0,
];
/// Bounds of the buckets for the transactions that share a commit.
const GROUPS: [f64; 8] = [1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 1024.0];

/// What a connection is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Role {
    /// It only reads, for requests and history.
    Reader,
    /// It writes.
    Writer,
    /// It follows the log.
    Follower,
}

impl Role {
    /// Its name in metrics.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Reader => "reader",
            Self::Writer => "writer",
            Self::Follower => "follower",
        }
    }
}

/// By what the connection is for.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct ByRole {
    connection: &'static str,
}

/// By what the connection is for, and what was wrong.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct ByFault {
    connection: &'static str,
    fault: &'static str,
}

/// What is counted about one database. Clones share the counts.
#[derive(Clone, Debug)]
pub struct Statistics {
    /// How long statements took.
    pub statements: Family<ByRole, Histogram, fn() -> Histogram>,
    /// Statements that did not end in time, and connections that broke.
    pub faults: Family<ByFault, Counter>,
    /// How many transactions shared each commit on SQLite.
    pub groups: Histogram,
}

impl Default for Statistics {
    fn default() -> Self {
        Self {
            statements: Family::new_with_constructor(|| Histogram::new(DURATIONS)),
            faults: Family::default(),
            groups: Histogram::new(GROUPS),
        }
    }
}

impl Statistics {
    /// The counts of connections with this role.
    pub fn of(&self, role: Role) -> Arc<Counts> {
        let connection = role.name();
        let fault = |fault| {
            let by = ByFault { connection, fault };
            self.faults.get_or_create_owned(&by)
        };
        Arc::new(Counts {
            statements: self.statements.get_or_create_owned(&ByRole { connection }),
            timeouts: fault("timeout"),
            breaks: fault("broken"),
        })
    }
}

/// What is counted about the connections of one role.
#[derive(Debug)]
pub struct Counts {
    statements: Histogram,
    /// Statements that missed their deadline.
    pub(super) timeouts: Counter,
    /// Connections that broke.
    pub(super) breaks: Counter,
}

impl Counts {
    /// Counts a statement that began then and has ended.
    pub(super) fn ended(&self, began: Instant) {
        self.statements.observe(began.elapsed().as_secs_f64());
    }
}

/// The connections of a pool at one time.
#[derive(Clone, Copy, Debug)]
pub struct Use {
    /// What they are for.
    pub role: Role,
    /// Connections that are lent.
    pub used: usize,
    /// Connections that are open and free.
    pub idle: usize,
    /// Callers that wait for one.
    pub waiting: usize,
}
