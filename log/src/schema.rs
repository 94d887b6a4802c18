//! The tables, and the locks that writers hold.
//!
//! Written as SQL because every clause carries a promise of the log: any program may insert with no more than
//! `INSERT INTO events (type, topic, payload) VALUES (…)`, and the row is complete, fits on the wire, and has an id
//! that was never used before.

use std::ops::RangeInclusive;

use sea_orm::{ConnectionTrait, DbBackend, DbErr, Statement};

use crate::event::RESERVED_KINDS;

/// The advisory lock of PostgreSQL that each writer to `events` holds, shared, from before it takes an id until its
/// transaction has ended. Readers look at who holds it. It is a contract between all programs that write to the log
/// or read it, and never changes.
pub const EVENTS_LOCK: (i32, i32) = (0x646f_7463, 1);

/// The class of a second advisory lock that a writer to `events` holds, shared, besides [`EVENTS_LOCK`]. Its object
/// is the counter's value before the writer took its first id, the lower 31 bits. So a reader can tell at once below
/// which id nothing of that writer can appear.
pub const BOUND_LOCK: i32 = 0x646f_7465;

/// How long [`hold_writers`] waits for writers; other writers queue behind it.
const LOCK_TIMEOUT: &str = "4s";

/// - `AUTOINCREMENT`: without it SQLite would hand out the ids of trimmed rows again.
/// - `STRICT`: without it SQLite would store a word as a `topic`, and one row that cannot be read would stop every
///   reader of the log.
/// - `uuid`: in the order of time, see [`sqlite_uuid`], so that its index grows at its end.
/// - `type` goes on the wire as the SSE `event:` field, so it must be one plain word. `length` and `GLOB` see nothing
///   behind a NUL, hence `instr`.
/// - `created_at` must be a time that can be read back, or retention could not go past it. `IS`, because a check that
///   yields NULL passes.
/// - `payload` goes on the wire as the SSE `data:` field, so it must be a JSON object.
/// - `AFTER INSERT`, because only then does the row have its id. `sqlite_sequence` is written when the statement
///   ends, so it still says what was given out before.
/// - `MAX(id)`: an explicit id in a hole is refused although no event had it.
const SQLITE: &str = r"
CREATE TABLE events (
    id         INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT CHECK (id > 0),
    uuid       BLOB    NOT NULL DEFAULT ({uuid}) UNIQUE CHECK (length(uuid) = 16),
    type       TEXT    NOT NULL CHECK (length(type) BETWEEN 1 AND 64 AND type NOT GLOB '*[^A-Za-z0-9_]*' AND instr(type, char(0)) = 0),
    topic      INTEGER NOT NULL,
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
CREATE INDEX events_topic ON events (topic, id);
CREATE INDEX events_type ON events (type, id);
CREATE TABLE trimmed_through (
    id       INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
    event_id INTEGER NOT NULL CHECK (event_id >= 0)
);
INSERT INTO trimmed_through (id, event_id) VALUES (1, 0);
CREATE TABLE settled_through (
    id       INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
    event_id INTEGER NOT NULL CHECK (event_id >= 0)
) STRICT;
INSERT INTO settled_through (id, event_id) VALUES (1, 0);
CREATE TABLE breaks (
    id         INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    first_id   INTEGER NOT NULL CHECK (first_id > 0),
    last_id    INTEGER NOT NULL CHECK (last_id >= first_id),
    created_at TEXT    NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))
) STRICT;
CREATE TABLE rewrites (
    id         INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    created_at TEXT    NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))
) STRICT;
CREATE TABLE event_times (
    through_id INTEGER NOT NULL PRIMARY KEY CHECK (through_id > 0),
    newest_ms  INTEGER NOT NULL
) STRICT;
CREATE TRIGGER events_insert AFTER INSERT ON events BEGIN
    SELECT CASE
        WHEN NEW.type IN ({reserved})
            THEN RAISE(ABORT, 'events: this type is reserved for the stream itself')
        WHEN julianday(NEW.created_at) > julianday('now') + 1
            THEN RAISE(ABORT, 'events: created_at is more than a day in the future')
        WHEN NEW.id <= COALESCE((SELECT seq FROM sqlite_sequence WHERE name = 'events'), 0)
            OR NEW.id < (SELECT MAX(id) FROM events)
            OR NEW.id <= (SELECT event_id FROM settled_through)
            OR NEW.id <= (SELECT event_id FROM trimmed_through)
            THEN RAISE(ABORT, 'events: this id was given out before; `dotcast log break` raises the counter')
    END;
