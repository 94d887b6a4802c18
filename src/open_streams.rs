//! The streams that are open, and what became of those that have ended.

use std::{
    fmt,
    net::IpAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Instant,
};

use dotcast_log::{
    EventId,
    standing::{End, Standing},
};
use slab::Slab;

/// How a stream is transported, to the client or to the proxy in front.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transport {
    /// HTTP/1, not encrypted.
    Http1,
    /// HTTP/1 over TLS.
    Http1Tls,
    /// HTTP/2, not encrypted.
    Http2,
    /// HTTP/2 over TLS.
    Http2Tls,
}

impl Transport {
    /// All there are, each at the place that it has as a number.
    pub const ALL: [Self; 4] = [Self::Http1, Self::Http1Tls, Self::Http2, Self::Http2Tls];

    /// HTTP/2 or HTTP/1, encrypted or not.
    pub const fn new(is_http2: bool, is_encrypted: bool) -> Self {
        match (is_http2, is_encrypted) {
            (false, false) => Self::Http1,
            (false, true) => Self::Http1Tls,
            (true, false) => Self::Http2,
            (true, true) => Self::Http2Tls,
        }
    }

    /// Its name in metrics and in the log.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Http1 => "http1",
            Self::Http1Tls => "http1+tls",
            Self::Http2 => "http2",
            Self::Http2Tls => "http2+tls",
        }
    }
}

/// Why a stream ended, as metrics and the log name it.
pub const fn name(end: End) -> &'static str {
    match end {
        End::Client => "client",
        End::Stalled => "stalled",
        End::Stopping => "stopping",
        End::Lost => "lost",
        End::Age => "age",
        End::Right => "session",
    }
}

/// The open streams. Clones share them.
#[derive(Clone, Debug, Default)]
pub struct OpenStreams(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    open: Slab<Stream>,
    opened: [u64; Transport::ALL.len()],
    ended: [u64; End::ALL.len()],
    /// What the streams that have ended were sent.
    events: u64,
    bytes: u64,
}

/// One open stream.
#[derive(Debug)]
struct Stream {
    transport: Transport,
    standing: Arc<Standing>,
}

/// The open streams at one time, and those that have ended since the start.
#[derive(Clone, Debug)]
pub struct Totals {
    /// Streams that are open, as in [`Transport::ALL`].
    pub open: [u64; Transport::ALL.len()],
    /// Streams that were opened.
    pub opened: [u64; Transport::ALL.len()],
    /// Streams that have ended, as in [`End::ALL`].
    pub ended: [u64; End::ALL.len()],
    /// Events that all of these were sent.
    pub events: u64,
    /// Bytes of these events.
    pub bytes: u64,
    /// The position of the open stream that is furthest behind; `None` if there is none.
    pub slowest: Option<EventId>,
}

/// An open stream, until this is dropped. Its end is logged.
pub struct OpenStream {
    streams: OpenStreams,
    place: usize,
    opened: Instant,
    client: Option<IpAddr>,
    request: Box<str>,
}

impl OpenStreams {
    /// A stream that has just been opened for a client at this address, by the request with this id.
    pub fn open(
        &self,
        transport: Transport,
        client: Option<IpAddr>,
        request: &str,
        standing: Arc<Standing>,
    ) -> OpenStream {
        let mut state = self.state();
        state.opened[transport as usize] += 1;
        let place = state.open.insert(Stream {
            transport,
            standing,
        });
        drop(state);
        OpenStream {
            streams: self.clone(),
            place,
            opened: Instant::now(),
            client,
            request: request.into(),
        }
    }

    /// How many are open.
    pub fn count(&self) -> usize {
        self.state().open.len()
    }

    /// What they add up to. Looks at each open stream.
    pub fn totals(&self) -> Totals {
        let state = self.state();
        let mut totals = Totals {
            open: [0; Transport::ALL.len()],
            opened: state.opened,
            ended: state.ended,
            events: state.events,
            bytes: state.bytes,
            slowest: None,
        };
        for (
            _,
            Stream {
                transport,
                standing,
            },
        ) in &state.open
        {
            totals.open[*transport as usize] += 1;
            totals.events += standing.events();
            totals.bytes += standing.bytes();
            let cursor = standing.cursor();
            totals.slowest = Some(totals.slowest.map_or(cursor, |it| it.min(cursor)));
        }
        totals
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for OpenStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("OpenStream").field(&self.request).finish()
    }
}

impl Drop for OpenStream {
    fn drop(&mut self) {
        let mut state = self.streams.state();
        let Stream {
            transport,
            standing,
        } = state.open.remove(self.place);
        let end = standing.end();
        state.ended[end as usize] += 1;
        state.events += standing.events();
        state.bytes += standing.bytes();
        drop(state);
        tracing::info!(
            id = &*self.request,
            client = self.client.map(tracing::field::display),
            transport = transport.name(),
            reason = name(end),
            duration_s = %format_args!("{:.3}", self.opened.elapsed().as_secs_f64()),
            events = standing.events(),
            "a stream has ended",
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_is_at_the_place_that_it_has_as_a_number() {
        for (place, transport) in Transport::ALL.into_iter().enumerate() {
            assert_eq!(transport as usize, place);
        }
        for (place, end) in End::ALL.into_iter().enumerate() {
            assert_eq!(end as usize, place);
        }
    }

    #[test]
    fn streams_count_while_they_are_open_and_what_they_were_sent_for_ever() {
        let streams = OpenStreams::default();
        let plain = Transport::new(false, false);
        let standing = Arc::new(Standing::default());
        let first = streams.open(plain, None, "a", Arc::clone(&standing));
        let second = streams.open(Transport::new(true, true), None, "b", Arc::default());
        let totals = streams.totals();
        assert_eq!(totals.open, [1, 0, 0, 1]);
        assert_eq!(totals.opened, [1, 0, 0, 1]);
        assert_eq!(totals.slowest, Some(0));
        standing.ends(End::Age);
        standing.ends(End::Stopping);
        drop((first, second));
        let totals = streams.totals();
        assert_eq!(totals.open, [0; 4]);
        assert_eq!(totals.opened, [1, 0, 0, 1]);
        assert_eq!(totals.ended, [1, 0, 0, 0, 1, 0]);
        assert_eq!(totals.slowest, None);
    }
}
