//! What one stream is sent next. A stream is a cursor, and nothing else that could grow.
//!
//! There is no queue per stream. A slow reader is only a cursor that lags. The owner of its connection asks for the
//! next bytes when the last have been taken. They are made then, from where the cursor stands: from the window, or from
//! the log once the window has moved on.
//!
//! No clock, no socket, no database: the owner brings them. There are two owners, the [body](super::stream) of an
//! ordinary response and the reactor that owns sockets.

use std::{
    any::Any,
    mem,
    sync::Arc,
    time::{Duration, Instant},
};

use bytes::Bytes;

use super::{
    EventId,
    cursor::Origin,
    filter::Filter,
    frame::{ByeReason, Reset, ResetReason},
    history::Page,
    read::Extent,
    right::Right,
    standing::{End, Standing},
    view::View,
    window::{Piece, Reach, Step},
};

/// How long streams may be silent, and how long they last.
#[derive(Clone, Copy, Debug)]
pub struct Timing {
    /// Send a keep-alive after this long without traffic.
    pub keep_alive: Duration,
    /// How long a client waits before it reconnects.
    pub retry: Duration,
    /// Upper bound on a stream's age; `None` for none.
    pub max_age: Option<Duration>,
}

impl Default for Timing {
    /// A keep-alive after 15 seconds, a reconnect after 2, and no upper bound on the age.
    fn default() -> Self {
        Self {
            keep_alive: Duration::from_secs(15),
            retry: Duration::from_secs(2),
            max_age: None,
        }
    }
}

/// The access under which a stream is open.
#[derive(Debug, Default)]
pub struct Admission {
    /// The right under which it is open; `None` where everybody may follow.
    pub right: Option<Right>,
    /// With what its client acknowledges events, if it does. The first cursor tells it.
    pub lease_id: Option<String>,
    /// Dropped with the stream, so that the code that counts streams learns of its end.
    pub place: Option<Box<dyn Any + Send>>,
    /// Where the stream says how far it has come.
    pub standing: Arc<Standing>,
}

/// The source of the frames that many feeds share.
pub trait Source {
    /// What the window has past `cursor`, in the form that a stream with this view is sent.
    fn after(&mut self, cursor: EventId, view: &View) -> Reach<Piece>;
    /// What a page of history has past `cursor`.
    fn cut(&mut self, step: &Step, cursor: EventId, view: &View) -> Piece;
    /// Whether the server is stopping.
    fn is_stopping(&self) -> bool;
    /// Where the log in the database begins and ends, if the server stops because that is another log than the one that
    /// was shown.
    fn lost(&self) -> Option<Extent>;
}

/// What the owner of a feed has to do next.
#[derive(Debug)]
pub enum Next {
    /// Send frames that are for this stream alone.
    Own(Vec<u8>),
    /// Send frames from the source.
    Shared(Bytes),
    /// Find out [where](Start) in the log the client wants to begin, and [say so](Feed::start).
    Locate(Origin),
    /// Read the page past the feed's cursor, up to this id, and [hand it over](Feed::page).
    Read(EventId),
    /// Wait for news, or until [something is due](Feed::due).
    Wait,
    /// End the response.
    End,
}

/// Where a stream starts, and what it must be told first.
pub type Start = (EventId, Option<Reset>);

/// One stream.
#[derive(Debug)]
pub struct Feed {
    /// Everything up to here has been sent, or filtered out.
    cursor: EventId,
    /// The newest id that the client knows of.
    told: EventId,
    view: View,
    /// Most streams have long begun.
    beginning: Option<Box<Beginning>>,
    /// How long a client waits before it reconnects, in milliseconds.
    retry: u32,
    /// How long this stream may be silent, in milliseconds.
    keep_alive: u32,
    silent_since: Instant,
    right: Option<Box<Right>>,
    _place: Option<Box<dyn Any + Send>>,
    standing: Arc<Standing>,
    /// When the stream reaches its maximum age.
    ends_at: Option<Instant>,
    ended: bool,
}

/// What a stream has to do before everything else.
#[derive(Debug, Default)]
struct Beginning {
    /// To be sent.
    ready: Vec<u8>,
    /// Where the client wants to begin, until its position in the log is known.
    unlocated: Option<Origin>,
    /// To be told with the first cursor.
    lease_id: Option<String>,
}

