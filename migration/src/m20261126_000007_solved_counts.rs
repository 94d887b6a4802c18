//! `solved_counts`: how many users have solved each board, in an order that a list can be read in.

use sea_orm_migration::prelude::*;

use crate::run;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

/// Triggers count, because a server of the previous release also creates boards and solves them.
///
/// The count is not a column of `boards`. A transaction that saves a path holds the board's row shared, and two of
/// them that both went on to change it would deadlock.
const SQLITE: &str = r"
CREATE TABLE solved_counts (
    board_id INTEGER NOT NULL PRIMARY KEY REFERENCES boards (id) ON DELETE CASCADE,
    number   INTEGER NOT NULL DEFAULT 0
) STRICT;
INSERT INTO solved_counts (board_id, number)
SELECT id, (SELECT COUNT(*) FROM solutions WHERE board_id = boards.id) FROM boards;
CREATE INDEX solved_counts_number_board_id ON solved_counts (number, board_id);
CREATE TRIGGER boards_count AFTER INSERT ON boards BEGIN
    INSERT INTO solved_counts (board_id) VALUES (NEW.id);
END;
CREATE TRIGGER solutions_count AFTER INSERT ON solutions BEGIN
    UPDATE solved_counts SET number = number + 1 WHERE board_id = NEW.board_id;
END;
CREATE TRIGGER solutions_discount AFTER DELETE ON solutions BEGIN
    UPDATE solved_counts SET number = number - 1 WHERE board_id = OLD.board_id;
END;
";

/// As on SQLite, and:
///
/// - The lock waits for transactions that write to either table, so that the first count is true. The wait is
///   bounded, because writers queue behind it.
/// - A board that thousands have solved loses its solutions in one statement, and its row is changed once.
/// - `SECURITY DEFINER`: a role that may write boards and solutions need not be allowed to count.
/// - Every role with rights on `solutions` gets the same on the new table, so that a server with less than the
///   owner's rights goes on.
const POSTGRES: &str = r"
SET LOCAL lock_timeout = '4s';
LOCK TABLE boards, solutions IN SHARE ROW EXCLUSIVE MODE;
CREATE TABLE solved_counts (
    board_id bigint NOT NULL PRIMARY KEY REFERENCES boards (id) ON DELETE CASCADE,
    number   bigint NOT NULL DEFAULT 0
);
INSERT INTO solved_counts (board_id, number)
SELECT id, (SELECT COUNT(*) FROM solutions WHERE board_id = boards.id) FROM boards;
CREATE INDEX solved_counts_number_board_id ON solved_counts (number, board_id);
DO $migration$
DECLARE
    privilege record;
BEGIN
    EXECUTE format($create$
        CREATE FUNCTION boards_count() RETURNS trigger LANGUAGE plpgsql
        SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $function$
        BEGIN
            INSERT INTO %1$I.solved_counts (board_id) VALUES (NEW.id);
            RETURN NULL;
        END
        $function$;
        CREATE FUNCTION solutions_count() RETURNS trigger LANGUAGE plpgsql
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
    FOR privilege IN
        SELECT DISTINCT CASE grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(grantee)) END AS grantee,
               privilege_type AS name
        FROM pg_class, aclexplode(relacl)
        WHERE pg_class.oid = 'solutions'::regclass AND grantee <> relowner
    LOOP
        EXECUTE format('GRANT %s ON solved_counts TO %s', privilege.name, privilege.grantee);
    END LOOP;
END;
$migration$;
CREATE TRIGGER boards_count AFTER INSERT ON boards
    FOR EACH ROW EXECUTE FUNCTION boards_count();
CREATE TRIGGER solutions_count AFTER INSERT ON solutions
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION solutions_count();
CREATE TRIGGER solutions_discount AFTER DELETE ON solutions
    REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION solutions_count();
";

const DOWN_SQLITE: &str = r"
DROP TRIGGER solutions_discount;
DROP TRIGGER solutions_count;
DROP TRIGGER boards_count;
DROP TABLE solved_counts;
";

/// In the order in which writers take these locks.
const DOWN_POSTGRES: &str = r"
SET LOCAL lock_timeout = '4s';
DROP TRIGGER boards_count ON boards;
DROP TRIGGER solutions_discount ON solutions;
DROP TRIGGER solutions_count ON solutions;
DROP FUNCTION solutions_count;
DROP FUNCTION boards_count;
DROP TABLE solved_counts;
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
