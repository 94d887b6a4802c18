//! Threads that own very many streams: a socket, a cursor and little else for each.
//!
//! A stream that is handed over has no task, no buffer and no copy of an event of its own, and an event costs it one
//! `write(2)`. Each round is encoded once. Whatever a socket does not take at once stays in shared memory until it
//! does, and a stream that falls further behind is only a cursor.
//!
//! - `worker`: one thread and its streams
//! - `slot`: one stream
//! - `transport`: what it is written to
//! - `chunks`: what streams are sent, shared by those at the same position
//! - `followers`: which of them follow which topic
//! - `timers`: when to look after each next
//! - `questions`: what to ask the database for them; `pages`: which of them wait for the same page
//! - `mailbox`: what other threads tell a worker

mod chunks;
mod followers;
mod mailbox;
mod pages;
mod questions;
mod slot;
mod timers;
mod transport;
mod worker;

use std::{
    io,
    net::TcpStream,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    thread::{self, JoinHandle},
    time::Duration,
};

use dotcast_log::{
    hub::Hub,
    vital::{Panicked, Vital},
};
use rustls::ServerConnection;
use tokio::{runtime::Handle, time::sleep};

use self::{
    mailbox::{Handed, Mailbox, Message},
    worker::Worker,
};
use crate::http::{connections::Seat, streams::leaving::Leaving};

/// The threads.
#[derive(Debug)]
pub struct Reactors {
    workers: Vec<(Mailbox, JoinHandle<()>)>,
    /// Streams that are open.
    open: Arc<AtomicUsize>,
    next: AtomicUsize,
}

impl Reactors {
    /// Starts one thread per core. Streams whose clients read nothing for `write_timeout` are cut.
    ///
    /// # Errors
    /// If the system has no descriptors or threads left.
    pub fn start(hub: &Hub, write_timeout: Duration, vital: &Vital) -> io::Result<Self> {
        let open = Arc::new(AtomicUsize::new(0));
        let runtime = Handle::current();
        let mut workers = Vec::new();
        let stop = hub.stop();
        for index in 0..thread::available_parallelism()?.get() {
            let open = Arc::clone(&open);
            let worker = Worker::new(hub.clone(), write_timeout, open, runtime.clone())?;
            let mailbox = worker.mailbox();
            let news = mailbox.clone();
            hub.on_change(move || news.wake());
            let (stopped, end) = (stop.clone(), mailbox.clone());
            runtime.spawn(async move {
                stopped.cancelled().await;
                end.wake();
            });
            let guard = vital.guard("a reactor");
            let run = move || {
                let _guard = guard;
                worker.run();
            };
            let thread = thread::Builder::new().name(format!("reactor-{index}"));
            workers.push((mailbox, thread.spawn(run)?));
        }
        Ok(Self {
            workers,
            open,
            next: AtomicUsize::new(0),
        })
    }

    /// Takes over a connection, which is non-blocking and has no part of the answer written yet. It sends `head` and
    /// then the stream, encrypted by `tls` if there is one, and releases the `seat` at the end.
    pub fn adopt(
        &self,
        socket: TcpStream,
        tls: Option<Box<ServerConnection>>,
        leaving: Leaving,
        seat: Seat,
    ) {
        let Leaving { head, feed } = leaving;
        self.open.fetch_add(1, Ordering::Relaxed);
        let next = self.next.fetch_add(1, Ordering::Relaxed) % self.workers.len();
        let handed = Handed {
            socket,
            tls,
            head,
            feed,
            seat,
        };
        self.workers[next].0.send(Message::Open(Box::new(handed)));
    }

    /// How many streams are open.
    pub fn open(&self) -> usize {
        self.open.load(Ordering::Relaxed)
    }

    /// Waits until all streams have ended, for at most `patience`, and ends the threads. When the server stops, streams
    /// end by themselves.
    ///
    /// # Errors
    /// If a thread has panicked: the server has then been told to stop.
    pub async fn finish(self, patience: Duration) -> Result<(), Panicked> {
        for (mailbox, _) in &self.workers {
            mailbox.send(Message::Finish);
        }
        let open = Arc::clone(&self.open);
        let mailboxes: Vec<_> = self.workers.iter().map(|(it, _)| it.clone()).collect();
        let mut ended = tokio::task::spawn_blocking(move || {
            let threads = self.workers.into_iter().map(|(_, thread)| thread.join());
            // Wait for all of them, even if the first has panicked.
            let ended: Vec<_> = threads.collect();
            ended.into_iter().all(|it| it.is_ok())
        });
        let well = tokio::select! {
            well = &mut ended => well,
            () = sleep(patience) => {
                tracing::warn!(
                    streams = open.load(Ordering::Relaxed),
                    "cutting connections that did not end"
                );
                for mailbox in mailboxes {
                    mailbox.send(Message::Cut);
                }
                ended.await
            }
        };
        if well.unwrap_or(false) {
            Ok(())
        } else {
            Err(Panicked("a reactor"))
        }
    }
}
