//! Frames: what goes over the wire (WHATWG HTML, 9.2.5, "Parsing an event stream").
//!
//! A field's value ends at a line end, so no value may contain one. Kinds are plain words by a constraint of the
//! table, and payloads are written as compact JSON, which escapes line ends.

use std::{fmt::Display, time::Duration};

use bytes::Bytes;
use serde_json::{Value, json};

use super::{EventId, read::Extent};

/// The keep-alive comment, which keeps proxies from closing a silent connection.
pub const KEEP_ALIVE: &[u8] = b": keep-alive\n\n";

/// Appends one event of the log. `payload` is displayed as compact JSON.
pub fn event(buffer: &mut Vec<u8>, id: EventId, kind: &str, payload: &impl Display) {
    debug_assert!(!kind.contains(['\n', '\r']), "constraint of the table");
    write(
        buffer,
        format_args!("id: {id}\nevent: {kind}\ndata: {payload}\n\n"),
    );
}

/// The payload in the frame of an event.
pub(crate) fn payload(frame: &Bytes) -> Bytes {
    const FIELD: &[u8] = b"\ndata: ";
    let at = frame.windows(FIELD.len()).position(|it| it == FIELD);
    let start = at.map_or(0, |at| at + FIELD.len());
    // Without the two line ends.
    frame.slice(start..frame.len().saturating_sub(2).max(start))
}

/// Appends the stream's position: the client has seen everything up to `id` that it asked for.
///
/// It is a named event, not a bare `id:` line. Clients that remember an id only with an event get it too, and clients
/// that do not listen for `cursor` ignore it.
///
/// `lease_id` is for a client that acknowledges what it has processed.
pub fn cursor(buffer: &mut Vec<u8>, id: EventId, lease_id: Option<&str>) {
    let data = cursor_data(id, lease_id);
    write(
        buffer,
        format_args!("id: {id}\nevent: cursor\ndata: {data}\n\n"),
    );
}

/// What the `data` of a [`cursor`] holds.
pub(crate) fn cursor_data(id: EventId, lease_id: Option<&str>) -> Value {
    match lease_id {
        None => json!({ "id": id }),
        Some(lease_id) => json!({ "id": id, "lease_id": lease_id }),
    }
}

/// Appends the first lines of every stream: a comment, so that bytes leave at once, and how long the client waits
/// before it reconnects.
pub fn opening(buffer: &mut Vec<u8>, retry_after: Duration) {
    write(buffer, format_args!(": dotcast\n"));
    retry(buffer, retry_after);
}

/// Appends how long the client waits before it reconnects. It is a line of the following block, but takes effect at
/// once (the field is processed when its line is).
pub fn retry(buffer: &mut Vec<u8>, retry_after: Duration) {
    write(buffer, format_args!("retry: {}\n", retry_after.as_millis()));
}

/// Why the server ends a stream for good.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ByeReason {
    /// Its session has expired or was ended.
    SessionEnded,
    /// What it was handed is no longer its own.
    LeaseLost,
}

impl ByeReason {
    /// Every reason.
    pub const ALL: [Self; 2] = [Self::SessionEnded, Self::LeaseLost];

    /// The word on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::SessionEnded => "session_ended",
            Self::LeaseLost => "lease_lost",
        }
    }
}

/// Why a client's cursor could not be honoured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ResetReason {
    /// Older than what retention kept.
    Expired,
    /// Newer than the log.
    Ahead,
    /// It was given out and then lost, by a restored backup or a failover.
    Restored,
}

impl ResetReason {
    /// Every reason.
    pub const ALL: [Self; 3] = [Self::Expired, Self::Ahead, Self::Restored];

    /// The word on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Expired => "expired",
            Self::Ahead => "ahead",
            Self::Restored => "restored",
        }
    }
}

/// Tells that events between a cursor and what follows are missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reset {
    /// Why.
    pub reason: ResetReason,
    /// The cursor that could not be honoured.
    pub requested_id: EventId,
    /// The oldest event that is kept, or the first one that will be.
    pub oldest_id: EventId,
    /// The newest event.
    pub newest_id: EventId,
}

impl Reset {
    /// For a cursor that a log of this extent cannot honour.
    pub fn new(reason: ResetReason, requested: EventId, extent: Extent) -> Self {
        Self {
            reason,
            requested_id: requested,
            oldest_id: extent.oldest,
            newest_id: extent.newest,
        }
    }
}

impl Reset {
    /// What its `data` holds.
    pub(crate) fn data(self) -> Value {
        json!({
            "reason": self.reason.as_str(),
            "requested_id": self.requested_id,
            "oldest_id": self.oldest_id,
            "newest_id": self.newest_id,
        })
    }
}

/// Appends a [`Reset`]. In band, because a browser's `EventSource` shows no status and no header.
pub fn reset(buffer: &mut Vec<u8>, reset: Reset) {
    write(
        buffer,
        format_args!("event: reset\ndata: {}\n\n", reset.data()),
    );
}

/// Appends why the server ends a stream that the client has no right to any more. It has no id, so the next stream
/// resumes after the last event that was sent.
pub fn bye(buffer: &mut Vec<u8>, reason: ByeReason) {
    let data = json!({ "reason": reason.as_str() });
    write(buffer, format_args!("event: bye\ndata: {data}\n\n"));
}

fn write(buffer: &mut Vec<u8>, text: std::fmt::Arguments<'_>) {
    use std::io::Write as _;
    // Writing to a `Vec` cannot fail.
    let _ = buffer.write_fmt(text);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(fill: impl FnOnce(&mut Vec<u8>)) -> String {
        let mut buffer = Vec::new();
        fill(&mut buffer);
        String::from_utf8(buffer).expect("frames are UTF-8")
    }

    #[test]
    fn an_event_is_id_type_and_compact_data_with_its_keys_in_order() {
        let payload = serde_json::from_str::<serde_json::Value>(
            "{\n \"order_id\": 456,\n \"shop_id\": 1,\r\n \"n\": \"a\\nb\" }",
        );
        assert_eq!(
            text(|b| event(b, 43, "orderPlaced", &payload.expect("valid JSON"))),
            "id: 43\nevent: orderPlaced\ndata: {\"order_id\":456,\"shop_id\":1,\"n\":\"a\\nb\"}\n\n"
        );
    }

    #[test]
    fn a_stream_opens_with_comment_retry_and_cursor() {
        assert_eq!(
            text(|b| {
                opening(b, Duration::from_secs(2));
                cursor(b, 41, None);
            }),
            ": dotcast\nretry: 2000\nid: 41\nevent: cursor\ndata: {\"id\":41}\n\n"
        );
        assert_eq!(
            text(|b| cursor(b, 41, Some("0d9b"))),
            "id: 41\nevent: cursor\ndata: {\"id\":41,\"lease_id\":\"0d9b\"}\n\n"
        );
    }

    #[test]
    fn a_reset_carries_no_id() {
        let it = Reset {
            reason: ResetReason::Expired,
            requested_id: 5,
            oldest_id: 120,
            newest_id: 400,
        };
        assert_eq!(
            text(|b| reset(b, it)),
            "event: reset\ndata: {\"reason\":\"expired\",\"requested_id\":5,\"oldest_id\":120,\"newest_id\":400}\n\n"
        );
    }
}
