//! What happened to each event, shared by publishers and streams.

use std::sync::atomic::{AtomicU32, AtomicU64, Ordering::Relaxed};

/// Times by [`clock::now`](crate::clock::now), 0 for "not yet". Indexed by sequence number.
pub struct Timeline {
    events: Box<[Event]>,
    /// How many streams are being measured.
    streams: AtomicU32,
    next: AtomicU64,
}

#[derive(Default)]
struct Event {
    /// When it should have been sent.
    due: AtomicU64,
    /// When the server had answered, or the transaction had committed.
    answered: AtomicU64,
    received: AtomicU32,
    /// When half of the streams had received it.
    median: AtomicU64,
    /// When all of them had.
    last: AtomicU64,
}

impl Timeline {
    /// A timeline for this many events.
    pub fn new(events: usize) -> Self {
        Self {
            events: (0..events).map(|_| Event::default()).collect(),
            streams: AtomicU32::new(0),
            next: AtomicU64::new(0),
        }
    }

    /// Sets how many streams are being measured. Call this before events are published.
    pub fn set_streams(&self, streams: usize) {
        let streams = u32::try_from(streams).unwrap_or(u32::MAX);
        self.streams.store(streams, Relaxed);
    }

    /// The sequence number of the next event.
    pub fn next(&self) -> u64 {
        self.next.load(Relaxed)
    }

    /// Takes a sequence number for an event that is due at `due`.
    pub fn take(&self, due: u64) -> u64 {
        let sequence = self.next.fetch_add(1, Relaxed);
        if let Some(event) = self.event(sequence) {
            event.due.store(due, Relaxed);
        }
        sequence
    }

    /// Records that the event is durable, as far as its publisher knows.
    pub fn answered(&self, sequence: u64, at: u64) {
        if let Some(event) = self.event(sequence) {
            event.answered.store(at, Relaxed);
        }
    }

    /// Records that a measured stream has received it. Returns when it was due and when it was answered.
    pub fn received(&self, sequence: u64, at: u64) -> (u64, u64) {
        let Some(event) = self.event(sequence) else {
            return (0, 0);
        };
        let received = event.received.fetch_add(1, Relaxed) + 1;
        let streams = self.streams.load(Relaxed);
        if received == streams.div_ceil(2) {
            event.median.store(at, Relaxed);
        }
        if received == streams {
            event.last.store(at, Relaxed);
        }
        (event.due.load(Relaxed), event.answered.load(Relaxed))
    }

    /// For each event from `first`: nanoseconds from its answer to its arrival at half of the streams, and at the last
    /// one. Events that have not got that far are left out.
    pub fn spread(&self, first: u64) -> (Vec<u64>, Vec<u64>) {
        let first = usize::try_from(first).unwrap_or(usize::MAX);
        let after_answer = |at: fn(&Event) -> &AtomicU64| {
            let events = self.events.iter().skip(first);
            let times = events.map(|event| (event.answered.load(Relaxed), at(event).load(Relaxed)));
            let known = times.filter(|&(answered, at)| answered > 0 && at > 0);
            known
                .map(|(answered, at)| at.saturating_sub(answered))
                .collect()
        };
        (
            after_answer(|event| &event.median),
            after_answer(|event| &event.last),
        )
    }

    fn event(&self, sequence: u64) -> Option<&Event> {
        self.events.get(usize::try_from(sequence).ok()?)
    }
}
