//! Many streams, held by one thread or two, each checked for every event once and in order.

mod command;
mod connection;
mod latency;
mod stream;
#[cfg(test)]
mod tests;
mod worker;

use std::{
    net::SocketAddr,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, AtomicUsize, Ordering::Relaxed},
        mpsc,
    },
    thread::JoinHandle,
    time::{Duration, Instant},
};

pub use self::{
    command::Outcome,
    latency::{Latencies, histogram, percentile},
};
use self::{
    command::{Command, Waker},
    worker::Worker,
};
use crate::{
    error::{Context as _, Error, Result},
    timeline::Timeline,
    transport::Transport,
};

/// Upper bound on the streams of one process: its descriptors, less some for other things.
pub const MOST: usize = 19_500;

/// A group of streams; a scenario has two at most.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Group {
    /// The streams that are measured.
    Main,
    /// Others beside them.
    Other,
}

impl Group {
    const ALL: [Self; 2] = [Self::Main, Self::Other];
}

/// Where streams are.
#[derive(Clone, Debug)]
pub struct Endpoint {
    /// The server's address.
    pub address: SocketAddr,
    /// The stream's path, with its query; `{stream}` stands for the stream's place among all, in four digits or more.
    pub path: String,
    /// How the server is reached.
    pub transport: Transport,
}

/// How streams are opened.
#[derive(Clone, Copy, Debug)]
pub struct Opening {
    /// How many connections to open at the same time. Over TLS this bounds the handshakes that wait for the server.
    pub at_once: usize,
    /// How many streams share a connection over HTTP/2. They are opened together, and when one ends, all are cut.
    pub per_connection: usize,
    /// The size of each socket's receive buffer in bytes, if not the system's default.
    pub receive_buffer: Option<usize>,
    /// Read only this many bytes each second, and check nothing.
    pub bytes_per_second: Option<usize>,
    /// Reopen streams that the server has closed.
    pub reopen: bool,
    /// Begin in the past.
    pub after: Option<After>,
}

/// Where streams begin, if not at the present. The markers of these events are their ids.
#[derive(Clone, Copy, Debug)]
pub struct After {
    /// The first stream begins behind this event.
    pub id: u64,
    /// Each other one, this many events before the one that was opened before it.
    pub apart: u64,
}

impl Default for Opening {
    fn default() -> Self {
        Self {
            at_once: 128,
            per_connection: 1,
            receive_buffer: None,
            bytes_per_second: None,
            reopen: false,
            after: None,
        }
    }
}

/// What a group's threads report while they run.
#[derive(Default)]
struct Progress {
    /// Streams whose body has begun.
    open: AtomicUsize,
    /// Streams that have received the event that is waited for.
    arrived: AtomicUsize,
    /// When the last of them received it.
    arrived_at: AtomicU64,
    /// Streams that the server has closed.
    dropped: AtomicUsize,
    /// Attempts to open a connection that failed.
    refused: AtomicUsize,
    /// Why the last of them did.
    reason: Mutex<String>,
    /// Streams that we have cut, one by one.
    cut: AtomicUsize,
}

/// All streams of a scenario.
pub struct Streams {
    workers: Vec<(mpsc::Sender<Command>, Waker)>,
    threads: Vec<JoinHandle<()>>,
    progress: Arc<[Progress; 2]>,
    /// Whether a connection can have several streams.
    shares_connections: bool,
}

impl Streams {
    /// Starts the threads; there are no streams yet.
    pub fn new(threads: usize, endpoint: &Endpoint, timeline: &Arc<Timeline>) -> Result<Self> {
        let progress = Arc::<[Progress; 2]>::default();
        let mut streams = Self {
            workers: Vec::new(),
            threads: Vec::new(),
            progress: Arc::clone(&progress),
            shares_connections: matches!(endpoint.transport, Transport::Http2 { .. }),
        };
        for _ in 0..threads.max(1) {
            let (sender, receiver) = mpsc::channel();
            let (worker, waker) = Worker::new(
                endpoint.clone(),
                Arc::clone(timeline),
                Arc::clone(&progress),
                receiver,
            )?;
            let thread = std::thread::Builder::new()
                .name("streams".to_owned())
                .spawn(|| worker.run())
                .context("starting a thread")?;
            streams.workers.push((sender, waker));
            streams.threads.push(thread);
        }
        Ok(streams)
    }

    /// Opens this many more and waits until they are open.
    pub fn open(&self, group: Group, count: usize, mut opening: Opening) -> Result<()> {
        let open = self.count_open(group);
        opening.per_connection = self.per_connection(opening);
        self.divide(count, |count| Command::Open {
            group,
            count,
            opening,
        });
        self.wait_open(group, open + count)
    }

    /// How many streams really share a connection.
    pub fn per_connection(&self, opening: Opening) -> usize {
        if self.shares_connections {
            opening.per_connection.max(1)
        } else {
            1
        }
    }

