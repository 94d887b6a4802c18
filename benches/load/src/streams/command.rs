//! What the thread that holds streams is told, and what it answers.

use std::{os::fd::OwnedFd, sync::mpsc::Sender};

use super::{Group, Opening, latency::Latencies};

pub(super) enum Command {
    Open {
        group: Group,
        count: usize,
        opening: Opening,
    },
    Cut {
        group: Group,
        reset: bool,
    },
    Reopen {
        group: Group,
        at_once: usize,
    },
    CutSome {
        group: Group,
        count: usize,
        choice: u64,
    },
    Expect {
        next: u64,
        done: Sender<()>,
    },
    ResetLatencies,
    Report {
        group: Group,
        next: u64,
        answer: Sender<Outcome>,
    },
    End,
}

/// Makes the thread look at its commands.
pub(super) struct Waker(OwnedFd);

impl Waker {
    pub(super) fn new(eventfd: OwnedFd) -> Self {
        Self(eventfd)
    }

    pub(super) fn wake(&self) {
        // It fails only when the thread has been woken already.
        let _ = rustix::io::write(&self.0, &1_u64.to_ne_bytes());
    }
}

/// How the streams of a group have fared.
pub struct Outcome {
    /// How many streams.
    pub streams: usize,
    /// Events that were left out: a later one came before them, or instead.
    pub lost: u64,
    /// Events that have not come yet.
    pub missing: u64,
    /// Events that came again.
    pub doubled: u64,
    /// What the first few streams had that were not exact.
    pub complaints: Vec<String>,
    /// How long the events took.
    pub latencies: Latencies,
}

impl Outcome {
    pub(super) fn add(&mut self, other: Self) {
        self.streams += other.streams;
        self.lost += other.lost;
        self.missing += other.missing;
        self.doubled += other.doubled;
        self.complaints.extend(other.complaints);
        self.latencies.add(&other.latencies);
    }
}
