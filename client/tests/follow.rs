//! A stream followed over real connections to servers that answer what a test says.

use std::time::Duration;

use dotcast_client::{
    Builder, Client, Error, Event, Events, Item, Reset, ResetReason, parser::MAX_EVENT,
};
use futures_util::StreamExt as _;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    time::timeout,
};

const STREAM: &str = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n";

/// A server that takes one connection after another.
struct Server(TcpListener);

impl Server {
    async fn start() -> Self {
        Self(TcpListener::bind("127.0.0.1:0").await.expect("bind"))
    }

    fn client(&self) -> Builder {
        let address = self.0.local_addr().expect("an address");
        let url = format!("http://{address}");
        Client::builder(url.parse().expect("a URL")).after(0)
    }

    /// Answers the next request with this; what was asked, in lower case, and the connection, which is still open.
    async fn answer(&self, answer: &str) -> (String, TcpStream) {
        let (mut socket, _) = within("a connection", self.0.accept())
            .await
            .expect("accept");
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(within("a request", socket.read_u8()).await.expect("read"));
        }
        // A client that has read enough goes.
        let _ = socket.write_all(answer.as_bytes()).await;
        (
            String::from_utf8(head).expect("text").to_lowercase(),
            socket,
        )
    }

    /// The same with each of these, where all but the last connection end with what was sent.
    async fn answers(&self, answers: &[String]) -> (Vec<String>, TcpStream) {
        let mut heads = Vec::new();
        let mut last = None;
        for answer in answers {
            drop(last.take());
            let (head, socket) = self.answer(answer).await;
            heads.push(head);
            last = Some(socket);
        }
        (heads, last.expect("an answer"))
    }
}

async fn within<F: Future>(what: &str, future: F) -> F::Output {
    let result = timeout(Duration::from_secs(30), future).await;
    result.unwrap_or_else(|_| panic!("no {what}"))
}

fn event(id: i64) -> String {
    format!("id: {id}\nevent: newBoard\ndata: {{\"board_id\":{id}}}\n\n")
}

fn cursor(id: i64) -> String {
    format!("retry: 1\nid: {id}\nevent: cursor\ndata: {{\"id\":{id}}}\n\n")
}

fn stream(frames: &[String]) -> String {
    format!("{STREAM}{}", frames.concat())
}

/// The next `count` items.
async fn items(events: &mut Events, count: usize) -> Vec<Item> {
    let next = events.take(count).map(|item| item.expect("no error"));
    within("items", next.collect()).await
}

/// The error that comes next, after which nothing comes.
async fn error(events: &mut Events) -> Error {
    let item = within("an error", events.next()).await.expect("an item");
    assert!(events.next().await.is_none(), "an error is the end");
    item.expect_err("an error")
}

fn is_event(item: &Item, id: i64) -> bool {
    matches!(item, Item::Event(event) if event.id == id)
}

#[tokio::test]
async fn it_resumes_and_hands_out_each_event_once() {
    let server = Server::start().await;
    let client = server.client().build().expect("a client");
    let mut events = client.follow();
    let answers = [
        stream(&[cursor(0), event(1), event(2)]),
        // Cut in the middle of an event; the first one comes once more.
        stream(&[event(2), event(3)[..20].to_owned()]),
        stream(&[
            cursor(2),
            event(3),
            ": keep-alive\n\n".to_owned(),
            cursor(9),
        ]),
        stream(&[cursor(9), event(10)]),
    ];
    let ((heads, _socket), items) = tokio::join!(server.answers(&answers), items(&mut events, 8));
    let cursors = heads.iter().map(|head| {
        let (_, rest) = head.split_once("\r\nlast-event-id: ").expect("a cursor");
        rest.lines().next().expect("a line").to_owned()
    });
    assert_eq!(cursors.collect::<Vec<_>>(), ["0", "2", "2", "9"]);
    let first = Event {
        id: 1,
        kind: "newBoard".to_owned(),
        payload: r#"{"board_id":1}"#.to_owned(),
    };
    assert_eq!(items[..2], [Item::Position(0), Item::Event(first)]);
    assert!(is_event(&items[2], 2), "{items:?}");
    assert_eq!(items[3], Item::Position(2));
    assert!(is_event(&items[4], 3), "{items:?}");
    assert_eq!(items[5..7], [Item::Position(9), Item::Position(9)]);
    assert!(is_event(&items[7], 10), "{items:?}");
}

#[tokio::test]
async fn a_log_that_went_back_is_told_and_followed() {
    let server = Server::start().await;
    let mut events = server.client().after(9).build().expect("a client").follow();
    let reset = "event: reset\ndata: {\"reason\":\"restored\",\"requested_id\":9,\"oldest_id\":1,\"newest_id\":5}\n\n";
    let answer = stream(&[cursor(4), reset.to_owned(), event(5)]);
    let (_answered, items) = tokio::join!(server.answer(&answer), items(&mut events, 3));
    let reset = Reset {
        reason: ResetReason::Restored,
        requested_id: 9,
        oldest_id: 1,
        newest_id: 5,
    };
    assert_eq!(items[..2], [Item::Position(4), Item::Reset(reset)]);
    assert!(is_event(&items[2], 5), "{items:?}");
}

