//! The database: connections for reading, and transactions for writing.

use std::{str::FromStr, sync::Arc, time::Duration};

use chrono::{DateTime, SubsecRound as _, Utc};
use migration::{Migrator, MigratorTrait};
use sea_orm::{
    ConnectOptions, Database, DatabaseConnection, DatabaseTransaction, DbErr,
    SqliteTransactionMode, TransactionOptions, TransactionTrait,
    sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous},
};
use tokio::sync::Notify;
use url::Url;

/// How long a statement waits for another process to let go of the SQLite write lock.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);
/// How long a request waits for a connection before it is told to come back later.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(10);
/// SQLite in WAL mode: readers block nobody, so a few serve everybody.
const SQLITE_READERS: u32 = 4;

/// The time, as exactly as every database keeps it: to the microsecond.
pub(crate) fn now() -> DateTime<Utc> {
    Utc::now().trunc_subsecs(6)
}

/// Where the database is. `Display` never shows a password.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DatabaseUrl(String);

impl FromStr for DatabaseUrl {
    type Err = String;

    fn from_str(url: &str) -> Result<Self, Self::Err> {
        let Some((scheme, rest)) = url.split_once(':') else {
            return Err("expected a URL such as sqlite://dotcast.db".to_owned());
        };
        if scheme != "sqlite" {
            return Err(format!(
                "the scheme `{scheme}` is not supported; use a URL such as sqlite://dotcast.db"
            ));
        }
        if rest.contains(":memory:") || rest.contains("mode=memory") {
            return Err(
                "an in-memory database keeps nothing over a restart; name a file, such as sqlite://dotcast.db"
                    .to_owned(),
            );
        }
        if rest.trim_start_matches('/').is_empty() {
            return Err("name a file, such as sqlite://dotcast.db".to_owned());
        }
        if rest.contains('@') {
            return Err("a SQLite file has no user and no password".to_owned());
        }
        Url::parse(url).map_err(|error| error.to_string())?;
        SqliteConnectOptions::from_str(url).map_err(|error| error.to_string())?;
        Ok(Self(url.to_owned()))
    }
}

impl std::fmt::Display for DatabaseUrl {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.0.split('?').next().unwrap_or_default())
    }
}

/// A handle to the database; clones share the connections.
#[derive(Clone, Debug)]
pub struct Db {
    reader: DatabaseConnection,
    writer: DatabaseConnection,
    committed: Arc<Notify>,
}

impl Db {
    /// Connects, making the SQLite file if it is missing.
    pub async fn connect(url: &DatabaseUrl) -> Result<Self, DbErr> {
        // The writer goes first: it makes the file and turns WAL mode on.
        let writer = connect_sqlite(url, 1, false).await?;
        let reader = connect_sqlite(url, SQLITE_READERS, true).await?;
        Ok(Self {
            reader,
            writer,
            committed: Arc::default(),
        })
    }

    /// For reading. SQLite refuses a write on these connections, so nothing can be saved outside
    /// of a transaction by mistake.
    pub fn reader(&self) -> &DatabaseConnection {
        &self.reader
    }

    /// Begins a transaction for writing. Dropped without [`Transaction::commit`] it is rolled back.
    ///
    /// On SQLite it takes the write lock at once (`BEGIN IMMEDIATE`): one that first reads and then
    /// writes could otherwise fail in the middle, because another writer came in between.
    pub async fn transaction(&self) -> Result<Transaction, DbErr> {
        let inner = self
            .writer
            .begin_with_options(TransactionOptions {
                sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
                ..TransactionOptions::default()
            })
            .await?;
        Ok(Transaction {
            inner,
            committed: Arc::clone(&self.committed),
        })
    }

    /// Notified after each commit of this process, so that the tail looks without waiting for its
    /// next poll. One notification may stand for many commits.
    pub(crate) fn committed(&self) -> Arc<Notify> {
        Arc::clone(&self.committed)
    }

    /// Applies the pending migrations, all or none; returns their names.
    pub async fn migrate(&self) -> Result<Vec<String>, DbErr> {
        if self.pending_migrations().await?.is_empty() {
            return Ok(Vec::new());
        }
        // In one transaction, so that a crash leaves no half of a migration behind, and of several
        // programs that start at once the others wait and then find nothing left to do.
        let txn = self.transaction().await?;
        let pending = Migrator::get_pending_migrations(txn.connection()).await?;
        Migrator::up(txn.connection(), None).await?;
        txn.commit().await?;
        Ok(pending.iter().map(|m| m.name().to_owned()).collect())
    }

    /// The names of the migrations that this program knows and the database does not have.
    pub async fn pending_migrations(&self) -> Result<Vec<String>, DbErr> {
        let pending = Migrator::get_pending_migrations_read_only(&self.reader).await?;
        Ok(pending.iter().map(|m| m.name().to_owned()).collect())
    }

    /// The names of the migrations that the database has.
    pub async fn applied_migrations(&self) -> Result<Vec<String>, DbErr> {
        let applied = Migrator::get_applied_migrations_read_only(&self.reader).await?;
        Ok(applied.iter().map(|m| m.name().to_owned()).collect())
    }

    /// Waits for statements under way and closes all connections.
    pub async fn close(&self) -> Result<(), DbErr> {
        self.reader.close_by_ref().await?;
        self.writer.close_by_ref().await
    }
}

/// A transaction under way.
#[derive(Debug)]
#[must_use = "a transaction that is not committed is rolled back"]
pub struct Transaction {
    inner: DatabaseTransaction,
    committed: Arc<Notify>,
}

impl Transaction {
    /// The connection that statements and hooks of this transaction run on.
    pub fn connection(&self) -> &DatabaseTransaction {
        &self.inner
    }

    /// Makes everything in it durable, and wakes the tail.
    pub async fn commit(self) -> Result<(), DbErr> {
        self.inner.commit().await?;
        self.committed.notify_one();
        Ok(())
    }
}

async fn connect_sqlite(
    DatabaseUrl(url): &DatabaseUrl,
    connections: u32,
    read_only: bool,
) -> Result<DatabaseConnection, DbErr> {
    let mut options = ConnectOptions::new(url);
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
        });
    Database::connect(options).await
}
