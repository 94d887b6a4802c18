//! Boards that are replaced, deleted, or older than this feature.

use migration::{Migrator, MigratorTrait as _};
use serde_json::json;

use super::{BLUE, RED, draw, make, of, seen, told, two_pairs};
use crate::harness::Server;

#[tokio::test]
async fn a_board_with_another_layout_is_to_be_solved_anew() {
    let server = Server::start().await;
    let (ada, bob) = (server.user("ada").await, server.user("bob").await);
    let board = make(&ada, "first").await;
    let at = format!("/api/v1/boards/{board}");
    for user in [&ada, &bob] {
        draw(user, board, RED).await;
        draw(user, board, BLUE).await;
    }
    assert_eq!(seen(&bob, board).await, (2, Some(true)));

    // Another name, and the same dots in another order.
    let mut body = two_pairs("second");
    body["dots"].as_array_mut().expect("dots").rotate_left(1);
    let renamed = ada.put(&at, &body).await.expect(200);
    assert_eq!(of(&renamed.body), (2, Some(true)));
    assert_eq!(renamed.header("etag"), "\"2.2.1\"");
    assert_eq!(seen(&bob, board).await, (2, Some(true)));

    body["rows"] = json!(4);
    let replaced = ada.put(&at, &body).await.expect(200);
    assert_eq!(of(&replaced.body), (0, Some(false)));
    assert_eq!(replaced.header("etag"), "\"3.0.0\"");
    assert_eq!(seen(&bob, board).await, (0, Some(false)));

    // The earlier paths still exist, and may solve it again.
    draw(&bob, board, RED).await;
    assert_eq!(seen(&bob, board).await, (1, Some(true)));
    let expected = [
        "boardUpdated ada",
        "boardUpdated ada",
        "newPath bob",
        "boardSolved bob",
    ];
    let told = told(&ada, board).await;
    assert_eq!(told[told.len() - 4..], expected);

    body["dots"] = json!([]);
    ada.put(&at, &body).await.expect(200);
    assert_eq!(seen(&bob, board).await, (0, Some(false)));
}

#[tokio::test]
async fn a_deleted_board_takes_along_who_has_solved_it() {
    let server = Server::start().await;
    let ada = server.user("ada").await;
    let board = make(&ada, "first").await;
    draw(&ada, board, RED).await;
    draw(&ada, board, BLUE).await;
    let at = format!("/api/v1/boards/{board}");
    ada.delete(&at).await.expect(204);
    let left: Vec<i64> = server
        .database()
        .column("SELECT board_id FROM solutions")
        .await;
    assert_eq!(left, [0; 0]);
    // The log keeps that it was solved.
    let told = told(&ada, board).await;
    assert_eq!(
        told[told.len() - 2..],
        ["boardSolved ada", "boardDeleted ada"]
    );
}

/// The number of migrations before the one that introduces solutions.
const BEFORE_SOLUTIONS: usize = 5;

/// As the previous release left it: the paths solve the board, and nobody has noticed.
#[tokio::test]
async fn paths_of_the_release_before_count_with_the_next_one() {
    let server = Server::start().await;
    let ada = server.user("ada").await;
    let board = make(&ada, "first").await;
    draw(&ada, board, RED).await;
    draw(&ada, board, BLUE).await;
    let db = server.database().connect().await;
    let since = Migrator::migrations().len() - BEFORE_SOLUTIONS;
    let since = u32::try_from(since).expect("few");
    Migrator::down(&db, Some(since)).await.expect("down");
    Migrator::up(&db, None).await.expect("up");
    assert_eq!(seen(&ada, board).await, (0, Some(false)));
    draw(&ada, board, &[(1, 0), (1, 1)]).await;
    assert_eq!(seen(&ada, board).await, (0, Some(false)));
    draw(&ada, board, RED).await;
    assert_eq!(seen(&ada, board).await, (1, Some(true)));
}
