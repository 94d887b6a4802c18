//! One connection: a cursor that becomes a stream of bytes.
//!
//! There is no queue per connection. A slow reader is only a cursor that lags: hyper asks for the
//! next piece when the socket has taken the last one, and the piece is then made from where the
//! cursor stands, out of the window, or out of the log once the window has moved on.

use std::{collections::VecDeque, convert::Infallible, sync::Arc, time::Duration};

use bytes::Bytes;
use futures_util::{Stream, stream};
use sea_orm::DbErr;
use tokio::{
    sync::watch,
    time::{Instant, sleep, sleep_until, timeout},
};

use super::{
    EventId,
    filter::Filter,
    frame::{self, Reset, ResetReason},
    tail::{PAGE, Tail},
    window::{Reach, Round},
};

/// After a failed query of the log a stream waits so long before the next.
const FAILURE_PAUSE: Duration = Duration::from_secs(1);

/// A stream opens at the latest after this, whether its cursor was found in the log or not.
const OPENING_PATIENCE: Duration = Duration::from_secs(1);

/// How a stream behaves towards its client.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    /// After so much silence something is written.
    pub keep_alive: Duration,
    /// How long a client waits before it reconnects.
    pub retry: Duration,
}

/// Opens a stream past `last_event_id`, or at the present without one.
///
/// While a cursor cannot be looked up because the log cannot be read, the stream is open and says
/// nothing: by WHATWG HTML, 9.2.3 an `EventSource` that is refused gives up for good.
pub async fn open(
    tail: Tail,
    settings: Settings,
    last_event_id: Option<EventId>,
    filter: Filter,
) -> impl Stream<Item = Result<Bytes, Infallible>> + Send + 'static {
    let settled = tail.subscribe();
    let present = tail.settled();
    let mut connection = Connection {
        settled,
        settings,
        filter,
        cursor: present,
        told: present,
        unlocated: last_event_id,
        ready: VecDeque::new(),
        silent_since: Instant::now(),
        ended: false,
        tail,
    };
    let mut opening = Vec::new();
    frame::opening(&mut opening, settings.retry);
    match last_event_id {
        None => frame::cursor(&mut opening, present),
        Some(requested) => {
            let located = timeout(OPENING_PATIENCE, locate(&connection.tail, requested)).await;
            match located {
                Ok(Ok(start)) => connection.start(&mut opening, start),
                // What has been said so far is a block of its own.
                Ok(Err(_)) | Err(_) => opening.push(b'\n'),
            }
        }
    }
    connection.ready.push_back(opening.into());
    stream::unfold(connection, |mut connection| async {
        let bytes = connection.next().await?;
        Some((Ok(bytes), connection))
    })
}

/// Where a stream starts, and what it must be told first.
type Start = (EventId, Option<Reset>);

/// Where a stream starts that asks for what follows `requested`.
async fn locate(tail: &Tail, requested: EventId) -> Result<Start, DbErr> {
    if matches!(tail.after(requested), Reach::Rounds(..)) || requested == tail.settled() {
        return Ok((requested, None));
    }
    let extent = tail.extent().await?;
    let reset = |reason| Reset {
        reason,
        requested_id: requested,
        oldest_id: extent.oldest,
        newest_id: extent.newest,
    };
    if requested > extent.newest.max(tail.settled()) {
        return Ok((tail.settled(), Some(reset(ResetReason::Ahead))));
    }
    if requested > tail.settled() {
        // Another server has seen more of the log than our tail. It will be there in a moment.
        tail.wake();
        return Ok((requested, None));
    }
    if requested < extent.trimmed_through {
        // 0 asks for all that is kept, so nothing that was asked for is missing.
        let reset = (requested > 0).then(|| reset(ResetReason::Expired));
        return Ok((extent.trimmed_through, reset));
    }
    Ok((requested, None))
}

struct Connection {
    tail: Tail,
    settled: watch::Receiver<EventId>,
    settings: Settings,
    filter: Filter,
    /// Everything up to here has been written, or filtered out.
    cursor: EventId,
    /// The newest id that the client knows of.
    told: EventId,
    /// The client's cursor, until it is known where that is in the log.
    unlocated: Option<EventId>,
    /// Made, but not yet asked for.
    ready: VecDeque<Bytes>,
    silent_since: Instant,
    ended: bool,
}

impl Connection {
    /// The next bytes for the socket; `None` ends the stream.
    async fn next(&mut self) -> Option<Bytes> {
        loop {
            if let Some(bytes) = self.ready.pop_front() {
                self.silent_since = Instant::now();
                return Some(bytes);
            }
            if self.ended {
                return None;
            }
            if self.tail.stop().is_cancelled() {
                self.say_goodbye();
                continue;
            }
            if self.silent_since.elapsed() >= self.settings.keep_alive {
                self.keep_alive();
                continue;
            }
            if let Some(requested) = self.unlocated {
                self.locate(requested).await;
                continue;
            }
            // Seen before looking, so that a change after the look wakes us.
            self.settled.mark_unchanged();
            match self.tail.after(self.cursor) {
                Reach::Rounds(rounds, through) => self.take_rounds(&rounds, through),
                Reach::Behind(through) => self.read_log(through).await,
                Reach::UpToDate => self.wait().await,
            }
        }
    }

