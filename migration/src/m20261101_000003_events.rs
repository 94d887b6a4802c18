//! `events`, the durable log, and `trimmed_through`, how far retention has deleted it.
//!
//! Written as SQL because every clause carries a promise of the log: any program may insert with
//! no more than `INSERT INTO events (type, board_id, payload) VALUES (…)` and the row is complete,
//! fits on the wire, and has an id that was never used before.

use dotcast_log::schema::EVENTS_LOCK;
use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

/// - `AUTOINCREMENT`: without it SQLite would hand out the ids of trimmed rows again.
/// - `STRICT`: without it SQLite would store a word as a `board_id`, and one row that cannot be read would stop every
///   reader of the log.
/// - `type` goes on the wire as the SSE `event:` field, so it must be one plain word. `length` and
///   `GLOB` see nothing behind a NUL, hence `instr`.
/// - `created_at` must be a time that can be read back, or retention could not go past it. `IS`, because a check that
///   yields NULL passes.
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

/// As on SQLite, and:
///
/// - `id` has no default. The trigger takes the lock and *then* the id, so every insert, by whatever program, keeps
///   to the order that readers count on. Shared locks do not block each other.
/// - `CACHE 1`: an id taken in advance would be one taken before the lock.
/// - No `NOTIFY` in the trigger: it would queue all committing writers.
/// - Functions and the sequence are named with their schema, so that the writer's `search_path` cannot
///   change what they mean.
/// - `COLLATE "C"`: in other collations `A-Z` may contain more letters.
/// - The bounds of `created_at` exclude `infinity`, which cannot be read back as a time.
const POSTGRES: &str = r#"
CREATE TABLE events (
    id         bigint      NOT NULL PRIMARY KEY CHECK (id > 0),
    uuid       uuid        NOT NULL DEFAULT gen_random_uuid() UNIQUE,
    type       text        NOT NULL CHECK (type COLLATE "C" ~ '^[A-Za-z0-9_]{1,64}$'),
    board_id   bigint      NOT NULL,
    payload    jsonb       NOT NULL CHECK (jsonb_typeof(payload) = 'object'),
    created_at timestamptz NOT NULL DEFAULT clock_timestamp() CHECK (
        created_at >= '0001-01-01 00:00:00+00' AND created_at < '10000-01-01 00:00:00+00'
    )
);
CREATE INDEX events_board_id ON events (board_id, id);
CREATE SEQUENCE events_id AS bigint CACHE 1 OWNED BY events.id;
DO $migration$
BEGIN
    EXECUTE format($create$
        CREATE FUNCTION events_take_id() RETURNS trigger LANGUAGE plpgsql AS $function$
        BEGIN
            PERFORM pg_catalog.pg_advisory_xact_lock_shared({class}, {object});
            NEW.id := pg_catalog.nextval(%L);
            RETURN NEW;
        END
        $function$
    $create$, format('%I.events_id', current_schema()));
END
$migration$;
CREATE TRIGGER events_take_id BEFORE INSERT ON events
    FOR EACH ROW EXECUTE FUNCTION events_take_id();
CREATE TABLE trimmed_through (
    id       bigint NOT NULL PRIMARY KEY CHECK (id = 1),
    event_id bigint NOT NULL CHECK (event_id >= 0)
);
INSERT INTO trimmed_through (id, event_id) VALUES (1, 0);
"#;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let (class, object) = EVENTS_LOCK;
        let sql = match manager.get_database_backend() {
            DbBackend::Sqlite => SQLITE.to_owned(),
            DbBackend::Postgres => POSTGRES
                .replace("{class}", &class.to_string())
                .replace("{object}", &object.to_string()),
            other => {
                return Err(DbErr::Migration(format!(
                    "the event log has no schema for {other:?}"
                )));
            }
        };
        manager.get_connection().execute_unprepared(&sql).await?;
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let db = manager.get_connection();
        db.execute_unprepared("DROP TABLE trimmed_through; DROP TABLE events;")
            .await?;
        if manager.get_database_backend() == DbBackend::Postgres {
            db.execute_unprepared("DROP FUNCTION events_take_id;")
                .await?;
        }
        Ok(())
    }
}
