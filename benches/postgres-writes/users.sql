-- Those who define the boards: many, so that no two writers meet at the row of one user.
INSERT INTO users (username, password_hash, created_at)
    SELECT 'user' || i, '', now() FROM generate_series(1, 1000) AS i ORDER BY i;
-- Nobody vacuums while we measure.
VACUUM ANALYZE;