#[tokio::test]
async fn what_is_asked_for_and_by_whom_is_in_the_request() {
    let server = Server::start().await;
    let client = server
        .client()
        .after(None)
        .types(["newBoard", "newPath"])
        .boards([7])
        .token("secret".parse::<dotcast_client::Token>().expect("a token"))
        .build()
        .expect("a client");
    let mut events = client.follow();
    let answer = stream(&[cursor(3)]);
    let ((head, _socket), items) = tokio::join!(server.answer(&answer), items(&mut events, 1));
    assert_eq!(items, [Item::Position(3)]);
    let line = "get /sse/notifications/?types=newboard%2cnewpath&board_id=7 http/1.1\r\n";
    assert!(head.starts_with(line), "{head}");
    assert!(
        head.contains("\r\nauthorization: bearer secret\r\n"),
        "{head}"
    );
    assert!(head.contains("\r\naccept: text/event-stream\r\n"), "{head}");
    assert!(!head.contains("last-event-id"), "{head}");
}

#[tokio::test]
async fn a_busy_server_is_asked_again() {
    let server = Server::start().await;
    let mut events = server.client().build().expect("a client").follow();
    let status = |status: &str| format!("HTTP/1.1 {status}\r\nContent-Length: 0\r\n\r\n");
    let answers = [
        // So that the pauses are short.
        stream(&["retry: 1\n".to_owned()]),
        status("408 Request Timeout"),
        status("429 Too Many Requests"),
        status("500 Internal Server Error"),
        status("503 Service Unavailable"),
        "no HTTP at all\r\n\r\n".to_owned(),
        String::new(),
        stream(&[event(1)]),
    ];
    let (_answered, items) = tokio::join!(server.answers(&answers), items(&mut events, 1));
    assert!(is_event(&items[0], 1), "{items:?}");
}

#[tokio::test]
async fn a_refusal_ends_it_with_the_servers_reasons() {
    let problem = r#"{"detail":"Log in.","errors":[]}"#;
    let errors = r#"{"detail":"no","errors":[{"field":"types","message":"is unknown"},{"field":"x","message":"is odd"}]}"#;
    for (status, body, told) in [
        ("401 Unauthorized", problem, "401 Unauthorized: Log in."),
        (
            "400 Bad Request",
            errors,
            "400 Bad Request: types is unknown; x is odd",
        ),
        ("404 Not Found", "nothing here", "404 Not Found"),
        ("204 No Content", "", "204 No Content"),
    ] {
        let server = Server::start().await;
        let mut events = server.client().build().expect("a client").follow();
        let length = body.len();
        let answer = format!("HTTP/1.1 {status}\r\nContent-Length: {length}\r\n\r\n{body}");
        let (_answered, error) = tokio::join!(server.answer(&answer), error(&mut events));
        let Error::Refused {
            status: code,
            reason,
        } = &error
        else {
            panic!("{error:?}");
        };
        assert_eq!(*reason, told);
        assert!(status.starts_with(&code.to_string()), "{error:?}");
    }
}

#[tokio::test]
async fn what_is_no_event_stream_ends_it() {
    for content_type in ["", "Content-Type: text/html\r\n"] {
        let server = Server::start().await;
        let mut events = server.client().build().expect("a client").follow();
        let answer = format!("HTTP/1.1 200 OK\r\n{content_type}Content-Length: 2\r\n\r\nhi");
        let (_answered, error) = tokio::join!(server.answer(&answer), error(&mut events));
        assert!(matches!(error, Error::NoStream(_)), "{error:?}");
    }
}

#[tokio::test]
async fn the_end_of_a_session_ends_it() {
    let server = Server::start().await;
    let mut events = server.client().build().expect("a client").follow();
    let bye = "event: bye\ndata: {\"reason\":\"session_ended\"}\n\n".to_owned();
    let answer = stream(&[event(1), bye]);
    let follow = async {
        let items = items(&mut events, 1).await;
        (items, error(&mut events).await)
    };
    let (_answered, (items, error)) = tokio::join!(server.answer(&answer), follow);
    assert!(is_event(&items[0], 1), "{items:?}");
    assert!(matches!(error, Error::SessionEnded), "{error:?}");
}

/// Such a server would otherwise fill the client's memory, or be asked for the same event for ever.
#[tokio::test]
async fn an_endless_line_ends_it_after_what_came_before() {
    let server = Server::start().await;
    let mut events = server.client().build().expect("a client").follow();
    let answer = stream(&[event(1), format!("data: {}", "x".repeat(MAX_EVENT))]);
    let follow = async {
        let items = items(&mut events, 1).await;
        (items, error(&mut events).await)
    };
    let (_answered, (items, error)) = tokio::join!(server.answer(&answer), follow);
    assert!(is_event(&items[0], 1), "{items:?}");
    let told = "the stream has a line of more than 1048576 bytes";
    assert_eq!(error.to_string(), told);
}

#[tokio::test]
async fn silence_is_given_up() {
    let server = Server::start().await;
    let client = server.client().idle_timeout(Duration::from_millis(200));
    let mut events = client.build().expect("a client").follow();
    let answers = async {
        let first = server.answer(&stream(&[cursor(0), event(1)])).await;
        // Nor is there an answer to the next request. Both connections stay open.
        let second = server.answer("").await;
        (first, second, server.answer(&stream(&[event(2)])).await)
    };
    let (_answered, items) = tokio::join!(answers, items(&mut events, 3));
    assert!(is_event(&items[2], 2), "{items:?}");
}
