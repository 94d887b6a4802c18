//! What a worker is told by other threads.

use std::sync::{Arc, mpsc};

use dotcast_log::{
    feed::{Feed, Start},
    history::{Page, PageKey},
};
use mio::Waker;

use crate::http::connections::Seat;

/// What a worker is told.
#[derive(Debug)]
pub enum Message {
    /// A stream that it owns from now on.
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

/// A connection as it is handed over.
#[derive(Debug)]
pub struct Handed {
    /// Non-blocking, with everything read that belongs to the request and nothing written.
    pub socket: std::net::TcpStream,
    /// What it is sent first.
    pub head: Vec<u8>,
    /// What it is sent then.
    pub feed: Feed,
    /// Given up when it ends.
    pub seat: Seat,
}

/// One stream of a worker. A place is used again, a serial number is not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct StreamKey {
    /// Where the worker has it.
    pub place: usize,
    /// Which of those that had or will have that place it is.
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

    /// Tells the worker. One that has ended does not hear it, and its streams are closed.
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
