//! `users.disabled`: who may not log in.

use sea_orm_migration::prelude::*;

use crate::run;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

/// A server of the previous release does not know the column, and lets a disabled user log in. The newer ones refuse
/// that session.
const SQLITE: &str = "ALTER TABLE users ADD COLUMN disabled boolean NOT NULL DEFAULT FALSE";

/// It waits for transactions that use the table, and others queue behind it, so the wait is bounded. With a constant
/// as the default no row is written.
const POSTGRES: &str = r"
SET LOCAL lock_timeout = '4s';
ALTER TABLE users ADD COLUMN disabled boolean NOT NULL DEFAULT FALSE;
";

const DOWN_SQLITE: &str = "ALTER TABLE users DROP COLUMN disabled";

const DOWN_POSTGRES: &str = r"
SET LOCAL lock_timeout = '4s';
ALTER TABLE users DROP COLUMN disabled;
";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, SQLITE, POSTGRES).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, DOWN_SQLITE, DOWN_POSTGRES).await
    }
}
