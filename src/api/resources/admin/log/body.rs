//! The event log and open streams, as administrators see them.

use dotcast_log::{EventId, read::Break};
use poem_openapi::{Enum, Object, types::Example};
use sea_orm::prelude::DateTimeUtc;
use serde::{Deserialize, Serialize};

use crate::{
    api::{answer::written::time, examples},
    open_streams::{self, Listed},
};

/// Ids that were given out, and whose events a restore or a failover took away.
#[derive(Clone, Debug, Object, Serialize)]
#[oai(example)]
pub struct LogBreak {
    pub first_id: EventId,
    pub last_id: EventId,
}

impl Example for LogBreak {
    fn example() -> Self {
        Self {
            first_id: 4,
            last_id: 9,
        }
    }
}

impl From<Break> for LogBreak {
    fn from(Break { first, last }: Break) -> Self {
        Self {
            first_id: first,
            last_id: last,
        }
    }
}

/// The state of the event log, and of this server's streams.
#[derive(Clone, Debug, Object, Serialize)]
#[oai(example)]
pub struct LogState {
    /// The oldest event that is kept, or the first one that will be.
    pub oldest_id: EventId,
    /// The newest event that ever existed; 0 before the first.
    pub newest_id: EventId,
    /// Streams of this server end here: no smaller id can appear any more.
    pub settled_id: EventId,
    /// The newest event that retention has deleted; 0 if it has deleted none.
    pub trimmed_through: EventId,
    pub breaks: Vec<LogBreak>,
    /// How many streams this server has open.
    pub open_streams: i64,
}

impl Example for LogState {
    fn example() -> Self {
        Self {
            oldest_id: 120,
            newest_id: 400,
            settled_id: 400,
            trimmed_through: 119,
            breaks: vec![LogBreak::example()],
            open_streams: 17,
        }
    }
}

/// Which events to delete.
#[derive(Object, Deserialize)]
#[oai(example)]
pub struct LogTrim {
    /// Those that were appended longer ago than this.
    #[oai(validator(minimum(value = "0"), maximum(value = "3200000000")))]
    pub older_than_seconds: i64,
}

impl Example for LogTrim {
    fn example() -> Self {
        Self {
            older_than_seconds: 2_592_000,
        }
    }
}

/// What was deleted.
#[derive(Clone, Debug, Object, Serialize)]
#[oai(example)]
pub struct LogTrimmed {
    /// How many events.
    pub deleted: i64,
}

impl Example for LogTrimmed {
    fn example() -> Self {
        Self { deleted: 119 }
    }
}

/// How a stream is transported, to the client or to the proxy in front: HTTP/1 or HTTP/2, encrypted or not.
#[derive(Clone, Copy, Debug, Enum, Serialize)]
pub enum Transport {
    #[oai(rename = "http1")]
    #[serde(rename = "http1")]
    Http1,
    #[oai(rename = "http1+tls")]
    #[serde(rename = "http1+tls")]
    Http1Tls,
    #[oai(rename = "http2")]
    #[serde(rename = "http2")]
    Http2,
    #[oai(rename = "http2+tls")]
    #[serde(rename = "http2+tls")]
    Http2Tls,
}

impl From<open_streams::Transport> for Transport {
    fn from(transport: open_streams::Transport) -> Self {
        match transport {
            open_streams::Transport::Http1 => Self::Http1,
            open_streams::Transport::Http1Tls => Self::Http1Tls,
            open_streams::Transport::Http2 => Self::Http2,
            open_streams::Transport::Http2Tls => Self::Http2Tls,
        }
    }
}

/// A stream that is open on this server.
#[derive(Clone, Debug, Object, Serialize)]
#[oai(example)]
pub struct OpenStream {
    /// Counts the streams that this server has opened since its start.
    pub id: i64,
    #[serde(serialize_with = "time")]
    pub opened_at: DateTimeUtc,
    /// The address of the client, or of a trusted proxy that names none.
    #[oai(nullable)]
    pub client: Option<String>,
    /// The user whose session entitles the client; null where everybody may follow.
    #[oai(nullable)]
    pub username: Option<String>,
    pub transport: Transport,
    /// The types of events that the client wants; null for all.
    #[oai(nullable)]
    pub types: Option<Vec<String>>,
    /// The boards whose events the client wants; null for all.
    #[oai(nullable)]
    pub board_ids: Option<Vec<i64>>,
    /// How many events were handed to the connection.
    pub events: i64,
    /// How many bytes these events were, without TLS.
    pub bytes: i64,
    /// Everything up to here was sent, or filtered out.
    pub cursor: EventId,
    /// How many ids that is behind the end of the log; 0 for a stream that is up to date.
    pub lag: i64,
}

impl Example for OpenStream {
    fn example() -> Self {
        Self {
            id: 17,
            opened_at: examples::time(),
            client: Some("192.0.2.7".to_owned()),
            username: Some("ada".to_owned()),
            transport: Transport::Http1,
            types: Some(vec!["newPath".to_owned()]),
            board_ids: None,
            events: 12,
            bytes: 1860,
            cursor: 400,
            lag: 0,
        }
    }
}

impl OpenStream {
    pub(super) fn new(stream: &Listed, username: Option<String>, settled: EventId) -> Self {
        let Listed {
            id,
            opened_at,
            transport,
            client,
            user: _,
            filter,
            cursor,
            events,
            bytes,
        } = stream;
        let number = |it: &u64| i64::try_from(*it).unwrap_or(i64::MAX);
        let types = filter.kinds();
        Self {
            id: *id,
            opened_at: *opened_at,
            client: client.map(|it| it.to_string()),
            username,
            transport: (*transport).into(),
            types: types.map(|it| it.iter().map(ToString::to_string).collect()),
            board_ids: filter.topics().map(<[i64]>::to_vec),
            events: number(events),
            bytes: number(bytes),
            cursor: *cursor,
            lag: settled.saturating_sub(*cursor).max(0),
        }
    }
}

/// A page of open streams.
#[derive(Clone, Debug, Object)]
#[oai(example)]
pub struct OpenStreamPage {
    /// Newest first.
    pub items: Vec<OpenStream>,
    /// Ask for streams `before` this id next; null on the last page.
    #[oai(nullable)]
    pub next_before: Option<i64>,
}

impl Example for OpenStreamPage {
    fn example() -> Self {
        Self {
            items: vec![OpenStream::example()],
            next_before: None,
        }
    }
}
