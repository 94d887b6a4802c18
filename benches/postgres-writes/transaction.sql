-- What the server does for POST /api/v1/boards, except that it also reads the user's name in between;
-- without that the log's part counts more.
\set user random(1, 1000)
BEGIN;
INSERT INTO boards (creator_id, updated_by_id, name, rows, cols, dots, version, created_at, updated_at)
    VALUES (:user, :user, 'First board', 3, 3, '[{"row":0,"col":0,"color":"#ff0000"},{"row":0,"col":2,"color":"#ff0000"}]', 1, now(), now())
    RETURNING id AS board \gset
INSERT INTO events (type, topic, payload)
    VALUES ('newBoard', :board, format('{"board_id":%s,"board_name":"First board","creator_username":"user%s"}', :board::text, :user::text)::jsonb)
    RETURNING id \gset
COMMIT;
