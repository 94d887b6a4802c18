//! Events as they happen, whoever writes them.

use serde_json::json;

use crate::harness::{Server, eventually, within};

#[tokio::test]
async fn an_event_has_the_keys_of_the_contract_in_their_order() {
    let server = Server::start().await;
    let user = server.user("ada").await;
    let mut stream = server.stream(None).await;
    stream.opening().await;
    let board = user.board("New Board").await;
    let path = user.path(board).await;

    let frame = stream.expect("newBoard").await;
    let told = json!({ "board_id": board, "board_name": "New Board", "creator_username": "ada" });
    assert_eq!(frame.id, Some(1));
    assert_eq!(
        frame.data.as_ref().map(ToString::to_string),
        Some(told.to_string())
    );

    let frame = stream.expect("newPath").await;
    let told = json!({
        "path_id": path,
        "board_id": board,
        "board_name": "New Board",
        "user_username": "ada",
    });
    assert_eq!(frame.id, Some(2));
    assert_eq!(
        frame.data.as_ref().map(ToString::to_string),
        Some(told.to_string())
    );
}

#[tokio::test]
async fn every_stream_gets_every_event() {
    let server = Server::start().await;
    let user = server.user("ada").await;
    let mut streams = Vec::new();
    for _ in 0..20 {
        let mut stream = server.stream(None).await;
        stream.opening().await;
        streams.push(stream);
    }
    for number in 0..10 {
        user.board(&format!("board {number}")).await;
    }
    for stream in &mut streams {
        assert_eq!(stream.ids(10).await, (1..=10).collect::<Vec<_>>());
    }
}

#[tokio::test]
async fn a_row_of_another_program_arrives_with_the_next_poll() {
    let server = Server::start_with(&["--poll-interval", "50ms"]).await;
    let mut stream = server.stream(None).await;
    stream.opening().await;
    // Pretty-printed and of an unknown type: it must still be one frame on the wire.
    server
        .database()
        .execute(
            "INSERT INTO events (type, topic, payload) VALUES ('imported', 7, '{\n  \"b\": 1,\n  \"a\": \"x\\ny\"\n}')",
        )
        .await;
    // PostgreSQL sorts the keys as it stores them.
    let told = if server.database().is_postgres() {
        r#"{"a":"x\ny","b":1}"#
    } else {
        r#"{"b":1,"a":"x\ny"}"#
    };
    let frame = stream.expect("imported").await;
    assert_eq!(frame.id, Some(1));
    assert_eq!(
        frame.data.as_ref().map(ToString::to_string).as_deref(),
        Some(told)
    );
}

#[tokio::test]
async fn another_server_on_the_same_database_sees_the_same_log() {
    let server = Server::start_with(&["--poll-interval", "50ms"]).await;
    let user = server.user("ada").await;
    let other = Server::start_on(server.database(), &["--poll-interval", "50ms"]).await;
    let mut stream = other.stream(None).await;
    stream.opening().await;
    user.board("one").await;
    assert_eq!(stream.ids(1).await, [1]);

    // A cursor from one server is valid at the other, though that one may lag behind.
    user.board("two").await;
    user.until_settled(2).await;
    let mut stream = other.stream(Some(2)).await;
    assert_eq!(stream.opening().await, 2);
    user.board("three").await;
    let frame = within("the event", stream.next()).await.expect("a frame");
    assert_eq!((frame.id, frame.is_logged()), (Some(3), true));
}

#[tokio::test]
async fn a_client_that_goes_away_is_noticed_at_once() {
    // No keep-alive comes within this test's patience.
    let server = Server::start_with(&["--keep-alive", "1h"]).await;
    // Once it answers, it has opened what it needs.
    let mut first = server.stream(None).await;
    first.opening().await;
    let before = server.open_files();
    let mut streams = Vec::new();
    for _ in 0..50 {
        let mut stream = server.stream(None).await;
        stream.opening().await;
        streams.push(stream);
    }
    assert!(server.open_files() >= before + 50);
    drop(streams);
    eventually("the end of the connections", || async {
        (server.open_files() < before + 10).then_some(())
    })
    .await;
}
