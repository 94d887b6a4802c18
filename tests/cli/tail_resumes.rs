//! `dotcast tail` over cuts, restarts and strangers: each event once, and none left out.

use rustix::process::Signal;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
};

use crate::harness::{
    Follower, Server, run,
    server::{free_address, program},
    within,
};

#[tokio::test]
async fn restarts_of_the_server_neither_repeat_nor_lose_an_event() {
    // Another server on the same database goes on taking boards while the first is away.
    let steady = Server::start().await;
    let ada = steady.user("ada").await;
    let address = free_address().to_string();
    let options = [
        "--listen",
        &address,
        "--retry",
        "20ms",
        "--poll-interval",
        "20ms",
    ];
    let mut server = Server::start_on(steady.database(), &options).await;
    let mut follower = Follower::start(&server.url, &["--after", "0"]);
    let mut newest = 0;
    for signal in [Signal::KILL, Signal::TERM, Signal::KILL, Signal::TERM] {
        // Before, and with the signal somewhere among the writes; during; after.
        for _ in 0..3 {
            newest = ada.board("before").await;
        }
        server.signal(signal);
        for _ in 0..3 {
            newest = ada.board("meanwhile").await;
        }
        server.wait().await;
        for _ in 0..3 {
            newest = ada.board("during").await;
        }
        server = server.restart().await;
        for _ in 0..3 {
            newest = ada.board("after").await;
        }
    }
    let expected: Vec<_> = (1..=newest).collect();
    assert_eq!(follower.ids(expected.len()).await, expected);
    let (status, rest) = follower.end(Signal::TERM).await;
    assert_eq!(status.code(), Some(0));
    assert_eq!(rest, Vec::<String>::new());
}

#[tokio::test]
async fn a_follower_of_the_present_resumes_before_its_first_event() {
    let steady = Server::start().await;
    let ada = steady.user("ada").await;
    ada.board("old").await;
    ada.until_settled(1).await;
    let address = free_address().to_string();
    let options = [
        "--listen",
        &address,
        "--retry",
        "20ms",
        "--keep-alive",
        "1h",
    ];
    let server = Server::start_on(steady.database(), &options).await;
    let mut follower = Follower::start(&server.url, &["--idle-timeout", "500ms"]);
    // By then it has been connected and knows where it began.
    follower.until_logged("reconnecting after=1 ", 1).await;
    server.signal(Signal::KILL);
    ada.board("during").await;
    let _server = server.restart().await;
    assert_eq!(follower.ids(1).await, [2]);
    ada.board("after").await;
    assert_eq!(follower.ids(1).await, [3]);
}

#[tokio::test]
async fn a_silent_connection_is_dropped_and_resumed() {
    let server = Server::start_with(&["--keep-alive", "1h", "--retry", "20ms"]).await;
    let ada = server.user("ada").await;
    ada.board("one").await;
    let mut follower = Follower::start(&server.url, &["--after", "0", "--idle-timeout", "500ms"]);
    assert_eq!(follower.ids(1).await, [1]);
    follower.until_logged("reconnecting after=1 ", 2).await;
    ada.board("two").await;
    assert_eq!(follower.ids(1).await, [2]);
    follower.until_logged("reconnecting after=2 ", 2).await;
    ada.board("three").await;
    assert_eq!(follower.ids(1).await, [3]);
}

#[tokio::test]
async fn a_connection_that_lives_is_not_dropped() {
    let server = Server::start_with(&["--keep-alive", "100ms", "--retry", "20ms"]).await;
    let ada = server.user("ada").await;
    let mut follower = Follower::start(&server.url, &["--after", "0", "--idle-timeout", "3s"]);
    let mut stream = server.stream(None).await;
    stream.opening().await;
    // Longer than the timeout: only the keep-alives can have kept it.
    for _ in 0..40 {
        let sign = stream.next().await.expect("a keep-alive");
        assert!(!sign.is_logged(), "{sign:?}");
    }
    ada.board("one").await;
    assert_eq!(follower.ids(1).await, [1]);
    assert_eq!(follower.log(), "");
}

