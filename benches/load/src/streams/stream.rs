//! One stream: what has been decoded, and the event that must come next.

use std::sync::atomic::Ordering::Relaxed;

use super::{Group, Progress, latency::Latencies};
use crate::{
    timeline::Timeline,
    wire::{Decoder, Malformed},
};

pub(super) struct Stream {
    pub(super) decoder: Decoder,
    pub(super) is_open: bool,
    /// The sequence number that must come next.
    pub(super) next: u64,
    pub(super) lost: u64,
    pub(super) doubled: u64,
}

/// Where to note what has arrived.
pub(super) struct Record<'a> {
    pub(super) group: Group,
    pub(super) now: u64,
    pub(super) timeline: &'a Timeline,
    pub(super) latencies: &'a mut Latencies,
    pub(super) progress: &'a Progress,
    /// A stream whose `next` reaches this value has arrived.
    pub(super) expected: u64,
}

impl Stream {
    pub(super) fn new(next: u64) -> Self {
        Self {
            decoder: Decoder::default(),
            is_open: false,
            next,
            lost: 0,
            doubled: 0,
        }
    }

    /// A stream that begins behind the event with this id, which is also its number.
    pub(super) fn after(id: u64) -> Self {
        let mut stream = Self::new(id + 1);
        stream.decoder = Decoder::after(id);
        stream
    }

    /// Takes a piece of the response, and checks the events in it.
    pub(super) fn take(&mut self, piece: &[u8], record: &mut Record<'_>) -> Result<(), Malformed> {
        let (next, lost, doubled) = (&mut self.next, &mut self.lost, &mut self.doubled);
        self.decoder.feed(piece, |marker| {
            if marker.sequence < *next {
                *doubled += 1;
                return;
            }
            *lost += marker.sequence - *next;
            *next = marker.sequence + 1;
            let now = record.now;
            let (due, answered) = if record.group == Group::Main {
                record.timeline.received(marker.sequence, now)
            } else {
                (marker.sent, marker.sent)
            };
            record.latencies.record(now, marker.sent, due, answered);
            if *next == record.expected {
                record.progress.arrived_at.store(now, Relaxed);
                record.progress.arrived.fetch_add(1, Relaxed);
            }
        })?;
        if self.decoder.has_ended() {
            return Err(Malformed::Ended);
        }
        Ok(())
    }
}
