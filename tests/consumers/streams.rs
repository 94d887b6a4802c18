//! Streams that are opened as a consumer.

use chrono::{DateTime, TimeDelta, Utc};
use reqwest::Method;
use rustix::process::Signal;
use serde_json::{Value, json};

use super::{Batch, Worker, trim, with_boards};
use crate::{
    harness::{Database, Server, Stream, Transport, eventually, sse::Frame},
    metrics::page::Page,
};

impl Worker {
    /// Asks for a stream as this consumer. `query` goes on behind its name.
    async fn ask_to_follow(&self, query: &str) -> reqwest::Response {
        let name = self.path.rsplit('/').next().expect("a name");
        let url = format!(
            "{}/sse/notifications/?consumer={name}{query}",
            self.client.url
        );
        let mut request = self.client.http().get(url);
        if let Some(token) = &self.client.token {
            request = request.bearer_auth(token);
        }
        request.send().await.expect("an answer")
    }

    /// An open stream, and its `lease_id`.
    async fn follow(&self) -> (Stream, Frame, Value) {
        let response = self.ask_to_follow("").await;
        assert_eq!(response.status(), 200);
        let mut stream = Stream::of(response);
        let opening = stream.expect("cursor").await;
        let data = opening.data.clone().expect("data");
        assert_eq!(data["id"].as_i64(), opening.id);
        assert!(data["lease_id"].is_string(), "{data}");
        (stream, opening, data["lease_id"].clone())
    }

    /// Asserts that others are kept from its events.
    async fn expect_leased(&self) {
        self.ask("").await.expect_problem(409, "leased");
        let refused = self.ask_to_follow("").await;
        assert_eq!(refused.status(), 409);
        assert!(refused.headers().contains_key("retry-after"));
    }

    /// The first batch that is not kept from it.
    async fn take_once_it_is_free(&self) -> Batch {
        eventually("the end of the stream's lease", || async {
            let answer = self.ask("").await;
            (answer.status == 200).then(|| Batch::of(&answer.body))
        })
        .await
    }
}

/// Asserts that a stream ends now, for this reason.
async fn expect_bye(stream: &mut Stream, reason: &str) {
    loop {
        let frame = stream.next().await.expect("a bye");
        if frame.event.as_deref() == Some("bye") {
            assert_eq!(frame.data, Some(json!({ "reason": reason })));
            break;
        }
        assert_eq!(frame.event, None, "{frame:?}");
    }
    assert_eq!(stream.next().await, None);
}

#[tokio::test]
async fn a_stream_starts_at_the_cursor_and_keeps_the_events_from_others() {
    let database = Database::new().await;
    for (round, transport) in Transport::all().into_iter().enumerate() {
        let server = transport.serve(&database, &["--keep-alive", "200ms"]).await;
        let mut ada = transport.client(&server);
        ada.register_and_log_in(&format!("ada{round}")).await;
        let first = ada.board("one").await;
        let worker = Worker::new(&ada, "mailer");
        let before = ada.events().await.last().expect("an event")["id"]
            .as_i64()
            .expect("an id");
        let settings = json!({ "types": ["newPath"], "after": before });
        worker.put(settings).await.expect(201);
        ada.path(first).await;
        ada.path(first).await;

        let (mut stream, opening, lease_id) = worker.follow().await;
        assert_eq!(opening.id, Some(before), "{}", transport.name);
        let ids = stream.ids(2).await;
        assert_eq!(ids, [before + 1, before + 2]);
        worker.expect_leased().await;
        let moved = worker.ack(ids[0], &lease_id).await.expect(200).body;
        assert_eq!(moved["cursor"], ids[0]);
        assert!(moved["lease_until"].is_string());
        worker.expect_leased().await;
        for (id, lease_id, status, code) in [
            (before + 9, &lease_id, 422, "validation_failed"),
            (i64::MAX, &lease_id, 422, "validation_failed"),
            (ids[1], &json!("other"), 409, "lease_lost"),
        ] {
            let answer = worker.ack(id, lease_id).await;
            answer.expect_problem(status, code);
        }
        // What the filter drops is told in a cursor, so that it can be acknowledged as well.
        ada.board("two").await;
        loop {
            let frame = stream.next().await.expect("a frame");
            if frame.id == Some(before + 3) {
                assert_eq!(frame.event.as_deref(), Some("cursor"));
                assert_eq!(frame.data, Some(json!({ "id": before + 3 })));
                break;
            }
            assert_eq!(frame.event, None, "{frame:?}");
        }
        ada.path(first).await;
        assert_eq!(stream.ids(1).await, [before + 4]);
        // The server does not know what has become of these, so the next one gets them.
        drop(stream);
        let batch = worker.take_once_it_is_free().await;
        assert_eq!(batch.ids, [ids[1], before + 4], "{}", transport.name);
        worker
            .ack(ids[1], &lease_id)
            .await
            .expect_problem(409, "lease_lost");
    }
}

