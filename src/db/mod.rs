//! The database: connections for reading, and transactions for writing.
//!
//! - [`url`]: where it is, checked and shown without a password
//! - `sqlite`, `postgres`: how connections to each are made, and what is refused
//! - [`connection`]: what statements run on, whichever it is
//! - [`notify`]: servers on one PostgreSQL wake each other

pub mod connection;
pub mod notify;
mod postgres;
mod sqlite;
pub mod url;

use std::time::Duration;

use chrono::{DateTime, SubsecRound as _, Utc};
use migration::{Migrator, MigratorTrait};
use sea_orm::{
    ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr,
    SqliteTransactionMode, TransactionOptions, TransactionTrait,
};
use tokio::sync::watch;

use self::{
    connection::Connection,
    notify::Notifier,
    sqlite::{
        group_commit::{Queue, Turn},
        readers::Readers,
    },
    url::{DatabaseUrl, Kind},
};

/// The time, as exactly as every database keeps it: to the microsecond.
pub(crate) fn now() -> DateTime<Utc> {
    Utc::now().trunc_subsecs(6)
}

/// Whether there may be a database of ours, without making one. On PostgreSQL only its schema can tell.
pub async fn is_there(url: &DatabaseUrl) -> Result<bool, DbErr> {
    match url.kind() {
        Kind::Sqlite => sqlite::file::is_there(url).await,
        Kind::Postgres => Ok(true),
    }
}

/// How the database is used. All but the first is for PostgreSQL.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// On SQLite, how many transactions may share one fsync; 1 is one for each.
    pub group_commit: u32,
    /// How many connections at most, half of them for writing; at least 2.
    pub pool_size: u32,
    /// After so long the server breaks a statement off.
    pub statement_timeout: Option<Duration>,
    /// After so long without a statement the server breaks a transaction off: one that is left open
    /// holds up the event log for everybody.
    pub idle_in_transaction_timeout: Option<Duration>,
    /// What the server calls our sessions, unless the URL says it.
    pub application_name: String,
}

/// What statements that only read run on.
pub type Reader = Connection<Readers, DatabaseConnection>;

#[derive(Clone, Debug)]
enum Writer {
    Sqlite(Queue),
    Postgres(DatabaseConnection),
}

/// A handle to the database; clones share the connections.
#[derive(Clone, Debug)]
pub struct Db {
    url: DatabaseUrl,
    settings: Settings,
    reader: Reader,
    writer: Writer,
    committed: watch::Sender<()>,
}

impl Db {
    /// Connects, making a SQLite file if it is missing.
    ///
    /// # Errors
    /// Also when the log could not be exact there: a standby of PostgreSQL, or a server that speaks
    /// its protocol and takes no advisory locks.
    pub async fn connect(url: &DatabaseUrl, settings: &Settings) -> Result<Self, DbErr> {
        let committed = watch::Sender::new(());
        let (reader, writer) = match url.kind() {
            Kind::Sqlite => {
                let (readers, queue) =
                    sqlite::connect(url, settings.group_commit, committed.clone()).await?;
                (Connection::Sqlite(readers), Writer::Sqlite(queue))
            }
            Kind::Postgres => {
                let (reader, writer) = postgres::connect(url, settings).await?;
                (Connection::Postgres(reader), Writer::Postgres(writer))
            }
        };
        Ok(Self {
            url: url.clone(),
            settings: settings.clone(),
            reader,
            writer,
            committed,
        })
    }

    /// For reading. A write is refused on these connections, so nothing can be saved outside of a
    /// transaction by mistake.
    pub fn reader(&self) -> &Reader {
        &self.reader
    }

    /// Begins a transaction for writing. Dropped without [`Transaction::commit`] it is rolled back.
    pub async fn transaction(&self) -> Result<Transaction, DbErr> {
        let connection = match &self.writer {
            Writer::Sqlite(queue) => Connection::Sqlite(queue.turn().await?),
            Writer::Postgres(writer) => Connection::Postgres(writer.begin().await?),
        };
        Ok(Transaction {
            connection,
            committed: self.committed.clone(),
        })
    }

    /// Changes after each commit of this process, so that the tail looks without waiting for its
    /// next poll. One change may stand for many commits.
    pub(crate) fn committed(&self) -> watch::Receiver<()> {
        self.committed.subscribe()
    }

    /// What wakes the other servers on this database, and is woken by them. None on SQLite.
    pub(crate) fn notifier(&self) -> Result<Option<Notifier>, DbErr> {
        match &self.writer {
            Writer::Sqlite(_) => Ok(None),
            Writer::Postgres(writer) => {
                let options = postgres::options(&self.url, &self.settings)?;
                Ok(Some(Notifier::new(
                    writer.clone(),
                    options,
                    self.committed(),
                )))
            }
        }
    }

