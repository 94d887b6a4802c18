//! What boards tell of who has solved them: to guests and users, and through caches.

use reqwest::Method;
use serde_json::Value;

use super::{BLUE, RED, draw, make, of, seen};
use crate::harness::{Answer, Client, Server};

#[tokio::test]
async fn a_user_is_told_of_themselves_and_a_guest_only_how_many() {
    let server = Server::start().await;
    let (ada, bob) = (server.user("ada").await, server.user("bob").await);
    let guest = server.client();
    let (solved, open) = (make(&ada, "solved").await, make(&ada, "open").await);
    draw(&ada, solved, RED).await;
    draw(&ada, solved, BLUE).await;
    draw(&bob, open, RED).await;
    let mut ended = ada.clone();
    ended.token = Some("x".repeat(43));
    for (client, expected) in [
        (&ada, [(0, Some(false)), (1, Some(true))]),
        (&bob, [(0, Some(false)), (1, Some(false))]),
        (&guest, [(0, None), (1, None)]),
        (&ended, [(0, None), (1, None)]),
    ] {
        assert_eq!(seen(client, open).await, expected[0]);
        assert_eq!(seen(client, solved).await, expected[1]);
        for query in ["", "?creator=ada", "?limit=2"] {
            let list = client
                .get(&format!("/api/v1/boards{query}"))
                .await
                .expect(200);
            let items = list.body["items"].as_array().expect("items");
            let listed: Vec<_> = items.iter().map(of).collect();
            assert_eq!(listed, expected, "{query}");
            for (item, id) in items.iter().zip([open, solved]) {
                let shown = client.get(&format!("/api/v1/boards/{id}")).await;
                assert_eq!(*item, shown.body);
                assert!(item.as_object().expect("an object").contains_key("solved"));
            }
        }
    }
}

async fn ask(client: &Client, board: i64, tag: &str) -> Answer {
    let call = client.call(Method::GET, &format!("/api/v1/boards/{board}"));
    call.header("If-None-Match", tag).send().await
}

#[tokio::test]
async fn a_known_tag_never_hides_that_a_board_was_solved() {
    let server = Server::start().await;
    let (ada, bob) = (server.user("ada").await, server.user("bob").await);
    let guest = server.client();
    let board = make(&ada, "first").await;
    draw(&ada, board, RED).await;
    draw(&bob, board, RED).await;
    let mut tags = vec!["\"none\"".to_owned()];
    for solver in [None, Some(&bob), Some(&ada)] {
        if let Some(solver) = solver {
            draw(solver, board, BLUE).await;
        }
        for client in [&ada, &bob, &guest] {
            // No earlier tag, and none of a caller who is told something else, hides this answer.
            let shown = ask(client, board, &tags.join(", ")).await;
            if shown.status == 200 {
                tags.push(shown.header("etag").to_owned());
            }
            let whole = client
                .get(&format!("/api/v1/boards/{board}"))
                .await
                .expect(200);
            let tag = whole.header("etag").to_owned();
            ask(client, board, &tag).await.expect(304);
            ask(client, board, &format!("W/{tag}")).await.expect(304);
            for other in tags.iter().filter(|it| **it != tag) {
                let answer = ask(client, board, other).await.expect(200);
                assert_eq!(answer.body, whole.body, "{other} {tag}");
            }
        }
    }
    // Ada and Bob are told the same before it is solved, and after both have.
    assert_eq!(
        tags[1..],
        [
            "\"1.0.0\"",
            "\"1.0\"",
            "\"1.1.0\"",
            "\"1.1.1\"",
            "\"1.1\"",
            "\"1.2.1\"",
            "\"1.2\""
        ]
    );
}

/// Solving a board does not change it.
#[tokio::test]
async fn a_change_is_conditional_on_the_version_alone() {
    let server = Server::start().await;
    let ada = server.user("ada").await;
    let board = make(&ada, "first").await;
    let at = format!("/api/v1/boards/{board}");
    let before = ada.get(&at).await.expect(200);
    draw(&ada, board, RED).await;
    draw(&ada, board, BLUE).await;
    let put = async |tag: &str, name: &str| {
        let call = ada.call(Method::PUT, &at).header("If-Match", tag);
        call.json(&super::two_pairs(name)).send().await
    };
    let renamed = put(before.header("etag"), "second").await.expect(200);
    assert_eq!(of(&renamed.body), (1, Some(true)));
    put(before.header("etag"), "third")
        .await
        .expect_problem(412, "stale_version");
    put("\"2\"", "third").await.expect(200);
    let delete = ada.call(Method::DELETE, &at);
    delete
        .header("If-Match", "\"3.77.0\"")
        .send()
        .await
        .expect(204);
}

#[tokio::test]
async fn caches_are_told_that_it_depends_on_who_asks() {
    let server = Server::start().await;
    let ada = server.user("ada").await;
    let board = make(&ada, "first").await;
    for path in [
        "/api/v1/boards".to_owned(),
        format!("/api/v1/boards/{board}"),
    ] {
        for (client, expected) in [(&server.client(), "no-cache"), (&ada, "private, no-cache")] {
            let answer = client.get(&path).await.expect(200);
            assert_eq!(answer.header("cache-control"), expected);
            assert_eq!(answer.header("vary"), "Authorization, Cookie");
        }
    }
    let unknown = ask(&ada, board, "\"1.0.0\"").await.expect(304);
    assert_eq!(unknown.header("vary"), "Authorization, Cookie");
    assert_eq!(unknown.body, Value::String(String::new()));
}
