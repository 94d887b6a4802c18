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

/// Whoever may delete events may use it as it may use those.
const POSTGRES: &str = r"
CREATE TABLE event_times (
    through_id bigint NOT NULL PRIMARY KEY CHECK (through_id > 0),
    newest_ms  bigint NOT NULL
);
DO $migration$
DECLARE
    privilege record;
BEGIN
    FOR privilege IN
        SELECT DISTINCT quote_ident(pg_get_userbyid(grantee)) AS grantee, privilege_type AS name
        FROM pg_class, aclexplode(relacl)
        WHERE pg_class.oid = 'events'::regclass AND grantee <> relowner AND grantee <> 0
            AND has_table_privilege(grantee, pg_class.oid, 'DELETE')
    LOOP
        EXECUTE format('GRANT %s ON event_times TO %s', privilege.name, privilege.grantee);
    END LOOP;
END;
$migration$;
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
