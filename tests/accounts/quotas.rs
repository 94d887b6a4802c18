//! How many boards and paths a user may have.

use futures_util::future::join_all;

use crate::{
    harness::{
        Client, Server,
        client::{board, path},
    },
    metrics::page::hits,
};

const BOARDS: &str = "/api/v1/boards";
const OPTIONS: [&str; 4] = ["--max-boards-per-user", "3", "--max-paths-per-board", "3"];

/// The statuses of this many saved at once, in order.
async fn at_once(client: &Client, path: &str, body: &serde_json::Value, count: usize) -> Vec<u16> {
    let answers = join_all((0..count).map(|_| client.post(path, body))).await;
    let mut statuses: Vec<_> = answers.iter().map(|it| it.status.as_u16()).collect();
    statuses.sort_unstable();
    statuses
}

#[tokio::test]
async fn a_user_has_a_number_of_boards_and_may_delete_one_for_another() {
    let server = Server::start_with(&OPTIONS).await;
    let ada = server.user("ada").await;
    let grace = server.user("grace").await;
    let mut ids = Vec::new();
    for client in [&ada, &ada.over_http_2(), &ada] {
        ids.push(client.board("first").await);
    }
    for client in [&ada, &ada.over_http_2()] {
        client
            .post(BOARDS, &board("one more"))
            .await
            .expect_problem(409, "too_many_boards");
    }
    grace.board("hers").await;
    ada.delete(&format!("{BOARDS}/{}", ids[0]))
        .await
        .expect(204);
    ada.board("another").await;
    ada.post(BOARDS, &board("one more")).await.expect(409);
    assert_eq!(hits(&server, "boards_per_user").await, 3);
}

#[tokio::test]
async fn a_user_has_a_number_of_paths_on_each_board() {
    let server = Server::start_with(&OPTIONS).await;
    let ada = server.user("ada").await;
    let grace = server.user("grace").await;
    let (one, other) = (ada.board("one").await, ada.board("other").await);
    let mut ids = Vec::new();
    for client in [&ada, &ada.over_http_2(), &ada] {
        ids.push(client.path(one).await);
    }
    let paths = format!("{BOARDS}/{one}/paths");
    for client in [&ada, &ada.over_http_2()] {
        client
            .post(&paths, &path())
            .await
            .expect_problem(409, "too_many_paths");
    }
    ada.path(other).await;
    grace.path(one).await;
    ada.delete(&format!("/api/v1/paths/{}", ids[1]))
        .await
        .expect(204);
    ada.path(one).await;
    ada.post(&paths, &path()).await.expect(409);
    assert_eq!(hits(&server, "paths_per_board").await, 3);
}

#[tokio::test]
async fn saving_at_once_leads_no_further_than_one_after_the_other() {
    let server = Server::start_with(&OPTIONS).await;
    // Another server on the same database, too.
    let other = Server::start_on(server.database(), &OPTIONS).await;
    let ada = server.user("ada").await;
    let mut there = other.client();
    there.token.clone_from(&ada.token);
    let body = board("first");
    let (here, there_too) = tokio::join!(
        at_once(&ada, BOARDS, &body, 20),
        at_once(&there, BOARDS, &body, 20)
    );
    let created = here.iter().chain(&there_too).filter(|&&it| it == 201);
    assert_eq!(created.count(), 3, "{here:?} {there_too:?}");
    let paths = format!("{BOARDS}/1/paths");
    let body = path();
    let (here, there_too) = tokio::join!(
        at_once(&ada, &paths, &body, 20),
        at_once(&there, &paths, &body, 20)
    );
    let created = here.iter().chain(&there_too).filter(|&&it| it == 201);
    assert_eq!(created.count(), 3, "{here:?} {there_too:?}");
}
