//! The streams that are open, and what became of those that have ended.

use std::{
    collections::BTreeMap,
    fmt,
    net::IpAddr,
    num::NonZero,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Instant,
};

use chrono::{DateTime, Utc};
use dotcast_log::{
    EventId,
    filter::Filter,
    standing::{End, Standing},
};
use uuid::{Uuid, fmt::Hyphenated};

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
        End::Session => "session",
        End::Lease => "lease",
    }
}

/// The open streams. Clones share them.
#[derive(Clone, Debug, Default)]
pub struct OpenStreams(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    /// By their ids, so that the newest come last. Boxed, as a map's nodes are half empty.
    open: BTreeMap<i64, Box<Stream>>,
    /// The id of the newest.
    newest: i64,
    opened: [u64; Transport::ALL.len()],
    ended: [u64; End::ALL.len()],
    /// What the streams that have ended were sent.
    events: u64,
    bytes: u64,
}

/// One open stream. There may be a million, so each byte counts.
#[derive(Debug)]
struct Stream {
    opened: Instant,
    opened_at: DateTime<Utc>,
    client: Option<IpAddr>,
    transport: Transport,
    user: Option<NonZero<i64>>,
    /// `None` if everything goes through.
    filter: Option<Box<Filter>>,
    request: RequestId,
    standing: Arc<Standing>,
}

/// The id of the request that opened a stream. Nearly all are UUIDs, which take a third of the room of their text.
#[derive(Debug)]
enum RequestId {
    Uuid([u8; 16]),
    Text(Box<str>),
}

/// Who opens a stream, and for what.
#[derive(Clone, Debug)]
pub struct Opened<'a> {
    /// How it is transported.
    pub transport: Transport,
    /// The client's address.
    pub client: Option<IpAddr>,
    /// The id of the user whose session entitles the client; `None` where everybody may follow.
    pub user: Option<i64>,
    /// The events that the client wants.
    pub filter: &'a Filter,
    /// The id of the request.
    pub request: &'a str,
}

/// An open stream, as it is at one time.
#[derive(Clone, Debug)]
pub struct Listed {
    /// Counts the streams of this process.
    pub id: i64,
    /// Since when it is open.
    pub opened_at: DateTime<Utc>,
    /// How it is transported.
    pub transport: Transport,
    /// The client's address.
    pub client: Option<IpAddr>,
    /// The id of the user whose session entitles the client.
    pub user: Option<i64>,
    /// The events that the client wants.
    pub filter: Filter,
    /// Everything up to here was sent, or filtered out.
    pub cursor: EventId,
    /// How many events were handed to the connection.
    pub events: u64,
    /// How many bytes these were.
    pub bytes: u64,
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
    id: i64,
}

impl OpenStreams {
    /// A stream that has just been opened.
    pub fn open(&self, opened: &Opened<'_>, standing: Arc<Standing>) -> OpenStream {
        let Opened {
            transport,
            client,
            user,
            filter,
            request,
        } = *opened;
        let stream = Box::new(Stream {
            opened: Instant::now(),
            opened_at: Utc::now(),
            client,
            transport,
            user: user.and_then(NonZero::new),
            filter: (!filter.is_all()).then(|| Box::new(filter.clone())),
            request: RequestId::of(request),
            standing,
        });
        let mut state = self.state();
        state.opened[transport as usize] += 1;
        state.newest += 1;
        let id = state.newest;
        state.open.insert(id, stream);
        drop(state);
        OpenStream {
            streams: self.clone(),
            id,
        }
    }

