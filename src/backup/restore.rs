//! `dotcast restore`.

use std::{fs, ops::RangeInclusive, os::unix::fs::MetadataExt as _, path::Path};

use dotcast_log::{EventId, breaks};
use migration::{Migrator, MigratorTrait as _};
use sea_orm::{
    DbErr, RuntimeErr, SqliteTransactionMode, SqlxSqliteConnector, TransactionOptions,
    TransactionTrait as _,
    sqlx::{Connection as _, sqlite::SqlitePoolOptions},
};

use super::{
    Error, copy,
    files::{Partial, resolve, take_directory},
    options, source,
    target::{self, Target},
};
use crate::db::url::DatabaseUrl;

/// What was restored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Restored {
    /// The newest event.
    pub newest: EventId,
    /// Ids that were given out and are gone.
    pub lost: Option<RangeInclusive<EventId>>,
    /// Why the number of lost ids is unknown, so that more than enough are skipped.
    pub doubt: Option<String>,
}

/// Replaces the database with a backup, with a break behind its newest event, so that no id is given out twice. The
/// backup itself stays as it is.
///
/// Everything is done to a copy in the target's directory. Until the last step, a rename, the old database stays as
/// it was.
///
/// # Errors
/// If a server has the database open, another restore is under way in its directory, the file is not a complete dotcast
/// database, or it is a newer program's.
pub async fn restore(url: &DatabaseUrl, file: &Path) -> Result<Restored, Error> {
    let database = url.file().ok_or(Error::Postgres)?;
    let database = resolve(&database).map_err(Error::file(&database))?;
    // Links resolved, because a log would be beside the actual file. And SQLite takes a name that begins with `file:`
    // for something else.
    let file = &resolve(file).map_err(Error::file(file))?;
    if is_same(file, &database) {
        return Err(Error::Itself(file.clone()));
    }
    // Two that asked for the same database exclusively would hinder each other, until neither gets it.
    let _directory = take_directory(&database)
        .map_err(Error::file(&database))?
        .ok_or_else(|| Error::Restoring(database.clone()))?;
    // Early, so that nobody has to wait for a large file to be told that a server is running.
    target::refuse_if_in_use(&database)?;
    // Before anything happens to the target: SQLite recovers what it opens.
    let mut source = source::open(file).await?;
    let target = Target::hold(database.clone()).await?;
    let partial = Partial::beside(&database).map_err(Error::file(&database))?;
    copy(&mut source, partial.path())
        .await
        .map_err(Error::database(file))?;
    source.close().await.map_err(Error::database(file))?;

    let mut restored = prepare(partial.path(), &target)
        .await
        .map_err(|source| Error::Prepare {
            path: file.clone(),
            source,
        })?;
    restored.doubt.clone_from(&target.doubt);
    partial.sync().map_err(Error::file(&database))?;
    target.replace_with(partial).await?;
    Ok(restored)
}

/// Migrates the copy, and raises its counter above everything that was given out.
async fn prepare(copy: &Path, target: &Target) -> Result<Restored, DbErr> {
    // Without WAL mode, so that the file is complete when it is closed.
    let pool = SqlitePoolOptions::new()
        .max_connections(1)
        .connect_with(options(copy))
        .await
        .map_err(|error| DbErr::Conn(RuntimeErr::SqlxError(error.into())))?;
    let db = SqlxSqliteConnector::from_sqlx_sqlite_pool(pool);
    let txn = db
        .begin_with_options(TransactionOptions {
            sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
            ..TransactionOptions::default()
        })
        .await?;
    Migrator::up(&txn, None).await?;
    let known = breaks::given_out(&txn).await?;
    let certain = known.through().max(target.given_out);
    let through = match target.doubt {
        Some(_) => breaks::beyond_doubt(certain),
        None => certain,
    };
    let lost = if through > known.newest.max(known.settled) {
        Some(breaks::record_alone(&txn, None, Some(through)).await?)
    } else {
        None
    };
    txn.commit().await?;
    db.close().await?;
    Ok(Restored {
        newest: known.newest,
        lost,
        doubt: None,
    })
}

fn is_same(one: &Path, other: &Path) -> bool {
    let identity = |path| fs::metadata(path).map(|it| (it.dev(), it.ino())).ok();
    identity(one).is_some_and(|it| identity(other) == Some(it))
}
