//! The database: connections for reading, and transactions for writing.
//!
//! - [`url`]: where it is, checked and shown without a password; [`settings`]: how it is used
//! - `sqlite`, `postgres`: how connections to each are made, and what is refused
//! - [`driver`]: runs SeaORM's statements on a connection
//! - [`pool`]: connections that are lent, with deadlines
//! - [`condition`]: what all connections know of the database
//! - [`backend`]: what statements run on, whichever database it is; [`transaction`]: for writing
//! - [`schema`]: the migrations
//! - [`statistics`]: what is counted
//! - `probes`: whether requests can be served
//! - `log_store`: the event log's view of it

pub mod backend;
pub mod condition;
pub mod driver;
mod log_store;
pub mod pool;
mod postgres;
mod probes;
pub mod schema;
pub mod settings;
mod sqlite;
pub mod statistics;
pub mod transaction;
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
use dotcast_log::{connection::Connection, notify::Notifier, store::Store, vital::Vital};
use sea_orm::{
    DatabaseConnection, DbErr, RuntimeErr,
    sqlx::{Postgres, Sqlite},
};
use tokio::{sync::watch, time::timeout};
use tracing::Instrument as _;

use self::{
    backend::Backend,
    condition::{Condition, Trouble},
    driver::silent,
    pool::{Pool, lease},
    postgres::Pools,
    sqlite::Handles,
    statistics::{Role, Statistics, Use},
    url::{DatabaseUrl, Kind},
};
pub use self::{schema::Schema, settings::Settings, transaction::Transaction};

/// The current time, as precisely as every database keeps it: to the microsecond.
pub(crate) fn now() -> DateTime<Utc> {
    Utc::now().trunc_subsecs(6)
}

/// Whether there may be a database of ours; creates none. On PostgreSQL only its schema can tell.
pub async fn is_there(url: &DatabaseUrl) -> Result<bool, DbErr> {
    match url.kind() {
        Kind::Sqlite => sqlite::making::is_there(url).await,
        Kind::Postgres => Ok(true),
    }
}

/// How long a migration may take: time enough for a large table, but not for ever.
const MIGRATION: Duration = Duration::from_hours(6);

/// What became of the remains of deleted and replaced rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purged {
    /// They are gone.
    All,
    /// They are the database's own matter.
    Not,
}

/// What statements that only read run on.
pub type Reader = Backend<Pool<Sqlite>, Pool<Postgres>>;

/// A handle to the database; clones share the connections.
#[derive(Clone, Debug)]
pub struct Db {
    url: DatabaseUrl,
    settings: Settings,
    handles: Backend<Handles, Pools>,
    reader: Reader,
    condition: Condition,
    statistics: Statistics,
    /// Counts commits.
    commits: watch::Sender<u64>,
    refuses_writes: Arc<AtomicBool>,
}

impl Db {
    /// Connects, creating a SQLite file if it is missing. Its tasks run under `vital`.
    ///
    /// # Errors
    /// Also if the log could not be exact there: on a standby of PostgreSQL, or on a server that speaks its protocol
    /// but whose advisory locks do not work.
    pub async fn connect(
        url: &DatabaseUrl,
        settings: &Settings,
        vital: &Vital,
    ) -> Result<Self, DbErr> {
        let commits = watch::Sender::new(0);
        let condition = Condition::default();
        let statistics = Statistics::default();
        let handles = match url.kind() {
            Kind::Sqlite => Backend::Sqlite(
                sqlite::connect(
                    url,
                    settings,
                    commits.clone(),
                    &condition,
                    &statistics,
                    vital,
                )
                .await?,
            ),
            Kind::Postgres => {
                Backend::Postgres(postgres::connect(url, settings, &condition, &statistics).await?)
            }
        };
        let reader = match &handles {
            Backend::Sqlite(it) => Backend::Sqlite(it.readers.clone()),
            Backend::Postgres(it) => Backend::Postgres(it.readers.clone()),
        };
        Ok(Self {
            url: url.clone(),
            settings: settings.clone(),
            handles,
            reader,
            condition,
            statistics,
            commits,
            refuses_writes: Arc::default(),
        })
    }

    /// The database as the event log in it sees it.
    pub fn log_store(&self) -> Arc<dyn Store> {
        Arc::new(self.clone())
    }

    /// For reading. These connections refuse writes, so nothing can be saved outside of a transaction by mistake.
    pub fn reader(&self) -> &Reader {
        &self.reader
    }

    /// The same connections, for statements that may take no longer than `database_timeout`.
    pub fn hurried_reader(&self) -> Reader {
        match &self.reader {
            Backend::Sqlite(it) => Backend::Sqlite(it.hurried()),
            Backend::Postgres(it) => Backend::Postgres(it.hurried()),
        }
    }

