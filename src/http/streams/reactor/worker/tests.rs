use std::{
    io::Read as _,
    net::{TcpListener, TcpStream},
};

use chrono::DateTime;
use clap::Parser;
use dotcast_log::{
    event,
    feed::{Admission, Feed, Timing},
    filter::Filter,
    poller::Poller,
    right::Right,
    vital::Vital,
    window::{Round, Step},
};
use sea_orm::{ConnectionTrait as _, prelude::Uuid};
use serde_json::json;
use socket2::SockRef;
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;

use super::*;
use crate::{config::DatabaseOptions, db::Db, http::connections::Connections};

/// Streams of each kind in a test.
const STREAMS: usize = 20;
/// Longest that a test waits for anything that must happen.
const PATIENCE: Duration = Duration::from_secs(30);

#[derive(Parser)]
struct Options {
    #[command(flatten)]
    database: DatabaseOptions,
}

/// A worker that the test runs turn by turn, on a database that has gone away.
struct Stranded {
    worker: Worker,
    hub: Hub,
    events: Events,
    listener: TcpListener,
    /// What streams are sent first.
    head: Vec<u8>,
    /// By what right they are open.
    right: Option<Right>,
    runtime: Handle,
    /// Tasks that have nothing to do with the worker.
    tasks: usize,
}

impl Stranded {
    async fn new() -> Self {
        let directory = TempDir::new().expect("a directory");
        let url = format!("sqlite://{}", directory.path().join("log.db").display());
        let options = Options::parse_from(["test", "--database-url", &url]).database;
        let vital = Vital::default();
        let db = Db::connect(&options.database_url, &options.settings(), &vital)
            .await
            .expect("a database");
        db.migrate().await.expect("a schema");
        let transaction = db.transaction().await.expect("a transaction");
        let event = "INSERT INTO events (type, topic, payload) VALUES ('filler', 1, '{}')";
        for _ in 0..3 {
            let connection = transaction.connection();
            connection.execute_unprepared(event).await.expect("a row");
        }
        transaction.commit().await.expect("a commit");
        let (hub, _) = Poller::open(db.log_store(), &vital).await.expect("a hub");
        assert_eq!(hub.settled(), 3);
        db.close().await.expect("an end");

        let runtime = Handle::current();
        let open = Arc::new(AtomicUsize::new(0));
        let worker = Worker::new(hub.clone(), Duration::from_mins(1), open, runtime.clone());
        Self {
            worker: worker.expect("a worker"),
            hub,
            events: Events::with_capacity(1024),
            listener: TcpListener::bind("127.0.0.1:0").expect("a port"),
            head: Vec::new(),
            right: None,
            tasks: runtime.metrics().num_alive_tasks(),
            runtime,
        }
    }

    /// Opens streams that begin after 0; returns their clients.
    fn open(&mut self, filter: impl Fn(usize) -> Filter, is_located: bool) -> Vec<TcpStream> {
        let address = self.listener.local_addr().expect("an address");
        let timing = Timing {
            keep_alive: Duration::from_mins(1),
            retry: Duration::from_secs(2),
            max_age: None,
        };
        let mut clients = Vec::new();
        for index in 0..STREAMS {
            clients.push(TcpStream::connect(address).expect("a connection"));
            let (socket, _) = self.listener.accept().expect("a connection");
            socket.set_nonblocking(true).expect("a socket");
            let buffer = SockRef::from(&socket).set_send_buffer_size(4096);
            buffer.expect("a small buffer");
            let mut feed = Feed::new(
                timing,
                3,
                filter(index),
                Admission {
                    right: self.right.clone(),
                    ..Admission::default()
                },
                self.worker.now,
            );
            if is_located {
                feed.start((0, None));
            } else {
                feed.start_later(1);
            }
            self.worker.open.fetch_add(1, Ordering::Relaxed);
            let head = self.head.clone();
            let connections = Arc::new(Connections::new(1, 1));
            let seat = connections.admit(None).expect("a seat");
            let handed = Box::new(Handed {
                socket,
                tls: None,
                head,
                feed,
                seat,
            });
            self.worker.mailbox.send(Message::Open(handed));
        }
        let streams = self.worker.slots.len() + STREAMS;
        self.turn_until(|worker| worker.slots.len() == streams);
        clients
    }

    fn turn_until(&mut self, is_so: impl Fn(&Worker) -> bool) {
        let started = Instant::now();
        while !is_so(&self.worker) {
            assert!(started.elapsed() < PATIENCE, "{:?}", self.worker);
            assert!(self.worker.turn(&mut self.events).is_continue());
        }
    }

