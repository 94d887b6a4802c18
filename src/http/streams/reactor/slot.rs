//! One stream in a reactor: a socket, and what has yet to be written to it.

use std::{
    io, mem,
    sync::Arc,
    time::{Duration, Instant},
};

use bytes::Bytes;
use dotcast_log::{
    EventId,
    cursor::Origin,
    feed::{Feed, Next, Source},
    history::{Page, PageKey},
};

use super::{questions::Asking, timers::Timer, transport::Transport};
use crate::http::{connections::Seat, streams::wire};

/// How many bytes a stream that catches up writes before it lets others have a turn.
const TURN: usize = 64 << 10;

/// One stream.
#[derive(Debug)]
pub struct Slot {
    /// Tells this stream from others that had its place before it or will have it later.
    pub serial: u64,
    /// What it waits for.
    pub waiting: Waiting,
    /// When to look after it next, as in the worker's timers.
    pub timer: Option<Timer>,
    transport: Transport,
    feed: Feed,
    /// What the socket has not taken; most streams have nothing.
    unsent: Option<Box<Unsent>>,
    /// Whether `output` is the last of the response.
    is_ending: bool,
    /// Whether everything that it wants was written when it was last looked at.
    is_up_to_date: bool,
    /// Released together with the socket.
    _seat: Seat,
}

/// What a socket has not taken.
#[derive(Debug)]
struct Unsent {
    /// Shared with other streams. Empty if everything is encrypted already.
    output: Bytes,
    /// Since when the socket has taken nothing.
    since: Instant,
}

/// What a stream waits for. It may also be waiting for room in its socket, because keep-alives are written meanwhile:
/// see [`Slot::is_blocked`].
#[derive(Debug)]
pub enum Waiting {
    /// Something new in the log. Everything there was has been written, or waits for the socket.
    News,
    /// Its turn among the streams that catch up, with the page that it asked for if it has one.
    Turn(Option<Arc<Page>>),
    /// The position of the client's cursor in the log. The question ends with the stream.
    Place(#[expect(dead_code, reason = "held to be dropped")] Asking),
    /// A page of history, which other streams may be waiting for, too.
    Page(Arc<PageKey>),
}

/// Why a stream stopped writing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Halt {
    /// Everything there is has been written.
    UpToDate,
    /// The socket takes no more for now.
    Blocked,
    /// There is more, but other streams have their turn first.
    TurnOver,
    /// Where in the log this is, which the client sent, has to be looked up.
    NeedsPlace(Origin),
    /// The next page, up to this id, has to be read.
    NeedsPage(EventId),
    /// The stream is over.
    Closed,
}

impl Slot {
    /// A stream that begins with `head`.
    pub fn new(
        serial: u64,
        transport: Transport,
        head: Vec<u8>,
        feed: Feed,
        seat: Seat,
        now: Instant,
    ) -> Self {
        Self {
            serial,
            waiting: Waiting::News,
            timer: None,
            transport,
            feed,
            unsent: Some(Box::new(Unsent {
                output: head.into(),
                since: now,
            })),
            is_ending: false,
            is_up_to_date: false,
            _seat: seat,
        }
    }

    /// What it is written to.
    pub fn transport(&mut self) -> &mut Transport {
        &mut self.transport
    }

    /// The feed that decides what is written.
    pub fn feed(&mut self) -> &mut Feed {
        &mut self.feed
    }

    /// The topics that it follows; `None` for all.
    pub fn topics(&self) -> Option<&[i64]> {
        self.feed.filter().topics()
    }

    /// Whether there is something that the socket has not taken.
    pub fn is_blocked(&self) -> bool {
        self.unsent.is_some() || self.transport.is_blocked()
    }

    /// When the stream needs attention at the latest, if nothing happens.
    pub fn due(&self, write_timeout: Duration) -> Instant {
        let unsent = self.unsent.as_ref();
        unsent.map_or_else(|| self.feed.due(), |it| it.since + write_timeout)
    }

    /// Moves a stream that was up to date on to `through`, up to where there was nothing that it wants. While the
    /// socket takes nothing no round looks at it, so it stays where it is.
    pub fn skip(&mut self, through: EventId) {
        if self.is_up_to_date && !self.is_blocked() {
            self.feed.skip(through);
        }
    }

    /// Writes what comes next, until the socket takes no more or another stream has its turn.
    pub fn advance(&mut self, now: Instant, source: &mut impl Source) -> Halt {
        let halt = self.write(now, source);
        self.is_up_to_date = halt == Halt::UpToDate;
        halt
    }

    fn write(&mut self, now: Instant, source: &mut impl Source) -> Halt {
        let mut written = 0;
        let unsent = self.unsent.as_mut();
        let mut output = unsent.map_or_else(Bytes::new, |it| mem::take(&mut it.output));
        loop {
            match self.flush(now, mem::take(&mut output)) {
                Ok(bytes) => written += bytes,
                Err(_) => return Halt::Closed,
            }
            if self.is_blocked() {
                return Halt::Blocked;
            }
            if self.is_ending {
                if self.transport.finish() {
                    continue;
                }
                return Halt::Closed;
            }
            if written >= TURN {
                return Halt::TurnOver;
            }
            output = match self.feed.next(now, source) {
                Next::Own(frames) => wire::chunk(&frames),
                Next::Shared(chunk) => chunk,
                Next::Wait => return Halt::UpToDate,
                Next::Locate(requested) => return Halt::NeedsPlace(requested),
                Next::Read(through) => return Halt::NeedsPage(through),
                Next::End => {
                    self.is_ending = true;
                    Bytes::from_static(wire::LAST)
                }
            };
        }
    }

    /// Whether it waits for something that is already on its way, and need not look for news.
    pub fn is_waiting(&self) -> bool {
        !matches!(self.waiting, Waiting::News)
    }

    /// Takes a page that was read for it.
    pub fn take_page(&mut self, page: &Page, now: Instant, source: &mut impl Source) {
        // A keep-alive may have blocked the socket meanwhile. Then the page is requested again.
        if !self.is_blocked()
            && let Some(output) = self.feed.page(page, now, source)
        {
            self.unsent = Some(Box::new(Unsent { output, since: now }));
        }
    }

    /// Closes the connection at once; the client loses what it has not yet received.
    pub fn cut(self) {
        self.transport.cut();
    }

    /// Writes output until the socket takes no more, and keeps the rest.
    fn flush(&mut self, now: Instant, mut output: Bytes) -> io::Result<usize> {
        let written = self.transport.write(&mut output)?;
        if output.is_empty() && !self.transport.is_blocked() {
            self.unsent = None;
        } else if let Some(unsent) = &mut self.unsent {
            unsent.output = output;
            if written > 0 {
                unsent.since = now;
            }
        } else {
            self.unsent = Some(Box::new(Unsent { output, since: now }));
        }
        Ok(written)
    }
}

#[cfg(test)]
mod tests;