impl Feed {
    /// A stream that starts at `present`, unless [`start`](Self::start) is called before the first
    /// [`next`](Self::next).
    pub fn new(
        timing: Timing,
        present: EventId,
        view: impl Into<View>,
        admission: Admission,
        now: Instant,
    ) -> Self {
        let view = view.into();
        let mut ready = Vec::new();
        view.format.opening(&mut ready, timing.retry);
        admission.standing.moved(present);
        Self {
            cursor: present,
            told: present,
            view,
            beginning: Some(Box::new(Beginning {
                ready,
                unlocated: None,
                lease_id: admission.lease_id,
            })),
            retry: millis(timing.retry),
            // Each stream has a pace of its own, so that keep-alives stay spread out even after an event that every
            // stream was sent at once.
            keep_alive: millis(timing.keep_alive.mul_f64(1.0 - random() / 4.0)),
            silent_since: now,
            right: admission.right.map(Box::new),
            _place: admission.place,
            standing: admission.standing,
            // Each stream ends a little early, by an amount of its own, so that streams opened together do not all
            // reconnect together.
            ends_at: timing
                .max_age
                .map(|age| now + age.mul_f64(1.0 - random() / 8.0)),
            ended: false,
        }
    }

    /// Starts where the client's cursor or time is in the log, and tells the client.
    pub fn start(&mut self, (cursor, reset): Start) {
        let format = self.view.format;
        let beginning = self.beginning.get_or_insert_default();
        let lease_id = beginning.lease_id.take();
        format.cursor(&mut beginning.ready, cursor, lease_id.as_deref());
        if let Some(reset) = reset {
            format.reset(&mut beginning.ready, reset);
        }
        beginning.unlocated = None;
        self.cursor = cursor;
        self.standing.moved(cursor);
        self.told = cursor;
    }

    /// Opens although it is not yet known where in the log the client wants to begin.
    pub fn start_later(&mut self, requested: impl Into<Origin>) {
        // End the block of what has been sent so far.
        let beginning = self.beginning.get_or_insert_default();
        beginning.ready.push(b'\n');
        beginning.unlocated = Some(requested.into());
    }

    /// What to do next. Frames that it returns count as sent.
    pub fn next(&mut self, now: Instant, source: &mut impl Source) -> Next {
        if let Some(beginning) = &mut self.beginning {
            if !beginning.ready.is_empty() {
                self.silent_since = now;
                return Next::Own(mem::take(&mut beginning.ready));
            }
            if beginning.unlocated.is_none() {
                self.beginning = None;
            }
        }
        if self.ended {
            return Next::End;
        }
        if let Some(right) = self.right.as_ref().filter(|it| it.is_over(now)) {
            let reason = right.reason();
            return self.bye(reason);
        }
        if source.is_stopping() {
            let lost = source.lost();
            let end = lost.map_or(End::Stopping, |_| End::Lost);
            return self.goodbye(end, lost);
        }
        if self.ends_at.is_some_and(|it| now >= it) {
            return self.goodbye(End::Age, None);
        }
        if let Some(requested) = self.beginning.as_ref().and_then(|it| it.unlocated) {
            return self.unless_silent(now, Next::Locate(requested));
        }
        loop {
            let next = match source.after(self.cursor, &self.view) {
                Reach::Next(piece) => match self.take(piece, now) {
                    Some(bytes) => return Next::Shared(bytes),
                    None => continue,
                },
                Reach::Behind(through) => Next::Read(through),
                Reach::UpToDate => Next::Wait,
            };
            return self.unless_silent(now, next);
        }
    }

    /// Takes the page past [`cursor`](Self::cursor). Returns what to send of it.
    pub fn page(&mut self, page: &Page, now: Instant, source: &mut impl Source) -> Option<Bytes> {
        if page.trimmed_through > self.cursor {
            // Retention has overtaken a slow reader. It asks for the page again.
            let reset = Reset {
                reason: ResetReason::Expired,
                requested_id: self.cursor,
                oldest_id: page.trimmed_through + 1,
                newest_id: page.newest.max(page.trimmed_through),
            };
            self.start((page.trimmed_through, Some(reset)));
            return None;
        }
        let piece = source.cut(&page.step, self.cursor, &self.view);
        self.take(piece, now)
    }