    /// Applies the pending migrations, all or none; returns their names.
    ///
    /// # Errors
    /// Also when there are some, and the database has others that this program does not know.
    pub async fn migrate(&self) -> Result<Vec<String>, DbErr> {
        self.with_schema(async |db| {
            if Schema::of(migration::applied(db).await?).pending.is_empty() {
                return Ok(Vec::new());
            }
            migrate(db).await
        })
        .await
    }

    /// Which migrations the database has.
    pub async fn schema(&self) -> Result<Schema, DbErr> {
        self.with_schema(async |db| Ok(Schema::of(migration::applied(db).await?)))
            .await
    }

    /// Looks at the schema, or changes it, on a connection of SeaORM's own.
    async fn with_schema<T>(
        &self,
        work: impl AsyncFnOnce(&DatabaseConnection) -> Result<T, DbErr>,
    ) -> Result<T, DbErr> {
        match &self.writer {
            Writer::Postgres(writer) => work(writer).await,
            Writer::Sqlite(_) => {
                let connection = sqlite::connect_for_schema(&self.url).await?;
                let result = work(&connection).await;
                connection.close().await?;
                result
            }
        }
    }

    /// Waits for statements under way and closes all connections.
    pub async fn close(&self) -> Result<(), DbErr> {
        match &self.reader {
            Connection::Sqlite(readers) => readers.close().await?,
            Connection::Postgres(reader) => reader.close_by_ref().await?,
        }
        match &self.writer {
            Writer::Sqlite(queue) => queue.close().await,
            Writer::Postgres(writer) => writer.close_by_ref().await,
        }
    }
}

/// Applies the pending migrations in one transaction, so that a crash leaves no half of one behind, and
/// of several programs that start at once the others wait and then find nothing left to do.
async fn migrate(db: &DatabaseConnection) -> Result<Vec<String>, DbErr> {
    let txn = db
        .begin_with_options(TransactionOptions {
            sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
            ..TransactionOptions::default()
        })
        .await?;
    if txn.get_database_backend() == DbBackend::Postgres {
        let (class, object) = migration::MIGRATE_LOCK;
        txn.execute_unprepared(&format!(
            "SET LOCAL statement_timeout TO 0; SELECT pg_advisory_xact_lock({class}, {object})"
        ))
        .await?;
    }
    let schema = Schema::of(migration::applied(&txn).await?);
    if !schema.pending.is_empty() && !schema.unknown.is_empty() {
        return Err(DbErr::Custom(format!(
            "it lacks the migrations {}, and has {}, which this program does not know; \
             use the program that belongs to the database",
            schema.pending.join(", "),
            schema.unknown.join(", ")
        )));
    }
    if !schema.pending.is_empty() {
        Migrator::up(&txn, None).await?;
    }
    txn.commit().await?;
    Ok(schema.pending)
}

/// The migrations of a database, by name and in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Schema {
    /// What it has and this program knows.
    pub applied: Vec<String>,
    /// What it lacks.
    pub pending: Vec<String>,
    /// What it has and this program does not know: a newer one has migrated it. Migrations are made so
    /// that the program before them can go on.
    pub unknown: Vec<String>,
}

impl Schema {
    fn of(has: Vec<String>) -> Self {
        let migrations = Migrator::migrations();
        let known: Vec<_> = migrations.iter().map(|it| it.name().to_owned()).collect();
        let pending = known.iter().filter(|&it| !has.contains(it)).cloned();
        let pending = pending.collect();
        let (applied, unknown) = has.into_iter().partition(|it| known.contains(it));
        Self {
            applied,
            pending,
            unknown,
        }
    }
}

/// A transaction under way.
#[derive(Debug)]
#[must_use = "a transaction that is not committed is rolled back"]
pub struct Transaction {
    connection: Connection<Turn, DatabaseTransaction>,
    committed: watch::Sender<()>,
}

impl Transaction {
    /// The connection that statements and hooks of this transaction run on.
    pub fn connection(&self) -> &impl ConnectionTrait {
        &self.connection
    }

    /// Makes everything in it durable, and wakes the tail.
    pub async fn commit(self) -> Result<(), DbErr> {
        match self.connection {
            Connection::Sqlite(turn) => turn.commit().await,
            Connection::Postgres(transaction) => {
                transaction.commit().await?;
                self.committed.send_replace(());
                Ok(())
            }
        }
    }
}
