//! `idempotency_keys`.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const SQLITE: &str = r"
CREATE TABLE idempotency_keys (
    user_id     INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    key         TEXT    NOT NULL,
    fingerprint BLOB    NOT NULL,
    subject_id  INTEGER NOT NULL,
    connects    TEXT,
    cursor      INTEGER NOT NULL,
    created_at  TEXT    NOT NULL,
    PRIMARY KEY (user_id, key)
) STRICT, WITHOUT ROWID;
";

/// Every role with rights on `paths` gets the same on the new table, so that a server with less than the owner's
/// rights goes on. The reference waits for transactions that write to `users`. The wait is bounded, because writers
/// queue behind it.
const POSTGRES: &str = r"
SET LOCAL lock_timeout = '4s';
CREATE TABLE idempotency_keys (
    user_id     bigint      NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    key         varchar(255) NOT NULL,
    fingerprint bytea       NOT NULL,
    subject_id  bigint      NOT NULL,
    connects    varchar(7),
    cursor      bigint      NOT NULL,
    created_at  timestamptz NOT NULL,
    PRIMARY KEY (user_id, key)
);
DO $migration$
DECLARE
    privilege record;
BEGIN
    FOR privilege IN
        SELECT DISTINCT CASE grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(grantee)) END AS grantee,
               privilege_type AS name
        FROM pg_class, aclexplode(relacl)
        WHERE pg_class.oid = 'paths'::regclass AND grantee <> relowner
    LOOP
        EXECUTE format('GRANT %s ON idempotency_keys TO %s', privilege.name, privilege.grantee);
    END LOOP;
END;
$migration$;
";

/// For trimming, and for finding a user's oldest keys.
const INDEXES: &str = r"
CREATE INDEX idempotency_keys_created_at ON idempotency_keys (created_at);
CREATE INDEX idempotency_keys_user_id_created_at ON idempotency_keys (user_id, created_at);
";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let db = manager.get_connection();
        let table = match manager.get_database_backend() {
            DbBackend::Postgres => POSTGRES,
            _ => SQLITE,
        };
        db.execute_unprepared(table).await?;
        db.execute_unprepared(INDEXES).await?;
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let db = manager.get_connection();
        db.execute_unprepared("DROP TABLE idempotency_keys").await?;
        Ok(())
    }
}