    /// Moves on to `through`, if it stands before that. Only for whoever knows that nothing up to there would be sent.
    pub fn skip(&mut self, through: EventId) {
        if through > self.cursor {
            self.cursor = through;
            self.standing.moved(through);
        }
    }

    /// Where the stream stands.
    pub fn cursor(&self) -> EventId {
        self.cursor
    }

    /// The client's filter.
    pub fn filter(&self) -> &Filter {
        &self.view.filter
    }

    /// Where it stands, for whoever looks at it from outside.
    pub fn standing(&self) -> Arc<Standing> {
        Arc::clone(&self.standing)
    }

    /// The right under which it is open.
    pub fn right(&self) -> Option<&Right> {
        self.right.as_deref()
    }

    /// Whether its right has ended. Then the stream must end now, whatever it is waiting for.
    pub fn is_over(&self, now: Instant) -> bool {
        self.right.as_ref().is_some_and(|right| right.is_over(now))
    }

    /// The latest time by which something must be sent or done.
    pub fn due(&self) -> Instant {
        let until = self.right.as_ref().map(|right| right.until);
        let ends = [until, self.ends_at].into_iter().flatten();
        ends.fold(self.keep_alive_at(), Instant::min)
    }

    fn keep_alive_at(&self) -> Instant {
        self.silent_since + Duration::from_millis(self.keep_alive.into())
    }

    fn take(&mut self, piece: Piece, now: Instant) -> Option<Bytes> {
        self.cursor = piece.through.max(self.cursor);
        self.standing.moved(self.cursor);
        if let Some(last) = piece.last {
            self.told = last;
        }
        if piece.bytes.is_empty() {
            return None;
        }
        self.silent_since = now;
        self.standing.sent(piece.events, piece.bytes.len());
        Some(piece.bytes)
    }

    /// `next`, or a keep-alive if one is due. If the filter has dropped events since the client last learned an id, the
    /// cursor is sent in place of the comment. So a quiet subscriber does not fall behind retention, and the events
    /// that it does not want are not scanned again.
    fn unless_silent(&mut self, now: Instant, next: Next) -> Next {
        if now < self.keep_alive_at() {
            return next;
        }
        self.silent_since = now;
        if self.cursor > self.told {
            let mut frames = Vec::new();
            self.view.format.cursor(&mut frames, self.cursor, None);
            self.told = self.cursor;
            Next::Own(frames)
        } else {
            Next::Own(self.view.format.keep_alive().to_vec())
        }
    }

    /// Ends the stream because the client may no longer follow. What it has not yet been sent stays in the log.
    fn bye(&mut self, reason: ByeReason) -> Next {
        let mut frames = Vec::new();
        self.view.format.bye(&mut frames, reason);
        self.ended = true;
        self.standing.ends(match reason {
            ByeReason::SessionEnded => End::Session,
            ByeReason::LeaseLost => End::Lease,
        });
        Next::Own(frames)
    }

    /// Ends the stream because the server stops or the stream is too old. Clients reconnect, but not all at the same
    /// instant. If the server stops because the database holds another log, what the client shows may be wrong.
    fn goodbye(&mut self, end: End, lost: Option<Extent>) -> Next {
        // One to four times the usual pause.
        let retry = Duration::from_millis(self.retry.into());
        let pause = retry + retry.mul_f64(3.0 * random());
        let mut frames = Vec::new();
        if let Some(extent) = lost {
            let reset = Reset::new(ResetReason::Restored, self.cursor, extent);
            self.view.format.reset(&mut frames, reset);
        }
        self.view.format.goodbye(&mut frames, pause);
        self.ended = true;
        self.standing.ends(end);
        Next::Own(frames)
    }
}

/// At most 49 days.
fn millis(duration: Duration) -> u32 {
    duration.as_millis().try_into().unwrap_or(u32::MAX)
}

/// A random number from 0 to 1.
fn random() -> f64 {
    // Without randomness all clients act at the same time, which is worse but not wrong.
    f64::from(getrandom::u32().unwrap_or(0)) / f64::from(u32::MAX)
}
