//! Pages of lists: bounded whatever their content, and each tells where the next one is.

use crate::harness::{
    Answer, Client, Server,
    large::{copy, full_board, long_path},
};

/// Largest page, in bytes.
const MAX_PAGE: usize = 1 << 20;

/// A page, and where the next one is.
pub(super) async fn page(client: &Client, path: &str) -> (Answer, Option<String>) {
    let page = client.get(path).await.expect(200);
    let next = page.headers.get("link").map(|link| {
        let link = link.to_str().expect("text");
        let target = link
            .strip_prefix('<')
            .and_then(|it| it.strip_suffix(">; rel=\"next\""));
        let target = target.unwrap_or_else(|| panic!("{link}"));
        let base = reqwest::Url::parse(&format!("http://host{path}")).expect("a URL");
        let next = base.join(target).expect("a reference");
        format!("{}?{}", next.path(), next.query().expect("a query"))
    });
    (page, next)
}

/// The ids on all pages from this one on, and how many pages there are.
pub(super) async fn all_pages(client: &Client, first: &str) -> (Vec<i64>, usize) {
    let (mut ids, mut count) = (Vec::new(), 0);
    let mut next = Some(first.to_owned());
    while let Some(path) = next {
        let (page, link) = self::page(client, &path).await;
        let size: usize = page.header("content-length").parse().expect("a number");
        assert!(size <= MAX_PAGE, "{path}: {size}");
        ids.extend(listed(&page));
        count += 1;
        for name in ["next_page", "next_before"] {
            let is_named = name == "next_page" || !path.contains("sort=most_solved");
            if let Some(next) = page.body.get(name).filter(|_| is_named) {
                assert_eq!(next.is_null(), link.is_none(), "{path}");
            }
        }
        next = link;
    }
    (ids, count)
}

pub(super) fn listed(page: &Answer) -> Vec<i64> {
    let items = page.body["items"].as_array().expect("items");
    items.iter().map(|it| it["id"].as_i64().unwrap()).collect()
}

fn newest_first(count: i64) -> Vec<i64> {
    (1..=count).rev().collect()
}

#[tokio::test]
async fn a_page_of_the_largest_boards_ends_at_a_mebibyte() {
    let server = Server::start().await;
    let ada = server.user("ada").await;
    let full = full_board("full");
    let created = ada.post("/api/v1/boards", &full).await.expect(201);
    copy(server.database(), "boards", 39).await;
    let (first, _) = page(&ada, "/api/v1/boards?limit=200").await;
    let count = listed(&first).len();
    assert!((5..25).contains(&count), "{count}");
    assert_eq!(first.body["items"][0]["dots"], created.body["dots"]);
    let last = &first.body["items"][count - 1]["id"];
    assert_eq!(first.body["next_before"], *last);
    let (ids, pages) = all_pages(&ada, "/api/v1/boards?limit=200").await;
    assert_eq!(ids, newest_first(40));
    assert!(pages >= 2, "{pages}");
    // Mixed with small ones, too.
    ada.board("small").await;
    copy(server.database(), "boards", 1).await;
    let (ids, _) = all_pages(&ada, "/api/v1/boards?limit=200").await;
    assert_eq!(ids, newest_first(82));
}

#[tokio::test]
async fn a_page_of_the_longest_paths_ends_at_a_mebibyte() {
    let server = Server::start().await;
    let ada = server.user("ada").await;
    let board = ada.post("/api/v1/boards", &full_board("full")).await;
    let paths = format!("/api/v1/boards/{}/paths", board.body["id"]);
    let created = ada.post(&paths, &long_path()).await.expect(201);
    copy(server.database(), "paths", 99).await;
    let (first, _) = page(&ada, &paths).await;
    let count = listed(&first).len();
    assert!((10..50).contains(&count), "{count}");
    assert_eq!(first.body["items"][0]["cells"], created.body["cells"]);
    let (ids, pages) = all_pages(&ada, &format!("{paths}?limit=200")).await;
    assert_eq!(ids, newest_first(100));
    assert!(pages >= 3, "{pages}");
}

#[tokio::test]
async fn a_page_of_large_events_ends_at_a_mebibyte_and_a_larger_one_is_a_page() {
    let server = Server::start().await;
    let ada = server.user("ada").await;
    let board = ada.board("first").await;
    server.database().append_fillers(board, 30, 100_000).await;
    ada.until_settled(31).await;
    let (ids, pages) = all_pages(&ada, "/api/v1/events?limit=200").await;
    assert_eq!(ids, (1..=31).collect::<Vec<_>>());
    assert!(pages >= 3, "{pages}");
    let (first, _) = page(&ada, "/api/v1/events?limit=200").await;
    let last = *listed(&first).last().expect("some");
    assert_eq!(first.body["next_after"], last);

    let filler = server.database();
    filler.append_fillers(board, 2, 2 * MAX_PAGE).await;
    ada.until_settled(33).await;
    for (after, expected) in [(30, 31), (31, 32), (32, 33)] {
        let (page, next) = page(&ada, &format!("/api/v1/events?after={after}")).await;
        assert_eq!(listed(&page), [expected]);
        assert_eq!(page.body["next_after"], expected);
        assert_eq!(next.is_none(), expected == 33);
    }
}

#[tokio::test]
async fn the_link_to_the_next_page_keeps_what_was_asked_for() {
    let server = Server::start().await;
    let ada = server.user("ada").await;
    for name in ["one", "two", "three"] {
        ada.board(name).await;
    }
    for _ in 0..3 {
        ada.path(1).await;
    }
    ada.until_settled(6).await;
    for (path, expected) in [
        (
            "/api/v1/boards?limit=2&creator=ada",
            Some("limit=2&creator=ada&before=2"),
        ),
        (
            "/api/v1/boards?before=3&limit=1&creator=ADA",
            Some("limit=1&creator=ADA&before=2"),
        ),
        ("/api/v1/boards?before=2&limit=1", None),
        ("/api/v1/boards", None),
        ("/api/v1/boards/1/paths?limit=2", Some("limit=2&before=2")),
        ("/api/v1/boards/1/paths?limit=3", None),
        ("/api/v1/events?limit=2", Some("limit=2&after=2")),
        (
            "/api/v1/events?types=newBoard%2CnewPath&after=0&limit=2&board_id=1",
            Some("types=newBoard%2CnewPath&limit=2&board_id=1&after=4"),
        ),
        ("/api/v1/events?limit=6", None),
        ("/api/v1/events?after=6", None),
    ] {
        let (_, next) = page(&ada, path).await;
        let expected = expected.map(|it| format!("{}?{it}", path.split('?').next().unwrap()));
        assert_eq!(next, expected, "{path}");
    }
    let (ids, pages) = all_pages(&ada, "/api/v1/events?limit=2&types=newPath").await;
    assert_eq!((ids, pages), (vec![4, 5, 6], 2));
    let (ids, pages) = all_pages(&ada, "/api/v1/boards?limit=1").await;
    assert_eq!((ids, pages), (vec![3, 2, 1], 3));
}
