//! What this process has done with the log since it started.

use std::{
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicI64, AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use super::EventId;

/// How often something was done, and how long that took in all.
#[derive(Debug, Default)]
pub struct Timed {
    count: AtomicU64,
    nanos: AtomicU64,
}

impl Timed {
    /// How often.
    pub fn count(&self) -> u64 {
        self.count.load(Ordering::Relaxed)
    }

    /// How long, in all.
    pub fn total(&self) -> Duration {
        Duration::from_nanos(self.nanos.load(Ordering::Relaxed))
    }

    pub(super) fn add(&self, since: Instant) {
        let nanos = u64::try_from(since.elapsed().as_nanos()).unwrap_or(u64::MAX);
        self.count.fetch_add(1, Ordering::Relaxed);
        self.nanos.fetch_add(nanos, Ordering::Relaxed);
    }
}

/// Counts since the start, and what the poller saw last.
#[derive(Debug, Default)]
pub struct Stats {
    /// Looks of the poller that succeeded.
    pub looks: Timed,
    /// Looks of the poller that failed.
    pub failed_looks: Timed,
    /// Pages of history that were read from the database.
    pub pages: Timed,
    rounds: AtomicU64,
    events: AtomicU64,
    newest: AtomicI64,
    held_up_since: Mutex<Option<Instant>>,
}

impl Stats {
    /// Rounds that were shown to streams.
    pub fn rounds(&self) -> u64 {
        self.rounds.load(Ordering::Relaxed)
    }

    /// Events in these rounds.
    pub fn events(&self) -> u64 {
        self.events.load(Ordering::Relaxed)
    }

    /// The newest id that was visible when the poller last read rows. It may not be settled.
    pub fn newest(&self) -> EventId {
        self.newest.load(Ordering::Relaxed)
    }

    /// How long transactions of others have held up the log; `None` if none do.
    pub fn held_up(&self) -> Option<Duration> {
        let since = self.held_up_since.lock();
        let since = since.unwrap_or_else(PoisonError::into_inner);
        since.map(|it| it.elapsed())
    }

    pub(super) fn shown(&self, events: usize) {
        if events > 0 {
            self.rounds.fetch_add(1, Ordering::Relaxed);
            self.events.fetch_add(events as u64, Ordering::Relaxed);
        }
    }

    pub(super) fn saw(&self, newest: EventId) {
        self.newest.fetch_max(newest, Ordering::Relaxed);
    }

    pub(super) fn is_held_up(&self, is_held_up: bool) {
        let since = self.held_up_since.lock();
        let mut since = since.unwrap_or_else(PoisonError::into_inner);
        *since = is_held_up.then(|| since.unwrap_or_else(Instant::now));
    }
}
