//! Servers that run show the pseudonym, whatever they have in memory.

use reqwest::Method;
use serde_json::{Value, json};

use super::{NAME, erase, leave_traces, mentions};
use crate::harness::{Client, Database, Server, Transport, eventually};

const POLL: [&str; 2] = ["--poll-interval", "50ms"];

/// What a stream from the beginning sends, up to the newest event.
async fn streamed(client: &Client) -> Value {
    let newest = client.events().await.last().expect("events")["id"].clone();
    let mut stream = client.stream(0).await;
    let mut frames = Vec::new();
    loop {
        let frame = stream.next().await.expect("a frame");
        frames.extend(frame.data);
        if frame.id.map(Value::from).as_ref() == Some(&newest) {
            return frames.into();
        }
    }
}

async fn listed(client: &Client) -> Value {
    json!([client.events().await, client.all_boards().await])
}

#[tokio::test]
async fn a_running_server_shows_the_pseudonym_in_lists_and_streams() {
    let database = Database::new().await;
    let writing = Server::start_on(&database, &POLL).await;
    let user = writing.user(NAME).await;
    let grace = writing.user("grace").await;
    leave_traces(&user, &grace).await;
    // These have some events as pages of history, and later ones as rounds in their windows.
    let mut servers = Vec::new();
    for transport in Transport::all() {
        let server = transport.serve(&database, &POLL).await;
        servers.push((transport.client(&server), server));
    }
    leave_traces(&user, &grace).await;
    let clients: Vec<_> = servers.iter().map(|(client, _)| client).collect();
    let newest = grace.events().await.last().expect("events")["id"].clone();
    let newest = newest.as_i64().expect("an id");
    let mut streams = Vec::new();
    for client in &clients {
        client.until_settled(newest).await;
        let (streamed, listed) = (streamed(client).await, listed(client).await);
        assert!(mentions(&streamed, NAME) > 9, "{streamed}");
        assert!(mentions(&listed, NAME) > 9, "{listed}");
        let mut stream = client.stream(newest).await;
        assert_eq!(stream.opening().await, newest);
        streams.push(stream);
    }

    let pseudonym = erase(&writing).await;
    for stream in &mut streams {
        assert_eq!(stream.ids(1).await, [newest + 1]);
    }
    for client in clients.into_iter().chain([&grace]) {
        client.until_settled(newest + 1).await;
        let (streamed, listed) = (streamed(client).await, listed(client).await);
        assert_eq!(mentions(&streamed, NAME), 0, "{streamed}");
        assert_eq!(mentions(&listed, NAME), 0, "{listed}");
        assert!(mentions(&streamed, pseudonym) > 9, "{streamed}");
        // Ids and what else there is stay.
        assert!(mentions(&streamed, "grace") > 1, "{streamed}");
    }
}

#[tokio::test]
async fn what_was_cached_of_a_board_is_asked_for_again() {
    let server = Server::start_with(&POLL).await;
    let user = server.user(NAME).await;
    let board = user.board("one").await;
    let grace = server.user("grace").await;
    let at = format!("/api/v1/boards/{board}");
    let etag = grace.get(&at).await.header("etag").to_owned();
    let again = || {
        let call = grace.call(Method::GET, &at);
        call.header("If-None-Match", &etag).send()
    };
    again().await.expect(304);
    let pseudonym = erase(&server).await;
    let now = again().await.expect(200);
    assert_eq!(now.body["creator_username"], pseudonym);
    // Nothing else tells of it: a version is not an event.
    grace.until_settled(2).await;
    let kinds = grace.events().await;
    let kinds: Vec<_> = kinds.iter().map(|event| &event["type"]).collect();
    assert_eq!(kinds, ["newBoard", "userErased"]);
}

#[tokio::test]
async fn an_erased_user_is_nobody_and_their_name_is_free() {
    let server = Server::start_with(&POLL).await;
    let user = server.user(NAME).await;
    user.board("one").await;
    erase(&server).await;
    user.get("/api/v1/users/me")
        .await
        .expect_problem(401, "revoked_token");
    for name in [NAME, "erased-1"] {
        let credentials = json!({ "username": name, "password": "correct horse" });
        let refused = user.post("/api/v1/sessions", &credentials).await;
        refused.expect_problem(401, "wrong_credentials");
    }
    // Somebody else may have it, and is not taken for the first.
    let other = server.user(NAME).await;
    other.board("two").await;
    let events = other.events().await;
    let names: Vec<_> = events
        .iter()
        .filter_map(|event| event["data"]["creator_username"].as_str())
        .collect();
    assert_eq!(names, ["erased-1", NAME]);
    eventually("the same in the stream", || async {
        (mentions(&streamed(&other).await, NAME) == 1).then_some(())
    })
    .await;
}
