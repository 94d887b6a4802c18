//! The database: connections for reading, and transactions for writing.
//!
//! - [`url`]: where it is, checked and shown without a password
//! - `sqlite`, `postgres`: how connections to each are made, and what is refused
//! - [`driver`]: runs SeaORM's statements on a connection
//! - [`pool`]: connections that are lent, with deadlines
//! - [`condition`]: what all connections know of the database
//! - [`connection`]: what statements run on, whichever it is
//! - [`notify`]: servers on one PostgreSQL wake each other

pub mod condition;
pub mod connection;
pub mod driver;
mod log_store;
pub mod pool;
mod postgres;
mod sqlite;
pub mod url;

use std::{
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use chrono::{DateTime, SubsecRound as _, Utc};
use dotcast_log::{connection::Connection as Lent, notify::Notifier, store::Store, vital::Vital};
use migration::{Migrator, MigratorTrait};
use sea_orm::{
    ConnectionTrait, DatabaseConnection, DbBackend, DbErr, RuntimeErr, SqliteTransactionMode,
    TransactionOptions, TransactionTrait,
    sqlx::{Postgres, Sqlite},
};
use tokio::{sync::watch, time::timeout};

use self::{
    condition::{Condition, Trouble},
    connection::Connection,
    pool::{Pool, silent},
    postgres::Pools,
    sqlite::{Connections, group_commit::Turn},
    url::{DatabaseUrl, Kind},
};

/// The time, as exactly as every database keeps it: to the microsecond.
pub(crate) fn now() -> DateTime<Utc> {
    Utc::now().trunc_subsecs(6)
}

/// Whether there may be a database of ours, without making one. On PostgreSQL only its schema can tell.
pub async fn is_there(url: &DatabaseUrl) -> Result<bool, DbErr> {
    match url.kind() {
        Kind::Sqlite => sqlite::making::is_there(url).await,
        Kind::Postgres => Ok(true),
    }
}

/// How long a migration may take: as long as a table is large, but not for ever.
const MIGRATION: Duration = Duration::from_hours(6);

/// What requests read and write.
const TABLES: [&str; 10] = [
    "users",
    "sessions",
    "boards",
    "paths",
    "solutions",
    "solved_counts",
    "events",
    "trimmed_through",
    "settled_through",
    "idempotency_keys",
];

/// How the database is used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Upper bound on each wait for the database: connecting, a connection that is free, a look at the
    /// event log.
    pub database_timeout: Duration,
    /// On SQLite, how many transactions may share one fsync; 1 is one for each.
    pub group_commit: u32,
    /// On PostgreSQL, how many connections at most, half of them for writing; at least 2.
    pub pool_size: u32,
    /// On PostgreSQL, after so long the server breaks a statement off.
    pub statement_timeout: Option<Duration>,
    /// On PostgreSQL, after so long without a statement the server breaks a transaction off: one that is
    /// left open holds up the event log for everybody.
    pub idle_in_transaction_timeout: Option<Duration>,
    /// What PostgreSQL calls our sessions, unless the URL says it.
    pub application_name: String,
}

/// What statements that only read run on.
pub type Reader = Connection<Pool<Sqlite>, Pool<Postgres>>;

/// A handle to the database; clones share the connections.
#[derive(Clone, Debug)]
pub struct Db {
    url: DatabaseUrl,
    settings: Settings,
    connections: Connection<Connections, Pools>,
    reader: Reader,
    condition: Condition,
    /// Counts commits.
    commits: watch::Sender<u64>,
    refuses_writes: Arc<AtomicBool>,
}

