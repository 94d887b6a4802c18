//! `dotcast tail`: what it prints, and how it ends.

use rustix::process::Signal;
use serde_json::json;
use tokio::io::{AsyncBufReadExt as _, BufReader};

use crate::harness::{Client, Follower, Server, run, server::program, within};

/// A server with a board by ada, a path on it by grace, and another board.
async fn server_with_events() -> (Server, Client) {
    let server = Server::start_with(&["--retry", "20ms"]).await;
    let ada = server.user("ada").await;
    let first = ada.board("one").await;
    server.user("grace").await.path(first).await;
    ada.board("two").await;
    ada.until_settled(3).await;
    (server, ada)
}

#[tokio::test]
async fn each_event_is_one_line_of_json() {
    let (server, _) = server_with_events().await;
    let mut follower = Follower::start(&server.url, &["--after", "0"]);
    let first = follower.event().await;
    let expected = json!({
        "id": 1,
        "type": "newBoard",
        "data": { "board_id": 1, "board_name": "one", "creator_username": "ada" },
    });
    // As text, because the order of the keys is for people.
    assert_eq!(first.to_string(), expected.to_string());
    let second = follower.event().await;
    let expected = json!({
        "id": 2,
        "type": "newPath",
        "data": { "path_id": 1, "board_id": 1, "board_name": "one", "user_username": "grace" },
    });
    assert_eq!(second.to_string(), expected.to_string());
    assert_eq!(follower.ids(1).await, [3]);
}

#[tokio::test]
async fn it_begins_where_it_is_told_to() {
    let (server, ada) = server_with_events().await;
    let mut all = Follower::start(&server.url, &["--after", "0"]);
    let mut some = Follower::start(&format!("{}/", server.url), &["--after", "2"]);
    assert_eq!(all.ids(3).await, [1, 2, 3]);
    assert_eq!(some.ids(1).await, [3]);

    // Without `--after` it begins now; its first line tells when that is.
    let mut now = Follower::start(&server.url, &[]);
    let writing = async {
        loop {
            ada.board("a board").await;
        }
    };
    let first = tokio::select! {
        ids = now.ids(1) => ids[0],
        () = writing => unreachable!("it writes for ever"),
    };
    assert!(first > 3, "{first}");
    ada.board("a board").await;
    assert_eq!(now.ids(1).await, [first + 1]);
}

#[tokio::test]
async fn only_what_was_asked_for_is_printed() {
    let (server, ada) = server_with_events().await;
    let mut followers = Vec::new();
    for (arguments, expected) in [
        (&["--types", "newBoard"][..], &[1, 3, 4][..]),
        (&["--types", "newPath,boardDeleted"], &[2, 5]),
        (&["--board", "1"], &[1, 2, 5]),
        (&["--board", "1,2"], &[1, 2, 3, 5]),
        (&["--board", "1,3", "--types", "newPath"], &[2]),
    ] {
        let mut arguments = arguments.to_vec();
        arguments.extend(["--after", "0"]);
        followers.push((Follower::start(&server.url, &arguments), expected));
    }
    ada.board("three").await;
    ada.delete("/api/v1/boards/1").await.expect(204);
    let mut all = Follower::start(&server.url, &["--after", "0"]);
    assert_eq!(all.ids(5).await, [1, 2, 3, 4, 5]);
    for (mut follower, expected) in followers {
        assert_eq!(follower.ids(expected.len()).await, expected);
        let (_, rest) = follower.end(Signal::TERM).await;
        assert_eq!(rest, Vec::<String>::new());
    }
}

#[tokio::test]
async fn a_signal_ends_it_with_success() {
    let (server, _) = server_with_events().await;
    for signal in [Signal::TERM, Signal::INT] {
        let mut follower = Follower::start(&server.url, &["--after", "0"]);
        assert_eq!(follower.ids(3).await, [1, 2, 3]);
        let (status, rest) = follower.end(signal).await;
        assert_eq!(status.code(), Some(0));
        assert_eq!(rest, Vec::<String>::new());
    }
}

/// At once, as in `dotcast tail | head`, and not with the next event.
#[tokio::test]
async fn a_closed_pipe_ends_it_with_success() {
    let (server, _) = server_with_events().await;
    let mut child = program()
        .args(["tail", "--after", "0", "--url", &server.url])
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .expect("the program starts");
    let mut lines = BufReader::new(child.stdout.take().expect("stdout")).lines();
    for id in 1..=3 {
        let line = within("a line", lines.next_line()).await.expect("read");
        let start = format!(r#"{{"id":{id},"#);
        assert!(line.expect("a line").starts_with(&start));
    }
    drop(lines);
    let output = within("the end", child.wait_with_output())
        .await
        .expect("wait");
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    assert_eq!(output.stderr, b"", "{output:?}");
}

#[tokio::test]
async fn a_stream_that_the_server_refuses_is_an_error_with_its_reason() {
    let server = Server::start().await;
    let answer = server
        .client()
        .get("/sse/notifications/?types=nope")
        .await
        .expect(400);
    let reason = answer.body["errors"][0]["message"]
        .as_str()
        .expect("a message");
    let mut command = program();
    command.args(["tail", "--types", "nope", "--url", &server.url]);
    let complaint = run(&mut command, "").await.complaint(1);
    assert!(complaint.contains("400 Bad Request"), "{complaint}");
    assert!(complaint.contains(reason), "{reason} in {complaint}");
}

#[tokio::test]
async fn a_cursor_that_cannot_be_honoured_is_told_and_it_goes_on() {
    let (server, ada) = server_with_events().await;
    let mut ahead = Follower::start(&server.url, &["--after", "100"]);
    // Whoever keeps a copy has to begin anew, and reads standard output only.
    let told = json!({ "reason": "ahead", "requested_id": 100, "oldest_id": 1, "newest_id": 3 });
    let line = json!({ "type": "reset", "data": told });
    assert_eq!(ahead.event().await, line);
    ahead.until_logged("events are missing here", 1).await;
    ada.board("three").await;
    assert_eq!(ahead.ids(1).await, [4]);

    server.run(&["trim", "--older-than", "0s"]).await;
    ada.board("four").await;
    let mut expired = Follower::start(&server.url, &["--after", "2"]);
    assert_eq!(expired.event().await["data"]["reason"], "expired");
    assert_eq!(expired.ids(1).await, [5]);
}
