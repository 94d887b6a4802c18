//! Carries out what the thread is told.

use std::sync::atomic::Ordering::Relaxed;

use super::{
    super::{
        Group,
        command::{Command, Outcome},
        connection::{Connection, State},
        stream::Stream,
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
                    let (next, end) = (self.timeline.next(), self.streams.len() + count);
                    while self.streams.len() < end {
                        let first = self.streams.len();
                        let behind = end.min(first + opening.per_connection);
                        for index in first..behind {
                            let place = count - (end - index);
                            self.streams.push(match opening.after {
                                None => Stream::new(next),
                                Some(after) => Stream::after(after.id - after.apart * place as u64),
                            });
                        }
                        let state = &mut self.groups[group as usize];
                        state.to_open.push_back(self.connections.len());
                        self.connections.push(Connection::new(group, first..behind));
                    }
                }
                Command::Cut { group, reset } => {
                    for index in 0..self.connections.len() {
                        if self.connections[index].group == group {
                            self.close(index, reset);
                        }
                    }
                }
                Command::Reopen { group, at_once } => {
                    self.groups[group as usize].opening.at_once = at_once;
                    let closed = self
                        .connections
                        .iter()
                        .enumerate()
                        .filter(|(_, it)| it.group == group && it.state == State::Closed);
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
                    for connection in &self.connections {
                        let streams = self.streams[connection.streams.clone()].iter();
                        let arrived = streams.filter(|it| it.next >= next).count();
                        if arrived > 0 {
                            let progress = &self.progress[connection.group as usize];
                            progress.arrived.fetch_add(arrived, Relaxed);
                            progress.arrived_at.store(clock::now(), Relaxed);
                        }
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
        if self.connections.is_empty() {
            return;
        }
        let mut random = choice | 1;
        let per_connection = self.groups[group as usize].opening.per_connection;
        for _ in 0..count.div_ceil(per_connection) {
            // xorshift: any order will do that is unrelated to the servers' own.
            random ^= random << 13;
            random ^= random >> 7;
            random ^= random << 17;
            let index = usize::try_from(random).unwrap_or(0) % self.connections.len();
            let connection = &self.connections[index];
            if connection.group == group && connection.state == State::Open {
                let cut = connection.streams.len();
                self.close(index, random.is_multiple_of(2));
                self.progress[group as usize].cut.fetch_add(cut, Relaxed);
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
        let connections = self.connections.iter().filter(|it| it.group == group);
        for index in connections.flat_map(|it| it.streams.clone()) {
            let stream = &self.streams[index];
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
