//! Where a stream stands, for whoever looks at it from outside while it runs.

use std::sync::{
    OnceLock,
    atomic::{AtomicI64, AtomicU64, Ordering},
};

use super::EventId;

/// Why a stream ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum End {
    /// Its client closed it, or the connection broke.
    Client,
    /// Its client accepted no data for too long.
    Stalled,
    /// The server stops.
    Stopping,
    /// The server stops because the database holds another log.
    Lost,
    /// It reached its maximum age.
    Age,
    /// Its session ended.
    Session,
    /// Its lease was lost.
    Lease,
}

impl End {
    /// All reasons, each at the place that it has as a number.
    pub const ALL: [Self; 7] = [
        Self::Client,
        Self::Stalled,
        Self::Stopping,
        Self::Lost,
        Self::Age,
        Self::Session,
        Self::Lease,
    ];
}

/// Where one stream stands. Written by the stream alone, read by anybody.
#[derive(Debug, Default)]
pub struct Standing {
    cursor: AtomicI64,
    events: AtomicU64,
    bytes: AtomicU64,
    end: OnceLock<End>,
}

impl Standing {
    /// Everything up to here was sent, or filtered out.
    pub fn cursor(&self) -> EventId {
        self.cursor.load(Ordering::Relaxed)
    }

    /// How many events were handed to the connection.
    pub fn events(&self) -> u64 {
        self.events.load(Ordering::Relaxed)
    }

    /// How many bytes these were, as the connection frames them.
    pub fn bytes(&self) -> u64 {
        self.bytes.load(Ordering::Relaxed)
    }

    /// Why it ended; [`End::Client`] unless its owner gave another reason.
    pub fn end(&self) -> End {
        self.end.get().copied().unwrap_or(End::Client)
    }

    /// Records why it ends. The first reason stays.
    pub fn ends(&self, end: End) {
        let _ = self.end.set(end);
    }

    pub(super) fn moved(&self, cursor: EventId) {
        self.cursor.store(cursor, Ordering::Relaxed);
    }

    pub(super) fn sent(&self, events: usize, bytes: usize) {
        // Only the stream writes, so a load and a store lose nothing, and cost less than an addition.
        self.events
            .store(self.events() + events as u64, Ordering::Relaxed);
        self.bytes
            .store(self.bytes() + bytes as u64, Ordering::Relaxed);
    }
}
