//! One stream in a reactor: a socket, and what is still to be written to it.

use std::{
    io::{self, Read as _, Write as _},
    sync::Arc,
    time::{Duration, Instant},
};

use bytes::{Buf as _, Bytes};
use dotcast_log::{
    EventId,
    feed::{Feed, Next, Source},
    history::{Page, PageKey},
};
use mio::net::TcpStream;
use socket2::SockRef;
use tokio_util::task::AbortOnDropHandle;

use super::chunk;
use crate::http::connections::Seat;

/// A stream that catches up gives others a turn after so many bytes.
const TURN: usize = 64 << 10;
/// A client has nothing to say on a stream. One that sends so much at once is cut.
const MAX_INPUT: usize = 64 << 10;

/// One stream.
#[derive(Debug)]
pub struct Slot {
    /// Tells this stream from others that had or will have its place.
    pub serial: u64,
    /// What the database is being asked for it.
    pub question: Option<Question>,
    /// It waits for its turn to catch up.
    pub is_queued: bool,
    /// When it is looked after next, as the worker's timers have it.
    pub timer: Option<Instant>,
    socket: TcpStream,
    feed: Feed,
    /// Not yet taken by the socket; shared with other streams.
    output: Bytes,
    /// Since when the socket takes nothing, if there is output.
    stalled_since: Instant,
    /// `output` is the last of the response.
    is_ending: bool,
    /// Given up with the socket.
    _seat: Seat,
}

/// What the database is asked for a stream.
#[derive(Debug)]
pub enum Question {
    /// Where the client's cursor is in the log. The task that asks ends with the stream.
    Place(#[expect(dead_code, reason = "held to be dropped")] AbortOnDropHandle<()>),
    /// A page, which others may wait for as well.
    Page(Arc<PageKey>),
}

/// How far a stream got.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// Everything that there is has been written.
    UpToDate,
    /// The socket takes no more for now.
    Blocked,
    /// There is more, but others have their turn first.
    More,
    /// The place of the client's cursor is to be looked up.
    Locate(EventId),
    /// The next page, up to this id, is to be read.
    Read(EventId),
    /// The stream is over.
    Closed,
}

impl Slot {
    /// A stream that begins with `head`.
    pub fn new(
        serial: u64,
        socket: TcpStream,
        head: Vec<u8>,
        feed: Feed,
        seat: Seat,
        now: Instant,
    ) -> Self {
        Self {
            serial,
            question: None,
            is_queued: false,
            timer: None,
            socket,
            feed,
            output: head.into(),
            stalled_since: now,
            is_ending: false,
            _seat: seat,
        }
    }

    /// For registering it.
    pub fn socket(&mut self) -> &mut TcpStream {
        &mut self.socket
    }

    /// What decides what is written.
    pub fn feed(&mut self) -> &mut Feed {
        &mut self.feed
    }

    /// Whether there is something that the socket has not taken.
    pub fn is_blocked(&self) -> bool {
        !self.output.is_empty()
    }

    /// When the stream needs attention at the latest, if nothing happens.
    pub fn due(&self, write_timeout: Duration) -> Instant {
        if self.is_blocked() {
            self.stalled_since + write_timeout
        } else {
            self.feed.due()
        }
    }

    /// Writes what comes next, until the socket takes no more or it is another stream's turn.
    pub fn advance(&mut self, now: Instant, source: &mut impl Source) -> Progress {
        let mut written = 0;
        loop {
            match self.flush(now) {
                Ok(bytes) => written += bytes,
                Err(_) => return Progress::Closed,
            }
            if self.is_blocked() {
                return Progress::Blocked;
            }
            if self.is_ending {
                return Progress::Closed;
            }
            if written >= TURN {
                return Progress::More;
            }
            match self.feed.next(now, source) {
                Next::Own(frames) => self.output = chunk::chunk(&frames),
                Next::Shared(chunk) => self.output = chunk,
                Next::Wait => return Progress::UpToDate,
                Next::Locate(requested) => return Progress::Locate(requested),
                Next::Read(through) => return Progress::Read(through),
                Next::End => {
                    self.output = Bytes::from_static(chunk::LAST);
                    self.is_ending = true;
                }
            }
        }
    }

    /// Takes a page that was read for it.
    pub fn take_page(&mut self, page: &Page, now: Instant, source: &mut impl Source) {
        // Meanwhile a sign of life may have blocked the socket. The page is asked for again then.
        if !self.is_blocked()
            && let Some(chunk) = self.feed.page(page, now, source)
        {
            self.output = chunk;
        }
    }

    /// Reads what the client has sent, which does not matter. Whether it is still there.
    pub fn is_alive(&mut self) -> bool {
        let mut buffer = [0; 4096];
        let mut total = 0;
        while total < MAX_INPUT {
            match self.socket.read(&mut buffer) {
                Ok(0) => return false,
                Ok(bytes) => total += bytes,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return true,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(_) => return false,
            }
        }
        false
    }

    /// Closes the connection at once; what the client has not taken is lost to it.
    pub fn cut(self) {
        // Else the kernel would keep what is unsent, and try for minutes.
        let _ = SockRef::from(&self.socket).set_linger(Some(Duration::ZERO));
    }

    /// Writes output as far as the socket takes it.
    fn flush(&mut self, now: Instant) -> io::Result<usize> {
        let mut written = 0;
        while !self.output.is_empty() {
            match self.socket.write(&self.output) {
                Ok(bytes) => {
                    self.output.advance(bytes);
                    written += bytes;
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => break,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        if self.output.is_empty() {
            // The last chunk of a round is not kept for the sake of an empty slice of it.
            self.output = Bytes::new();
        }
        if written > 0 || self.output.is_empty() {
            self.stalled_since = now;
        }
        Ok(written)
    }
}