impl Db {
    /// Connects, making a SQLite file if it is missing. What it has to run runs under `vital`.
    ///
    /// # Errors
    /// Also when the log could not be exact there: a standby of PostgreSQL, or a server that speaks
    /// its protocol and takes no advisory locks.
    pub async fn connect(
        url: &DatabaseUrl,
        settings: &Settings,
        vital: &Vital,
    ) -> Result<Self, DbErr> {
        let commits = watch::Sender::new(0);
        let condition = Condition::default();
        let connections = match url.kind() {
            Kind::Sqlite => Connection::Sqlite(
                sqlite::connect(url, settings, commits.clone(), &condition, vital).await?,
            ),
            Kind::Postgres => {
                Connection::Postgres(postgres::connect(url, settings, &condition).await?)
            }
        };
        let reader = match &connections {
            Connection::Sqlite(it) => Connection::Sqlite(it.readers.clone()),
            Connection::Postgres(it) => Connection::Postgres(it.readers.clone()),
        };
        Ok(Self {
            url: url.clone(),
            settings: settings.clone(),
            connections,
            reader,
            condition,
            commits,
            refuses_writes: Arc::default(),
        })
    }

    /// The database as the event log in it sees it.
    pub fn log_store(&self) -> Arc<dyn Store> {
        Arc::new(self.clone())
    }

    /// For reading. A write is refused on these connections, so nothing can be saved outside of a
    /// transaction by mistake.
    pub fn reader(&self) -> &Reader {
        &self.reader
    }

    /// The same connections, for statements that may take no longer than `database_timeout`.
    pub fn hurried_reader(&self) -> Reader {
        match &self.reader {
            Connection::Sqlite(it) => Connection::Sqlite(it.hurried()),
            Connection::Postgres(it) => Connection::Postgres(it.hurried()),
        }
    }

    /// A connection of its own for the one that follows the log, which no request can take away.
    pub fn follower(&self) -> Reader {
        match &self.connections {
            Connection::Sqlite(it) => Connection::Sqlite(it.follower.clone()),
            Connection::Postgres(it) => Connection::Postgres(it.follower.clone()),
        }
    }

    /// Begins a transaction for writing. Dropped without [`Transaction::commit`] it is rolled back.
    ///
    /// # Errors
    /// Also after writes were [refused](Self::refuse_writes).
    pub async fn transaction(&self) -> Result<Transaction, DbErr> {
        if self.refuses_writes.load(Ordering::Relaxed) {
            return Err(DbErr::Conn(RuntimeErr::Internal(
                "the database holds another event log than the one that was shown".to_owned(),
            )));
        }
        self.repair().await
    }

    /// From here on no transaction begins but those that [repair](Self::repair).
    pub(crate) fn refuse_writes(&self) {
        self.refuses_writes.store(true, Ordering::Relaxed);
    }

    /// Begins a transaction also when others are refused.
    pub(crate) async fn repair(&self) -> Result<Transaction, DbErr> {
        let connection = match &self.connections {
            Connection::Sqlite(it) => Connection::Sqlite(it.queue.turn().await?),
            Connection::Postgres(it) => {
                Connection::Postgres(pool::Transaction::begin(&it.writers).await?)
            }
        };
        Ok(Transaction {
            connection,
            commits: self.commits.clone(),
        })
    }

    /// Grows with each commit of this process, before anybody is told of it.
    pub(crate) fn commits(&self) -> watch::Receiver<u64> {
        self.commits.subscribe()
    }

    /// Upper bound on each wait for the database.
    pub fn deadline(&self) -> Duration {
        self.settings.database_timeout
    }

    /// Reads a row of each table.
    ///
    /// # Errors
    /// One cannot be read.
    pub async fn probe_reading(&self) -> Result<(), DbErr> {
        let reader = self.hurried_reader();
        // The table itself, where SQLite would be content with an index.
        let table = match reader.get_database_backend() {
            DbBackend::Sqlite => " NOT INDEXED",
            _ => "",
        };
        let one = |name| format!("(SELECT 1 FROM {name}{table} LIMIT 1)");
        let tables = TABLES.map(one).join(", ");
        reader
            .execute_unprepared(&format!("SELECT {tables}"))
            .await?;
        Ok(())
    }