END;
CREATE TRIGGER events_update BEFORE UPDATE OF id, type, created_at ON events BEGIN
    SELECT CASE
        WHEN NEW.id IS NOT OLD.id
            THEN RAISE(ABORT, 'events: an id never changes')
        WHEN NEW.type IN ({reserved})
            THEN RAISE(ABORT, 'events: this type is reserved for the stream itself')
        WHEN julianday(NEW.created_at) > julianday('now') + 1
            THEN RAISE(ABORT, 'events: created_at is more than a day in the future')
    END;
END;
";

/// As on SQLite, and:
///
/// - `id` has no default. The trigger takes the lock and *then* the id, so every insert, by whatever program, keeps
///   to the order that readers count on. Shared locks do not block each other.
/// - The counter is read *before* the id is taken: an id at or below it was cached by a session outside of the lock,
///   or handed out in descending order.
/// - `CACHE 1`: an id taken in advance would be one taken before the lock.
/// - No `NOTIFY` in the trigger: it would queue all committing writers.
/// - Functions and the sequence are named with their schema, so that the writer's `search_path` cannot change what
///   they mean. `SECURITY DEFINER`: a role that may append need not be allowed to read the marks.
/// - `COLLATE "C"`: in other collations `A-Z` may contain more letters.
/// - The bounds of `created_at` exclude `infinity`, which cannot be read back as a time.
const POSTGRES: &str = r#"
CREATE TABLE events (
    id         bigint      NOT NULL PRIMARY KEY CHECK (id > 0),
    uuid       uuid        NOT NULL DEFAULT ({uuid}) UNIQUE,
    type       text        NOT NULL CHECK (type COLLATE "C" ~ '^[A-Za-z0-9_]{1,64}$'),
    topic      bigint      NOT NULL,
    payload    jsonb       NOT NULL CHECK (jsonb_typeof(payload) = 'object'),
    created_at timestamptz NOT NULL DEFAULT clock_timestamp() CHECK (
        created_at >= '0001-01-01 00:00:00+00' AND created_at < '10000-01-01 00:00:00+00'
    )
);
CREATE INDEX events_topic ON events (topic, id);
CREATE INDEX events_type ON events (type, id);
CREATE SEQUENCE events_id AS bigint CACHE 1 OWNED BY events.id;
CREATE TABLE trimmed_through (
    id       bigint NOT NULL PRIMARY KEY CHECK (id = 1),
    event_id bigint NOT NULL CHECK (event_id >= 0)
);
INSERT INTO trimmed_through (id, event_id) VALUES (1, 0);
CREATE TABLE settled_through (
    id       bigint NOT NULL PRIMARY KEY CHECK (id = 1),
    event_id bigint NOT NULL CHECK (event_id >= 0)
);
INSERT INTO settled_through (id, event_id) VALUES (1, 0);
CREATE TABLE breaks (
    id         bigint      NOT NULL GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
    first_id   bigint      NOT NULL CHECK (first_id > 0),
    last_id    bigint      NOT NULL CHECK (last_id >= first_id),
    created_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE TABLE rewrites (
    id         bigint      NOT NULL GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE TABLE event_times (
    through_id bigint NOT NULL PRIMARY KEY CHECK (through_id > 0),
    newest_ms  bigint NOT NULL
);
DO $schema$
DECLARE
    place text := current_schema();
BEGIN
    EXECUTE format($create$
        CREATE FUNCTION events_take_id() RETURNS trigger LANGUAGE plpgsql
        SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $function$
        DECLARE
            given bigint;
        BEGIN
            IF NEW.type IN ({reserved}) THEN
                RAISE check_violation USING MESSAGE = 'events: this type is reserved for the stream itself';
            END IF;
            IF NEW.created_at > clock_timestamp() + interval '1 day' THEN
                RAISE check_violation USING MESSAGE = 'events: created_at is more than a day in the future';
            END IF;
            PERFORM pg_advisory_xact_lock_shared({class}, {object});
            given := coalesce(pg_sequence_last_value(%1$L), 0);
            IF coalesce(current_setting('dotcast.is_appending', true), '') = '' THEN
                PERFORM pg_advisory_xact_lock_shared({bound}, (given & 2147483647)::integer);
                PERFORM set_config('dotcast.is_appending', 'on', true);
            END IF;
            NEW.id := nextval(%1$L);
            IF NEW.id <= given
                OR NEW.id <= (SELECT event_id FROM %2$I.settled_through)
                OR NEW.id <= (SELECT event_id FROM %2$I.trimmed_through) THEN
                RAISE check_violation USING
                    MESSAGE = format('events: the id %%s was given out before', NEW.id),
                    HINT = '`dotcast log break` raises the counter';
            END IF;
            RETURN NEW;
        END
        $function$
    $create$, format('%I.events_id', place), place);
END;
$schema$;
CREATE TRIGGER events_take_id BEFORE INSERT ON events
    FOR EACH ROW EXECUTE FUNCTION events_take_id();
CREATE FUNCTION events_keep() RETURNS trigger LANGUAGE plpgsql AS $function$
BEGIN
    IF NEW.id <> OLD.id THEN
        RAISE check_violation USING MESSAGE = 'events: an id never changes';
    END IF;
    IF NEW.type IN ({reserved}) THEN
        RAISE check_violation USING MESSAGE = 'events: this type is reserved for the stream itself';
    END IF;
    IF NEW.created_at > clock_timestamp() + interval '1 day' THEN
        RAISE check_violation USING MESSAGE = 'events: created_at is more than a day in the future';
    END IF;
    RETURN NEW;
END
$function$;
CREATE TRIGGER events_keep BEFORE UPDATE OF id, type, created_at ON events
    FOR EACH ROW EXECUTE FUNCTION events_keep();
"#;

/// A UUID of version 7 (RFC 9562): the milliseconds since 1970 in 48 bits, then the version, 12 random bits, the variant
/// and 62 random bits. Sets the two bits in which version 7 differs from version 4.
const POSTGRES_UUID: &str = "encode(set_bit(set_bit(overlay(uuid_send(gen_random_uuid()) PLACING \
    substring(int8send(floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint) FROM 3) FROM 1 FOR 6), 52, 1), 53, 1), \
    'hex')::uuid";

/// The same on SQLite. Before version 3.41 it has no function that makes a byte of a number, so bytes are cut out of
/// literals. In a database of another encoding than UTF-8 they cannot be joined; there the UUID is random.
fn sqlite_uuid() -> String {
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

/// Creates the tables of an empty log: `events`, `trimmed_through`, `settled_through`, `breaks`, `rewrites` and
/// `event_times`, none of which may exist. In a transaction all of them are created or none. A program with migrations calls it from one of
/// them.
///
/// # Errors
/// Also if the database is neither SQLite nor PostgreSQL.
pub async fn create(db: &impl ConnectionTrait) -> Result<(), DbErr> {
    let (sql, uuid) = match db.get_database_backend() {
        DbBackend::Sqlite => (SQLITE, sqlite_uuid()),
        DbBackend::Postgres => (POSTGRES, POSTGRES_UUID.to_owned()),
        other => {
            return Err(DbErr::Migration(format!(
                "the event log has no schema for {other:?}"
            )));
        }
    };
    let reserved = RESERVED_KINDS.map(|it| format!("'{it}'")).join(", ");
    let (class, object) = EVENTS_LOCK;
    let sql = sql
        .replace("{uuid}", &uuid)
        .replace("{reserved}", &reserved)
        .replace("{class}", &class.to_string())
        .replace("{object}", &object.to_string())
        .replace("{bound}", &BOUND_LOCK.to_string());
    db.execute_unprepared(&sql).await?;
    Ok(())
}

/// Keeps writers from the log until the transaction on `conn` has ended. On SQLite a transaction that has written does
/// that anyway. On PostgreSQL this lock lets readers pass, and waits for writers, for a few seconds at most.
pub(crate) async fn hold_writers(conn: &impl ConnectionTrait) -> Result<(), DbErr> {
    if conn.get_database_backend() == DbBackend::Postgres {
        conn.execute_unprepared(&format!(
            "SET LOCAL lock_timeout TO '{LOCK_TIMEOUT}'; LOCK TABLE events IN SHARE ROW EXCLUSIVE MODE"
        ))
        .await?;
    }
    Ok(())
}

/// Whether there is a log.
pub async fn exists(db: &impl ConnectionTrait) -> Result<bool, DbErr> {
    let backend = db.get_database_backend();
    let sql = match backend {
        DbBackend::Postgres => "SELECT 1 WHERE to_regclass('events') IS NOT NULL",
        _ => "SELECT 1 FROM sqlite_schema WHERE name = 'events'",
    };
    let found = db
        .query_one_raw(Statement::from_string(backend, sql))
        .await?;
    Ok(found.is_some())
}
