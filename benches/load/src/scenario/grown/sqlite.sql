-- Fills the log of a new database with SIZE events as the program writes them, and sorted as its uuids are. Triggers are
-- gone meanwhile: with them, SQLite would first write all rows to a temporary table.
PRAGMA journal_mode = DELETE;
PRAGMA journal_mode = OFF;
PRAGMA synchronous = OFF;
PRAGMA cache_size = -1000000;
WITH RECURSIVE n(id) AS (VALUES (1) UNION ALL SELECT id + 1 FROM n WHERE id < SIZE)
INSERT INTO events (id, uuid, type, topic, payload, created_at)
SELECT
    id,
    -- Each byte is below 128, so that char() makes one byte of it.
    CAST(char(
        1, 32, 1 + (id >> 24 & 63), 1 + (id >> 18 & 63), 1 + (id >> 12 & 63), 1 + (id >> 6 & 63), 1 + (id & 63),
        112, 1 + (random() & 63), 1 + (random() & 63), 1 + (random() & 63), 1 + (random() & 63),
        1 + (random() & 63), 1 + (random() & 63), 1 + (random() & 63), 1 + (random() & 63)
    ) AS BLOB),
    CASE WHEN id % RARE = RARE / 2 THEN 'boardDeleted' ELSE 'newPath' END,
    CASE WHEN id % RARE = RARE / 2 THEN RARE_TOPIC ELSE FIRST_TOPIC + id * 7919 % TOPICS END,
    CASE WHEN id % RARE = RARE / 2
        THEN printf('{"board_id":%d,"board_name":"#%08d.%017d#","user_username":"load"}', RARE_TOPIC, id, 1)
        ELSE printf(
            '{"path_id":%d,"board_id":%d,"board_name":"#%08d.%017d#","user_username":"load"}',
            id, FIRST_TOPIC + id * 7919 % TOPICS, id, 1
        )
    END,
    strftime('%Y-%m-%dT%H:%M:%fZ', 'now', CASE WHEN id <= OLD THEN '-40 days' ELSE '-1 days' END)
FROM n;
-- As the server records them while the log grows.
INSERT INTO event_times (through_id, newest_ms)
SELECT max(id), CAST(round((julianday(max(created_at)) - 2440587.5) * 86400000) AS INTEGER)
FROM events
GROUP BY (id - 1) / 10000;