    /// A connection of its own for the reader that follows the log, which no request can take away.
    pub fn follower(&self) -> Reader {
        match &self.handles {
            Backend::Sqlite(it) => Backend::Sqlite(it.follower.clone()),
            Backend::Postgres(it) => Backend::Postgres(it.follower.clone()),
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
        let waiting = tracing::trace_span!("wait for a turn to write");
        self.repair().instrument(waiting).await
    }

    /// From here on no transaction begins except those that [repair](Self::repair).
    pub(crate) fn refuse_writes(&self) {
        self.refuses_writes.store(true, Ordering::Relaxed);
    }

    /// Begins a transaction even if others are refused.
    pub(crate) async fn repair(&self) -> Result<Transaction, DbErr> {
        let connection = match &self.handles {
            Backend::Sqlite(it) => Backend::Sqlite(it.queue.turn().await?),
            Backend::Postgres(it) => {
                let lease = it.writers.lease().await?;
                Backend::Postgres(lease::Transaction::begin(lease))
            }
        };
        Ok(Transaction {
            connection,
            commits: self.commits.clone(),
        })
    }

    /// Grows with each commit of this process, before its caller learns of it.
    pub(crate) fn commits(&self) -> watch::Receiver<u64> {
        self.commits.subscribe()
    }

    /// What is counted.
    pub fn statistics(&self) -> &Statistics {
        &self.statistics
    }

    /// How the connections of each pool are used now. On SQLite the connection that writes is in none.
    pub fn uses(&self) -> Vec<Use> {
        match &self.handles {
            Backend::Sqlite(it) => vec![
                it.readers.in_use(Role::Reader),
                it.follower.in_use(Role::Follower),
            ],
            Backend::Postgres(it) => vec![
                it.readers.in_use(Role::Reader),
                it.writers.in_use(Role::Writer),
                it.follower.in_use(Role::Follower),
            ],
        }
    }

    /// Upper bound on each wait for the database.
    pub fn deadline(&self) -> Duration {
        self.settings.database_timeout
    }

    /// What was wrong with the database itself a moment ago.
    pub fn trouble(&self) -> Option<Trouble> {
        self.condition.trouble()
    }

    /// The first open file that is no longer the one that its path names. Blocks for a moment.
    pub(crate) fn strange_file(&self) -> Option<&Path> {
        match &self.handles {
            Backend::Sqlite(it) => it.files.strange(),
            Backend::Postgres(_) => None,
        }
    }

    /// Wakes the other servers on this database, and is woken by them. None on SQLite.
    pub(crate) fn notifier(&self) -> Result<Option<Notifier>, DbErr> {
        match &self.handles {
            Backend::Sqlite(_) => Ok(None),
            Backend::Postgres(it) => Ok(Some(Notifier::new(
                Connection::new(Reader::Postgres(it.writers.hurried())),
                postgres::options(&self.url, &self.settings)?,
                self.deadline(),
                self.commits(),
            ))),
        }
    }

    /// Applies the pending migrations, all or none; returns their names.
    ///
    /// # Errors
    /// Also if there are pending ones and the database has others that this program does not know.
    pub async fn migrate(&self) -> Result<Vec<String>, DbErr> {
        if self.schema().await?.pending.is_empty() {
            return Ok(Vec::new());
        }
        self.with_schema(MIGRATION, async |db| schema::migrate(db).await)
            .await
    }

    /// Which migrations the database has.
    pub async fn schema(&self) -> Result<Schema, DbErr> {
        self.with_schema(self.deadline(), async |db| {
            Ok(Schema::of(migration::applied(db).await?))
        })
        .await
    }

    /// Reads or changes the schema on a connection of SeaORM's own, for at most `patience`.
    async fn with_schema<T>(
        &self,
        patience: Duration,
        work: impl AsyncFnOnce(&DatabaseConnection) -> Result<T, DbErr>,
    ) -> Result<T, DbErr> {
        let connection = match &self.handles {
            Backend::Postgres(_) => postgres::connect_for_schema(&self.url, &self.settings).await?,
            Backend::Sqlite(_) => sqlite::connect_for_schema(&self.url, &self.settings).await?,
        };
        let worked = timeout(patience, work(&connection)).await;
        let result = worked.map_err(|_| silent(patience))?;
        // It is dropped in any case, perhaps without a goodbye to a server that does not answer.
        let _ = timeout(self.deadline(), connection.close()).await;
        result
    }

    /// Closes connections that have been idle for long.
    pub async fn close_idle(&self) {
        if let Backend::Postgres(it) = &self.handles {
            for pool in [&it.readers, &it.writers] {
                pool.close_idle(postgres::IDLE_TIMEOUT).await;
            }
        }
    }

    /// Rewrites SQLite's files, so that no byte is left in them of what was deleted or replaced. Others may go on using
    /// them; they wait before they write. It needs room for a second copy.
    ///
    /// # Errors
    /// Also if other programs do not let go of the files in time. Then nothing is lost, and some bytes may be left.
    pub async fn purge(&self) -> Result<Purged, DbErr> {
        match &self.handles {
            Backend::Sqlite(_) => {
                sqlite::purge::purge(&self.url, &self.settings).await?;
                Ok(Purged::All)
            }
            Backend::Postgres(_) => Ok(Purged::Not),
        }
    }

    /// Keeps SQLite's log beside the file small while much is changed; see [`Store::tidy`].
    pub(crate) async fn tidy(&self) -> Result<bool, DbErr> {
        match &self.handles {
            Backend::Sqlite(_) => sqlite::checkpoint::tidy(&self.url, &self.settings).await,
            Backend::Postgres(_) => Ok(true),
        }
    }

    /// Waits for transactions under way and closes all connections.
    pub async fn close(&self) -> Result<(), DbErr> {
        match &self.handles {
            Backend::Sqlite(it) => {
                it.readers.close().await;
                it.follower.close().await;
                it.queue.close().await
            }
            Backend::Postgres(it) => {
                for pool in [&it.readers, &it.writers, &it.follower] {
                    pool.close().await;
                }
                Ok(())
            }
        }
    }
}
