//! One's own paths on several boards at once.

use reqwest::Method;

use super::pages::{all_pages, listed, page};
use crate::harness::{
    Server, eventually,
    large::{copy, full_board, long_path},
};

#[tokio::test]
async fn own_paths_are_listed_by_board_and_nobody_elses() {
    let server = Server::start().await;
    let (ada, bob) = (server.user("ada").await, server.user("bob").await);
    for name in ["one", "two", "three"] {
        ada.board(name).await;
    }
    // 1 to 6; those of bob are 2 and 5.
    for (who, board) in [
        (&ada, 1),
        (&bob, 1),
        (&ada, 3),
        (&ada, 1),
        (&bob, 2),
        (&ada, 3),
    ] {
        who.path(board).await;
    }
    for (who, query, expected) in [
        (&ada, "boards=1,2,3", vec![6, 3, 4, 1]),
        (&ada, "boards=1,1,99,3&limit=1", vec![6, 3, 4, 1]),
        (&ada, "boards=1,2,3&limit=3", vec![6, 3, 4, 1]),
        (&ada, "boards=2", vec![]),
        (&bob, "boards=3,2,1", vec![5, 2]),
        // After a path that is gone, and on boards that were not asked for.
        (&ada, "boards=1,3&page=3.5", vec![3, 4, 1]),
        (&ada, "boards=1&page=2.9", vec![4, 1]),
    ] {
        let (ids, _) = all_pages(who, &format!("/api/v1/paths?{query}")).await;
        assert_eq!(ids, expected, "{query}");
    }
    let one = ada.get("/api/v1/paths?boards=3&limit=1").await.expect(200);
    let alone = ada.get("/api/v1/paths/6").await.expect(200);
    assert_eq!(one.body["items"][0], alone.body);
    assert_eq!(one.body["next_page"], "3.6");
    assert_eq!(one.header("last-event-id"), alone.header("last-event-id"));
    server
        .client()
        .get("/api/v1/paths?boards=1")
        .await
        .expect_problem(401, "missing_token");
}

#[tokio::test]
async fn a_page_of_long_paths_on_several_boards_ends_at_a_mebibyte() {
    let server = Server::start().await;
    let ada = server.user("ada").await;
    for board in 1..=2 {
        ada.post("/api/v1/boards", &full_board("full"))
            .await
            .expect(201);
        let paths = format!("/api/v1/boards/{board}/paths");
        ada.post(&paths, &long_path()).await.expect(201);
    }
    copy(server.database(), "paths", 14).await;
    let (first, _) = page(&ada, "/api/v1/paths?boards=1,2&limit=200").await;
    assert!((10..30).contains(&listed(&first).len()));
    let (mut ids, pages) = all_pages(&ada, "/api/v1/paths?boards=1,2&limit=200").await;
    ids.sort_unstable();
    assert_eq!(ids, (1..=30).collect::<Vec<_>>());
    assert!(pages >= 2, "{pages}");
}

#[tokio::test]
async fn a_page_takes_no_more_queries_however_many_boards_its_paths_are_on() {
    let server = Server::start_with(&["--log", "info,sqlx::query=debug"]).await;
    let ada = server.user("ada").await;
    for board in 1..=40 {
        ada.board("board").await;
        ada.path(board).await;
    }
    let queries = || {
        let log = server.log();
        // As the log has them, which escapes quotes.
        let is_query = |line: &&str| {
            let selects = [r#"SELECT \"paths\""#, r#"SELECT \"boards\""#];
            selects.iter().any(|select| line.contains(select))
        };
        log.lines().filter(is_query).count()
    };
    let before = queries();
    let boards: Vec<_> = (1..=50).map(|id| id.to_string()).collect();
    let path = format!("/api/v1/paths?boards={}", boards.join(","));
    let answer = ada
        .call(Method::GET, &path)
        .header("X-Request-Id", "counted")
        .send()
        .await
        .expect(200);
    assert_eq!(listed(&answer), (1..=40).rev().collect::<Vec<_>>());
    eventually("the line of the request", || async {
        server.log().contains("counted").then_some(())
    })
    .await;
    // Two steps, each of its paths and the boards that they are on.
    assert_eq!(queries() - before, 4);
}

#[tokio::test]
async fn boards_have_to_be_named_and_be_few() {
    let server = Server::start().await;
    let ada = server.user("ada").await;
    let many = vec!["1"; 51].join(",");
    for query in [
        "",
        "boards=",
        "boards=1,",
        "boards=x",
        &format!("boards={many}"),
    ] {
        let refused = ada.get(&format!("/api/v1/paths?{query}")).await;
        let refused = refused.expect_problem(400, "invalid_parameter");
        assert_eq!(refused.fields(), ["boards"], "{query}");
    }
    let most = vec!["1"; 50].join(",");
    let path = format!("/api/v1/paths?boards={most}");
    ada.get(&path).await.expect(200);
}
