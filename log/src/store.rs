//! What the log needs from the database that it lives in.

use std::{fmt::Debug, future::pending, path::PathBuf};

use async_trait::async_trait;
use sea_orm::{
    DatabaseConnection, DatabaseTransaction, DbErr, SqliteTransactionMode, TransactionOptions,
    TransactionTrait as _,
};
use tokio::sync::watch;

use crate::connection::{Connection, Reader};

/// A database with a log in it. [`PoolStore`] is one for any SeaORM pool; a program with connections of its own
/// implements its own.
#[async_trait]
pub trait Store: Debug + Send + Sync {
    /// A connection for reading. A statement that takes too long must fail, because streams wait for it.
    fn reader(&self) -> Reader;

    /// Begins a transaction for writing. If it is dropped without a [commit](Transaction::commit), it is rolled back.
    async fn begin(&self) -> Result<Box<dyn Transaction>, DbErr>;

    /// Grows with each commit of this process, before anybody is told of the commit. Followers then look at the log;
    /// otherwise they look once per poll interval.
    fn commits(&self) -> watch::Receiver<u64>;

    /// A connection for the one reader that follows the log; other readers must not keep it waiting.
    fn follower(&self) -> Reader {
        self.reader()
    }

    /// Makes [`begin`](Self::begin) fail from here on: the database holds another log than the one that was shown, and
    /// anything written to it may be lost.
    fn refuse_writes(&self) {}

    /// Begins a transaction even if others are [refused](Self::refuse_writes).
    async fn repair(&self) -> Result<Box<dyn Transaction>, DbErr> {
        self.begin().await
    }

    /// Completes when the table has refused an event, which may mean that it holds another log.
    async fn refused(&self) {
        pending::<()>().await;
    }

    /// Moves what the database keeps beside its file into it, if that has become much. Whoever changes much calls it
    /// again and again. False if a reader of an earlier state keeps it from shrinking; better change little then.
    async fn tidy(&self) -> Result<bool, DbErr> {
        Ok(true)
    }

    /// The first open file of the database that is no longer the one that its path names. May block for a moment.
    fn strange_file(&self) -> Option<PathBuf> {
        None
    }
}

/// A transaction of a [`Store`].
#[async_trait]
pub trait Transaction: Debug + Send + Sync {
    /// What its statements run on.
    fn connection(&self) -> Connection<'_>;

    /// Commits: makes everything in it durable, and [announces it](Store::commits).
    async fn commit(self: Box<Self>) -> Result<(), DbErr>;
}

/// A log in a database that a SeaORM pool connects to.
#[derive(Clone, Debug)]
pub struct PoolStore {
    pool: DatabaseConnection,
    commits: watch::Sender<u64>,
}

impl PoolStore {
    /// The log in this database, created by [`schema::create`](crate::schema::create) or the owner's migrations.
    pub fn new(pool: DatabaseConnection) -> Self {
        let commits = watch::Sender::new(0);
        Self { pool, commits }
    }

    /// Announces an event that was committed in a transaction that this store did not begin. Without the call nothing
    /// is lost; the event is shown at the next poll.
    pub fn committed(&self) {
        self.commits.send_modify(|count| *count += 1);
    }
}

#[async_trait]
impl Store for PoolStore {
    fn reader(&self) -> Reader {
        Connection::new(self.pool.clone())
    }

    async fn begin(&self) -> Result<Box<dyn Transaction>, DbErr> {
        // A transaction that reads before it writes could not become a writer later.
        let options = TransactionOptions {
            sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
            ..TransactionOptions::default()
        };
        let transaction = self.pool.begin_with_options(options).await?;
        Ok(Box::new(PoolTransaction {
            transaction,
            store: self.clone(),
        }))
    }

    fn commits(&self) -> watch::Receiver<u64> {
        self.commits.subscribe()
    }
}

#[derive(Debug)]
struct PoolTransaction {
    transaction: DatabaseTransaction,
    store: PoolStore,
}

#[async_trait]
impl Transaction for PoolTransaction {
    fn connection(&self) -> Connection<'_> {
        Connection::lent(&self.transaction)
    }

    async fn commit(self: Box<Self>) -> Result<(), DbErr> {
        self.transaction.commit().await?;
        self.store.committed();
        Ok(())
    }
}
