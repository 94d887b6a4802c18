//! `GET /api/v1/events`: the log for clients that cannot stream.

use serde_json::Value;

use crate::harness::{Answer, Client, Server, client::board};

/// Three boards, two paths and a change: events 1 to 6, and the boards' ids.
async fn history(server: &Server) -> (Client, [i64; 3]) {
    let ada = server.user("ada").await;
    let one = ada.board("one").await;
    let two = ada.board("two").await;
    ada.path(one).await;
    ada.path(two).await;
    ada.put(&format!("/api/v1/boards/{one}"), &board("changed"))
        .await
        .expect(200);
    let three = ada.board("three").await;
    ada.until_settled(6).await;
    (ada, [one, two, three])
}

async fn page(client: &Client, query: &str) -> Answer {
    let page = client.get(&format!("/api/v1/events?{query}")).await;
    let page = page.expect(200);
    assert_eq!(
        page.header("last-event-id"),
        page.body["next_after"].to_string()
    );
    page
}

fn ids(page: &Answer) -> Vec<i64> {
    let items = page.body["items"].as_array().expect("items");
    items.iter().map(|it| it["id"].as_i64().unwrap()).collect()
}

#[tokio::test]
async fn the_log_is_read_oldest_first_a_page_at_a_time() {
    let server = Server::start().await;
    let (client, _) = history(&server).await;
    let whole = page(&client, "").await;
    assert_eq!(ids(&whole), [1, 2, 3, 4, 5, 6]);
    assert_eq!(whole.body["next_after"], 6);
    assert_eq!(whole.body["trimmed_through"], 0);
    let types = whole.body["items"].as_array().unwrap().iter();
    let types: Vec<_> = types.map(|it| it["type"].as_str().unwrap()).collect();
    assert_eq!(
        types,
        [
            "newBoard",
            "newBoard",
            "newPath",
            "newPath",
            "boardUpdated",
            "newBoard"
        ]
    );
    let keys: Vec<_> = whole.body["items"][0].as_object().unwrap().keys().collect();
    assert_eq!(
        keys,
        ["id", "uuid", "type", "board_id", "data", "created_at"]
    );

    let mut read = Vec::new();
    let mut after = Value::from(0);
    while read.len() < 6 {
        let next = page(&client, &format!("limit=4&after={after}")).await;
        read.extend(ids(&next));
        after = next.body["next_after"].clone();
    }
    assert_eq!(read, [1, 2, 3, 4, 5, 6]);
    let end = page(&client, &format!("after={after}")).await;
    assert_eq!(ids(&end), Vec::<i64>::new());
    assert_eq!(end.body["next_after"], after);
    // A page that is exactly full may not be the end, and goes on after its last event.
    let full = page(&client, "limit=3&after=2").await;
    assert_eq!(ids(&full), [3, 4, 5]);
    assert_eq!(full.body["next_after"], 5);
}

#[tokio::test]
async fn the_log_is_read_newest_first_before_an_id() {
    let server = Server::start().await;
    let (client, [one, ..]) = history(&server).await;
    let newest = page(&client, &format!("before={}&limit=4", i64::MAX)).await;
    assert_eq!(ids(&newest), [6, 5, 4, 3]);
    assert_eq!(newest.body["next_before"], 3);
    // A stream from there continues with what is newer than the page.
    assert_eq!(newest.body["next_after"], 6);
    assert_eq!(
        newest.header("link"),
        "<?limit=4&before=3>; rel=\"next\"",
        "the next page"
    );
    let oldest = page(&client, "before=3&limit=4").await;
    assert_eq!(ids(&oldest), [2, 1]);
    assert_eq!(oldest.body.get("next_before"), None);
    assert_eq!(oldest.body["next_after"], 2);
    assert!(!oldest.headers.contains_key("link"));

    for (query, expected) in [
        ("before=6&after=2".to_owned(), vec![5, 4, 3]),
        ("before=6&types=newBoard".to_owned(), vec![2, 1]),
        (format!("before=5&board_id={one}"), vec![3, 1]),
        ("before=1".to_owned(), vec![]),
        ("before=0".to_owned(), vec![]),
        (
            format!("before=0&after={}&types=newBoard", i64::MAX),
            vec![],
        ),
    ] {
        let page = page(&client, &query).await;
        assert_eq!(ids(&page), expected, "{query}");
        assert_eq!(page.body.get("next_before"), None, "{query}");
    }

    server.run(&["trim", "--older-than", "0s"]).await;
    let empty = page(&client, "before=7&limit=1").await;
    assert_eq!(ids(&empty), Vec::<i64>::new());
    assert_eq!(empty.body.get("next_before"), None);
    assert_eq!(empty.body["trimmed_through"], 6);
}

