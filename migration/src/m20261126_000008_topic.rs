//! `events.topic`, which was `board_id`: the log does not know what its events are about.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

/// SQLite cannot rename an index.
const SQLITE: &str = r"
ALTER TABLE events RENAME COLUMN {from} TO {to};
DROP INDEX events_{from};
CREATE INDEX events_{to} ON events ({to}, id);
";

/// Renaming waits for transactions that use the table, and others queue behind it, so the wait is bounded.
const POSTGRES: &str = r"
SET LOCAL lock_timeout = '4s';
ALTER TABLE events RENAME COLUMN {from} TO {to};
ALTER INDEX events_{from} RENAME TO events_{to};
";

async fn rename(manager: &SchemaManager<'_>, from: &str, to: &str) -> Result<(), DbErr> {
    let sql = match manager.get_database_backend() {
        DbBackend::Postgres => POSTGRES,
        _ => SQLITE,
    };
    let sql = sql.replace("{from}", from).replace("{to}", to);
    manager.get_connection().execute_unprepared(&sql).await?;
    Ok(())
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        rename(manager, "board_id", "topic").await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        rename(manager, "topic", "board_id").await
    }
}
