//! `solutions`: who has solved which board.

use sea_orm_migration::prelude::*;

use crate::run;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

/// A trigger, not the program, removes the solutions of a replaced layout, because a server of the previous release
/// knows nothing of them. Two lists of the same dots are the same layout in whatever order.
const SQLITE: &str = r"
CREATE TABLE solutions (
    board_id  INTEGER NOT NULL REFERENCES boards (id) ON DELETE CASCADE,
    user_id   INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    solved_at TEXT    NOT NULL,
    PRIMARY KEY (board_id, user_id)
) STRICT, WITHOUT ROWID;
CREATE TRIGGER boards_layout AFTER UPDATE OF rows, cols, dots ON boards
WHEN NEW.rows <> OLD.rows OR NEW.cols <> OLD.cols
    OR EXISTS (SELECT value FROM json_each(NEW.dots) EXCEPT SELECT value FROM json_each(OLD.dots))
    OR EXISTS (SELECT value FROM json_each(OLD.dots) EXCEPT SELECT value FROM json_each(NEW.dots))
BEGIN
    DELETE FROM solutions WHERE board_id = NEW.id;
END;
";

/// As on SQLite, and:
///
/// - `SECURITY DEFINER`: a role that may change boards need not be allowed to delete solutions.
/// - Every role with rights on `paths` gets the same on the new table, so that a server with less than the owner's
///   rights goes on.
/// - The references and the trigger wait for transactions that write to `boards` or `users`. The wait is bounded,
///   because writers queue behind it.
const POSTGRES: &str = r"
SET LOCAL lock_timeout = '4s';
CREATE TABLE solutions (
    board_id  bigint      NOT NULL REFERENCES boards (id) ON DELETE CASCADE,
    user_id   bigint      NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    solved_at timestamptz NOT NULL,
    PRIMARY KEY (board_id, user_id)
);
DO $migration$
DECLARE
    privilege record;
BEGIN
    EXECUTE format($create$
        CREATE FUNCTION boards_layout() RETURNS trigger LANGUAGE plpgsql
        SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $function$
        BEGIN
            IF NEW.rows <> OLD.rows OR NEW.cols <> OLD.cols
                OR EXISTS (SELECT jsonb_array_elements(NEW.dots) EXCEPT SELECT jsonb_array_elements(OLD.dots))
                OR EXISTS (SELECT jsonb_array_elements(OLD.dots) EXCEPT SELECT jsonb_array_elements(NEW.dots)) THEN
                DELETE FROM %I.solutions WHERE board_id = NEW.id;
            END IF;
            RETURN NULL;
        END
        $function$
    $create$, current_schema());
    FOR privilege IN
        SELECT DISTINCT CASE grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(grantee)) END AS grantee,
               privilege_type AS name
        FROM pg_class, aclexplode(relacl)
        WHERE pg_class.oid = 'paths'::regclass AND grantee <> relowner
    LOOP
        EXECUTE format('GRANT %s ON solutions TO %s', privilege.name, privilege.grantee);
    END LOOP;
END;
$migration$;
CREATE TRIGGER boards_layout AFTER UPDATE OF rows, cols, dots ON boards
    FOR EACH ROW EXECUTE FUNCTION boards_layout();
";

const DOWN_SQLITE: &str = "DROP TRIGGER boards_layout; DROP TABLE solutions;";

const DOWN_POSTGRES: &str = r"
SET LOCAL lock_timeout = '4s';
DROP TRIGGER boards_layout ON boards;
DROP FUNCTION boards_layout;
DROP TABLE solutions;
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
