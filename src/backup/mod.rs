//! `dotcast backup` and `dotcast restore`, for SQLite.
//!
//! - [`save`]: one consistent file of a database in use
//! - [`restore`]: replaces a database that nobody uses with such a file
//! - `source`: the backup to restore, checked
//! - `target`: the database that it replaces, locked meanwhile
//! - `files`: files that appear as a whole or not at all

mod files;
pub mod restore;
pub mod save;
mod source;
mod target;
#[cfg(test)]
mod tests;

use std::{
    io,
    path::{Path, PathBuf},
};

use sea_orm::{
    DbErr,
    sqlx::{
        self, ConnectOptions as _, SqliteConnection,
        sqlite::{SqliteConnectOptions, SqliteSynchronous},
    },
};

/// Why a backup was not made or not restored.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// PostgreSQL has its own programs for that.
    #[error(
        "this works on SQLite only; on PostgreSQL use pg_dump and pg_restore, then dotcast log break; see docs/BACKUP.md"
    )]
    Postgres,
    /// A backup never replaces a file.
    #[error("{} already exists; name a new file", .0.display())]
    Exists(PathBuf),
    /// A file cannot be read or written.
    #[error("{}: {source}", .path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// SQLite reports an error.
    #[error("{}: {}", .path.display(), reason(source))]
    Database {
        /// The file.
        path: PathBuf,
        /// What SQLite said.
        source: sqlx::Error,
    },
    /// The copy cannot be migrated.
    #[error("cannot prepare a copy of {}: {source}", .path.display())]
    Prepare {
        /// The backup.
        path: PathBuf,
        /// What the database said.
        source: DbErr,
    },
    /// The file is not a backup made by `dotcast backup`.
    #[error("{} cannot be restored: {reason}", .path.display())]
    NoBackup {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// The backup and the database are the same file.
    #[error("{} is the database itself; name a backup of it", .0.display())]
    Itself(PathBuf),
    /// Another program has the database open.
    #[error("{} is in use; stop all servers and other programs that have it open", .0.display())]
    InUse(PathBuf),
    /// Another restore is under way.
    #[error("another restore is under way in the directory of {}; run this again when it has ended", .0.display())]
    Restoring(PathBuf),
    /// The file is another program's database.
    #[error("{} holds another program's tables; only a dotcast database can be replaced", .0.display())]
    Foreign(PathBuf),
    /// The latest commits cannot be moved into the old file.
    #[error(
        "{} cannot be closed cleanly ({}); move it away, together with -wal and -shm, and run this again",
        .path.display(), reason(source)
    )]
    Unsettled {
        /// The old database.
        path: PathBuf,
        /// What SQLite said.
        source: sqlx::Error,
    },
}

impl Error {
    /// The program's exit code: 2 if it was asked for something impossible.
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Postgres | Self::Exists(_) => 2,
            _ => 1,
        }
    }

    fn file(path: &Path) -> impl Fn(io::Error) -> Self {
        move |source| Self::File {
            path: path.to_owned(),
            source,
        }
    }

    fn database(path: &Path) -> impl Fn(sqlx::Error) -> Self {
        move |source| Self::Database {
            path: path.to_owned(),
            source,
        }
    }
}

/// SQLite's own message, without the prefixes of the layers above it.
fn reason(error: &sqlx::Error) -> String {
    match error {
        sqlx::Error::Database(error) => error.message().to_owned(),
        error => error.to_string(),
    }
}

/// How to open a file. It must exist, and keeps its journal mode.
fn options(path: &Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(false)
        .synchronous(SqliteSynchronous::Full)
        // A backup may take long, which is no reason for a warning.
        .disable_statement_logging()
}

/// Copies everything that `connection` sees, as of one moment, into an empty file.
async fn copy(connection: &mut SqliteConnection, into: &Path) -> Result<(), sqlx::Error> {
    let into = into.to_str().ok_or_else(|| {
        sqlx::Error::Io(io::Error::new(
            io::ErrorKind::InvalidFilename,
            "SQLite accepts only UTF-8 file names",
        ))
    })?;
    sqlx::query("VACUUM INTO ?")
        .bind(into)
        .execute(connection)
        .await?;
    Ok(())
}
