//! Publishing on a schedule that does not wait for anybody (an open loop).

use std::{
    net::SocketAddr,
    sync::atomic::{AtomicBool, Ordering::Relaxed},
    time::Duration,
};

use crate::{
    clock,
    error::{Context as _, Result},
    http::Client,
    marker::Marker,
    server::Target,
    timeline::Timeline,
};

/// How many events, and at what rate.
#[derive(Clone, Copy, Debug)]
pub struct Schedule {
    /// Events a second.
    pub rate: f64,
    /// How many events go into one request or transaction.
    pub batch: usize,
    /// How long to publish.
    pub duration: Duration,
}

impl Schedule {
    /// How many events that makes.
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a few million at most"
    )]
    pub fn events(&self) -> usize {
        (self.rate * self.duration.as_secs_f64()).round() as usize
    }

    /// When each batch is due, and how many events are in it.
    pub fn batches(&self, start: u64) -> impl Iterator<Item = (u64, usize)> {
        let (rate, batch, events) = (self.rate, self.batch.max(1), self.events());
        (0..events).step_by(batch).map(move |first| {
            #[allow(clippy::cast_precision_loss, reason = "a few million at most")]
            let seconds = first as f64 / rate;
            let due = start + clock::nanoseconds(Duration::from_secs_f64(seconds));
            (due, batch.min(events - first))
        })
    }
}

/// Takes the next sequence number, and the marker of its event.
pub fn stamp(timeline: &Timeline, due: u64) -> Marker {
    Marker {
        sequence: timeline.take(due),
        sent: clock::now(),
    }
}

/// One keep-alive connection to the place where events are posted.
pub struct Publisher {
    client: Client,
    target: Target,
}

impl Publisher {
    /// A publisher. It connects with the first event.
    pub fn new(address: SocketAddr, target: &Target) -> Self {
        Self {
            client: target.client(address),
            target: target.clone(),
        }
    }

    /// Publishes the whole schedule.
    pub fn publish(&mut self, timeline: &Timeline, schedule: Schedule) -> Result<()> {
        for (due, count) in schedule.batches(clock::now()) {
            clock::sleep_until(due);
            self.send(timeline, due, count)?;
        }
        Ok(())
    }

    /// Publishes each event as soon as the previous one is answered.
    pub fn publish_at_once(&mut self, timeline: &Timeline, count: usize) -> Result<()> {
        (0..count).try_for_each(|_| self.send(timeline, clock::now(), 1))
    }

    /// Publishes at this rate until it is told to stop.
    pub fn publish_until(
        &mut self,
        timeline: &Timeline,
        rate: f64,
        stop: &AtomicBool,
    ) -> Result<()> {
        let interval = clock::nanoseconds(Duration::from_secs_f64(1.0 / rate));
        let mut due = clock::now();
        while !stop.load(Relaxed) {
            clock::sleep_until(due);
            self.send(timeline, due, 1)?;
            due += interval;
        }
        Ok(())
    }

    fn send(&mut self, timeline: &Timeline, due: u64, count: usize) -> Result<()> {
        let first = timeline.next();
        let bodies: Vec<_> = (0..count)
            .map(|_| self.target.body(stamp(timeline, due)))
            .collect();
        let body = bodies.join("\n");
        let path = &self.target.publish;
        let answer = self.client.expect_success("POST", path, body.as_bytes());
        answer.context("publishing")?;
        let answered = clock::now();
        for sequence in first..timeline.next() {
            timeline.answered(sequence, answered);
        }
        Ok(())
    }
}
