//! Boards found by name, by who has solved them, and in either order.

use serde_json::json;

use super::pages::{all_pages, listed, page};
use crate::harness::{Client, Cluster, Server, eventually, large::copy};

/// A board that one path solves, which [`Client::path`] draws.
async fn easy(client: &Client, name: &str) -> i64 {
    let dot = |col: i64| json!({ "row": 0, "col": col, "color": "#ff0000" });
    let board = json!({ "name": name, "rows": 3, "cols": 3, "dots": [dot(0), dot(2)] });
    let made = client.post("/api/v1/boards", &board).await.expect(201);
    made.body["id"].as_i64().expect("an id")
}

/// The ids of all boards that a query finds.
async fn found(client: &Client, query: &str) -> Vec<i64> {
    all_pages(client, &format!("/api/v1/boards?{query}"))
        .await
        .0
}

#[tokio::test]
async fn boards_are_found_by_a_part_of_their_names() {
    let server = Server::start().await;
    let (ada, bob) = (server.user("ada").await, server.user("bob").await);
    for name in ["Łódź Metro", "LONDON metro", "100% off_", "Été ☀"] {
        ada.board(name).await;
    }
    bob.board("metro").await;
    let guest = server.client();
    for (query, expected) in [
        ("name=metro", vec![5, 2, 1]),
        ("name=METRO&creator=ADA", vec![2, 1]),
        ("name=metro&creator=nobody", vec![]),
        ("name=metro&limit=1", vec![5, 2, 1]),
        ("name=metro&before=5", vec![2, 1]),
        ("name=lodz", vec![1]),
        ("name=%C5%81%C3%B3d%C5%BA", vec![1]),
        ("name=ete", vec![4]),
        ("name=%C3%A9T%C3%89+%E2%98%80", vec![4]),
        // To the database none of these characters is special.
        ("name=%25", vec![3]),
        ("name=off_", vec![3]),
        ("name=o_f", vec![]),
        ("name=%5C", vec![]),
        ("name=%00", vec![]),
        ("name=%20", vec![4, 3, 2, 1]),
        ("name=metro&sort=most_solved", vec![5, 2, 1]),
        ("creator=ada&sort=most_solved&limit=3", vec![4, 3, 2, 1]),
    ] {
        assert_eq!(found(&guest, query).await, expected, "{query}");
    }
    // The current name of a board.
    let renamed = json!({ "name": "Tram", "rows": 3, "cols": 3, "dots": [] });
    ada.put("/api/v1/boards/2", &renamed).await.expect(200);
    assert_eq!(found(&guest, "name=metro").await, [5, 1]);
    assert_eq!(found(&guest, "name=tram").await, [2]);
}

#[tokio::test]
async fn boards_are_found_by_whether_the_caller_has_solved_them() {
    let server = Server::start().await;
    let (ada, bob) = (server.user("ada").await, server.user("bob").await);
    for number in 1..=4 {
        easy(&ada, &format!("easy {number}")).await;
    }
    for (who, board) in [(&ada, 1), (&ada, 3), (&bob, 3), (&bob, 4)] {
        who.path(board).await;
    }
    for (who, query, expected) in [
        (&ada, "solved=true", vec![3, 1]),
        (&ada, "solved=false", vec![4, 2]),
        (&bob, "solved=true&limit=1", vec![4, 3]),
        (&bob, "solved=false&creator=ada&name=easy", vec![2, 1]),
        (&bob, "solved=true&sort=most_solved", vec![3, 4]),
        (&bob, "solved=false&sort=most_solved&limit=1", vec![1, 2]),
    ] {
        assert_eq!(found(who, query).await, expected, "{query}");
    }
    for query in ["solved=true", "solved=false"] {
        let guest = server.client();
        let refused = guest.get(&format!("/api/v1/boards?{query}")).await;
        let refused = refused.expect_problem(401, "missing_token");
        assert_eq!(refused.fields(), ["solved"]);
    }
    // Nobody has solved the other layout.
    let other = json!({ "name": "easy 3", "rows": 4, "cols": 3, "dots": [] });
    ada.put("/api/v1/boards/3", &other).await.expect(200);
    assert_eq!(found(&bob, "solved=true").await, [4]);
    assert_eq!(found(&ada, "sort=most_solved").await, [4, 1, 3, 2]);
}

#[tokio::test]
async fn each_order_has_every_board_once_while_others_come_and_go() {
    let server = Server::start().await;
    let users = [
        server.user("ada").await,
        server.user("bob").await,
        server.user("eve").await,
    ];
    let [ada, bob, eve] = &users;
    for number in 1..=8 {
        easy(ada, &format!("easy {number}")).await;
    }
    // 2 three times, 5 and 7 twice, 1 once.
    for (who, boards) in [(ada, &[2, 5, 7][..]), (bob, &[2, 5, 7]), (eve, &[2, 1])] {
        for &board in boards {
            who.path(board).await;
        }
    }
    for (sort, expected) in [
        ("most_solved", [2, 7, 5, 1, 8, 6, 4, 3]),
        ("newest", [8, 7, 6, 5, 4, 3, 2, 1]),
    ] {
        let all = found(ada, &format!("sort={sort}")).await;
        assert_eq!(all, expected, "{sort}");
        let (mut ids, mut next) = (
            Vec::new(),
            Some(format!("/api/v1/boards?sort={sort}&limit=2")),
        );
        let mut passing = None;
        while let Some(path) = next {
            let (answer, link) = page(ada, &path).await;
            ids.extend(listed(&answer));
            next = link;
            // Between any two pages boards come and go, and one that was listed moves.
            if let Some(id) = passing.replace(easy(ada, "passing").await) {
                ada.delete(&format!("/api/v1/boards/{id}"))
                    .await
                    .expect(204);
            }
            eve.path(ids[0]).await;
        }
        // The newest boards, solved by nobody, lie behind what was read of the other order.
        ids.retain(|id| *id <= 8);
        assert_eq!(ids, expected, "{sort}");
        let passing = format!("/api/v1/boards/{}", passing.expect("one"));
        ada.delete(&passing).await.expect(204);
    }
}