    /// Begins where the client's cursor is, and says so.
    fn start(&mut self, bytes: &mut Vec<u8>, (cursor, reset): Start) {
        frame::cursor(bytes, cursor);
        if let Some(reset) = reset {
            frame::reset(bytes, reset);
        }
        self.cursor = cursor;
        self.told = cursor;
        self.unlocated = None;
    }

    /// Tries again to find the client's cursor.
    async fn locate(&mut self, requested: EventId) {
        let keep_alive = self.silent_since + self.settings.keep_alive;
        let located = tokio::select! {
            () = self.tail.stop().cancelled() => return,
            () = sleep_until(keep_alive) => return,
            located = locate(&self.tail, requested) => located,
        };
        let Ok(start) = located else {
            return self.wait_out_a_failure().await;
        };
        let mut bytes = Vec::new();
        self.start(&mut bytes, start);
        self.ready.push_back(bytes.into());
    }

    fn take_rounds(&mut self, rounds: &[Arc<Round>], through: EventId) {
        let mut pieces = Vec::new();
        for round in rounds {
            if let Some(last) = round.collect(self.cursor, &self.filter, &mut pieces) {
                self.told = last;
            }
        }
        self.ready.extend(pieces);
        self.cursor = through;
    }

    /// The window has moved on: reads one page of history, up to `through`.
    async fn read_log(&mut self, through: EventId) {
        let page = tokio::select! {
            () = self.tail.stop().cancelled() => return,
            page = self.tail.history(self.cursor, through, &self.filter, PAGE) => page,
        };
        let Ok(page) = page else {
            // The tail reports that the database fails; here it only takes longer.
            return self.wait_out_a_failure().await;
        };
        if page.trimmed_through > self.cursor {
            // Retention has overtaken a reader that was too slow.
            let mut bytes = Vec::new();
            let reset = Reset {
                reason: ResetReason::Expired,
                requested_id: self.cursor,
                oldest_id: page.trimmed_through + 1,
                newest_id: through.max(page.trimmed_through),
            };
            frame::cursor(&mut bytes, page.trimmed_through);
            frame::reset(&mut bytes, reset);
            self.ready.push_back(bytes.into());
            self.cursor = page.trimmed_through;
            self.told = self.cursor;
        }
        if let Some(last) = page.events.last() {
            self.told = last.id;
            let mut pieces = Vec::new();
            Round::encode(page.events).collect(self.cursor, &Filter::default(), &mut pieces);
            self.ready.extend(pieces);
        }
        self.cursor = page.through.max(self.cursor);
    }

    /// Waits for news, for the end, or until something must be written to keep the line open.
    async fn wait(&mut self) {
        let keep_alive = self.silent_since + self.settings.keep_alive;
        let stop = self.tail.stop().clone();
        tokio::select! {
            () = stop.cancelled() => {}
            // An error means that the tail is gone, and with it the server.
            _ = self.settled.changed() => {}
            () = sleep_until(keep_alive) => {}
        }
    }

    async fn wait_out_a_failure(&mut self) {
        let keep_alive = self.silent_since + self.settings.keep_alive;
        let stop = self.tail.stop().clone();
        tokio::select! {
            () = stop.cancelled() => {}
            () = sleep(FAILURE_PAUSE) => {}
            () = sleep_until(keep_alive) => {}
        }
    }

    /// A comment; or, when the filter has dropped events since the client last learned an id, the
    /// cursor: so a quiet subscriber neither falls out of retention nor makes us scan again what it
    /// does not want.
    fn keep_alive(&mut self) {
        if self.cursor > self.told {
            let mut bytes = Vec::new();
            frame::cursor(&mut bytes, self.cursor);
            self.told = self.cursor;
            self.ready.push_back(bytes.into());
        } else {
            self.ready.push_back(Bytes::from_static(frame::KEEP_ALIVE));
        }
    }

    /// The server stops: everybody reconnects, but not in one instant.
    fn say_goodbye(&mut self) {
        let mut bytes = Vec::new();
        frame::retry(&mut bytes, jitter(self.settings.retry));
        bytes.push(b'\n');
        self.ready.push_back(bytes.into());
        self.ended = true;
    }
}

/// From one to four times `retry`, at random.
fn jitter(retry: Duration) -> Duration {
    // Without randomness all clients wait the same time, which is worse but not wrong.
    let random = getrandom::u32().unwrap_or(0);
    retry + retry.mul_f64(3.0 * f64::from(random) / f64::from(u32::MAX))
}
