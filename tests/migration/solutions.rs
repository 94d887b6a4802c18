//! Solutions belong to a layout, and go with it, whichever program replaces it.

use sea_orm::{ConnectionTrait as _, DatabaseConnection};

use super::{column, migrated};
use crate::harness::Database;

/// A user, and a board with this many rows, columns and dots that the user has solved.
async fn solved(db: &DatabaseConnection, board: i64) {
    let dots = r##"[{"row":0,"col":0,"color":"#ff0000"},{"row":0,"col":2,"color":"#ff0000"}]"##;
    let sql = format!(
        "INSERT INTO boards (id, creator_id, updated_by_id, name, rows, cols, dots, version, created_at, updated_at) \
             VALUES ({board}, 1, 1, 'one', 3, 3, '{dots}', 1, '2026-01-01', '2026-01-01'); \
         INSERT INTO solutions (board_id, user_id, solved_at) VALUES ({board}, 1, '2026-01-01');"
    );
    db.execute_unprepared(&sql).await.expect("a board");
}

/// The newest schema, and ada.
async fn with_ada(database: &Database) -> DatabaseConnection {
    let db = migrated(database).await;
    db.execute_unprepared(
        "INSERT INTO users (username, password_hash, created_at) VALUES ('ada', 'x', '2026-01-01')",
    )
    .await
    .expect("a user");
    db
}

#[tokio::test]
async fn another_layout_has_been_solved_by_nobody() {
    let database = Database::new().await;
    let db = with_ada(&database).await;
    let red = r##"{"row":0,"col":0,"color":"#ff0000"}"##;
    let other_red = r##"{"row":0,"col":2,"color":"#ff0000"}"##;
    let elsewhere = other_red.replace('2', "1");
    let recolored = other_red.replace("ff", "ee");
    for (number, (change, is_kept)) in [
        ("name = 'two', version = 2".to_owned(), true),
        // As the program writes a board of which only the name has changed.
        (
            format!("name = 'two', rows = 3, cols = 3, dots = '[{red},{other_red}]'"),
            true,
        ),
        (format!("dots = '[{other_red},{red}]'"), true),
        ("rows = 4".to_owned(), false),
        ("cols = 2".to_owned(), false),
        (format!("dots = '[{red},{elsewhere}]'"), false),
        (format!("dots = '[{red},{recolored}]'"), false),
        (format!("dots = '[{red}]'"), false),
        (format!("dots = '[{red},{other_red},{elsewhere}]'"), false),
        ("dots = '[]'".to_owned(), false),
    ]
    .into_iter()
    .enumerate()
    {
        let board = i64::try_from(number).expect("few") + 1;
        solved(&db, board).await;
        let sql = format!("UPDATE boards SET {change} WHERE id = {board}");
        db.execute_unprepared(&sql).await.expect(&sql);
        let left = format!("SELECT board_id FROM solutions WHERE board_id = {board}");
        let left = column::<i64>(&db, &left).await;
        assert_eq!(left.len(), usize::from(is_kept), "{change}");
    }
    // The others are as they were.
    let left = column::<i64>(&db, "SELECT board_id FROM solutions ORDER BY board_id").await;
    assert_eq!(left, [1, 2, 3]);
}

#[tokio::test]
async fn a_board_is_solved_once_by_a_user_and_takes_that_along() {
    let database = Database::new().await;
    let db = with_ada(&database).await;
    solved(&db, 1).await;
    solved(&db, 2).await;
    let again = "INSERT INTO solutions (board_id, user_id, solved_at) VALUES (1, 1, '2026-01-02')";
    db.execute_unprepared(again).await.expect_err("twice");
    db.execute_unprepared("DELETE FROM boards WHERE id = 1")
        .await
        .expect("deleted");
    let left = column::<i64>(&db, "SELECT board_id FROM solutions").await;
    assert_eq!(left, [2]);
}
