//! The database that a backup replaces.
//!
//! A server always holds one of SQLite's locks on its file, even while it is idle, because in WAL mode a connection
//! keeps it from its first statement to its end. So whoever gets the file exclusively knows that nobody else uses it,
//! and keeps others out until the files are exchanged.
//!
//! These are POSIX locks, which a process loses for a file as soon as it closes *any* descriptor of it. So the file
//! is open only once at a time here: by SQLite or, if SQLite cannot read it, by ourselves.

use std::{
    fs::{self, File},
    io,
    path::{Path, PathBuf},
    time::Duration,
};

use dotcast_log::EventId;
use rustix::{
    fs::{FlockOperation, fcntl_lock},
    process::{Flock, FlockType, fcntl_getlk},
};
use sea_orm::sqlx::{
    self, AssertSqlSafe, Connection as _, SqliteConnection, sqlite::SqliteLockingMode,
};

use super::{
    Error,
    files::{Partial, remove_beside, sync_directory},
    options, reason,
};

/// Where the ids that were given out are found, by table. No table exists in every earlier schema.
const GIVEN_OUT: [(&str, &str); 5] = [
    (
        "sqlite_sequence",
        "SELECT MAX(seq) FROM sqlite_sequence WHERE name = 'events'",
    ),
    ("events", "SELECT MAX(id) FROM events"),
    (
        "trimmed_through",
        "SELECT MAX(event_id) FROM trimmed_through",
    ),
    (
        "settled_through",
        "SELECT MAX(event_id) FROM settled_through",
    ),
    ("breaks", "SELECT MAX(last_id) FROM breaks"),
];

/// A database that nobody else can open.
#[derive(Debug)]
pub(super) struct Target {
    path: PathBuf,
    held: Held,
    /// The last id that it is known to have given out.
    pub(super) given_out: EventId,
    /// Why it may have given out more.
    pub(super) doubt: Option<String>,
}

#[derive(Debug)]
enum Held {
    /// There is no database, so there is nothing to hold.
    Missing,
    /// By SQLite.
    Readable(SqliteConnection),
    /// By ourselves: SQLite cannot read it.
    Unreadable { _lock: File },
}

impl Target {
    /// Takes the database exclusively, and reads how far its ids have got.
    ///
    /// # Errors
    /// If another program has it open, or it is not a dotcast database.
    pub(super) async fn hold(path: PathBuf) -> Result<Self, Error> {
        match fs::metadata(&path) {
            Ok(metadata) if metadata.is_file() => {}
            Ok(_) => {
                let error = io::Error::new(io::ErrorKind::InvalidInput, "it is not a file");
                return Err(Error::file(&path)(error));
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Ok(Self::unknown(path, Held::Missing, "there was no database"));
            }
            Err(error) => return Err(Error::file(&path)(error)),
        }
        let (connection, tables) = match open(&path).await {
            Ok(opened) => opened,
            Err(error) if is_busy(&error) => return Err(Error::InUse(path)),
            Err(error) => return Self::hold_unreadable(path, &error),
        };
        let held = Held::Readable(connection);
        if tables.is_empty() {
            return Ok(Self::unknown(path, held, "the old database is empty"));
        }
        if !["seaql_migrations", "events"]
            .iter()
            .all(|ours| tables.iter().any(|it| it == ours))
        {
            return Err(Error::Foreign(path));
        }
        let mut target = Self {
            path,
            held,
            given_out: 0,
            doubt: None,
        };
        target.read_given_out(&tables).await;
        Ok(target)
    }

    fn hold_unreadable(path: PathBuf, error: &sqlx::Error) -> Result<Self, Error> {
        let file = File::options()
            .read(true)
            .write(true)
            .open(&path)
            .map_err(Error::file(&path))?;
        match fcntl_lock(&file, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => {}
            Err(rustix::io::Errno::AGAIN | rustix::io::Errno::ACCESS) => {
                return Err(Error::InUse(path));
            }
            Err(error) => return Err(Error::file(&path)(error.into())),
        }
        let doubt = format!("the old database cannot be read ({})", reason(error));
        Ok(Self::unknown(
            path,
            Held::Unreadable { _lock: file },
            &doubt,
        ))
    }

    fn unknown(path: PathBuf, held: Held, doubt: &str) -> Self {
        Self {
            path,
            held,
            given_out: 0,
            doubt: Some(doubt.to_owned()),
        }
    }