    /// Begins a transaction for writing, and ends it without having written anything.
    ///
    /// # Errors
    /// Nothing can be written now.
    pub async fn probe_writing(&self) -> Result<(), DbErr> {
        let transaction = self.transaction().await?;
        let connection = transaction.connection();
        let sql = match connection.get_database_backend() {
            // It says itself when somebody holds the table, so that the connection need not be given up.
            DbBackend::Postgres => {
                "SET LOCAL lock_timeout TO '1s'; LOCK TABLE events IN ROW EXCLUSIVE MODE"
            }
            _ => "SELECT 1",
        };
        connection.execute_unprepared(sql).await?;
        Ok(())
    }

    /// What was wrong with the database itself a moment ago.
    pub fn trouble(&self) -> Option<Trouble> {
        self.condition.trouble()
    }

    /// The first of the open files that is not the file of its name any more. Blocks for a moment.
    pub(crate) fn strange_file(&self) -> Option<&Path> {
        match &self.connections {
            Connection::Sqlite(it) => it.files.strange(),
            Connection::Postgres(_) => None,
        }
    }

    /// What wakes the other servers on this database, and is woken by them. None on SQLite.
    pub(crate) fn notifier(&self) -> Result<Option<Notifier>, DbErr> {
        match &self.connections {
            Connection::Sqlite(_) => Ok(None),
            Connection::Postgres(it) => Ok(Some(Notifier::new(
                Lent::new(it.writers.hurried()),
                postgres::options(&self.url, &self.settings)?,
                self.deadline(),
                self.commits(),
            ))),
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
        self.with_schema(MIGRATION, async |db| migrate(db).await)
            .await
    }

    /// Which migrations the database has.
    pub async fn schema(&self) -> Result<Schema, DbErr> {
        self.with_schema(self.deadline(), async |db| {
            Ok(Schema::of(migration::applied(db).await?))
        })
        .await
    }

    /// Looks at the schema, or changes it, on a connection of SeaORM's own, for `patience` at most.
    async fn with_schema<T>(
        &self,
        patience: Duration,
        work: impl AsyncFnOnce(&DatabaseConnection) -> Result<T, DbErr>,
    ) -> Result<T, DbErr> {
        let connection = match &self.connections {
            Connection::Postgres(_) => {
                postgres::connect_for_schema(&self.url, &self.settings).await?
            }
            Connection::Sqlite(_) => sqlite::connect_for_schema(&self.url, &self.settings).await?,
        };
        let worked = timeout(patience, work(&connection)).await;
        let result = worked.map_err(|_| silent(patience))?;
        // It is dropped in any case, perhaps without a word to a server that does not answer.
        let _ = timeout(self.deadline(), connection.close()).await;
        result
    }

    /// Closes connections that nobody needs.
    pub async fn close_idle(&self) {
        if let Connection::Postgres(it) = &self.connections {
            for pool in [&it.readers, &it.writers] {
                pool.close_idle(postgres::IDLE_TIMEOUT).await;
            }
        }
    }

    /// Waits for transactions under way and closes all connections.
    pub async fn close(&self) -> Result<(), DbErr> {
        match &self.connections {
            Connection::Sqlite(it) => {
                it.readers.close().await;
                it.follower.close().await;
                it.queue.close().await
            }
            Connection::Postgres(it) => {
                for pool in [&it.readers, &it.writers, &it.follower] {
                    pool.close().await;
                }
                Ok(())
            }
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
    connection: Connection<Turn, pool::Transaction<Postgres>>,
    commits: watch::Sender<u64>,
}

impl Transaction {
    /// The connection that statements and hooks of this transaction run on.
    pub fn connection(&self) -> &impl ConnectionTrait {
        &self.connection
    }

    /// Makes everything in it durable, and wakes the poller. What was begun ends, also when the caller
    /// stops waiting.
    pub async fn commit(self) -> Result<(), DbErr> {
        let Self {
            connection,
            commits,
        } = self;
        match connection {
            Connection::Sqlite(turn) => turn.commit().await,
            Connection::Postgres(transaction) => {
                let committed = move || commits.send_modify(|count| *count += 1);
                transaction.commit(committed).await
            }
        }
    }
}
