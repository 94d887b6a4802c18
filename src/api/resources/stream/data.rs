//! What the `data` of a stream's own events holds, and a line of a stream of lines.

use dotcast_log::EventId;
use poem_openapi::{Object, types::Any};
use serde_json::Value;

/// `data` of a `cursor`: where the stream stands. Each stream opens with one.
#[derive(Object)]
pub struct CursorData {
    /// You have seen all events up to here that you asked for.
    pub id: EventId,
    /// What acknowledges events, in the first `cursor` of a stream that is opened as a consumer.
    #[oai(skip_serializing_if_is_none)]
    pub lease_id: Option<String>,
}

/// `data` of a `reset`: events between your cursor and what follows are missing. Read again what
/// you show.
#[derive(Object)]
pub struct ResetData {
    /// `expired`: older than what is kept; all that is kept follows. `ahead`: newer than the log; the
    /// stream goes on from the present. `restored`: your cursor was given out and then lost, by a restored
    /// backup or a failover; the stream goes on from before it.
    pub reason: String,
    /// Your cursor.
    pub requested_id: EventId,
    /// The oldest event that is kept.
    pub oldest_id: EventId,
    /// The newest event.
    pub newest_id: EventId,
}

/// `data` of a `bye`, the last event of a stream that the client may not follow any more. It has no `id`;
/// the next stream goes on from the last one.
#[derive(Object)]
pub struct ByeData {
    /// `session_ended`: the session has expired or was ended. Log in again, and open the stream anew.
    /// `lease_lost`: the consumer was moved, changed or deleted, or others have got its events.
    pub reason: String,
}

/// A line of a stream of `application/x-ndjson`: what an event of the stream of `text/event-stream` says.
#[derive(Object)]
pub struct StreamLine {
    /// The cursor from here on: send the last one as `Last-Event-ID` to resume. A line without one leaves it
    /// as it was.
    #[oai(skip_serializing_if_is_none)]
    pub id: Option<EventId>,
    /// What `data` is, as in the `event` of a `StreamEvent`.
    pub r#type: String,
    /// An object, whose schema goes by `type`.
    pub data: Any<Value>,
}
