//! HTTP/1.1 as a reactor writes it: one head, then chunks (RFC 9112, 7.1).

use std::{collections::HashMap, io::Write as _, time::SystemTime};

use bytes::Bytes;
use dotcast_log::{
    EventId,
    feed::{Piece, Source},
    filter::Filter,
    hub::Hub,
    read::Extent,
    window::{Reach, Step},
};
use poem::http::{
    HeaderMap, StatusCode,
    header::{CONNECTION, DATE, TRANSFER_ENCODING},
};

/// Ends a response.
pub const LAST: &[u8] = b"0\r\n\r\n";
/// Filters for which chunks are kept.
const MAX_FILTERS: usize = 1024;

/// The head of a response whose body is chunked, and which is the last on its connection.
pub fn head(status: StatusCode, headers: &HeaderMap) -> Vec<u8> {
    let mut head = format!("HTTP/1.1 {status}\r\n").into_bytes();
    let mut line = |name: &str, value: &[u8]| {
        for part in [name.as_bytes(), b": ", value, b"\r\n"] {
            head.extend_from_slice(part);
        }
    };
    let ours = [TRANSFER_ENCODING, CONNECTION, DATE];
    for (name, value) in headers.iter().filter(|(name, _)| !ours.contains(name)) {
        line(name.as_str(), value.as_bytes());
    }
    line(TRANSFER_ENCODING.as_str(), b"chunked");
    line(CONNECTION.as_str(), b"close");
    line(
        DATE.as_str(),
        httpdate::fmt_http_date(SystemTime::now()).as_bytes(),
    );
    head.extend_from_slice(b"\r\n");
    head
}

/// Appends bytes as one chunk. No bytes are none: an empty chunk would end the response.
pub fn append(buffer: &mut Vec<u8>, bytes: &[u8]) {
    if bytes.is_empty() {
        return;
    }
    // Writing to a `Vec` cannot fail.
    let _ = write!(buffer, "{:x}\r\n", bytes.len());
    buffer.extend_from_slice(bytes);
    buffer.extend_from_slice(b"\r\n");
}

/// Bytes as one chunk.
pub fn chunk(bytes: &[u8]) -> Bytes {
    // The length of the length: 16 digits at most.
    let mut buffer = Vec::with_capacity(bytes.len() + 20);
    append(&mut buffer, bytes);
    buffer.into()
}

/// The hub, in chunks that are made once for all streams of a reactor that stand at the same place.
#[derive(Debug)]
pub struct Chunks {
    hub: Hub,
    /// The log as far as this round goes.
    settled: EventId,
    is_stopping: bool,
    /// How often rights were withdrawn.
    withdrawals: u64,
    /// Chunks of this round by filter and cursor.
    made: HashMap<Filter, Vec<(EventId, Piece)>>,
    /// The same for streams without a filter, which most are.
    made_for_all: Vec<(EventId, Piece)>,
}

impl Chunks {
    /// The hub as it is.
    pub fn new(hub: Hub) -> Self {
        Self {
            settled: hub.settled(),
            is_stopping: hub.is_stopping(),
            withdrawals: hub.withdrawals(),
            hub,
            made: HashMap::new(),
            made_for_all: Vec::new(),
        }
    }

    /// Begins a round if there is something for every stream: events, or the end; or if some of them may
    /// have to end.
    pub fn refresh(&mut self) -> bool {
        let now = (
            self.hub.settled(),
            self.hub.is_stopping(),
            self.hub.withdrawals(),
        );
        if now == (self.settled, self.is_stopping, self.withdrawals) {
            return false;
        }
        (self.settled, self.is_stopping, self.withdrawals) = now;
        self.made.clear();
        self.made_for_all.clear();
        true
    }

    fn made(&self, cursor: EventId, filter: &Filter) -> Option<&Piece> {
        let made = if filter.is_all() {
            &self.made_for_all
        } else {
            self.made.get(filter)?
        };
        let found = made.iter().find(|(at, _)| *at == cursor);
        found.map(|(_, piece)| piece)
    }
}

impl Source for Chunks {
    fn after(&mut self, cursor: EventId, filter: &Filter) -> Reach<Piece> {
        if cursor >= self.settled {
            return Reach::UpToDate;
        }
        if let Some(piece) = self.made(cursor, filter) {
            return Reach::Next(piece.clone());
        }
        let reach = self.hub.after(cursor);
        reach.map(|step| self.cut(&step, cursor, filter))
    }

    fn cut(&mut self, step: &Step, cursor: EventId, filter: &Filter) -> Piece {
        if let Some(piece) = self.made(cursor, filter)
            && piece.through >= step.through
        {
            return piece.clone();
        }
        let (frames, last) = step.frames(cursor, filter);
        let piece = Piece {
            bytes: chunk(&frames),
            last,
            through: step.through,
        };
        let made = if filter.is_all() {
            &mut self.made_for_all
        } else {
            if self.made.len() >= MAX_FILTERS {
                self.made.clear();
            }
            self.made.entry(filter.clone()).or_default()
        };
        // Streams stand at few places: most at the same, those that catch up at the ends of steps.
        if made.len() >= 16 {
            made.remove(0);
        }
        made.push((cursor, piece.clone()));
        piece
    }

    fn is_stopping(&self) -> bool {
        self.is_stopping
    }

    fn lost(&self) -> Option<Extent> {
        self.hub.lost()
    }
}