/// An index leads to it.
#[tokio::test]
async fn what_is_rare_in_a_long_log_is_found_at_once() {
    let server = Server::start().await;
    let ada = server.user("ada").await;
    let rare = ada.board("at the beginning").await;
    let database = server.database();
    database.append_fillers(rare + 1, 21_000, 0).await;
    ada.path(rare).await;
    ada.until_settled(21_002).await;
    for (query, expected) in [
        ("types=newBoard".to_owned(), vec![1]),
        ("types=newPath".to_owned(), vec![21_002]),
        ("types=newBoard,newPath".to_owned(), vec![1, 21_002]),
        (format!("board_id={rare}"), vec![1, 21_002]),
        (format!("board_id={rare}&types=newPath"), vec![21_002]),
    ] {
        let forth = page(&ada, &query).await;
        assert_eq!(ids(&forth), expected, "{query}");
        assert_eq!(forth.body["next_after"], 21_002, "{query}");
        let back = page(&ada, &format!("before={}&{query}", i64::MAX)).await;
        let newest_first: Vec<_> = expected.into_iter().rev().collect();
        assert_eq!(ids(&back), newest_first, "{query}");
        assert_eq!(back.body.get("next_before"), None, "{query}");
    }
    server.run(&["trim", "--older-than", "0s"]).await;
    ada.path(rare).await;
    ada.until_settled(21_003).await;
    for query in ["types=newPath", &format!("board_id={rare}")] {
        assert_eq!(ids(&page(&ada, query).await), [21_003], "{query}");
    }
}

/// No index knows both, so a page looks at some thousands of the board's events only, and says how far it has come.
#[tokio::test]
async fn what_is_rare_among_the_events_of_a_busy_board_takes_a_few_pages() {
    let server = Server::start().await;
    let ada = server.user("ada").await;
    let busy = ada.board("at the beginning").await;
    server.database().append_fillers(busy, 12_000, 0).await;
    ada.path(busy).await;
    ada.until_settled(12_002).await;
    let filter = format!("board_id={busy}&types=newBoard,newPath");
    let (mut found, mut pages, mut after) = (Vec::new(), 0, Value::from(0));
    loop {
        let page = page(&ada, &format!("after={after}&{filter}")).await;
        found.extend(ids(&page));
        pages += 1;
        after = page.body["next_after"].clone();
        if !page.headers.contains_key("link") {
            break;
        }
    }
    assert_eq!((found, pages, after), (vec![1, 12_002], 3, 12_002.into()));
    let (mut found, mut pages, mut before) = (Vec::new(), 0, i64::MAX);
    loop {
        let page = page(&ada, &format!("before={before}&{filter}")).await;
        found.extend(ids(&page));
        pages += 1;
        match page.body.get("next_before") {
            Some(next) => before = next.as_i64().expect("an id"),
            None => break,
        }
    }
    assert_eq!((found, pages), (vec![12_002, 1], 3));
}

#[tokio::test]
async fn nobody_has_to_log_in_and_every_event_has_a_name_of_its_own() {
    let server = Server::start().await;
    history(&server).await;
    let whole = page(&server.client(), "").await;
    let items = whole.body["items"].as_array().expect("items");
    let mut names: Vec<_> = items
        .iter()
        .map(|it| it["uuid"].as_str().unwrap())
        .collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), 6);
    assert_eq!(page(&server.client(), "").await.body, whole.body);
}

