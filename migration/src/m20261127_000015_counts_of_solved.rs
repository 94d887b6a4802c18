//! `solved_counts` has rows only of boards that were solved. A row for each new board, with its index, was a good part of
//! what it took to make one.

use sea_orm_migration::prelude::*;

use crate::run;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const SQLITE: &str = r"
DROP TRIGGER boards_count;
DROP TRIGGER solutions_count;
CREATE TRIGGER solutions_count AFTER INSERT ON solutions BEGIN
    INSERT INTO solved_counts (board_id, number) VALUES (NEW.board_id, 1)
    ON CONFLICT (board_id) DO UPDATE SET number = number + 1;
END;
DELETE FROM solved_counts WHERE number = 0;
";

/// As on SQLite. The locks are taken in the order in which writers take them, and waited for no longer than
/// writers may be held up.
const POSTGRES: &str = r"
SET LOCAL lock_timeout = '4s';
LOCK TABLE boards, solutions IN SHARE ROW EXCLUSIVE MODE;
DROP TRIGGER boards_count ON boards;
DROP FUNCTION boards_count;
DO $migration$
BEGIN
    EXECUTE format($create$
        CREATE OR REPLACE FUNCTION solutions_count() RETURNS trigger LANGUAGE plpgsql
        SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $function$
        BEGIN
            IF TG_OP = 'INSERT' THEN
                INSERT INTO %1$I.solved_counts AS counts (board_id, number)
                SELECT board_id, COUNT(*) FROM changed GROUP BY board_id
                ON CONFLICT (board_id) DO UPDATE SET number = counts.number + EXCLUDED.number;
            ELSE
                UPDATE %1$I.solved_counts
                SET number = number - many
                FROM (SELECT board_id, COUNT(*) AS many FROM changed GROUP BY board_id) AS counted
                WHERE solved_counts.board_id = counted.board_id;
            END IF;
            RETURN NULL;
        END
        $function$
    $create$, current_schema());
END;
$migration$;
DELETE FROM solved_counts WHERE number = 0;
";

const DOWN_SQLITE: &str = r"
DROP TRIGGER solutions_count;
CREATE TRIGGER boards_count AFTER INSERT ON boards BEGIN
    INSERT INTO solved_counts (board_id) VALUES (NEW.id);
END;
CREATE TRIGGER solutions_count AFTER INSERT ON solutions BEGIN
    UPDATE solved_counts SET number = number + 1 WHERE board_id = NEW.board_id;
END;
INSERT INTO solved_counts (board_id) SELECT id FROM boards WHERE id NOT IN (SELECT board_id FROM solved_counts);
";

const DOWN_POSTGRES: &str = r"
SET LOCAL lock_timeout = '4s';
LOCK TABLE boards, solutions IN SHARE ROW EXCLUSIVE MODE;
INSERT INTO solved_counts (board_id) SELECT id FROM boards WHERE id NOT IN (SELECT board_id FROM solved_counts);
DO $migration$
BEGIN
    EXECUTE format($create$
        CREATE FUNCTION boards_count() RETURNS trigger LANGUAGE plpgsql
        SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $function$
        BEGIN
            INSERT INTO %1$I.solved_counts (board_id) VALUES (NEW.id);
            RETURN NULL;
        END
        $function$;
        CREATE OR REPLACE FUNCTION solutions_count() RETURNS trigger LANGUAGE plpgsql
        SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $function$
        BEGIN
            UPDATE %1$I.solved_counts
            SET number = number + CASE TG_OP WHEN 'INSERT' THEN many ELSE -many END
            FROM (SELECT board_id, COUNT(*) AS many FROM changed GROUP BY board_id) AS counted
            WHERE solved_counts.board_id = counted.board_id;
            RETURN NULL;
        END
        $function$
    $create$, current_schema());
END;
$migration$;
CREATE TRIGGER boards_count AFTER INSERT ON boards
    FOR EACH ROW EXECUTE FUNCTION boards_count();
";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, SQLITE, POSTGRES).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, DOWN_SQLITE, DOWN_POSTGRES).await
    }
}
