//! Carries out what the thread is told.

use std::sync::atomic::Ordering::Relaxed;

use super::{
    super::{
        Group,
        command::{Command, Outcome},
        stream::{State, Stream},
    },
    Worker,
};
use crate::clock;

/// Upper bound on the streams that a report names.
const NAMED: usize = 5;

impl Worker {
    /// Carries out the commands that have arrived since the last call.
    pub(super) fn take_commands(&mut self) {
        let mut count = [0; 8];
        let _ = rustix::io::read(&self.waker, &mut count);
        while let Ok(command) = self.commands.try_recv() {
            match command {
                Command::Open {
                    group,
                    count,
                    opening,
                } => {
                    self.groups[group as usize].opening = opening;
                    let next = self.timeline.next();
                    for _ in 0..count {
                        self.groups[group as usize]
                            .to_open
                            .push_back(self.streams.len());
                        self.streams.push(Stream::new(group, next));
                    }
                }
                Command::Cut { group, reset } => {
                    for index in 0..self.streams.len() {
                        if self.streams[index].group == group {
                            self.close(index, reset);
                        }
                    }
                }
                Command::Reopen { group, at_once } => {
                    self.groups[group as usize].opening.at_once = at_once;
                    let closed = self.streams.iter().enumerate().filter(|(_, stream)| {
                        stream.group == group && stream.state == State::Closed
                    });
                    let closed = closed.map(|(index, _)| index);
                    self.groups[group as usize].to_open.extend(closed);
                }
                Command::CutSome {
                    group,
                    count,
                    choice,
                } => self.cut_some(group, count, choice),
                Command::Expect { next, done } => {
                    self.expected = next;
                    for stream in self.streams.iter().filter(|it| it.next >= next) {
                        let progress = &self.progress[stream.group as usize];
                        progress.arrived.fetch_add(1, Relaxed);
                        progress.arrived_at.store(clock::now(), Relaxed);
                    }
                    drop(done);
                }
                Command::ResetLatencies => {
                    for group in &mut self.groups {
                        group.latencies.reset();
                    }
                }
                Command::Report {
                    group,
                    next,
                    answer,
                } => {
                    let _ = answer.send(self.outcome(group, next));
                }
                Command::End => self.ended = true,
            }
        }
    }

    fn cut_some(&mut self, group: Group, count: usize, choice: u64) {
        if self.streams.is_empty() {
            return;
        }
        let mut random = choice | 1;
        for _ in 0..count {
            // xorshift: any order will do that is unrelated to the servers' own.
            random ^= random << 13;
            random ^= random >> 7;
            random ^= random << 17;
            let index = usize::try_from(random).unwrap_or(0) % self.streams.len();
            let stream = &self.streams[index];
            if stream.group == group && stream.state == State::Open {
                self.close(index, random.is_multiple_of(2));
                self.progress[group as usize].cut.fetch_add(1, Relaxed);
                self.groups[group as usize].to_open.push_back(index);
            }
        }
    }

    fn outcome(&self, group: Group, next: u64) -> Outcome {
        let mut outcome = Outcome {
            streams: 0,
            lost: 0,
            missing: 0,
            doubled: 0,
            complaints: Vec::new(),
            latencies: self.groups[group as usize].latencies.clone(),
        };
        for (index, stream) in self.streams.iter().enumerate() {
            if stream.group != group {
                continue;
            }
            let missing = next.saturating_sub(stream.next);
            outcome.streams += 1;
            outcome.lost += stream.lost;
            outcome.missing += missing;
            outcome.doubled += stream.doubled;
            let exact = stream.lost + stream.doubled + missing == 0;
            if !exact && outcome.complaints.len() < NAMED {
                outcome.complaints.push(format!(
                    "stream {index} lost {}, had {} duplicates, reached {} of {next}",
                    stream.lost, stream.doubled, stream.next
                ));
            }
        }
        outcome
    }
}
