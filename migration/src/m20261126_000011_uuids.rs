//! The default of `events.uuid`, which was random: UUIDs of version 7 (RFC 9562), in the order of time.
//!
//! The index of random ones is written all over. Each insert changes a page of it of its own, and so does each deletion
//! by retention.

use std::ops::RangeInclusive;

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::{DbBackend, Statement};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

/// The default as it was on SQLite.
const RANDOM: &str = "randomblob(16)";

/// Before version 3.41 SQLite has no function that makes a byte of a number, so bytes are cut out of literals. In a
/// database of another encoding than UTF-8 they cannot be joined; there the UUID is random.
fn ordered() -> String {
    let bytes = |all: RangeInclusive<u8>| -> String {
        let digits = all.flat_map(|it| [it >> 4, it & 15]);
        digits
            .filter_map(|it| char::from_digit(it.into(), 16))
            .collect()
    };
    let millis = "CAST(round((julianday('now') - 2440587.5) * 86400000) AS INTEGER)";
    let time = [40, 32, 24, 16, 8, 0].map(|shift| {
        format!(
            "substr(x'{}', 1 + ({millis} >> {shift} & 255), 1)",
            bytes(0..=255)
        )
    });
    format!(
        "CASE length(CAST('a' AS BLOB)) WHEN 1 THEN CAST({} \
         || substr(x'{}', 1 + (random() & 15), 1) || randomblob(1) \
         || substr(x'{}', 1 + (random() & 63), 1) || randomblob(7) AS BLOB) ELSE randomblob(16) END",
        time.join(" ||\n"),
        bytes(0x70..=0x7f),
        bytes(0x80..=0xbf),
    )
}

/// Replaces the default on SQLite, which has no statement for that. Rewriting the table would take long, so the text of
/// its definition is changed as SQLite's documentation of `ALTER TABLE` describes for a change of defaults ("Making Other
/// Kinds Of Table Schema Changes"): what is stored stays as it is, and other connections read the definition anew because
/// its version has changed.
async fn replace(manager: &SchemaManager<'_>, from: &str, to: &str) -> Result<(), DbErr> {
    let db = manager.get_connection();
    let version = Statement::from_string(DbBackend::Sqlite, "PRAGMA schema_version");
    let row = db.query_one_raw(version).await?;
    let row = row.ok_or_else(|| DbErr::RecordNotFound("schema_version".to_owned()))?;
    let version: i32 = row.try_get_by_index(0)?;
    let [from, to] = [from, to].map(|it| format!("DEFAULT ({})", it.replace('\'', "''")));
    db.execute_unprepared(&format!(
        "PRAGMA writable_schema = ON;
         UPDATE sqlite_schema SET sql = replace(sql, '{from}', '{to}') WHERE type = 'table' AND name = 'events';
         PRAGMA schema_version = {};
         PRAGMA writable_schema = RESET;
         SELECT uuid FROM events LIMIT 0;",
        version.wrapping_add(1)
    ))
    .await?;
    Ok(())
}

/// Sets the two bits in which version 7 differs from version 4. The lock is held for a moment, and waited for for a few
/// seconds at most, because writers queue behind it.
const POSTGRES: &str = r"
SET LOCAL lock_timeout = '4s';
ALTER TABLE events ALTER COLUMN uuid SET DEFAULT
    encode(set_bit(set_bit(overlay(uuid_send(gen_random_uuid()) PLACING
        substring(int8send(floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint) FROM 3) FROM 1 FOR 6), 52, 1), 53, 1),
        'hex')::uuid;
";

const POSTGRES_DOWN: &str = r"
SET LOCAL lock_timeout = '4s';
ALTER TABLE events ALTER COLUMN uuid SET DEFAULT gen_random_uuid();
";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        if manager.get_database_backend() == DbBackend::Sqlite {
            return replace(manager, RANDOM, &ordered()).await;
        }
        let db = manager.get_connection();
        db.execute_unprepared(POSTGRES).await.map(|_| ())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        if manager.get_database_backend() == DbBackend::Sqlite {
            return replace(manager, &ordered(), RANDOM).await;
        }
        let db = manager.get_connection();
        db.execute_unprepared(POSTGRES_DOWN).await.map(|_| ())
    }
}
