//! The statements that begin, roll back and commit the turns of a group.

use super::connection::Preamble;

/// Begins a group with its first turn. The write lock is taken at once: a transaction that first reads and then writes
/// could fail in the middle if another program wrote in between.
pub(super) static BEGIN: Preamble = Preamble("BEGIN IMMEDIATE; ");
/// Ends a group that has no savepoint to release.
pub(super) const COMMIT: &str = "COMMIT";
/// Ends a group without saving anything.
pub(super) const ROLL_BACK: &str = "ROLLBACK";
/// Fails inside a transaction, and does nothing else there: SQLite has no other way to ask whether one is open.
pub(super) const PROBE: &str = "BEGIN";
/// Begins the turn after the first.
pub(super) static SECOND: Preamble = Preamble("SAVEPOINT a; ");

/// The turns after the first take these savepoints alternately.
pub(super) static SAVEPOINTS: [Savepoint; 2] = [
    Savepoint {
        follow: Preamble("RELEASE b; SAVEPOINT a; "),
        roll_back: "ROLLBACK TO a",
        commit: "RELEASE a; COMMIT",
    },
    Savepoint {
        follow: Preamble("RELEASE a; SAVEPOINT b; "),
        roll_back: "ROLLBACK TO b",
        commit: "RELEASE b; COMMIT",
    },
];

/// A savepoint, and the statements for a turn behind it.
pub(super) struct Savepoint {
    /// Begins a turn after the other savepoint's.
    pub(super) follow: Preamble,
    /// Undoes what was done in the turn.
    pub(super) roll_back: &'static str,
    /// Ends the group with it.
    pub(super) commit: &'static str,
}

/// SQLite's message about a savepoint that does not exist.
pub(super) const NO_SAVEPOINT: &str = "no such savepoint";
