//! What a follower learns.

use std::fmt;

use serde::{Deserialize, Serialize, de::DeserializeOwned};

/// An event's place in the log: above 0, growing, never used twice. 0 stands for "before the first".
pub type EventId = i64;

/// Parses an id as servers write it: decimal digits only, within the range of an [`EventId`].
pub(crate) fn parse_id(text: &str) -> Option<EventId> {
    // `parse` would accept a sign as well.
    let is_number = text.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| text.parse().ok()).flatten()
}

/// One item of a followed stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Item {
    /// An event. Each comes once, in the order of the ids.
    Event(Event),
    /// Everything that was asked for up to here has been handed out. A program that restarts goes on
    /// [after](crate::Builder::after) it.
    ///
    /// Each connection begins with one. Later ones come when a filter has passed over events. A position may be lower
    /// than the last one if the log itself went back; a [`Reset`](Item::Reset) then says so.
    Position(EventId),
    /// Events are missing: reload what you derive from them. It comes right after the [`Position`](Item::Position) from
    /// which the stream goes on.
    Reset(Reset),
}

/// An event of the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// Its place in the log, and the cursor for what comes after it.
    pub id: EventId,
    /// What kind of event it is, such as `newBoard`.
    pub kind: String,
    /// Its payload, which a dotcast server writes as a JSON object.
    pub payload: String,
}

impl Event {
    /// Reads the payload.
    ///
    /// # Errors
    /// If it is not the JSON of a `T`.
    pub fn json<T: DeserializeOwned>(&self) -> serde_json::Result<T> {
        serde_json::from_str(&self.payload)
    }
}

/// Says that events between a cursor and what follows are missing.
///
/// Whatever arrives as a reset counts as one, because events are missing all the same: fields that cannot be read take
/// their defaults.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(default)]
pub struct Reset {
    /// Why the cursor could not be honoured.
    pub reason: ResetReason,
    /// The cursor that could not be honoured.
    pub requested_id: EventId,
    /// The oldest event that is kept, or the first that will be.
    pub oldest_id: EventId,
    /// The newest event.
    pub newest_id: EventId,
}

/// Why a cursor could not be honoured.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum ResetReason {
    /// It is older than what the server keeps. Everything that is kept follows.
    Expired,
    /// It is newer than the log. What happens from now on follows.
    Ahead,
    /// Its event was lost to a restored backup or a failover. What took its place follows.
    Restored,
    /// A reason that this version does not know.
    #[default]
    #[serde(other)]
    Unknown,
}

impl fmt::Display for ResetReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Expired => "expired",
            Self::Ahead => "ahead",
            Self::Restored => "restored",
            Self::Unknown => "unknown",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_digits_within_range_are_an_id() {
        assert_eq!(parse_id("0"), Some(0));
        assert_eq!(parse_id("9223372036854775807"), Some(EventId::MAX));
        for text in ["", " 1", "-1", "+1", "1.0", "١", "9223372036854775808"] {
            assert_eq!(parse_id(text), None, "{text:?}");
        }
    }

    #[test]
    fn a_reset_of_a_later_server_is_one_too() {
        let read = |text| serde_json::from_str::<Reset>(text).expect("a reset");
        let reset = read(r#"{"reason":"ahead","requested_id":9,"oldest_id":1,"newest_id":4}"#);
        assert_eq!(reset.reason, ResetReason::Ahead);
        let ids = (reset.requested_id, reset.oldest_id, reset.newest_id);
        assert_eq!(ids, (9, 1, 4));
        assert_eq!(
            read(r#"{"reason":"moved","elsewhere":true}"#),
            Reset::default()
        );
    }
}
