//! The database counts how many users have solved a board, whichever program writes.

use migration::{Migrator, MigratorTrait as _};
use sea_orm::{ConnectionTrait as _, DatabaseConnection};

use super::column;
use crate::harness::Database;

/// The number of migrations of the previous release.
const BEFORE: u32 = 6;

async fn run(db: &DatabaseConnection, sql: &str) {
    db.execute_unprepared(sql).await.expect(sql);
}

/// Lets a program that knows nothing of counts make boards, which these users then solve.
async fn boards(db: &DatabaseConnection, solved: &[(i64, &[i64])]) {
    for (board, users) in solved {
        run(
            db,
            &format!(
                "INSERT INTO boards (id, creator_id, updated_by_id, name, rows, cols, dots, version, created_at, \
                     updated_at) \
                 VALUES ({board}, 1, 1, 'one', 3, 3, '[]', 1, '2026-01-01', '2026-01-01')"
            ),
        )
        .await;
        for user in *users {
            run(
                db,
                &format!(
                    "INSERT INTO solutions (board_id, user_id, solved_at) VALUES ({board}, {user}, '2026-01-01')"
                ),
            )
            .await;
        }
    }
}

async fn counts(db: &DatabaseConnection) -> Vec<i64> {
    let sql = "SELECT COALESCE(number, 0) FROM boards LEFT JOIN solved_counts ON board_id = boards.id ORDER BY boards.id";
    column(db, sql).await
}

/// The boards that have a row.
async fn counted(db: &DatabaseConnection) -> Vec<i64> {
    column(db, "SELECT board_id FROM solved_counts ORDER BY board_id").await
}

#[tokio::test]
async fn what_was_there_is_counted_and_what_comes_goes_on_from_it() {
    let database = Database::new().await;
    let db = database.connect().await;
    Migrator::up(&db, Some(BEFORE)).await.expect("up");
    for name in ["ada", "bob", "eve"] {
        run(
            &db,
            &format!(
                "INSERT INTO users (username, password_hash, created_at) VALUES ('{name}', 'x', '2026-01-01')"
            ),
        )
        .await;
    }
    boards(&db, &[(1, &[1, 2, 3]), (2, &[]), (3, &[2])]).await;
    for _ in 0..2 {
        Migrator::up(&db, None).await.expect("up");
        assert_eq!(counts(&db).await, [3, 0, 1]);
        assert_eq!(counted(&db).await, [1, 3]);
        // When each board had a row.
        Migrator::down(&db, Some(1)).await.expect("down");
        assert_eq!(counts(&db).await, [3, 0, 1]);
        assert_eq!(counted(&db).await, [1, 2, 3]);
        let rest = u32::try_from(Migrator::migrations().len()).expect("few") - 1 - BEFORE;
        Migrator::down(&db, Some(rest)).await.expect("down");
    }
    Migrator::up(&db, None).await.expect("up");
    boards(&db, &[(4, &[3, 1])]).await;
    assert_eq!(counts(&db).await, [3, 0, 1, 2]);
    assert_eq!(counted(&db).await, [1, 3, 4]);
    // Another layout, fewer users, a board that is gone.
    run(&db, "UPDATE boards SET rows = 4 WHERE id = 1").await;
    run(&db, "UPDATE boards SET name = 'two' WHERE id = 4").await;
    assert_eq!(counts(&db).await, [0, 0, 1, 2]);
    run(&db, "DELETE FROM solutions WHERE user_id = 1").await;
    assert_eq!(counts(&db).await, [0, 0, 1, 1]);
    run(&db, "DELETE FROM boards WHERE id = 3").await;
    assert_eq!(counts(&db).await, [0, 0, 1]);
}
