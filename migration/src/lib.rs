//! dotcast's schema, one migration per room of the database.
//!
//! Migrations import no entity: an entity follows the newest schema, a migration must stay what it
//! was on the day that it was released.

pub use sea_orm_migration::prelude::MigratorTrait;
use sea_orm_migration::prelude::{MigrationTrait, async_trait};

mod m20261101_000001_accounts;
mod m20261101_000002_boards;
mod m20261101_000003_events;

pub use m20261101_000003_events::EVENTS_LOCK;

/// The advisory lock of PostgreSQL that whoever migrates holds until it has committed.
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
        ]
    }
}
