//! `dotcast backup` and `dotcast restore`, for SQLite.
//!
//! - [`save`]: one consistent file of a database in use
//! - [`restore`]: such a file in the place of a database that nobody uses
//! - `source`: what is restored, checked
//! - `target`: what it takes the place of, held while that happens
//! - `files`: files that are there as a whole or not at all

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

/// Why there is no backup, or why it was not restored.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// It has programs of its own for that.
    #[error(
        "this is for SQLite; on PostgreSQL use pg_dump and pg_restore, then dotcast log break; see docs/OPERATIONS.md"
    )]
    Postgres,
    /// Nothing is ever replaced by a backup.
    #[error("{} exists already; name a file that does not", .0.display())]
    Exists(PathBuf),
    /// A file cannot be read or written.
    #[error("{}: {source}", .path.display())]
    File {
        /// Which one.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// SQLite refuses.
    #[error("{}: {}", .path.display(), reason(source))]
    Database {
        /// Which file.
        path: PathBuf,
        /// What it said.
        source: sqlx::Error,
    },
    /// The copy cannot be brought up to date.
    #[error("cannot prepare a copy of {}: {source}", .path.display())]
    Prepare {
        /// The backup.
        path: PathBuf,
        /// What the database said.
        source: DbErr,
    },
    /// It is not what `dotcast backup` makes.
    #[error("{} cannot be restored: {reason}", .path.display())]
    NoBackup {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// Two databases cannot be one file.
    #[error("{} is the database itself", .0.display())]
    Itself(PathBuf),
    /// Somebody has the database open.
    #[error("{} is in use; stop all servers and other programs that have it open", .0.display())]
    InUse(PathBuf),
    /// The file is another program's database.
    #[error("{} holds tables that are not dotcast's; only a database of dotcast is replaced", .0.display())]
    Foreign(PathBuf),
    /// What was committed last cannot be brought into the old file.
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
    /// What the program ends with: 2 when it was asked for what cannot be.
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

/// What SQLite said, without the names of the layers that it came through.
fn reason(error: &sqlx::Error) -> String {
    match error {
        sqlx::Error::Database(error) => error.message().to_owned(),
        error => error.to_string(),
    }
}

/// How a file is opened. It must be there; it stays in the journal mode that it has.
fn options(path: &Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(false)
        .synchronous(SqliteSynchronous::Full)
        // A backup takes as long as it takes; that is no news.
        .disable_statement_logging()
}

/// Copies all that `connection` reads, as of one moment, into an empty file.
async fn copy(connection: &mut SqliteConnection, into: &Path) -> Result<(), sqlx::Error> {
    let into = into.to_str().ok_or_else(|| {
        sqlx::Error::Io(io::Error::new(
            io::ErrorKind::InvalidFilename,
            "SQLite takes only names that are UTF-8",
        ))
    })?;
    sqlx::query("VACUUM INTO ?")
        .bind(into)
        .execute(connection)
        .await?;
    Ok(())
}
