//! The stream by the OpenAPI 3.2 document, which has the schema of each event: schemathesis follows it, and holds each
//! event against its schema. It finds what a proxy has changed on the way.

use std::{collections::BTreeSet, net::SocketAddr};

use serde_json::json;
use tokio::{
    io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, copy},
    net::{TcpListener, TcpStream},
    task::{AbortHandle, JoinSet},
};

use super::{run, tool};
use crate::harness::{Server, client::board, contract::DOCUMENT_3_2, dotcast_on, eventually};

/// What the log holds in these tests: an event of each type, and another program's.
async fn of_each_type(server: &Server) -> Vec<String> {
    let (ada, bob) = (server.user("ada").await, server.user("bob").await);
    let id = ada.board("ab").await;
    let shown = format!("/api/v1/boards/{id}");
    ada.put(&shown, &board("cd")).await.expect(200);
    bob.path(id).await;
    let second = json!({ "cells": [{ "row": 2, "col": 0 }, { "row": 2, "col": 1 }] });
    let paths = format!("{shown}/paths");
    bob.post(&paths, &second).await.expect(201);
    ada.delete(&shown).await.expect(204);
    let erase = ["user", "erase", "bob", "--yes"];
    dotcast_on(server.database(), &erase).await.printed();
    let foreign =
        "INSERT INTO events (type, topic, payload) VALUES ('boardStarred', 1, '{\"stars\":5}')";
    server.database().execute(foreign).await;
    let events = eventually("all events", async || {
        let events = ada.events().await;
        let last = events.last()?;
        (last["type"] == "boardStarred").then_some(events)
    });
    let events = events.await;
    let types = events.iter().map(|it| it["type"].as_str().expect("text"));
    types.map(str::to_owned).collect()
}

/// Follows the stream at `url` past a cursor, up to the last of these events.
async fn follow(url: &str, cursor: &str, expected: &[&str]) -> Result<String, String> {
    let mut follow = tool("schemathesis/follow");
    follow.args([url, cursor]).args(expected);
    run(follow).await
}

#[tokio::test]
async fn each_type_of_event_has_the_schema_that_the_document_says() {
    let server = Server::start_with(&["--poll-interval", "50ms"]).await;
    let types = of_each_type(&server).await;
    let all = [&["cursor".to_owned()], &types[..]].concat();
    let all: Vec<_> = all.iter().map(String::as_str).collect();
    follow(&server.url, "0", &all).await.expect("valid events");
    let ahead = follow(&server.url, "1000", &["cursor", "reset"]).await;
    ahead.expect("valid events");

    // None is missing, but for the one that needs a session (below) and those of other programs.
    let alternatives = &DOCUMENT_3_2["components"]["schemas"]["StreamEvent"]["oneOf"];
    let alternatives = alternatives.as_array().expect("alternatives").iter();
    let known = alternatives.filter_map(|it| it["properties"]["event"]["const"].as_str());
    let known: BTreeSet<_> = known.collect();
    let seen: BTreeSet<_> = all.into_iter().chain(["reset", "bye"]).collect();
    let unknown: Vec<_> = seen.difference(&known).collect();
    assert_eq!(unknown, [&"boardStarred"]);
    assert_eq!(seen.len(), known.len() + 1, "{known:?}");
}

#[tokio::test]
async fn so_has_the_last_event_of_a_session_that_ends() {
    let server = Server::start_with(&["--stream-access", "users"]).await;
    let root = server.admin("root").await;
    let ada = server.user("ada").await;
    let mut follow = tool("schemathesis/follow");
    follow.args([&server.url, "0", "cursor", "bye"]);
    follow.env("TOKEN", ada.token.as_deref().expect("a token"));
    let end = async {
        eventually("the stream", async || {
            let open = root.get("/api/v1/admin/streams").await.expect(200);
            let open = open.body["items"].as_array().expect("items").len();
            (open == 1).then_some(())
        })
        .await;
        ada.delete("/api/v1/sessions/current").await.expect(204);
    };
    let (followed, ()) = tokio::join!(run(follow), end);
    followed.expect("valid events");
}

#[tokio::test]
async fn an_event_that_was_changed_on_its_way_is_found() {
    let server = Server::start_with(&["--poll-interval", "50ms"]).await;
    let ada = server.user("ada").await;
    ada.board("ab").await;
    ada.until_settled(1).await;
    let through = async |from: &'static str, to: &'static str| {
        let proxy = Changing::start(&server, from, to).await;
        follow(&proxy.url, "0", &["cursor", "newBoard"]).await
    };
    through("", "").await.expect("valid events");
    for (from, to, event) in [
        // A field of another type, a field that is missing, and what is no JSON.
        ("\"ab\"", "1234", 1),
        ("creator_username", "creator_usernaem", 1),
        ("{\"board_id\":", "{'board_id':", 1),
        // The cursor: in the data, and in the event's own field.
        ("{\"id\":0}", "{\"ie\":0}", 0),
        ("id: 1", "id: x", 1),
    ] {
        let said = through(from, to).await.expect_err(to);
        assert!(said.contains("SSE event violates schema"), "{to}: {said}");
        assert!(said.contains(&format!("Event #{event}: ")), "{to}: {said}");
    }
}

#[tokio::test]
async fn no_request_for_a_stream_gets_events_that_the_document_lacks() {
    let server = Server::start_with(&["--poll-interval", "50ms"]).await;
    of_each_type(&server).await;
    let mut probe = tool("schemathesis/run");
    probe.args([&server.url, "openapi-3.2.json", "25", "--seed", "1"]);
    probe.args(["--include-operation-id", "followEvents"]);
    let said = run(probe).await;
    let said = said.unwrap_or_else(|said| panic!("{said}"));
    assert!(said.contains("Tested: 1\n"), "{said}");
}

/// A proxy in front of a server that changes what comes back, and keeps its length.
struct Changing {
    url: String,
    accepting: AbortHandle,
}

impl Changing {
    /// Replaces `from`, of one line, with `to` wherever it comes; nothing, if it is empty.
    async fn start(server: &Server, from: &'static str, to: &'static str) -> Self {
        assert_eq!(from.len(), to.len(), "chunks keep their length");
        let instance = server.url.trim_start_matches("http://");
        let instance: SocketAddr = instance.parse().expect("an address");
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let accepting = tokio::spawn(async move {
            let mut connections = JoinSet::new();
            loop {
                let (client, _) = listener.accept().await.expect("accept");
                let server = TcpStream::connect(instance).await.expect("a server");
                let (mut asked, answered) = client.into_split();
                let (answers, mut questions) = server.into_split();
                connections.spawn(async move {
                    // Either side may go away.
                    let _ = copy(&mut asked, &mut questions).await;
                });
                connections.spawn(change(answers, answered, from, to));
            }
        });
        Self {
            url,
            accepting: accepting.abort_handle(),
        }
    }
}

impl Drop for Changing {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

/// Passes on line by line.
async fn change(
    mut answers: impl AsyncRead + Unpin,
    mut answered: impl AsyncWrite + Unpin,
    from: &str,
    to: &str,
) {
    let mut kept = Vec::new();
    while answers.read_buf(&mut kept).await.is_ok_and(|read| read > 0) {
        let end = kept
            .iter()
            .rposition(|it| *it == b'\n')
            .map_or(0, |it| it + 1);
        let lines: Vec<_> = kept.drain(..end).collect();
        let mut lines = String::from_utf8(lines).expect("text");
        if !from.is_empty() {
            lines = lines.replace(from, to);
        }
        if answered.write_all(lines.as_bytes()).await.is_err() {
            break;
        }
    }
}
