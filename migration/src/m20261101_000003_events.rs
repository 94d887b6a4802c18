//! `events`, the durable log, and `trimmed_through`, how far retention has deleted it.
//!
//! Written as SQL because every clause carries a promise of the log: any program may insert with
//! no more than `INSERT INTO events (type, board_id, payload) VALUES (…)` and the row is complete,
//! fits on the wire, and has an id that was never used before.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

/// - `AUTOINCREMENT`: without it SQLite would hand out the ids of trimmed rows again.
/// - `STRICT`: without it SQLite would keep a word as a `board_id`, and one row that cannot be read
///   would stop every reader of the log.
/// - `type` goes on the wire as the SSE `event:` field, so it must be one plain word. `length` and
///   `GLOB` see nothing behind a NUL, hence `instr`.
/// - `created_at` must be a time that can be read back, or retention could not go past it. `IS`,
///   because a check that comes out as NULL has passed.
/// - `payload` goes on the wire as the SSE `data:` field, so it must be a JSON object.
const SQLITE: &str = r"
CREATE TABLE events (
    id         INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT CHECK (id > 0),
    uuid       BLOB    NOT NULL DEFAULT (randomblob(16)) UNIQUE CHECK (length(uuid) = 16),
    type       TEXT    NOT NULL CHECK (length(type) BETWEEN 1 AND 64 AND type NOT GLOB '*[^A-Za-z0-9_]*' AND instr(type, char(0)) = 0),
    board_id   INTEGER NOT NULL,
    payload    TEXT    NOT NULL CHECK (json_valid(payload) AND json_type(payload) = 'object'),
    created_at TEXT    NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')) CHECK (
        date(substr(created_at, 1, 10)) IS substr(created_at, 1, 10)
        AND substr(created_at, 11, 1) IN ('T', ' ')
        AND substr(created_at, 12, 2) < '24'
        AND time(substr(created_at, 12, 8)) IS substr(created_at, 12, 8)
        AND julianday(created_at) IS NOT NULL
        AND substr(created_at, 20) NOT GLOB '* *'
    )
) STRICT;
CREATE INDEX events_board_id ON events (board_id, id);
CREATE TABLE trimmed_through (
    id       INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
    event_id INTEGER NOT NULL CHECK (event_id >= 0)
);
INSERT INTO trimmed_through (id, event_id) VALUES (1, 0);
";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let sql = match manager.get_database_backend() {
            DbBackend::Sqlite => SQLITE,
            other => {
                return Err(DbErr::Migration(format!(
                    "the event log has no schema for {other:?}"
                )));
            }
        };
        manager.get_connection().execute_unprepared(sql).await?;
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .get_connection()
            .execute_unprepared("DROP TABLE trimmed_through; DROP TABLE events;")
            .await?;
        Ok(())
    }
}
