//! Connections to a SQLite file: one that writes, a few that read.
//!
//! They are the driver's, and kept open without its pool, which asks a connection whether it still
//! answers whenever one comes back: a second way to the connection's thread and back, as long as that of
//! a short statement. Connections to a file do not go stale.
//!
//! - [`file`]: what they are connected to
//! - [`group_commit`]: the one that writes; transactions that wait for the same commit share its fsync
//! - [`readers`]: those that read
//! - `session`: runs SeaORM's statements on a connection

pub(super) mod file;
pub(super) mod group_commit;
pub(super) mod readers;
mod session;

use std::time::Duration;

use sea_orm::{
    DatabaseConnection, DbErr, SqlxSqliteConnector,
    sqlx::{
        ConnectOptions as _,
        sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
    },
};
use tokio::sync::watch;

use self::{
    group_commit::Queue,
    readers::Readers,
    session::{Session, connection_error},
};
use super::url::DatabaseUrl;

/// How long a statement waits for another process to let go of the write lock.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);
/// How long a request waits for a connection before it is told to come back later.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(10);

/// The connections for reading, and the way to the one for writing. Makes the file if it is missing.
/// `committed` changes after each commit.
pub(super) async fn connect(
    url: &DatabaseUrl,
    group_commit: u32,
    committed: watch::Sender<()>,
) -> Result<(Readers, Queue), DbErr> {
    let for_writing = for_writing(url)?;
    file::make(for_writing.get_filename())?;
    // The writer goes first: it turns WAL mode on.
    let writer = Session::open(&for_writing).await?;
    let readers = Readers::open(&for_reading(url)?).await?;
    Ok((readers, Queue::open(writer, group_commit, committed)))
}

/// Another connection for writing, for migrations: they want one of SeaORM's own.
pub(super) async fn connect_for_schema(url: &DatabaseUrl) -> Result<DatabaseConnection, DbErr> {
    let pool = SqlitePoolOptions::new().max_connections(1);
    let pool = pool.connect_with(for_writing(url)?).await;
    Ok(SqlxSqliteConnector::from_sqlx_sqlite_pool(
        pool.map_err(connection_error)?,
    ))
}

fn for_writing(url: &DatabaseUrl) -> Result<SqliteConnectOptions, DbErr> {
    Ok(options(url)?
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal))
}

fn for_reading(url: &DatabaseUrl) -> Result<SqliteConnectOptions, DbErr> {
    Ok(options(url)?.pragma("query_only", "ON"))
}

fn options(url: &DatabaseUrl) -> Result<SqliteConnectOptions, DbErr> {
    let options: SqliteConnectOptions = url.expose().parse().map_err(connection_error)?;
    Ok(options
        .foreign_keys(true)
        .busy_timeout(BUSY_TIMEOUT)
        // FULL: a commit that was answered is on the disk, also when the power fails.
        .synchronous(SqliteSynchronous::Full)
        .log_statements(log::LevelFilter::Debug))
}
