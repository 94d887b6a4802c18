//! An index of `events` by type, for readers that want few of them.

use sea_orm_migration::prelude::*;

use crate::run;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const SQLITE: &str = "CREATE INDEX events_type ON events (type, id)";

/// Building it waits for transactions that write to the table, for a few seconds at most, and keeps others from writing
/// until the migration has ended. Readers go on.
const POSTGRES: &str = r"
SET LOCAL lock_timeout = '4s';
CREATE INDEX events_type ON events (type, id);
";

const DOWN_SQLITE: &str = "DROP INDEX events_type";

const DOWN_POSTGRES: &str = r"
SET LOCAL lock_timeout = '4s';
DROP INDEX events_type;
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
