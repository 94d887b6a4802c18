//! The thread that holds streams: one epoll instance, level-triggered, one read per connection and
//! wake-up.

mod commands;

use std::{
    collections::VecDeque,
    os::fd::{AsFd as _, OwnedFd},
    sync::{Arc, PoisonError, atomic::Ordering::Relaxed, mpsc::Receiver},
    time::{Duration, Instant},
};

use rustix::{
    buffer::spare_capacity,
    event::{EventfdFlags, Timespec, epoll, eventfd},
    io::Errno,
};

use super::{
    Endpoint, Group, Opening, Progress,
    command::{Command, Waker},
    connection::{Connection, State},
    latency::Latencies,
    stream::{Record, Stream},
};
use crate::{
    clock,
    error::{Context as _, Result},
    timeline::Timeline,
    wire::Malformed,
};

/// Upper bound on what one read takes, in bytes.
const BUFFER: usize = 256 << 10;
/// Backoff after a refused connection.
const BACKOFF: Duration = Duration::from_millis(50);
const WAKER: u64 = u64::MAX;

struct GroupState {
    opening: Opening,
    latencies: Latencies,
    /// Connections to open.
    to_open: VecDeque<usize>,
    in_flight: usize,
    /// Connections to open, each not before this time.
    later: VecDeque<(Instant, usize)>,
}

pub(super) struct Worker {
    endpoint: Endpoint,
    timeline: Arc<Timeline>,
    progress: Arc<[Progress; 2]>,
    commands: Receiver<Command>,
    epoll: OwnedFd,
    waker: OwnedFd,
    connections: Vec<Connection>,
    streams: Vec<Stream>,
    groups: [GroupState; 2],
    buffer: Vec<u8>,
    /// A stream whose `next` reaches this value has arrived.
    expected: u64,
    next_sip: Instant,
    ended: bool,
}

impl Worker {
    pub(super) fn new(
        endpoint: Endpoint,
        timeline: Arc<Timeline>,
        progress: Arc<[Progress; 2]>,
        commands: Receiver<Command>,
    ) -> Result<(Self, Waker)> {
        let epoll = epoll::create(epoll::CreateFlags::CLOEXEC).context("epoll_create")?;
        let flags = EventfdFlags::NONBLOCK | EventfdFlags::CLOEXEC;
        let waker = eventfd(0, flags).context("eventfd")?;
        let data = epoll::EventData::new_u64(WAKER);
        epoll::add(&epoll, &waker, data, epoll::EventFlags::IN).context("epoll_ctl")?;
        let handle = Waker::new(waker.as_fd().try_clone_to_owned().context("dup")?);
        let group = || GroupState {
            opening: Opening::default(),
            latencies: Latencies::new(),
            to_open: VecDeque::new(),
            in_flight: 0,
            later: VecDeque::new(),
        };
        let worker = Self {
            endpoint,
            timeline,
            progress,
            commands,
            epoll,
            waker,
            connections: Vec::new(),
            streams: Vec::new(),
            groups: [group(), group()],
            buffer: vec![0; BUFFER],
            expected: u64::MAX,
            next_sip: Instant::now(),
            ended: false,
        };
        Ok((worker, handle))
    }

    pub(super) fn run(mut self) {
        let mut events = Vec::with_capacity(1024);
        while !self.ended {
            events.clear();
            let timeout = self.timeout();
            match epoll::wait(&self.epoll, spare_capacity(&mut events), timeout.as_ref()) {
                Ok(_) | Err(Errno::INTR) => {}
                // The descriptor is ours and open; nothing else can fail.
                Err(_) => return,
            }
            for event in &events {
                let token = event.data.u64();
                if token == WAKER {
                    self.take_commands();
                } else if let Ok(index) = usize::try_from(token) {
                    self.ready(index);
                }
            }
            self.sip();
            self.open_more();
        }
        for connection in &mut self.connections {
            connection.close(true);
        }
    }

    /// None if nothing depends on the time.
    fn timeout(&self) -> Option<Timespec> {
        let waiting = self.groups.iter().any(|it| !it.later.is_empty());
        let sipping = self
            .groups
            .iter()
            .any(|it| it.opening.bytes_per_second.is_some());
        (waiting || sipping).then_some(Timespec {
            tv_sec: 0,
            tv_nsec: 20_000_000,
        })
    }

