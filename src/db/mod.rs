//! The database: connections for reading, and transactions for writing.
//!
//! - [`url`]: where it is, checked and shown without a password
//! - `sqlite`, `postgres`: how connections to each are made, and what is refused
//! - `group_commit`: transactions on SQLite that wait for the same commit share its fsync
//! - [`notify`]: servers on one PostgreSQL wake each other

mod group_commit;
pub mod notify;
mod postgres;
mod sqlite;
pub mod url;

use std::time::Duration;

use chrono::{DateTime, SubsecRound as _, Utc};
use migration::{Migrator, MigratorTrait};
use sea_orm::{
    ConnectionTrait as _, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr,
    SqliteTransactionMode, TransactionOptions, TransactionTrait,
};
use tokio::sync::watch;

use self::{
    group_commit::{Queue, Turn},
    notify::Notifier,
    url::{DatabaseUrl, Kind},
};

/// The time, as exactly as every database keeps it: to the microsecond.
pub(crate) fn now() -> DateTime<Utc> {
    Utc::now().trunc_subsecs(6)
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

/// A handle to the database; clones share the connections.
#[derive(Clone, Debug)]
pub struct Db {
    url: DatabaseUrl,
    settings: Settings,
    reader: DatabaseConnection,
    writer: DatabaseConnection,
    /// The way to the writer where commits are shared.
    queue: Option<Queue>,
    committed: watch::Sender<()>,
}

impl Db {
    /// Connects, making a SQLite file if it is missing.
    ///
    /// # Errors
    /// Also when the log could not be exact there: a standby of PostgreSQL, or a server that speaks
    /// its protocol and takes no advisory locks.
    pub async fn connect(url: &DatabaseUrl, settings: &Settings) -> Result<Self, DbErr> {
        let (reader, writer) = match url.kind() {
            Kind::Sqlite => sqlite::connect(url).await?,
            Kind::Postgres => postgres::connect(url, settings).await?,
        };
        let committed = watch::Sender::new(());
        let shares = url.kind() == Kind::Sqlite && settings.group_commit > 1;
        let queue =
            shares.then(|| Queue::open(writer.clone(), settings.group_commit, committed.clone()));
        Ok(Self {
            url: url.clone(),
            settings: settings.clone(),
            reader,
            writer,
            queue,
            committed,
        })
    }

    /// For reading. A write is refused on these connections, so nothing can be saved outside of a
    /// transaction by mistake.
    pub fn reader(&self) -> &DatabaseConnection {
        &self.reader
    }

    /// Begins a transaction for writing. Dropped without [`Transaction::commit`] it is rolled back.
    pub async fn transaction(&self) -> Result<Transaction, DbErr> {
        let inner = match &self.queue {
            Some(queue) => Inner::Turn(queue.turn().await?),
            None => Inner::Own(begin(&self.writer).await?, self.committed.clone()),
        };
        Ok(Transaction { inner })
    }

    /// Changes after each commit of this process, so that the tail looks without waiting for its
    /// next poll. One change may stand for many commits.
    pub(crate) fn committed(&self) -> watch::Receiver<()> {
        self.committed.subscribe()
    }

    /// What wakes the other servers on this database, and is woken by them. None on SQLite.
    pub(crate) fn notifier(&self) -> Result<Option<Notifier>, DbErr> {
        match self.url.kind() {
            Kind::Sqlite => Ok(None),
            Kind::Postgres => {
                let options = postgres::options(&self.url, &self.settings)?;
                Ok(Some(Notifier::new(
                    self.writer.clone(),
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
        if self.schema().await?.pending.is_empty() {
            return Ok(Vec::new());
        }
        // In one transaction, so that a crash leaves no half of a migration behind, and of several
        // programs that start at once the others wait and then find nothing left to do.
        let txn = self.transaction().await?;
        if txn.connection().get_database_backend() == DbBackend::Postgres {
            let (class, object) = migration::MIGRATE_LOCK;
            txn.connection()
                .execute_unprepared(&format!(
                    "SET LOCAL statement_timeout TO 0; SELECT pg_advisory_xact_lock({class}, {object})"
                ))
                .await?;
        }
        let schema = Schema::of(migration::applied(txn.connection()).await?);
        if !schema.pending.is_empty() && !schema.unknown.is_empty() {
            return Err(DbErr::Custom(format!(
                "it lacks the migrations {}, and has {}, which this program does not know; \
                 use the program that belongs to the database",
                schema.pending.join(", "),
                schema.unknown.join(", ")
            )));
        }
        if !schema.pending.is_empty() {
            Migrator::up(txn.connection(), None).await?;
        }
        txn.commit().await?;
        Ok(schema.pending)
    }

    /// Which migrations the database has.
    pub async fn schema(&self) -> Result<Schema, DbErr> {
        Ok(Schema::of(migration::applied(&self.reader).await?))
    }

    /// Waits for statements under way and closes all connections.
    pub async fn close(&self) -> Result<(), DbErr> {
        self.reader.close_by_ref().await?;
        self.writer.close_by_ref().await
    }
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
    inner: Inner,
}

#[derive(Debug)]
enum Inner {
    /// With a commit of its own.
    Own(DatabaseTransaction, watch::Sender<()>),
    /// One of a group.
    Turn(Turn),
}

impl Transaction {
    /// The connection that statements and hooks of this transaction run on.
    pub fn connection(&self) -> &DatabaseTransaction {
        match &self.inner {
            Inner::Own(transaction, _) => transaction,
            Inner::Turn(turn) => turn.connection(),
        }
    }

    /// Makes everything in it durable, and wakes the tail.
    pub async fn commit(self) -> Result<(), DbErr> {
        match self.inner {
            Inner::Own(transaction, committed) => {
                transaction.commit().await?;
                committed.send_replace(());
                Ok(())
            }
            Inner::Turn(turn) => turn.commit().await,
        }
    }
}

/// Begins a transaction of the database's own.
///
/// On SQLite it takes the write lock at once (`BEGIN IMMEDIATE`): one that first reads and then
/// writes could otherwise fail in the middle, because another writer came in between.
async fn begin(writer: &DatabaseConnection) -> Result<DatabaseTransaction, DbErr> {
    writer
        .begin_with_options(TransactionOptions {
            sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
            ..TransactionOptions::default()
        })
        .await
}
