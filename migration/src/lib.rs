//! dotcast's schema, one migration per room of the database.
//!
//! Migrations import no entity: an entity follows the newest schema, a migration must stay what it was on the day of
//! its release.

pub use sea_orm_migration::prelude::MigratorTrait;
use sea_orm_migration::{
    prelude::{DbErr, IntoSchemaManagerConnection, MigrationTrait, SchemaManager, async_trait},
    sea_orm::{ConnectionTrait as _, DbBackend, Statement},
};

mod m20261101_000001_accounts;
mod m20261101_000002_boards;
mod m20261101_000003_events;
mod m20261125_000004_log_identity;
mod m20261125_000005_idempotency;
mod m20261126_000006_solutions;
mod m20261126_000007_solved_counts;
mod m20261126_000008_topic;
mod m20261126_000009_disabled_users;
mod m20261126_000010_rewrites;
mod m20261126_000011_uuids;
mod m20261126_000012_event_types;
mod m20261127_000013_consumers;
mod m20261127_000014_event_times;
mod m20261127_000015_counts_of_solved;

/// The advisory lock of PostgreSQL that a migrating program holds until it has committed.
pub const MIGRATE_LOCK: (i32, i32) = (0x646f_7463, 2);

/// Applies and reverts the migrations in order.
#[derive(Debug)]
pub struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m20261101_000001_accounts::Migration),
            Box::new(m20261101_000002_boards::Migration),
            Box::new(m20261101_000003_events::Migration),
            Box::new(m20261125_000004_log_identity::Migration),
            Box::new(m20261125_000005_idempotency::Migration),
            Box::new(m20261126_000006_solutions::Migration),
            Box::new(m20261126_000007_solved_counts::Migration),
            Box::new(m20261126_000008_topic::Migration),
            Box::new(m20261126_000009_disabled_users::Migration),
            Box::new(m20261126_000010_rewrites::Migration),
            Box::new(m20261126_000011_uuids::Migration),
            Box::new(m20261126_000012_event_types::Migration),
            Box::new(m20261127_000013_consumers::Migration),
            Box::new(m20261127_000014_event_times::Migration),
            Box::new(m20261127_000015_counts_of_solved::Migration),
        ]
    }
}

/// Runs the SQL for this database.
async fn run(manager: &SchemaManager<'_>, sqlite: &str, postgres: &str) -> Result<(), DbErr> {
    let sql = match manager.get_database_backend() {
        DbBackend::Postgres => postgres,
        _ => sqlite,
    };
    manager.get_connection().execute_unprepared(sql).await?;
    Ok(())
}

/// The names of the migrations that the database has, in order, including those that only a newer program knows.
/// Changes nothing.
pub async fn applied<'c, C>(db: C) -> Result<Vec<String>, DbErr>
where
    C: IntoSchemaManagerConnection<'c>,
{
    const TABLE: &str = "seaql_migrations";
    let manager = SchemaManager::new(db);
    if !manager.has_table(TABLE).await? {
        return Ok(Vec::new());
    }
    let sql = format!("SELECT version FROM {TABLE} ORDER BY version");
    let statement = Statement::from_string(manager.get_database_backend(), sql);
    let rows = manager.get_connection().query_all_raw(statement).await?;
    rows.iter().map(|row| row.try_get_by_index(0)).collect()
}
