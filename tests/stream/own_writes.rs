//! An acknowledged change can be read at once: in the log, and in the next stream to open.

use crate::harness::{Client, Server, client::board};

/// How often each of the four changes is made.
const ROUNDS: i64 = 13;

/// A server that finds nothing by chance: without a wake-up it looks at the log once an hour.
async fn server() -> Server {
    Server::start_with(&["--poll-interval", "1h"]).await
}

#[tokio::test]
async fn a_change_is_in_the_log_when_it_is_acknowledged() {
    let server = server().await;
    let user = server.user("ada").await;
    let mut last_id = 0;
    for client in [user.clone(), user.over_http_2()] {
        for _ in 0..ROUNDS {
            let id = client.board("one").await;
            last_id = expect_next(&client, last_id, "newBoard", id).await;
            client.path(id).await;
            last_id = expect_next(&client, last_id, "newPath", id).await;
            let one = format!("/api/v1/boards/{id}");
            client.put(&one, &board("renamed")).await.expect(200);
            last_id = expect_next(&client, last_id, "boardUpdated", id).await;
            client.delete(&one).await.expect(204);
            last_id = expect_next(&client, last_id, "boardDeleted", id).await;
        }
    }
    assert_eq!(last_id, 2 * 4 * ROUNDS);
}

/// Asserts that this is the only event after `last_id`, in the log as well as in a stream; returns its id.
async fn expect_next(client: &Client, last_id: i64, event: &str, board_id: i64) -> i64 {
    let page = format!("/api/v1/events?after={last_id}");
    let page = client.get(&page).await.expect(200);
    let items = page.body["items"].as_array().expect("items");
    assert_eq!(items.len(), 1, "after {last_id}: {items:?}");
    assert_eq!(items[0]["type"], event, "after {last_id}: {items:?}");
    assert_eq!(items[0]["board_id"], board_id, "after {last_id}: {items:?}");
    let id = items[0]["id"].as_i64().expect("an id");
    assert_eq!(page.header("last-event-id"), id.to_string());

    let mut stream = client.stream(last_id).await;
    assert_eq!(stream.opening().await, last_id);
    let frame = stream.expect(event).await;
    assert_eq!(frame.id, Some(id));
    assert_eq!(frame.data.expect("data")["board_id"], board_id);
    id
}

/// The first request after the answer is a stream here: nothing else has looked before it.
#[tokio::test]
async fn a_stream_that_is_opened_after_a_change_begins_with_it() {
    let server = server().await;
    let user = server.user("ada").await;
    let mut last_id = 0;
    for client in [user.clone(), user.over_http_2()] {
        for _ in 0..25 {
            client.board("one").await;
            let mut stream = client.stream(last_id).await;
            assert_eq!(stream.opening().await, last_id);
            last_id += 1;
            assert_eq!(stream.expect("newBoard").await.id, Some(last_id));
        }
    }
}

#[tokio::test]
async fn a_change_is_there_for_another_client_that_is_told_of_it() {
    let server = server().await;
    let user = server.user("ada").await;
    let clients = [server.client(), server.client().over_http_2()];
    for id in 1..=50 {
        user.board("one").await;
        for client in &clients {
            let page = format!("/api/v1/events?after={}", id - 1);
            let items = &client.get(&page).await.expect(200).body["items"];
            assert_eq!(items[0]["id"], id, "{items}");
        }
    }
}

#[tokio::test]
async fn whoever_writes_beside_others_finds_what_it_wrote() {
    let server = server().await;
    let user = server.user("ada").await;
    let write = |writer: i32| {
        let user = user.clone();
        async move {
            for number in 0..8 {
                let name = format!("writer {writer}, board {number}");
                let id = user.board(&name).await;
                let events = user.events().await;
                let own = events.iter().filter(|event| event["board_id"] == id);
                assert_eq!(own.count(), 1, "{name} in {events:?}");
            }
        }
    };
    let writers: Vec<_> = (0..16).map(|writer| tokio::spawn(write(writer))).collect();
    for writer in writers {
        writer.await.expect("a writer");
    }
}
