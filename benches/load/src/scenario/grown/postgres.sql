-- Fills the log of a new database with SIZE events as the program writes them, and sorted as its uuids are, past the
-- trigger that takes each id by itself.
SET session_replication_role = replica;
SET synchronous_commit = off;
INSERT INTO events (id, uuid, type, topic, payload, created_at)
SELECT
    id,
    (lpad(to_hex(1500000000000 + id), 12, '0') || '7' || substr(md5(id::text), 1, 3) || '8' || substr(md5(id::text), 4, 15))::uuid,
    CASE WHEN id % RARE = RARE / 2 THEN 'boardDeleted' ELSE 'newPath' END,
    CASE WHEN id % RARE = RARE / 2 THEN RARE_TOPIC ELSE FIRST_TOPIC + id * 7919 % TOPICS END,
    CASE WHEN id % RARE = RARE / 2
        THEN format('{"board_id":%s,"board_name":"#%s.%s#","user_username":"load"}', RARE_TOPIC, lpad(id::text, 8, '0'), lpad('1', 17, '0'))
        ELSE format(
            '{"path_id":%s,"board_id":%s,"board_name":"#%s.%s#","user_username":"load"}',
            id, FIRST_TOPIC + id * 7919 % TOPICS, lpad(id::text, 8, '0'), lpad('1', 17, '0')
        )
    END::jsonb,
    now() - CASE WHEN id <= OLD THEN interval '40 days' ELSE interval '1 day' END
FROM generate_series(1::bigint, SIZE) AS id;
-- As the server records them while the log grows.
INSERT INTO event_times (through_id, newest_ms)
SELECT max(id), floor(extract(epoch FROM max(created_at)) * 1000)
FROM events
GROUP BY (id - 1) / 10000;
SELECT setval('events_id', SIZE);
VACUUM (ANALYZE) events;
CHECKPOINT;
