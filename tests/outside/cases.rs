//! Ways in which the log under a server is replaced, as shell commands in its directory.

/// The commands.
pub struct Case {
    pub what: &'static str,
    /// Commands before the five boards that streams are shown.
    pub before: &'static str,
    /// Commands after them.
    pub then: &'static str,
    pub server: Must,
}

/// How the server must react.
#[derive(Clone, Copy, PartialEq)]
pub enum Must {
    /// In any way that is honest.
    BeHonest,
    /// End by itself.
    End,
    /// The same, although nothing is gone.
    EndWithoutLoss,
    /// The same, and leave in the database what its next start tells clients.
    EndAndRecord,
}

pub const BACKUP: &str = "sqlite3 dotcast.db '.backup backup.db'";
pub const TRIM: &str = "dotcast trim --older-than 0s";

pub const CASES: [Case; 22] = [
    Case::new(
        "an older backup is restored",
        BACKUP,
        "sqlite3 dotcast.db '.restore backup.db'",
        Must::EndAndRecord,
    ),
    Case::new(
        "all three files are removed",
        "",
        "rm dotcast.db dotcast.db-wal dotcast.db-shm",
        Must::End,
    ),
    Case::new("the file is removed", "", "rm dotcast.db", Must::End),
    Case::new(
        "the write-ahead log is removed",
        "",
        "rm dotcast.db-wal",
        Must::End,
    ),
    Case::new(
        "the shared memory is removed",
        "",
        "rm dotcast.db-shm",
        Must::End,
    ),
    Case::new(
        "all three are moved away",
        "",
        "mkdir away; mv dotcast.db* away/",
        Must::End,
    ),
    Case::new(
        "a copy takes the file's place",
        BACKUP,
        "mv backup.db dotcast.db",
        Must::End,
    ),
    Case::new(
        "a copy takes the place of all three",
        BACKUP,
        "mv backup.db dotcast.db; rm dotcast.db-wal dotcast.db-shm",
        Must::End,
    ),
    Case::new(
        "an empty file takes its place",
        "",
        ": >empty; mv empty dotcast.db",
        Must::End,
    ),
    Case::new(
        "a copy is written over it",
        BACKUP,
        "cat backup.db >dotcast.db; : >dotcast.db-wal",
        Must::BeHonest,
    ),
    Case::new(
        "the table is dropped",
        "",
        "sqlite3 dotcast.db 'DROP TABLE events'",
        Must::BeHonest,
    ),
    Case::new(
        "the counter is set back",
        "",
        "sqlite3 dotcast.db 'UPDATE sqlite_sequence SET seq = 0'",
        Must::EndWithoutLoss,
    ),
    Case::new(
        "the counter is removed",
        "",
        "sqlite3 dotcast.db 'DELETE FROM sqlite_sequence'",
        Must::EndWithoutLoss,
    ),
    Case::new(
        "the counter of a trimmed log is set back",
        "",
        "dotcast trim --older-than 0s; sqlite3 dotcast.db 'UPDATE sqlite_sequence SET seq = 0'",
        Must::EndWithoutLoss,
    ),
    Case::new(
        "the counter of a trimmed log is removed",
        "",
        "dotcast trim --older-than 0s; sqlite3 dotcast.db 'DELETE FROM sqlite_sequence'",
        Must::EndWithoutLoss,
    ),
    Case::new(
        "the newest event is deleted",
        "",
        "sqlite3 dotcast.db 'DELETE FROM events WHERE id = 5'",
        Must::EndAndRecord,
    ),
    Case::new(
        "all events are deleted",
        "",
        "sqlite3 dotcast.db 'DELETE FROM events'",
        Must::EndAndRecord,
    ),
    Case::new(
        "all events and the counter are deleted",
        "",
        "sqlite3 dotcast.db 'DELETE FROM events; DELETE FROM sqlite_sequence'",
        Must::EndAndRecord,
    ),
    Case::new(
        "the newest event gets another uuid",
        "",
        "sqlite3 dotcast.db 'UPDATE events SET uuid = randomblob(16) WHERE id = 5'",
        Must::EndAndRecord,
    ),
    Case::new(
        "the newest event gets another id",
        "",
        "sqlite3 dotcast.db 'UPDATE events SET id = 105 WHERE id = 5' || true",
        Must::BeHonest,
    ),
    Case::new(
        "the mark of retention is raised",
        "",
        "sqlite3 dotcast.db 'UPDATE trimmed_through SET event_id = 1000'",
        Must::BeHonest,
    ),
    Case::new(
        "the mark of retention is lowered",
        "",
        "dotcast trim --older-than 0s; sqlite3 dotcast.db 'UPDATE trimmed_through SET event_id = 0'",
        Must::BeHonest,
    ),
];

impl Case {
    const fn new(
        what: &'static str,
        before: &'static str,
        then: &'static str,
        server: Must,
    ) -> Self {
        Self {
            what,
            before,
            then,
            server,
        }
    }
}
