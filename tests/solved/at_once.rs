//! The last paths of a board, saved at once.

use futures_util::future::join_all;

use super::{BLUE, BLUE_AROUND, RED, draw, make, seen, told};
use crate::harness::{Client, Server};

/// Enough for two transactions to meet in many ways.
const ROUNDS: usize = 40;

/// The same user on another server of the same database.
async fn twice(server: &Server, other: &Server) -> [Client; 2] {
    let here = server.user("ada").await;
    let mut there = other.client();
    there.token.clone_from(&here.token);
    [here, there]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_the_last_two_paths_that_are_saved_at_once_one_solves_the_board() {
    let server = Server::start().await;
    let other = Server::start_on(server.database(), &[]).await;
    let [here, there] = twice(&server, &other).await;
    for round in 0..ROUNDS {
        let board = make(&here, &format!("board {round}")).await;
        let saved = [draw(&here, board, RED), draw(&there, board, BLUE)];
        join_all(saved).await;
        assert_eq!(seen(&here, board).await, (1, Some(true)), "round {round}");
    }
    // Other servers' events come to this one a moment later.
    let all = i64::try_from(4 * ROUNDS).expect("few");
    here.until_settled(all).await;
    for round in 0..ROUNDS {
        let told = told(&here, i64::try_from(round).expect("few") + 1).await;
        assert_eq!(told[3..], ["boardSolved ada"], "{told:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_many_paths_that_would_solve_a_board_one_does() {
    let server = Server::start().await;
    let other = Server::start_on(server.database(), &[]).await;
    let [here, there] = twice(&server, &other).await;
    for round in 0..ROUNDS / 4 {
        let board = make(&here, &format!("board {round}")).await;
        draw(&here, board, RED).await;
        let saved =
            (0..5).flat_map(|_| [draw(&here, board, BLUE), draw(&there, board, BLUE_AROUND)]);
        join_all(saved).await;
        assert_eq!(seen(&here, board).await, (1, Some(true)), "round {round}");
    }
    here.until_settled(i64::try_from(13 * (ROUNDS / 4)).expect("few"))
        .await;
    let events = here.events().await;
    let solved = events.iter().filter(|it| it["type"] == "boardSolved");
    assert_eq!(solved.count(), ROUNDS / 4);
}

/// Whichever comes first: a board that was replaced before the path was saved has not been solved.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_board_that_is_replaced_meanwhile_is_solved_as_it_is_in_the_end_or_not_at_all() {
    let server = Server::start().await;
    let ada = server.user("ada").await;
    for round in 0..ROUNDS {
        let board = make(&ada, "first").await;
        draw(&ada, board, RED).await;
        let mut larger = super::two_pairs("larger");
        larger["dots"][1]["col"] = serde_json::json!(1);
        let at = format!("/api/v1/boards/{board}");
        let (replaced, _) = tokio::join!(ada.put(&at, &larger), draw(&ada, board, BLUE));
        replaced.expect(200);
        assert_eq!(seen(&ada, board).await, (0, Some(false)), "round {round}");
    }
}