    /// Cuts all streams of a group, with a reset or in order.
    pub fn cut(&self, group: Group, reset: bool) -> Result<()> {
        self.tell(|| Command::Cut { group, reset });
        wait("cutting the streams", Duration::from_mins(1), || {
            self.count_open(group) == 0
        })
    }

    /// Reopens all closed streams of a group, each where it stopped.
    pub fn reopen(&self, group: Group, at_once: usize) {
        self.tell(|| Command::Reopen { group, at_once });
    }

    /// Cuts this many streams of a group, picked by `choice`, and reopens them.
    pub fn cut_some(&self, group: Group, count: usize, choice: u64) {
        self.divide(count, |count| Command::CutSome {
            group,
            count,
            choice,
        });
    }

    /// Waits until this many are open.
    pub fn wait_open(&self, group: Group, count: usize) -> Result<()> {
        let what = format!("opening {count} streams");
        wait(&what, Duration::from_mins(2), || {
            self.count_open(group) >= count
        })
        .map_err(|error| {
            Error::Server(format!(
                "{error}: {} are open, {} attempts were refused (the last one: {}), {} were closed by the server",
                self.count_open(group),
                self.count_refused(group),
                self.of(group).reason.lock().unwrap_or_else(PoisonError::into_inner),
                self.count_dropped(group),
            ))
        })
    }

    /// How many are open.
    pub fn count_open(&self, group: Group) -> usize {
        self.of(group).open.load(Relaxed)
    }

    /// How many the server has closed.
    pub fn count_dropped(&self, group: Group) -> usize {
        self.of(group).dropped.load(Relaxed)
    }

    /// How many attempts to open one have failed.
    pub fn count_refused(&self, group: Group) -> usize {
        self.of(group).refused.load(Relaxed)
    }

    /// How many [`cut_some`](Self::cut_some) has cut.
    pub fn count_cut(&self, group: Group) -> usize {
        self.of(group).cut.load(Relaxed)
    }

    /// From now on, watches for the event before `next`.
    pub fn expect(&self, next: u64) {
        for progress in self.progress.iter() {
            progress.arrived.store(0, Relaxed);
        }
        let (sender, receiver) = mpsc::channel();
        self.tell(|| Command::Expect {
            next,
            done: sender.clone(),
        });
        drop(sender);
        while receiver.recv().is_ok() {}
    }

    /// How many streams have received the event that is watched for.
    pub fn count_arrived(&self, group: Group) -> usize {
        self.of(group).arrived.load(Relaxed)
    }

    /// When the last of them received it.
    pub fn arrived_at(&self, group: Group) -> u64 {
        self.of(group).arrived_at.load(Relaxed)
    }

    /// Waits until this many have received all events before `next`.
    pub fn wait_arrived(
        &self,
        group: Group,
        next: u64,
        count: usize,
        limit: Duration,
    ) -> Result<()> {
        self.expect(next);
        let what = format!("{count} streams having all {next} events");
        wait(&what, limit, || self.count_arrived(group) >= count)
    }

    /// Forgets the latencies so far: the measurement begins now.
    pub fn reset_latencies(&self) {
        self.tell(|| Command::ResetLatencies);
    }

    /// How a group fared, given that all events before `next` should have come.
    pub fn outcome(&self, group: Group, next: u64) -> Result<Outcome> {
        let (sender, receiver) = mpsc::channel();
        self.tell(|| Command::Report {
            group,
            next,
            answer: sender.clone(),
        });
        drop(sender);
        let mut outcomes = receiver.into_iter();
        let mut all = outcomes
            .next()
            .ok_or_else(|| Error::Server("the streams' thread has ended".to_owned()))?;
        for outcome in outcomes {
            all.add(outcome);
        }
        Ok(all)
    }

    fn of(&self, group: Group) -> &Progress {
        &self.progress[group as usize]
    }

    fn tell(&self, command: impl Fn() -> Command) {
        for (sender, waker) in &self.workers {
            // A thread that has ended has already been reported as a failure.
            let _ = sender.send(command());
            waker.wake();
        }
    }

    /// Tells each thread its share of `count`.
    fn divide(&self, count: usize, command: impl Fn(usize) -> Command) {
        let mut left = count;
        for (index, (sender, waker)) in self.workers.iter().enumerate() {
            let part = left / (self.workers.len() - index);
            left -= part;
            let _ = sender.send(command(part));
            waker.wake();
        }
    }
}

impl Drop for Streams {
    fn drop(&mut self) {
        self.tell(|| Command::End);
        for thread in self.threads.drain(..) {
            let _ = thread.join();
        }
    }
}

/// Waits for a condition, which it checks a thousand times a second.
pub fn wait(what: &str, limit: Duration, mut condition: impl FnMut() -> bool) -> Result<()> {
    let started = Instant::now();
    while !condition() {
        if started.elapsed() > limit {
            return Err(Error::TimedOut {
                what: what.to_owned(),
                limit,
            });
        }
        std::thread::sleep(Duration::from_millis(1));
    }
    Ok(())
}