    /// Waits until the worker's streams have so many tasks.
    async fn until_tasks(&self, count: usize) {
        let started = Instant::now();
        loop {
            let tasks = self.runtime.metrics().num_alive_tasks() - self.tasks;
            if tasks == count {
                return;
            }
            assert!(started.elapsed() < PATIENCE, "{tasks} tasks, not {count}");
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }
}

#[tokio::test]
async fn what_was_asked_for_a_stream_ends_with_it_and_so_does_its_timer() {
    let mut stranded = Stranded::new().await;
    let everything = |_| Filter::default();
    let one_board = |index| Filter::default().about([EventId::try_from(index).expect("small")]);
    for _ in 0..3 {
        let unlocated = stranded.open(everything, false);
        let alone = stranded.open(one_board, true);
        let together = stranded.open(everything, true);
        stranded.until_tasks(2 * STREAMS + 1).await;
        assert_eq!(stranded.worker.timers.len(), 3 * STREAMS);

        for (leaving, tasks, streams) in [
            (unlocated, STREAMS + 1, 2 * STREAMS),
            (alone, 1, STREAMS),
            (together, 0, 0),
        ] {
            drop(leaving);
            stranded.turn_until(|worker| worker.slots.len() == streams);
            stranded.until_tasks(tasks).await;
            assert_eq!(stranded.worker.timers.len(), streams);
        }
        assert!(stranded.worker.pages.is_empty());
        assert!(stranded.worker.behind.is_empty());
        assert_eq!(stranded.worker.open.load(Ordering::Relaxed), 0);
    }
}

#[tokio::test]
async fn a_page_is_read_as_long_as_one_stream_waits_for_it() {
    let mut stranded = Stranded::new().await;
    let mut clients = stranded.open(|_| Filter::default(), true);
    stranded.until_tasks(1).await;
    while clients.len() > 1 {
        // In any order, also the one that asked first.
        clients.swap_remove(0);
        stranded.turn_until(|worker| worker.slots.len() == clients.len());
        stranded.until_tasks(1).await;
    }
    drop(clients);
    stranded.turn_until(|worker| worker.slots.is_empty());
    stranded.until_tasks(0).await;
}

/// A page that has come is written by the streams in turn. While they wait for it, nothing else is begun for them.
#[tokio::test]
async fn streams_whose_page_has_come_wait_for_one_turn_each() {
    let mut stranded = Stranded::new().await;
    let mut clients = stranded.open(|_| Filter::default(), true);
    stranded.until_tasks(1).await;
    let row = event::Model {
        id: 3,
        uuid: Uuid::nil(),
        kind: "filler".to_owned(),
        topic: 1,
        payload: json!({ "only": "once" }),
        created_at: DateTime::UNIX_EPOCH,
    };
    let page = Page {
        step: Step::of(Round::encode(vec![row]), 3),
        trimmed_through: 0,
        newest: 3,
    };
    let key = Arc::new(PageKey::of(0, &Filter::default()));
    let worker = &mut stranded.worker;
    worker.mailbox.send(Message::Page(key, Arc::new(page)));
    assert!(worker.receive().is_continue());
    assert_eq!(worker.behind.len(), STREAMS);
    for place in 0..STREAMS {
        worker.advance(place);
    }
    assert_eq!(worker.behind.len(), STREAMS);
    assert!(worker.pages.is_empty());

    stranded.turn_until(|worker| worker.behind.is_empty());
    assert!(stranded.worker.slots.iter().all(|(_, it)| !it.is_waiting()));
    stranded.hub.stop().cancel();
    stranded.worker.mailbox.wake();
    stranded.turn_until(|worker| worker.slots.is_empty());
    for client in &mut clients {
        let mut text = String::new();
        client.read_to_string(&mut text).expect("a clean end");
        assert_eq!(text.matches("once").count(), 1, "{text}");
    }
}

/// A timer that comes earlier replaces the one that a stream has.
#[tokio::test]
async fn a_stream_has_one_timer() {
    let mut stranded = Stranded::new().await;
    // More than a socket takes.
    stranded.head = vec![b'x'; 1 << 20];
    let _clients = stranded.open(|_| Filter::default(), true);
    assert_eq!(stranded.worker.timers.len(), STREAMS);
    stranded.worker.write_timeout = Duration::from_millis(1);
    for place in 0..STREAMS {
        stranded.worker.set_timer(place);
    }
    assert_eq!(stranded.worker.timers.len(), STREAMS);
    stranded.turn_until(|worker| worker.slots.is_empty());
    assert!(stranded.worker.timers.is_empty());
}

/// Nobody is told what the database says in the end, and it may never say anything.
#[tokio::test]
async fn a_stream_whose_right_ends_waits_for_nothing() {
    let everything = |_| Filter::default();
    let mut stranded = Stranded::new().await;
    for by_itself in [false, true] {
        let withdrawn = CancellationToken::new();
        let until = if by_itself {
            Duration::from_millis(300)
        } else {
            Duration::from_hours(1)
        };
        stranded.right = Some(Right {
            withdrawn: withdrawn.clone(),
            lease_lost: None,
            until: Instant::now() + until,
            held: Arc::new(()),
        });
        let mut clients = stranded.open(everything, false);
        clients.extend(stranded.open(everything, true));
        if !by_itself {
            stranded.until_tasks(STREAMS + 1).await;
            withdrawn.cancel();
            stranded.hub.rights_withdrawn();
        }
        stranded.turn_until(|worker| worker.slots.is_empty());
        stranded.until_tasks(0).await;
        for mut client in clients {
            let mut text = String::new();
            client.read_to_string(&mut text).expect("a clean end");
            let end = "event: bye\ndata: {\"reason\":\"session_ended\"}\n\n\r\n0\r\n\r\n";
            assert!(text.ends_with(end), "{text}");
        }
    }
}
