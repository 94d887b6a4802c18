//! The check itself: what a server does wrong is found.

use std::{
    io::{Read as _, Write as _},
    net::{Ipv4Addr, TcpListener, TcpStream},
    sync::{Arc, mpsc},
    thread,
    time::Duration,
};

use super::{Endpoint, Group, Opening, Outcome, Streams};
use crate::{marker::Marker, timeline::Timeline, transport::Transport};

/// What each of the streams is sent, and what comes of it, when there were three events.
fn outcome(sent: &'static [&[u64]]) -> Outcome {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
    let address = listener.local_addr().expect("an address");
    let (go, gone) = mpsc::channel::<()>();
    let server = thread::spawn(move || {
        let sockets: Vec<_> = sent
            .iter()
            .map(|events| (open(&listener), *events))
            .collect();
        gone.recv().expect("all are open");
        for (mut socket, events) in sockets {
            for &sequence in events {
                let marker = Marker { sequence, sent: 1 };
                // Byte by byte, because nobody promises more.
                for byte in format!("id: {sequence}\ndata: {marker}\n\n").bytes() {
                    socket.write_all(&[byte]).expect("written");
                }
            }
        }
    });
    let timeline = Arc::new(Timeline::new(3));
    timeline.set_streams(sent.len());
    let endpoint = Endpoint {
        address,
        path: "/".to_owned(),
        transport: Transport::Plain,
    };
    let streams = Streams::new(2, &endpoint, &timeline).expect("threads");
    let opened = streams.open(Group::Main, sent.len(), Opening::default());
    opened.expect("opened");
    for _ in 0..3 {
        timeline.take(1);
    }
    let next = timeline.next();
    go.send(()).expect("a server");
    server.join().expect("no panic");
    // The sockets are closed behind the events.
    let dropped = || streams.count_dropped(Group::Main) == sent.len();
    super::wait("the end", Duration::from_secs(10), dropped).expect("all ended");
    streams.outcome(Group::Main, next).expect("an outcome")
}

fn open(listener: &TcpListener) -> TcpStream {
    let (mut socket, _) = listener.accept().expect("a client");
    let mut request = [0; 1024];
    let length = socket.read(&mut request).expect("a request");
    assert!(request[..length].starts_with(b"GET / HTTP/1.1\r\n"));
    let head = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n: open\n\n";
    socket.write_all(head).expect("written");
    socket
}

fn counts(outcome: &Outcome) -> (usize, u64, u64, u64) {
    let Outcome {
        streams,
        lost,
        missing,
        doubled,
        ..
    } = outcome;
    (*streams, *lost, *missing, *doubled)
}

#[test]
fn what_is_exact_has_no_complaints() {
    let outcome = outcome(&[&[0, 1, 2], &[0, 1, 2], &[0, 1, 2]]);
    assert_eq!(counts(&outcome), (3, 0, 0, 0));
    assert!(outcome.complaints.is_empty());
    assert_eq!(outcome.latencies.from_sent.len(), 9);
}

#[test]
fn one_event_on_one_stream_is_enough_to_be_found() {
    assert_eq!(counts(&outcome(&[&[0, 1, 2], &[0, 2]])), (2, 1, 0, 0));
    assert_eq!(counts(&outcome(&[&[0, 1, 2], &[0, 1]])), (2, 0, 1, 0));
    assert_eq!(counts(&outcome(&[&[0, 1, 2], &[0, 1, 1, 2]])), (2, 0, 0, 1));
    // In the wrong order it is missed when it is due, and comes when it is not.
    let disordered = outcome(&[&[0, 1, 2], &[0, 2, 1]]);
    assert_eq!(counts(&disordered), (2, 1, 0, 1));
    assert_eq!(disordered.complaints.len(), 1);
}
