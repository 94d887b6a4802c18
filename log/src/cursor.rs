//! Where a client begins: after its `Last-Event-ID`, or at a time.

use chrono::{DateTime, Utc};

use super::EventId;

/// Where a client wants to begin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// After this event; 0 for everything that is kept.
    After(EventId),
    /// At the first event that is kept and not older than this, to the millisecond. Ids and times need not agree: events
    /// after it may be older. Without any, at the present.
    Since(DateTime<Utc>),
}

impl From<EventId> for Origin {
    fn from(cursor: EventId) -> Self {
        Self::After(cursor)
    }
}

/// Why a `Last-Event-ID` is not a cursor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "must be a whole number from 0 to {}, as in the `id:` of an event",
    EventId::MAX
)]
pub struct InvalidCursor;

/// Parses a cursor: decimal digits only, without sign or spaces, within the range of a row id. Anything else is an
/// error, and never a silent restart from somewhere else.
///
/// To a browser an event id is an opaque string (WHATWG HTML, 9.2.6); ours are row ids.
pub fn parse(text: &str) -> Result<EventId, InvalidCursor> {
    if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(InvalidCursor);
    }
    text.parse().map_err(|_| InvalidCursor)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_id_is_a_cursor() {
        assert_eq!(parse("0"), Ok(0));
        assert_eq!(parse("42"), Ok(42));
        assert_eq!(parse("9223372036854775807"), Ok(EventId::MAX));
    }

    #[test]
    fn everything_else_is_not() {
        for text in [
            "",
            " ",
            " 1",
            "1 ",
            "-1",
            "+1",
            "abc",
            "1.0",
            "0x1",
            "١",
            "9223372036854775808",
            "99999999999999999999",
        ] {
            assert_eq!(parse(text), Err(InvalidCursor), "{text:?}");
        }
    }
}
