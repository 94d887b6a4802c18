//! The schema: which migrations a database has, and how it gets the missing ones.

use migration::{Migrator, MigratorTrait};
use sea_orm::{
    ConnectionTrait, DatabaseConnection, DbBackend, DbErr, SqliteTransactionMode,
    TransactionOptions, TransactionTrait,
};

/// Applies the pending migrations in one transaction, so that a crash leaves none of them half done. If several
/// programs start at once, the others wait and then find nothing left to do.
pub(super) async fn migrate(db: &DatabaseConnection) -> Result<Vec<String>, DbErr> {
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
    /// Migrations that it has and this program knows.
    pub applied: Vec<String>,
    /// Migrations that it lacks.
    pub pending: Vec<String>,
    /// Migrations that it has and this program does not know, because a newer program has migrated it. Migrations are
    /// written so that the previous program still works.
    pub unknown: Vec<String>,
}

impl Schema {
    pub(super) fn of(has: Vec<String>) -> Self {
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