#[tokio::test]
async fn what_was_handed_to_a_stream_can_be_acknowledged_after_it() {
    let (server, ada) = with_boards(3).await;
    let worker = Worker::new(&ada, "mailer");
    worker.put(json!({ "after": 0 })).await.expect(201);
    let (mut stream, _, lease_id) = worker.follow().await;
    assert_eq!(stream.ids(3).await, [1, 2, 3]);
    drop(stream);
    eventually("the end of the lease", || async {
        (worker.show().await["lease_until"] == Value::Null).then_some(())
    })
    .await;
    let other = Server::start_on(server.database(), &[]).await;
    let there = worker.at(&other.url);
    there.ack(3, &lease_id).await.expect(200);
    assert_eq!(there.take("").await.ids.len(), 0);
    assert_eq!(worker.show().await["cursor"], 3);
}

#[tokio::test]
async fn lines_tell_the_lease_too() {
    let (_server, ada) = with_boards(1).await;
    let worker = Worker::new(&ada, "mailer");
    worker.put(json!({ "after": 0 })).await.expect(201);
    let url = format!("{}/sse/notifications/?consumer=mailer", ada.url);
    let request = ada.http().get(url).header("Accept", "application/x-ndjson");
    let request = request.bearer_auth(ada.token.as_deref().expect("a token"));
    let mut response = request.send().await.expect("an answer");
    let mut text = String::new();
    while text.lines().count() < 2 || !text.ends_with('\n') {
        let chunk = response.chunk().await.expect("a stream").expect("bytes");
        text.push_str(std::str::from_utf8(&chunk).expect("UTF-8"));
    }
    let opening: Value = serde_json::from_str(text.lines().next().expect("a line")).expect("JSON");
    assert_eq!(
        (&opening["id"], &opening["type"]),
        (&json!(0), &json!("cursor"))
    );
    worker
        .ack(1, &opening["data"]["lease_id"])
        .await
        .expect(200);
}

#[tokio::test]
async fn whoever_moves_changes_or_deletes_the_consumer_ends_its_stream() {
    let (server, ada) = with_boards(2).await;
    let other = Server::start_on(server.database(), &[]).await;
    let worker = Worker::new(&ada, "mailer");
    let settings = json!({ "types": ["newBoard", "newPath"] });
    // From here at once, and from another server with the next renewal.
    for at in [worker.clone(), worker.at(&other.url)] {
        worker.put(json!({ "after": 0 })).await.expect(201);
        let (mut stream, _, lease_id) = worker.follow().await;
        assert_eq!(stream.ids(2).await, [1, 2]);
        // As each worker does when it starts.
        at.put(json!({})).await.expect(200);
        worker.expect_leased().await;
        at.seek(1).await.expect(200);
        expect_bye(&mut stream, "lease_lost").await;
        worker
            .ack(2, &lease_id)
            .await
            .expect_problem(409, "lease_lost");
        assert_eq!(worker.show().await["cursor"], 1);

        let (mut stream, opening, _) = worker.follow().await;
        assert_eq!(opening.id, Some(1));
        assert_eq!(stream.ids(1).await, [2]);
        at.put(settings.clone()).await.expect(200);
        expect_bye(&mut stream, "lease_lost").await;

        let (mut stream, ..) = worker.follow().await;
        assert_eq!(stream.ids(1).await, [2]);
        ada.delete(&at.path).await.expect(204);
        expect_bye(&mut stream, "lease_lost").await;
        let ended = "dotcast_streams_ended_total{reason=\"lease\"}";
        let page = Page::of(&ada).await;
        assert!(page.value(ended).is_some_and(|it| it >= 3.0));
    }
}

#[tokio::test]
async fn a_stream_ends_with_the_session_of_its_worker() {
    for options in [&[][..], &["--stream-access", "users"]] {
        let server = Server::start_with(options).await;
        let ada = server.user("ada").await;
        let worker = Worker::new(&ada, "mailer");
        worker.put(json!({})).await.expect(201);
        let (mut stream, ..) = worker.follow().await;
        ada.delete("/api/v1/sessions/current").await.expect(204);
        expect_bye(&mut stream, "session_ended").await;
    }
}

