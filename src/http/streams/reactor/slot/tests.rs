use std::{
    collections::VecDeque,
    io::{Read as _, Write as _},
    net,
};

use dotcast_log::{
    feed::{Admission, Timing},
    filter::Filter,
    read::Extent,
    view::View,
    window::{Piece, Reach, Step},
};
use mio::net::TcpStream;
use socket2::SockRef;

use super::*;
use crate::http::connections::Connections;

/// Longest that a test waits for anything that must happen.
const PATIENCE: Duration = Duration::from_secs(30);
const WRITE_TIMEOUT: Duration = Duration::from_mins(1);

/// Hands out what a test puts into it, and then nothing more.
#[derive(Default)]
struct Script {
    next: VecDeque<Reach<Piece>>,
    is_stopping: bool,
}

impl Script {
    fn of(next: impl IntoIterator<Item = Reach<Piece>>) -> Self {
        Self {
            next: next.into_iter().collect(),
            is_stopping: false,
        }
    }
}

impl Source for Script {
    fn after(&mut self, _: EventId, _: &View) -> Reach<Piece> {
        self.next.pop_front().unwrap_or(Reach::UpToDate)
    }

    fn cut(&mut self, step: &Step, _: EventId, _: &View) -> Piece {
        piece(step.through, 0)
    }

    fn is_stopping(&self) -> bool {
        self.is_stopping
    }

    fn lost(&self) -> Option<Extent> {
        None
    }
}

/// So many bytes up to this event.
fn piece(through: EventId, bytes: usize) -> Piece {
    Piece {
        bytes: vec![b'x'; bytes].into(),
        events: 1,
        last: Some(through),
        through,
    }
}

/// A stream that is up to date, and its client, neither of which blocks.
fn open(now: Instant) -> (Slot, net::TcpStream) {
    let listener = net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let client = net::TcpStream::connect(listener.local_addr().expect("an address"));
    let client = client.expect("a connection");
    let (socket, _) = listener.accept().expect("a connection");
    for socket in [&client, &socket] {
        socket.set_nonblocking(true).expect("a socket");
    }
    let (timing, admission) = (Timing::default(), Admission::default());
    let mut feed = Feed::new(timing, 0, Filter::default(), admission, now);
    feed.start((0, None));
    let seat = Arc::new(Connections::new(1, 1)).admit(None);
    let transport = Transport::new(TcpStream::from_std(socket), None);
    let mut slot = Slot::new(1, transport, Vec::new(), feed, seat.expect("a seat"), now);
    assert_eq!(slot.advance(now, &mut Script::default()), Halt::UpToDate);
    (slot, client)
}

/// What has reached the client, which need not be all that was written.
fn received(client: &mut net::TcpStream) -> Vec<u8> {
    let mut bytes = Vec::new();
    let error = client.read_to_end(&mut bytes).expect_err("it is open");
    assert_eq!(error.kind(), io::ErrorKind::WouldBlock);
    bytes
}

#[test]
fn a_stream_that_catches_up_gives_others_a_turn() {
    let now = Instant::now();
    let (mut slot, _client) = open(now);
    let room = SockRef::from(&*slot.transport().socket()).set_send_buffer_size(4 * TURN);
    room.expect("room for more than a turn");
    // One piece more than makes a turn.
    let mut source = Script::of((1..=17).map(|id| Reach::Next(piece(id, TURN / 16))));
    assert_eq!(slot.advance(now, &mut source), Halt::TurnOver);
    assert_eq!(slot.feed().cursor(), 16);
    assert!(!slot.is_blocked());
    assert_eq!(slot.advance(now, &mut source), Halt::UpToDate);
    assert_eq!(slot.feed().cursor(), 17);
}

#[test]
fn a_client_that_takes_nothing_blocks_its_stream_until_it_reads() {
    let now = Instant::now();
    let (mut slot, mut client) = open(now);
    // More than a socket takes.
    let all = 16 << 20;
    let mut source = Script::of([Reach::Next(piece(1, all))]);
    assert_eq!(slot.advance(now, &mut source), Halt::Blocked);
    assert!(slot.is_blocked());
    assert_eq!(slot.due(WRITE_TIMEOUT), now + WRITE_TIMEOUT);

    let mut taken = Vec::new();
    while slot.is_blocked() {
        taken.append(&mut received(&mut client));
        assert_ne!(slot.advance(now, &mut source), Halt::Closed);
    }
    client.set_nonblocking(false).expect("a socket");
    // Closed in order, so that the client gets the rest.
    drop(slot);
    client.read_to_end(&mut taken).expect("a clean end");
    taken.retain(|byte| *byte == b'x');
    assert_eq!(taken.len(), all);
}

#[test]
fn a_stream_says_what_it_needs() {
    let now = Instant::now();
    let (mut slot, _client) = open(now);
    let mut source = Script::of([Reach::Behind(7)]);
    assert_eq!(slot.advance(now, &mut source), Halt::NeedsPage(7));
    slot.feed().start_later(5);
    let mut source = Script::default();
    assert_eq!(slot.advance(now, &mut source), Halt::NeedsPlace(5.into()));
    assert!(!slot.is_waiting(), "its owner decides what it waits for");
}

#[test]
fn a_stream_ends_with_the_last_chunk() {
    let now = Instant::now();
    let (mut slot, mut client) = open(now);
    let mut source = Script {
        is_stopping: true,
        ..Script::default()
    };
    assert_eq!(slot.advance(now, &mut source), Halt::Closed);
    drop(slot);
    client.set_nonblocking(false).expect("a socket");
    let mut text = String::new();
    client.read_to_string(&mut text).expect("a clean end");
    assert!(text.ends_with("\n\n\r\n0\r\n\r\n"), "{text}");
}

#[test]
fn what_a_client_sends_is_forgotten_and_its_end_is_noticed() {
    let (mut slot, mut client) = open(Instant::now());
    assert!(slot.transport().is_alive());
    client.write_all(b"hello").expect("written");
    assert!(slot.transport().is_alive());
    drop(client);
    let started = Instant::now();
    while slot.transport().is_alive() {
        assert!(started.elapsed() < PATIENCE, "the client has gone");
    }
}