    fn open_more(&mut self) {
        let now = Instant::now();
        for group in Group::ALL {
            loop {
                let state = &mut self.groups[group as usize];
                while state.later.front().is_some_and(|&(at, _)| at <= now) {
                    let index = state.later.pop_front().map(|(_, index)| index);
                    state.to_open.extend(index);
                }
                if state.in_flight >= state.opening.at_once {
                    break;
                }
                let Some(index) = state.to_open.pop_front() else {
                    break;
                };
                state.in_flight += 1;
                let receive_buffer = state.opening.receive_buffer;
                let connection = &mut self.connections[index];
                for stream in &mut self.streams[connection.streams.clone()] {
                    stream.decoder.restart();
                }
                let address = self.endpoint.address;
                let token = index as u64;
                if let Err(error) = connection.connect(&self.epoll, token, address, receive_buffer)
                {
                    // Tells `close` that it was in flight.
                    connection.state = State::Connecting;
                    self.failed(index, &error.to_string());
                }
            }
        }
    }

    fn ready(&mut self, index: usize) {
        let connection = &mut self.connections[index];
        match connection.state {
            // A command closed it while the event was on its way.
            State::Closed => {}
            State::Connecting => {
                let streams = &self.streams[connection.streams.clone()];
                let token = index as u64;
                if let Err(error) = connection.request(&self.epoll, token, &self.endpoint, streams)
                {
                    self.failed(index, &error.to_string());
                }
            }
            State::Requested | State::Open => {
                let opening = &self.groups[connection.group as usize].opening;
                let most = opening.bytes_per_second.map_or(BUFFER, |_| 512);
                self.read(index, most);
            }
        }
    }

    fn read(&mut self, index: usize, most: usize) {
        let connection = &mut self.connections[index];
        let Some(socket) = &connection.socket else {
            return;
        };
        let length = match rustix::io::read(socket, &mut self.buffer[..most]) {
            Ok(0) => return self.failed(index, &Malformed::Ended.to_string()),
            Ok(length) => length,
            Err(Errno::AGAIN | Errno::INTR) => return,
            Err(error) => return self.failed(index, &error.to_string()),
        };
        let group = connection.group;
        let state = &mut self.groups[group as usize];
        let progress = &self.progress[group as usize];
        let mut record = Record {
            group,
            now: clock::now(),
            timeline: &self.timeline,
            latencies: &mut state.latencies,
            progress,
            expected: self.expected,
        };
        let (first, mut opened) = (connection.streams.start, 0);
        let streams = &mut self.streams;
        let taken = connection.take(&self.buffer[..length], |place, piece| {
            let stream = &mut streams[first + place];
            stream.take(piece, &mut record)?;
            if !stream.is_open && stream.decoder.is_open() {
                stream.is_open = true;
                opened += 1;
            }
            Ok(())
        });
        connection.open += opened;
        progress.open.fetch_add(opened, Relaxed);
        if connection.state == State::Requested && connection.open == connection.streams.len() {
            connection.state = State::Open;
            state.in_flight -= 1;
            if let (Some(_), Some(socket)) = (state.opening.bytes_per_second, &connection.socket) {
                // From now on it is read once a second instead.
                let _ = epoll::delete(&self.epoll, socket);
            }
        }
        if let Err(error) = taken {
            self.failed(index, &error.to_string());
        }
    }

    /// Once a second, reads a little from the slow streams.
    fn sip(&mut self) {
        let slow = |it: &GroupState| it.opening.bytes_per_second;
        if self.groups.iter().all(|it| slow(it).is_none()) || Instant::now() < self.next_sip {
            return;
        }
        self.next_sip = Instant::now() + Duration::from_secs(1);
        for index in 0..self.connections.len() {
            let connection = &self.connections[index];
            if let Some(bytes) = slow(&self.groups[connection.group as usize])
                && connection.state == State::Open
            {
                self.read(index, bytes);
            }
        }
    }

    /// The connection broke, or could not be made.
    fn failed(&mut self, index: usize, reason: &str) {
        let connection = &self.connections[index];
        let (group, count) = (connection.group as usize, connection.streams.len());
        let was_open = connection.state == State::Open;
        self.close(index, true);
        let progress = &self.progress[group];
        if was_open {
            progress.dropped.fetch_add(count, Relaxed);
            if self.groups[group].opening.reopen {
                self.groups[group].to_open.push_back(index);
            }
        } else {
            progress.refused.fetch_add(1, Relaxed);
            let mut last = progress
                .reason
                .lock()
                .unwrap_or_else(PoisonError::into_inner);
            reason.clone_into(&mut last);
            self.groups[group]
                .later
                .push_back((Instant::now() + BACKOFF, index));
        }
    }

    fn close(&mut self, index: usize, reset: bool) {
        let connection = &mut self.connections[index];
        let group = connection.group as usize;
        if matches!(connection.state, State::Connecting | State::Requested) {
            self.groups[group].in_flight -= 1;
        }
        self.progress[group]
            .open
            .fetch_sub(connection.open, Relaxed);
        for stream in &mut self.streams[connection.streams.clone()] {
            stream.is_open = false;
        }
        connection.close(reset);
    }
}