#[tokio::test]
async fn a_server_that_stops_gives_up_the_leases_of_its_streams() {
    let (mut server, ada) = with_boards(2).await;
    let other = Server::start_on(server.database(), &[]).await;
    let worker = Worker::new(&ada, "mailer");
    worker.put(json!({ "after": 0 })).await.expect(201);
    let (mut stream, ..) = worker.follow().await;
    assert_eq!(stream.ids(2).await, [1, 2]);
    server.signal(Signal::TERM);
    while stream.next().await.is_some() {}
    server.wait().await;
    let there = worker.at(&other.url);
    assert_eq!(there.take("").await.ids, [1, 2]);
}

#[tokio::test]
async fn the_lease_of_a_stream_lasts_as_long_as_its_server_renews_it() {
    let (server, ada) = with_boards(2).await;
    let other = Server::start_on(server.database(), &[]).await;
    let worker = Worker::new(&ada, "mailer");
    worker.put(json!({ "after": 0 })).await.expect(201);
    let (mut stream, ..) = worker.follow().await;
    assert_eq!(stream.ids(2).await, [1, 2]);
    let until = || async { worker.show().await["lease_until"].clone() };
    let first = until().await;
    eventually("a renewal", || async {
        let renewed = until().await;
        assert!(renewed.is_string());
        (renewed != first).then_some(())
    })
    .await;
    let there = worker.at(&other.url);
    there.expect_leased().await;
    server.signal(Signal::KILL);
    // From then on nobody renews it.
    let shown = there.show().await;
    let until = shown["lease_until"].as_str().expect("a time");
    let until = DateTime::parse_from_rfc3339(until).expect("a time");
    let left = until.to_utc() - Utc::now();
    assert!(left <= TimeDelta::seconds(30), "{left}");
    let ends = "UPDATE consumers SET lease_until = NULL";
    server.database().execute(ends).await;
    assert_eq!(there.take("").await.ids, [1, 2]);
}

#[tokio::test]
async fn a_cursor_that_cannot_be_honoured_is_told_until_it_is_acknowledged() {
    let (server, ada) = with_boards(5).await;
    let worker = Worker::new(&ada, "mailer");
    worker.put(json!({ "after": 1 })).await.expect(201);
    trim(&server, 3).await;
    let mut last = None;
    for _ in 0..2 {
        let (mut stream, opening, lease_id) = worker.follow().await;
        assert_eq!(opening.id, Some(3));
        let reset = stream.expect("reset").await;
        let data = reset.data.expect("data");
        assert_eq!(data["reason"], "expired", "{data}");
        assert_eq!(stream.ids(2).await, [4, 5]);
        last = Some((stream, lease_id));
        let end = "UPDATE consumers SET lease_until = NULL";
        server.database().execute(end).await;
        assert_eq!(worker.show().await["reset"], "expired");
    }
    let (_stream, lease_id) = last.expect("a stream");
    // Also without the events past it.
    worker.ack(3, &lease_id).await.expect(200);
    assert_eq!(worker.show().await.get("reset"), None);
    worker.ack(5, &lease_id).await.expect(200);
    let end = "UPDATE consumers SET lease_until = NULL";
    server.database().execute(end).await;
    let batch = worker.take("").await;
    assert_eq!((batch.reset, batch.ids.len()), (Value::Null, 0));
}

#[tokio::test]
async fn what_cannot_be_followed_as_a_consumer_is_refused() {
    let (server, ada) = with_boards(1).await;
    let worker = Worker::new(&ada, "mailer");
    worker.put(json!({ "after": 0 })).await.expect(201);
    let path = "/sse/notifications/?consumer=";
    for (query, field) in [
        ("mailer&since=10m", "since"),
        ("mailer&types=newBoard", "types"),
        ("mailer&board_id=1", "board_id"),
        ("a.b", "consumer"),
        ("", "consumer"),
    ] {
        let answer = ada.get(&format!("{path}{query}")).await;
        let answer = answer.expect_problem(400, "invalid_parameter");
        assert_eq!(answer.fields(), [field]);
    }
    let answer = ada.get(&format!("{path}other")).await;
    answer.expect_problem(404, "consumer_not_found");
    let grace = server.user("grace").await;
    let answer = grace.get(&format!("{path}mailer")).await;
    answer.expect_problem(404, "consumer_not_found");
    let nobody = server.client();
    let answer = nobody.get(&format!("{path}mailer")).await;
    answer.expect_problem(401, "missing_token");
    // Who only looks takes nothing, and where others are does not matter: the consumer's cursor counts.
    let head = ada
        .call(Method::HEAD, &format!("{path}mailer"))
        .send()
        .await;
    head.expect(200);
    let response = worker.ask_to_follow("&last_event_id=1").await;
    let mut stream = Stream::of(response);
    assert_eq!(stream.opening().await, 0);
    assert_eq!(stream.ids(1).await, [1]);
}
