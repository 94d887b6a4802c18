//! What other threads tell a worker.

use std::sync::{Arc, mpsc};

use dotcast_log::{
    feed::{Feed, Start},
    history::{Page, PageKey},
};
use mio::Waker;
use rustls::ServerConnection;

use crate::http::connections::Seat;

/// A message to a worker.
#[derive(Debug)]
pub enum Message {
    /// A stream that the worker owns from now on.
    Open(Box<Handed>),
    /// Where a stream starts.
    Start(StreamKey, Start),
    /// A page for all streams that wait for it.
    Page(Arc<PageKey>, Arc<Page>),
    /// Stop when the last stream is over.
    Finish,
    /// Stop now.
    Cut,
}

/// A connection that is handed over.
#[derive(Debug)]
pub struct Handed {
    /// Non-blocking. Everything that belongs to the request has been read, and nothing has been written.
    pub socket: std::net::TcpStream,
    /// What encrypts it, if it is encrypted.
    pub tls: Option<Box<ServerConnection>>,
    /// What to send first.
    pub head: Vec<u8>,
    /// What to send after that.
    pub feed: Feed,
    /// Released when the stream ends.
    pub seat: Seat,
}

/// One stream of a worker. A place is reused, but a serial number is not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct StreamKey {
    /// Where the worker has it.
    pub place: usize,
    /// Tells the stream from others that had its place before it or will have it later.
    pub serial: u64,
}

/// How to tell a worker something.
#[derive(Clone, Debug)]
pub struct Mailbox {
    sender: mpsc::Sender<Message>,
    waker: Arc<Waker>,
}

impl Mailbox {
    /// A mailbox of the worker that `waker` wakes, and what that reads.
    pub fn new(waker: Waker) -> (Self, mpsc::Receiver<Message>) {
        let (sender, messages) = mpsc::channel();
        let waker = Arc::new(waker);
        (Self { sender, waker }, messages)
    }

    /// Tells the worker something. A worker that has ended does not receive it, and its streams are closed.
    pub fn send(&self, message: Message) {
        if self.sender.send(message).is_ok() {
            self.wake();
        }
    }

    /// Makes the worker look for news.
    pub fn wake(&self) {
        if let Err(error) = self.waker.wake() {
            tracing::error!(%error, "cannot wake a reactor");
        }
    }
}
