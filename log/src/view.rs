//! What a client wants to see of the log, and in which form.

use std::time::Duration;

use crate::{
    EventId,
    filter::Filter,
    frame::{self, ByeReason, Reset},
    lines,
};

/// How a stream is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Format {
    /// As Server-Sent Events (WHATWG HTML, 9.2): [`frame`].
    #[default]
    EventStream,
    /// As lines of JSON: [`lines`].
    Lines,
}

/// Which events a client wants, and how they are written. Cheap to clone.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct View {
    /// Which events.
    pub filter: Filter,
    /// How they are written.
    pub format: Format,
}

impl From<Filter> for View {
    fn from(filter: Filter) -> Self {
        Self {
            filter,
            format: Format::EventStream,
        }
    }
}

impl View {
    /// Whether it is that of most clients: everything, as Server-Sent Events.
    pub fn is_usual(&self) -> bool {
        self.filter.is_all() && self.format == Format::EventStream
    }
}

impl Format {
    /// Appends what a stream begins with, before its position.
    pub(crate) fn opening(self, buffer: &mut Vec<u8>, retry_after: Duration) {
        match self {
            Self::EventStream => frame::opening(buffer, retry_after),
            Self::Lines => {}
        }
    }

    /// Appends the stream's position.
    pub(crate) fn cursor(self, buffer: &mut Vec<u8>, id: EventId, lease_id: Option<&str>) {
        match self {
            Self::EventStream => frame::cursor(buffer, id, lease_id),
            Self::Lines => lines::cursor(buffer, id, lease_id),
        }
    }

    /// Appends that events are missing.
    pub(crate) fn reset(self, buffer: &mut Vec<u8>, reset: Reset) {
        match self {
            Self::EventStream => frame::reset(buffer, reset),
            Self::Lines => lines::reset(buffer, reset),
        }
    }

    /// Appends that the client may not follow any more.
    pub(crate) fn bye(self, buffer: &mut Vec<u8>, reason: ByeReason) {
        match self {
            Self::EventStream => frame::bye(buffer, reason),
            Self::Lines => lines::bye(buffer, reason),
        }
    }

    /// Appends the end of a stream whose client comes back after this long.
    pub(crate) fn goodbye(self, buffer: &mut Vec<u8>, retry_after: Duration) {
        if self == Self::EventStream {
            frame::retry(buffer, retry_after);
        }
        buffer.push(b'\n');
    }

    /// What is sent on a silent connection.
    pub(crate) fn keep_alive(self) -> &'static [u8] {
        match self {
            Self::EventStream => frame::KEEP_ALIVE,
            Self::Lines => lines::KEEP_ALIVE,
        }
    }
}