/// Takes one connection, reads the request's head, and answers this.
async fn answer_once(listener: &TcpListener, answer: &str) -> (String, TcpStream) {
    let (mut socket, _) = within("a connection", listener.accept())
        .await
        .expect("accept");
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(within("a request", socket.read_u8()).await.expect("read"));
    }
    let head = String::from_utf8(head).expect("text").to_lowercase();
    assert!(
        head.starts_with("get /sse/notifications/ http/1.1\r\n"),
        "{head}"
    );
    socket.write_all(answer.as_bytes()).await.expect("write");
    (head, socket)
}

#[tokio::test]
async fn what_is_no_server_of_ours_is_an_error() {
    let endless = "x".repeat(1024 * 1024 + 1);
    let endless = format!("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n{endless}");
    for (answer, told) in [
        (
            "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n",
            "the server refuses the stream: 404 Not Found",
        ),
        (
            "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 2\r\n\r\nhi",
            "answers, but not with an event stream",
        ),
        (
            "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi",
            "answers, but not with an event stream",
        ),
        (&endless, "a line of more than 1048576 bytes"),
    ] {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("bind");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let mut command = program();
        command.args(["tail", "--url", &url]);
        let (run, _socket) = tokio::join!(run(&mut command, ""), answer_once(&listener, answer));
        let complaint = run.complaint(1);
        assert!(complaint.contains(told), "{told} in {complaint}");
    }
}

/// Somebody else may sit on the address while the server is on its way.
async fn followed_once_it_is_up(before: Option<&str>) {
    let address = free_address();
    let follow = || {
        let url = format!("http://{address}");
        Follower::start(&url, &["--after", "0", "--idle-timeout", "2s"])
    };
    let mut follower;
    if let Some(answer) = before {
        let listener = TcpListener::bind(address).await.expect("bind");
        follower = follow();
        let _held = answer_once(&listener, answer).await;
        follower.until_logged("no stream", 1).await;
    } else {
        follower = follow();
        follower.until_logged("no stream", 1).await;
    }
    let server = Server::start_with(&["--listen", &address.to_string()]).await;
    server.user("ada").await.board("one").await;
    assert_eq!(follower.ids(1).await, [1], "after {before:?}");
}

#[tokio::test]
async fn a_server_that_is_not_ready_yet_is_asked_again() {
    let busy = "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n";
    // All at once, because each waits for seconds before it tries again.
    tokio::join!(
        followed_once_it_is_up(None),
        followed_once_it_is_up(Some(busy)),
        followed_once_it_is_up(Some("no HTTP at all\r\n\r\n")),
        followed_once_it_is_up(Some("")),
    );
}

#[tokio::test]
async fn an_event_that_was_cut_in_half_is_asked_for_again() {
    let head = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n";
    let event = |id| format!("id: {id}\nevent: newBoard\ndata: {{\"board_id\":{id}}}\n\n");
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("bind");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    let mut follower = Follower::start(&url, &["--after", "0"]);

    // Also in the middle of the data, right before the line that would end it.
    let second = event(2);
    for cut in [2, 6, 20, second.len() - 1] {
        let half = format!("{head}retry: 20\n{}{}", event(1), &second[..cut]);
        let (asked, socket) = answer_once(&listener, &half).await;
        let cursor = asked.contains("\r\nlast-event-id: 0\r\n");
        // Event 1 comes once more at each connection, and is printed once.
        assert_eq!(cursor, cut == 2, "{asked}");
        drop(socket);
    }
    let whole = format!("{head}{}", event(2));
    let (asked, _socket) = answer_once(&listener, &whole).await;
    assert!(asked.contains("\r\nlast-event-id: 1\r\n"), "{asked}");
    assert_eq!(follower.ids(2).await, [1, 2]);
}
