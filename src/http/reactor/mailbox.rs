//! What a worker is told, by other threads.

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
    Start(Key, Start),
    /// A page for all that wait for it.
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

/// A place, and the serial number of the stream that has it.
pub type Key = (usize, u64);

/// How to tell a worker something.
#[derive(Clone, Debug)]
pub struct Mailbox {
    sender: mpsc::Sender<Message>,
    waker: Arc<Waker>,
}

impl Mailbox {
    /// A mailbox for the one that is woken by `waker`, and what it reads.
    pub fn new(waker: Waker) -> (Self, mpsc::Receiver<Message>) {
        let (sender, messages) = mpsc::channel();
        let waker = Arc::new(waker);
        (Self { sender, waker }, messages)
    }

    /// Tells it. A worker that has ended does not hear it, and its streams are closed.
    pub fn send(&self, message: Message) {
        if self.sender.send(message).is_ok() {
            self.wake();
        }
    }

    /// Makes it look for news.
    pub fn wake(&self) {
        if let Err(error) = self.waker.wake() {
            tracing::error!(%error, "cannot wake a reactor");
        }
    }
}