#[tokio::test]
async fn parameters_of_different_lists_are_refused_together() {
    let server = Server::start().await;
    let ada = server.user("ada").await;
    let long = "x".repeat(101);
    for (query, fields) in [
        ("name=", &["name"][..]),
        (&format!("name={long}"), &["name"]),
        ("solved=yes&sort=oldest&page=x", &["page", "solved", "sort"]),
        ("solved=", &["solved"]),
        ("page=1.2", &["page"]),
        ("page=1&sort=most_solved", &["page"]),
        ("before=1&sort=most_solved", &["before"]),
        ("before=1&page=1", &["before"]),
        ("page=1234567890123456789", &["page"]),
    ] {
        let refused = ada.get(&format!("/api/v1/boards?{query}")).await;
        let refused = refused.expect_problem(400, "invalid_parameter");
        assert_eq!(refused.fields(), fields, "{query}");
    }
    let most = "é".repeat(100);
    let most = format!("/api/v1/boards?name={most}");
    ada.get(&most).await.expect(200);
}

/// Upper bound on the boards that one request of a filtered list scans.
const SCAN: usize = 20_000;

#[tokio::test]
async fn a_page_is_found_or_empty_after_a_bounded_scan() {
    let server = Server::start().await;
    let ada = server.user("ada").await;
    let needle = easy(&ada, "needle").await;
    let hay = easy(&ada, "hay").await;
    ada.delete(&format!("/api/v1/boards/{needle}"))
        .await
        .expect(204);
    copy(server.database(), "boards", SCAN + 10).await;
    // The oldest board.
    let update = format!("UPDATE boards SET name = 'needle' WHERE id = {hay}");
    server.database().execute(&update).await;
    for query in [
        "name=needle",
        "name=needle&sort=most_solved",
        "name=needle&solved=false",
    ] {
        let (first, next) = page(&ada, &format!("/api/v1/boards?{query}")).await;
        assert_eq!(listed(&first), [0; 0], "{query}");
        let next = next.unwrap_or_else(|| panic!("{query} goes on"));
        let (second, next) = page(&ada, &next).await;
        assert_eq!(listed(&second), [hay], "{query}");
        assert_eq!(next, None, "{query}");
    }
    // A match is listed at once, although others may follow.
    let (first, next) = page(&ada, "/api/v1/boards?name=hay&limit=1").await;
    assert_eq!(listed(&first).len(), 1);
    assert!(next.is_some());

    // Behind those that were solved come the others. To pass over the former once more is a part of the scan.
    let solve = format!(
        "INSERT INTO solutions (board_id, user_id, solved_at) \
         SELECT id, 1, '2026-01-01' FROM boards WHERE id > {hay} + 10"
    );
    server.database().execute(&solve).await;
    let mut path = "/api/v1/boards?name=needle&sort=most_solved".to_owned();
    for _ in 0..2 {
        let (nothing, next) = page(&ada, &path).await;
        assert_eq!(listed(&nothing), [0; 0]);
        path = next.expect("more");
    }
    let (last, next) = page(&ada, &path).await;
    assert_eq!((listed(&last), next), (vec![hay], None));
}

/// An index gives each order: PostgreSQL counts rows that are read without one.
#[tokio::test]
async fn no_list_of_many_boards_is_sorted_out_of_all_of_them() {
    const BOARDS: usize = 30_000;
    let cluster = Cluster::start().await;
    let database = cluster.database().await;
    let server = Server::start_on(&database, &[]).await;
    let ada = server.user("ada").await;
    easy(&ada, "easy").await;
    copy(&database, "boards", BOARDS).await;
    // Those that were solved have an order of their own.
    let solve = "INSERT INTO solutions (board_id, user_id, solved_at) SELECT id, 1, now() FROM boards WHERE id % 2 = 0";
    database.execute(solve).await;
    database.execute("ANALYZE").await;
    let read = async || -> i64 {
        let sum = "SELECT COALESCE(SUM(seq_tup_read), 0)::bigint FROM pg_stat_user_tables \
                   WHERE relname IN ('boards', 'solved_counts')";
        database.column::<i64>(sum).await[0]
    };
    let looked_up = async || -> i64 {
        let sum = "SELECT SUM(idx_scan)::bigint FROM pg_stat_user_indexes \
                   WHERE indexrelname = 'solved_counts_number_board_id'";
        database.column::<i64>(sum).await[0]
    };
    let (before, index_before) = (read().await, looked_up().await);
    for query in ["sort=most_solved", "solved=false", "name=easy&limit=200"] {
        let (first, next) = page(&ada, &format!("/api/v1/boards?{query}")).await;
        assert!(!listed(&first).is_empty());
        let next = next.expect("more");
        page(&ada, &next).await;
    }
    // Connections report what they have read once they are idle.
    eventually("the counts", || async {
        (looked_up().await >= index_before + 2).then_some(())
    })
    .await;
    let rows = read().await - before;
    let boards = i64::try_from(BOARDS).expect("few");
    assert!(rows < boards, "{rows} rows were read without an index");
}
