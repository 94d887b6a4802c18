//! The thread that holds streams: one epoll instance, level-triggered, one read per stream and wake-up.

mod commands;

use std::{
    collections::VecDeque,
    net::SocketAddr,
    os::fd::{AsFd as _, OwnedFd},
    sync::{Arc, atomic::Ordering::Relaxed, mpsc::Receiver},
    time::{Duration, Instant},
};

use rustix::{
    buffer::spare_capacity,
    event::{EventfdFlags, Timespec, epoll, eventfd},
    io::Errno,
};

use super::{
    Group, Opening, Progress,
    command::{Command, Waker},
    latency::Latencies,
    stream::{State, Stream},
};
use crate::{
    clock,
    error::{Context as _, Result},
    timeline::Timeline,
};

/// Upper bound on what one read takes, in bytes.
const BUFFER: usize = 256 << 10;
/// Backoff after a refused connection.
const BACKOFF: Duration = Duration::from_millis(50);
const WAKER: u64 = u64::MAX;

struct GroupState {
    opening: Opening,
    latencies: Latencies,
    to_open: VecDeque<usize>,
    in_flight: usize,
    /// Streams to open, each not before this time.
    later: VecDeque<(Instant, usize)>,
}

pub(super) struct Worker {
    address: SocketAddr,
    path: String,
    timeline: Arc<Timeline>,
    progress: Arc<[Progress; 2]>,
    commands: Receiver<Command>,
    epoll: OwnedFd,
    waker: OwnedFd,
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
        address: SocketAddr,
        path: String,
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
            address,
            path,
            timeline,
            progress,
            commands,
            epoll,
            waker,
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
        for stream in &mut self.streams {
            stream.close(true);
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
                let stream = &mut self.streams[index];
                let token = index as u64;
                if stream
                    .connect(&self.epoll, token, self.address, receive_buffer)
                    .is_err()
                {
                    // Tells `close` that the stream was in flight.
                    stream.state = State::Connecting;
                    self.failed(index);
                }
            }
        }
    }

    fn ready(&mut self, index: usize) {
        let stream = &mut self.streams[index];
        match stream.state {
            // A command closed it while the event was on its way.
            State::Closed => {}
            State::Connecting => {
                let token = index as u64;
                if stream
                    .request(&self.epoll, token, &self.path, self.address)
                    .is_err()
                {
                    self.failed(index);
                }
            }
            State::Requested | State::Open => {
                let opening = &self.groups[stream.group as usize].opening;
                let most = opening.bytes_per_second.map_or(BUFFER, |_| 512);
                self.read(index, most);
            }
        }
    }

    fn read(&mut self, index: usize, most: usize) {
        let stream = &mut self.streams[index];
        let Some(socket) = &stream.socket else {
            return;
        };
        let length = match rustix::io::read(socket, &mut self.buffer[..most]) {
            Ok(0) => return self.failed(index),
            Ok(length) => length,
            Err(Errno::AGAIN | Errno::INTR) => return,
            Err(_) => return self.failed(index),
        };
        let now = clock::now();
        let group = stream.group;
        let progress = &self.progress[group as usize];
        let latencies = &mut self.groups[group as usize].latencies;
        let (next, lost, doubled) = (&mut stream.next, &mut stream.lost, &mut stream.doubled);
        let fed = stream.decoder.feed(&self.buffer[..length], |marker| {
            if marker.sequence < *next {
                *doubled += 1;
                return;
            }
            *lost += marker.sequence - *next;
            *next = marker.sequence + 1;
            let (due, answered) = if group == Group::Main {
                self.timeline.received(marker.sequence, now)
            } else {
                (marker.sent, marker.sent)
            };
            latencies.record(now, marker.sent, due, answered);
            if *next == self.expected {
                progress.arrived_at.store(now, Relaxed);
                progress.arrived.fetch_add(1, Relaxed);
            }
        });
        if fed.is_err() || stream.decoder.has_ended() {
            return self.failed(index);
        }
        if stream.state == State::Requested && stream.decoder.is_open() {
            stream.state = State::Open;
            self.groups[group as usize].in_flight -= 1;
            progress.open.fetch_add(1, Relaxed);
            let opening = &self.groups[group as usize].opening;
            if let (Some(_), Some(socket)) = (opening.bytes_per_second, &stream.socket) {
                // From now on it is read once a second instead.
                let _ = epoll::delete(&self.epoll, socket);
            }
        }
    }

    /// Once a second, reads a little from the slow streams.
    fn sip(&mut self) {
        let slow = |it: &GroupState| it.opening.bytes_per_second;
        if self.groups.iter().all(|it| slow(it).is_none()) || Instant::now() < self.next_sip {
            return;
        }
        self.next_sip = Instant::now() + Duration::from_secs(1);
        for index in 0..self.streams.len() {
            let stream = &self.streams[index];
            if let Some(bytes) = slow(&self.groups[stream.group as usize])
                && stream.state == State::Open
            {
                self.read(index, bytes);
            }
        }
    }

    /// The connection broke, or could not be made.
    fn failed(&mut self, index: usize) {
        let stream = &self.streams[index];
        let group = stream.group as usize;
        let was_open = stream.state == State::Open;
        self.close(index, true);
        if was_open {
            self.progress[group].dropped.fetch_add(1, Relaxed);
            if self.groups[group].opening.reopen {
                self.groups[group].to_open.push_back(index);
            }
        } else {
            self.progress[group].refused.fetch_add(1, Relaxed);
            self.groups[group]
                .later
                .push_back((Instant::now() + BACKOFF, index));
        }
    }

    fn close(&mut self, index: usize, reset: bool) {
        let stream = &mut self.streams[index];
        let group = stream.group as usize;
        match stream.state {
            State::Closed => {}
            State::Connecting | State::Requested => self.groups[group].in_flight -= 1,
            State::Open => {
                self.progress[group].open.fetch_sub(1, Relaxed);
            }
        }
        stream.close(reset);
    }
}
