//! Connections to a SQLite file.

use std::time::Duration;

use sea_orm::{
    ConnectOptions, Database, DatabaseConnection, DbErr,
    sqlx::{
        Connection as _, SqliteConnection,
        sqlite::{SqliteJournalMode, SqliteSynchronous},
    },
};

use super::url::DatabaseUrl;

/// How long a statement waits for another process to let go of the write lock.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);
/// How long a request waits for a connection before it is told to come back later.
pub(super) const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(10);
/// In WAL mode readers block nobody, so a few serve everybody.
const READERS: u32 = 4;

/// The connections for reading, and the one for writing. Makes the file if it is missing.
pub(super) async fn connect(
    url: &DatabaseUrl,
) -> Result<(DatabaseConnection, DatabaseConnection), DbErr> {
    // The writer goes first: it makes the file and turns WAL mode on.
    let writer = open(url, 1, false).await?;
    let reader = open(url, READERS, true).await?;
    Ok((reader, writer))
}

async fn open(
    url: &DatabaseUrl,
    connections: u32,
    read_only: bool,
) -> Result<DatabaseConnection, DbErr> {
    let mut options = ConnectOptions::new(url.expose());
    options
        .max_connections(connections)
        .min_connections(1)
        .acquire_timeout(ACQUIRE_TIMEOUT)
        // Connections to a file do not go stale; closing them would only throw their caches away.
        .idle_timeout(None)
        .max_lifetime(None)
        .test_before_acquire(false)
        .sqlx_logging_level(log::LevelFilter::Debug)
        .map_sqlx_sqlite_opts(move |options| {
            let options = options
                .create_if_missing(!read_only)
                .foreign_keys(true)
                .busy_timeout(BUSY_TIMEOUT)
                // FULL: a commit that was answered is on the disk, also when the power fails.
                .synchronous(SqliteSynchronous::Full);
            if read_only {
                options.pragma("query_only", "ON")
            } else {
                options.journal_mode(SqliteJournalMode::Wal)
            }
        })
        .map_sqlx_sqlite_pool_opts(|pool| {
            pool.before_acquire(|connection, _| {
                let idle = is_idle(connection);
                Box::pin(async move { Ok(idle) })
            })
        });
    Database::connect(options).await
}

/// Whether a connection can be used again. SQLite rolls a transaction back by itself when the disk is
/// full, say; the driver then still counts it, and would take the next `BEGIN` for a savepoint in it.
fn is_idle(connection: &SqliteConnection) -> bool {
    !connection.is_in_transaction()
}
