//! When events were appended, coarsely, for readers that begin at a time. Servers fill it.

use sea_orm_migration::prelude::*;

use crate::run;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const SQLITE: &str = r"
CREATE TABLE event_times (
    through_id INTEGER NOT NULL PRIMARY KEY CHECK (through_id > 0),
    newest_ms  INTEGER NOT NULL
) STRICT;
";

const POSTGRES: &str = r"
CREATE TABLE event_times (
    through_id bigint NOT NULL PRIMARY KEY CHECK (through_id > 0),
    newest_ms  bigint NOT NULL
);
";

const DOWN: &str = "DROP TABLE event_times";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, SQLITE, POSTGRES).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, DOWN, DOWN).await
    }
}