    /// Reads what can be read: if a page is broken, the others may still tell something.
    async fn read_given_out(&mut self, tables: &[String]) {
        let Held::Readable(connection) = &mut self.held else {
            return;
        };
        for (table, sql) in GIVEN_OUT {
            if !tables.iter().any(|it| it == table) {
                continue;
            }
            let found: Result<Option<EventId>, _> =
                sqlx::query_scalar(sql).fetch_one(&mut *connection).await;
            match found {
                Ok(id) => self.given_out = self.given_out.max(id.unwrap_or(0)),
                Err(error) => {
                    self.doubt = Some(format!(
                        "the old database cannot be read as a whole ({})",
                        reason(&error)
                    ));
                }
            }
        }
    }

    /// Replaces the database with `new`. If that is interrupted, by a power cut for example, there is either the old
    /// database with everything that was committed, or the new one:
    ///
    /// 1. The latest commits are moved from the `-wal` into the old file, which then needs nothing beside it.
    /// 2. The files beside it are deleted, and that is on the disk before anything else happens. A `-wal` that came
    ///    back would be replayed over the new file and destroy it.
    /// 3. One rename exchanges the files.
    ///
    /// The old file is still open at that point, so no server can have opened it in between.
    pub(super) async fn replace_with(mut self, new: Partial) -> Result<(), Error> {
        self.settle().await?;
        let path = &self.path;
        let failed = Error::file(path);
        remove_beside(path).map_err(&failed)?;
        sync_directory(path).map_err(&failed)?;
        match &self.held {
            Held::Missing => new.become_new(path).map_err(|error| match error.kind() {
                // A server has been started.
                io::ErrorKind::AlreadyExists => Error::InUse(path.clone()),
                _ => failed(error),
            })?,
            Held::Readable(_) | Held::Unreadable { .. } => {
                new.give_to_owner_of(path).map_err(&failed)?;
                new.replace(path).map_err(&failed)?;
            }
        }
        // From the first removal on nothing waits, so nothing can interrupt it half way.
        Ok(())
    }

    /// Reduces the database to one file, and makes SQLite forget the names beside it. On closing, SQLite would delete
    /// these by name, and by then they may be a new server's.
    pub(super) async fn settle(&mut self) -> Result<(), Error> {
        let Held::Readable(connection) = &mut self.held else {
            return Ok(());
        };
        // The first is written to the file, the second is for this connection.
        for mode in ["delete", "memory"] {
            let sql = AssertSqlSafe(format!("PRAGMA journal_mode = {mode}"));
            let now: Result<String, _> = sqlx::query_scalar(sql).fetch_one(&mut *connection).await;
            let source = match now {
                Ok(now) if now == mode => continue,
                Ok(now) => sqlx::Error::Protocol(format!("its journal mode stays {now}")),
                Err(error) => error,
            };
            let path = self.path.clone();
            return Err(Error::Unsettled { path, source });
        }
        Ok(())
    }
}

/// Whether another program has it open, without touching it. Nobody must be kept out yet, so this only asks for the
/// lock and does not take it.
pub(super) fn refuse_if_in_use(path: &Path) -> Result<(), Error> {
    let file = match File::options().read(true).write(true).open(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        opened => opened.map_err(Error::file(path))?,
    };
    let lock = Flock::from(FlockType::WriteLock);
    match fcntl_getlk(&file, &lock) {
        Ok(None) => Ok(()),
        Ok(Some(_)) => Err(Error::InUse(path.to_owned())),
        Err(error) => Err(Error::file(path)(error.into())),
    }
}

/// Opens it with an exclusive lock; returns its tables.
async fn open(path: &Path) -> Result<(SqliteConnection, Vec<String>), sqlx::Error> {
    let options = options(path)
        .locking_mode(SqliteLockingMode::Exclusive)
        .busy_timeout(Duration::ZERO);
    let mut connection = SqliteConnection::connect_with(&options).await?;
    match lock(&mut connection).await {
        Ok(tables) => Ok((connection, tables)),
        Err(error) => {
            // Closed, and not only dropped: until then this process may lose its locks.
            connection.close().await?;
            Err(error)
        }
    }
}

/// Takes the lock, and keeps it.
async fn lock(connection: &mut SqliteConnection) -> Result<Vec<String>, sqlx::Error> {
    for sql in ["BEGIN EXCLUSIVE", "COMMIT"] {
        sqlx::query(AssertSqlSafe(sql))
            .execute(&mut *connection)
            .await?;
    }
    sqlx::query_scalar("SELECT name FROM sqlite_schema WHERE type = 'table'")
        .fetch_all(connection)
        .await
}

/// `SQLITE_BUSY` in all its forms, whose low byte it is.
fn is_busy(error: &sqlx::Error) -> bool {
    let code = error
        .as_database_error()
        .and_then(sqlx::error::DatabaseError::code);
    code.is_some_and(|code| code.parse::<u32>().is_ok_and(|code| code & 0xff == 5))
}
