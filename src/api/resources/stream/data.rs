//! What the `data` of a stream's own events holds.

use dotcast_log::EventId;
use poem_openapi::Object;

/// `data` of a `cursor`: where the stream stands. Each stream opens with one.
#[derive(Object)]
pub struct CursorData {
    /// You have seen all events up to here that you asked for.
    pub id: EventId,
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
    pub reason: String,
}
