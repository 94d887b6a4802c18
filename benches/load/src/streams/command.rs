//! What the thread that holds streams is told to do, and its answers.

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
        // This fails only if the thread has already been woken.
        let _ = rustix::io::write(&self.0, &1_u64.to_ne_bytes());
    }
}

/// How the streams of a group fared.
pub struct Outcome {
    /// How many streams.
    pub streams: usize,
    /// Events that were skipped: a later one came before them, or instead of them.
    pub lost: u64,
    /// Events that have not come yet.
    pub missing: u64,
    /// Events that came more than once.
    pub doubled: u64,
    /// What the first few inexact streams received.
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