#[tokio::test]
async fn the_log_is_filtered_by_type_and_by_board() {
    let server = Server::start().await;
    let (client, [one, two, three]) = history(&server).await;
    for (query, expected) in [
        ("types=newBoard".to_owned(), vec![1, 2, 6]),
        ("types=newPath,boardUpdated".to_owned(), vec![3, 4, 5]),
        ("types=newPath,newPath".to_owned(), vec![3, 4]),
        ("types=boardDeleted".to_owned(), vec![]),
        (format!("board_id={one}"), vec![1, 3, 5]),
        (format!("board_id={two}&types=newPath"), vec![4]),
        (format!("board_id={three}&after=5"), vec![6]),
        (format!("board_id={}", three + 1), vec![]),
    ] {
        let page = page(&client, &query).await;
        assert_eq!(ids(&page), expected, "{query}");
        // Events that the filter dropped need not be scanned again.
        assert_eq!(page.body["next_after"], 6, "{query}");
    }
    let full = page(&client, "types=newBoard&limit=2").await;
    assert_eq!(full.body["next_after"], 2);
}

#[tokio::test]
async fn what_retention_has_deleted_is_told() {
    let server = Server::start().await;
    let (client, _) = history(&server).await;
    server.run(&["trim", "--older-than", "0s"]).await;
    let empty = page(&client, "").await;
    assert_eq!(ids(&empty), Vec::<i64>::new());
    assert_eq!(empty.body["trimmed_through"], 6);
    assert_eq!(empty.body["next_after"], 6);
    client.board("four").await;
    client.until_settled(7).await;
    for query in ["", "after=2", "after=6", "types=newBoard"] {
        let page = page(&client, query).await;
        assert_eq!(ids(&page), [7], "{query}");
        assert_eq!(page.body["trimmed_through"], 6, "{query}");
        assert_eq!(page.body["next_after"], 7, "{query}");
    }
}

#[tokio::test]
async fn who_comes_with_a_cursor_ahead_of_the_log_is_told_and_goes_on_from_its_end() {
    let server = Server::start().await;
    let (client, _) = history(&server).await;
    for after in [7, i64::MAX] {
        let page = page(&client, &format!("after={after}")).await;
        assert_eq!(ids(&page), Vec::<i64>::new());
        assert_eq!(page.body["reset"], "ahead");
        assert_eq!(page.body["next_after"], 6);
    }
}

#[tokio::test]
async fn a_cursor_that_is_no_event_id_is_refused() {
    let server = Server::start().await;
    let client = server.client();
    // An empty cursor is none.
    client.get("/api/v1/events?after=").await.expect(200);
    for after in [
        "abc",
        "-1",
        "%2B1",
        "1.5",
        "%201",
        "9223372036854775808",
        "1&after=2",
    ] {
        let answer = client
            .get(&format!("/api/v1/events?after={after}"))
            .await
            .expect_problem(400, "invalid_cursor");
        assert_eq!(answer.fields(), ["after"], "{after}");
    }
}

#[tokio::test]
async fn every_wrong_parameter_of_the_log_is_named() {
    let server = Server::start().await;
    let client = server.client();
    for (query, fields) in [
        (
            "limit=0&types=nope&board_id=x",
            vec!["limit", "types", "board_id"],
        ),
        (
            "limit=201&types=&board_id=-1",
            vec!["limit", "types", "board_id"],
        ),
        ("types=newBoard,&board_id=", vec!["types", "board_id"]),
        ("types=newBoard&types=newPath", vec!["types"]),
        ("limit=ten", vec!["limit"]),
    ] {
        let answer = client
            .get(&format!("/api/v1/events?{query}"))
            .await
            .expect_problem(400, "invalid_parameter");
        assert_eq!(answer.fields(), fields, "{query}");
    }
    let answer = client.get("/api/v1/events?types=nope").await.expect(400);
    let message = answer.body["errors"][0]["message"].as_str().unwrap();
    for known in [
        "newBoard",
        "newPath",
        "boardUpdated",
        "boardDeleted",
        "boardSolved",
    ] {
        assert!(message.contains(known), "{message}");
    }
}