    /// At most `limit` open streams with ids below `before`, newest first.
    pub fn list(&self, before: i64, limit: usize) -> Vec<Listed> {
        let state = self.state();
        let streams = state.open.range(..before).rev().take(limit);
        streams.map(|(&id, stream)| stream.listed(id)).collect()
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
        for stream in state.open.values() {
            let standing = &stream.standing;
            totals.open[stream.transport as usize] += 1;
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

impl Stream {
    fn listed(&self, id: i64) -> Listed {
        Listed {
            id,
            opened_at: self.opened_at,
            transport: self.transport,
            client: self.client,
            user: self.user.map(NonZero::get),
            filter: self.filter.as_deref().cloned().unwrap_or_default(),
            cursor: self.standing.cursor(),
            events: self.standing.events(),
            bytes: self.standing.bytes(),
        }
    }
}

impl RequestId {
    fn of(text: &str) -> Self {
        match Uuid::try_parse(text) {
            // It is logged as it was given, which may have been in another form.
            Ok(uuid) if uuid.hyphenated().encode_lower(&mut [0; Hyphenated::LENGTH]) == text => {
                Self::Uuid(uuid.into_bytes())
            }
            _ => Self::Text(text.into()),
        }
    }
}

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Uuid(bytes) => Uuid::from_bytes(*bytes).fmt(f),
            Self::Text(text) => f.write_str(text),
        }
    }
}

impl fmt::Debug for OpenStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("OpenStream").field(&self.id).finish()
    }
}

impl Drop for OpenStream {
    fn drop(&mut self) {
        let mut state = self.streams.state();
        let Some(stream) = state.open.remove(&self.id) else {
            return;
        };
        let standing = &stream.standing;
        let end = standing.end();
        state.ended[end as usize] += 1;
        state.events += standing.events();
        state.bytes += standing.bytes();
        drop(state);
        tracing::info!(
            id = %stream.request,
            client = stream.client.map(tracing::field::display),
            transport = stream.transport.name(),
            reason = name(end),
            duration_s = %format_args!("{:.3}", stream.opened.elapsed().as_secs_f64()),
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

    fn opened<'a>(transport: Transport, filter: &'a Filter, request: &'a str) -> Opened<'a> {
        Opened {
            transport,
            client: None,
            user: Some(7),
            filter,
            request,
        }
    }

    #[test]
    fn streams_count_while_they_are_open_and_what_they_were_sent_for_ever() {
        let streams = OpenStreams::default();
        let all = Filter::default();
        let standing = Arc::new(Standing::default());
        let plain = opened(Transport::Http1, &all, "a");
        let first = streams.open(&plain, Arc::clone(&standing));
        let second = streams.open(&opened(Transport::Http2Tls, &all, "b"), Arc::default());
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
        assert_eq!(totals.ended, [1, 0, 0, 0, 1, 0, 0]);
        assert_eq!(totals.slowest, None);
    }

    #[test]
    fn open_streams_are_listed_a_page_at_a_time_while_others_come_and_go() {
        let streams = OpenStreams::default();
        let some = Filter::default().of_kinds(["newPath"]).about([3]);
        let open = |filter| streams.open(&opened(Transport::Http1, filter, ""), Arc::default());
        let all = Filter::default();
        let mut held: Vec<_> = [&all, &some, &all, &all].map(open).into();
        let ids = |before, limit| -> Vec<_> {
            let page = streams.list(before, limit);
            page.iter().map(|it| it.id).collect()
        };
        assert_eq!(ids(i64::MAX, 2), [4, 3]);
        drop(held.remove(2));
        held.push(open(&all));
        assert_eq!(ids(3, 2), [2, 1]);
        assert_eq!(ids(i64::MAX, 9), [5, 4, 2, 1]);
        let listed = &streams.list(3, 1)[0];
        assert_eq!((&listed.filter, listed.user), (&some, Some(7)));
        assert_eq!(streams.list(2, 1)[0].filter, all);
    }

    #[test]
    fn the_id_of_a_request_is_told_as_it_was_given() {
        let uuid = "67e55044-10b1-426f-9247-bb680e5fe0c8";
        for text in [
            uuid,
            &uuid.to_uppercase(),
            &uuid.replace('-', ""),
            "mine",
            "",
        ] {
            assert_eq!(RequestId::of(text).to_string(), text);
        }
    }

    #[test]
    fn a_stream_that_wants_all_takes_little_memory() {
        // With its place in the map and the handle that its connection has, less than 150 bytes.
        assert!(size_of::<Stream>() <= 96);
        assert_eq!(size_of::<OpenStream>(), 16);
    }
}
