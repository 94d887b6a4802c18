//! Many clients create boards at the same time. How fast is that, and is every board that was answered still there
//! after a crash?

use std::{
    collections::HashMap,
    io::{Read as _, Write as _},
    net::TcpStream,
    sync::atomic::{AtomicBool, Ordering::Relaxed},
    thread,
    time::{Duration, Instant},
};

use clap::Args;

use super::{Bench, CpuTime, Figures, number, set};
use crate::{
    clock,
    error::{Context as _, Error, Result},
    marker::Marker,
    process,
    publish::stamp,
    server::{Kind, Server, kill_group},
    streams::{histogram, percentile},
    timeline::Timeline,
    wire::Decoder,
};

/// Options for measuring the rate.
#[derive(Args, Debug)]
pub struct Writes {
    #[arg(long, default_value_t = 64)]
    clients: usize,
    #[arg(long, default_value_t = 4)]
    seconds: u64,
}

impl Writes {
    /// Measures all servers; by default dotcast without and with shared commits.
    pub fn run(&self, bench: &Bench) -> Result<()> {
        let servers = ["dotcast --group-commit 1", "dotcast"];
        let duration = Duration::from_secs(self.seconds);
        bench.series("writes", &servers, &[self.clients], describe, |kind, &n| {
            measure(bench, kind, n, duration, None)
        })
    }
}

/// Options for crashing a server.
#[derive(Args, Debug)]
pub struct Crash {
    #[arg(long, default_value_t = 64)]
    clients: usize,
    #[arg(long, default_value_t = 3)]
    seconds: u64,
}

impl Crash {
    /// Crashes all servers.
    pub fn run(&self, bench: &Bench) -> Result<()> {
        let duration = Duration::from_secs(self.seconds);
        bench.series(
            "crash",
            &["dotcast"],
            &[self.clients],
            describe,
            |kind, &n| crash(bench, kind, n, duration),
        )
    }
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "as of other points")]
pub(super) fn describe(clients: &usize) -> Figures {
    let mut point = Figures::new();
    set(&mut point, "clients", number(*clients));
    point
}

/// How long requests are not counted at first: caches fill, and connections are made.
const WARM_UP: Duration = Duration::from_millis(500);
/// Time limit for reading the whole log after a restart.
const REPLAY: Duration = Duration::from_mins(1);

/// A board whose creation was answered.
pub(super) struct Answered {
    id: u64,
    marker: Marker,
    /// When it was answered, and how long that had taken in nanoseconds.
    pub(super) at: u64,
    pub(super) took: u64,
}

/// Rate and latency of one server, and what the process of its database uses, if that is another one.
pub(super) fn measure(
    bench: &Bench,
    kind: &Kind,
    clients: usize,
    duration: Duration,
    database: Option<u32>,
) -> Result<Figures> {
    let server = Server::start_with(kind, &bench.places, &[])?;
    let stop = AtomicBool::new(false);
    let database = || database.map(process::cpu_seconds);
    let (answered, (from, to, cpu, database)) = under_load(&server, clients, &stop, || {
        thread::sleep(WARM_UP);
        let (from, cpu, before) = (clock::now(), CpuTime::start(&server), database());
        thread::sleep(duration);
        let database = database().zip(before).map(|(now, before)| now - before);
        let measured = (from, clock::now(), cpu.spent(), database);
        stop.store(true, Relaxed);
        measured
    })?;
    let measured = answered.iter().filter(|it| (from..to).contains(&it.at));
    let mut latencies = histogram();
    for board in measured {
        latencies.saturating_record(board.took / 1000);
    }
    let writes = number(latencies.len());
    if writes == 0.0 {
        return Err(Error::Server("nothing was written".to_owned()));
    }
    let mut figures = Figures::new();
    set(
        &mut figures,
        "writes_per_s",
        writes * 1e9 / number(to - from),
    );
    set(&mut figures, "p50_ms", percentile(&latencies, 50.0));
    set(&mut figures, "p99_ms", percentile(&latencies, 99.0));
    set(&mut figures, "cpu_us_per_write", cpu.0 * 1e6 / writes);
    if let Some(database) = database {
        let each = database * 1e6 / writes;
        set(&mut figures, "database_cpu_us_per_write", each);
    }
    Ok(figures)
}

/// Kills a server under load, restarts it, and looks for every board that was answered and for its event in the log.
fn crash(bench: &Bench, kind: &Kind, clients: usize, duration: Duration) -> Result<Figures> {
    if !kind.is_plain() {
        return Err(Error::Server("crashes are measured without TLS".to_owned()));
    }
    let mut server = Server::start_with(kind, &bench.places, &[])?;
    let stop = AtomicBool::new(false);
    let process = server.process();
    let (answered, ()) = under_load(&server, clients, &stop, || {
        thread::sleep(duration);
        // Kill first: until then all clients are waiting for an answer.
        kill_group(process);
        stop.store(true, Relaxed);
    })?;
    server.kill()?;
    let started = Instant::now();
    server.restart_with(&[])?;
    let restarted = started.elapsed();

    let mut client = server.target().client(server.address());
    let mut missing = 0_usize;
    for board in &answered {
        let path = format!("{}/{}", server.target().publish, board.id);
        let response = client
            .send("GET", &path, b"")
            .context(format!("GET {path}"))?;
        let name = board.marker.to_string();
        let found = memchr::memmem::find(&response.body, name.as_bytes()).is_some();
        missing += usize::from(response.status != 200 || !found);
    }
    let (without_event, doubled) = replay(&server, &answered)?;
    let mut figures = Figures::new();
    set(&mut figures, "answered", number(answered.len()));
    set(&mut figures, "boards_missing", number(missing));
    set(&mut figures, "events_missing", number(without_event));
    set(&mut figures, "events_doubled", number(doubled));
    set(&mut figures, "restart_ms", restarted.as_secs_f64() * 1000.0);
    if answered.is_empty() || missing + without_event + doubled > 0 {
        return Err(Error::Inexact(format!("after a crash: {figures:?}")));
    }
    Ok(figures)
}

/// Runs `meanwhile` while clients create boards, each one board after the other, until `stop` or an error.
pub(super) fn under_load<T>(
    server: &Server,
    clients: usize,
    stop: &AtomicBool,
    meanwhile: impl FnOnce() -> T,
) -> Result<(Vec<Answered>, T)> {
    let timeline = Timeline::new(0);
    thread::scope(|scope| {
        let writers: Vec<_> = (0..clients)
            .map(|_| scope.spawn(|| create_boards(server, &timeline, stop)))
            .collect();
        let outcome = meanwhile();
        let mut answered = Vec::new();
        for writer in writers {
            let boards = writer.join();
            let panicked = |_| Error::Server("a client has panicked".to_owned());
            answered.extend(boards.map_err(panicked)??);
        }
        Ok((answered, outcome))
    })
}

/// Creates boards until the server has gone away. A refusal is an error.
fn create_boards(server: &Server, timeline: &Timeline, stop: &AtomicBool) -> Result<Vec<Answered>> {
    let mut client = server.target().client(server.address());
    let mut answered = Vec::new();
    while !stop.load(Relaxed) {
        let sent = clock::now();
        let marker = stamp(timeline, sent);
        let body = server.target().body(marker);
        let Ok(response) = client.send("POST", &server.target().publish, body.as_bytes()) else {
            break;
        };
        let at = clock::now();
        let text = String::from_utf8_lossy(&response.body);
        let id = text.split_once("\"id\":").and_then(|(_, rest)| {
            let digits = rest.split(|it: char| !it.is_ascii_digit()).next()?;
            digits.parse().ok()
        });
        let refused = || Error::Server(format!("answered {} {text}", response.status));
        answered.push(Answered {
            id: id.filter(|_| response.status < 300).ok_or_else(refused)?,
            marker,
            at,
            took: at - sent,
        });
    }
    Ok(answered)
}

/// Reads the whole log as a stream. Returns how many of the answered boards have no event in it, and how many have more
/// than one.
fn replay(server: &Server, answered: &[Answered]) -> Result<(usize, usize)> {
    let mut events: HashMap<u64, usize> = answered
        .iter()
        .map(|board| (board.marker.sequence, 0))
        .collect();
    let mut missing = events.len();
    let what = "reading the log again";
    let mut socket = TcpStream::connect(server.address()).context(what)?;
    // Once all events are there, any duplicate would still arrive at once.
    let pause = Some(Duration::from_secs(1));
    socket.set_read_timeout(pause).context(what)?;
    let path = &server.target().subscribe;
    let request = format!("GET {path} HTTP/1.1\r\nHost: bench\r\nLast-Event-ID: 0\r\n\r\n");
    socket.write_all(request.as_bytes()).context(what)?;
    let mut decoder = Decoder::default();
    let mut buffer = vec![0; 64 << 10];
    let started = Instant::now();
    while started.elapsed() < REPLAY {
        let Ok(length @ 1..) = socket.read(&mut buffer) else {
            break;
        };
        let fed = decoder.feed(&buffer[..length], |marker| {
            if let Some(count) = events.get_mut(&marker.sequence) {
                *count += 1;
                missing -= usize::from(*count == 1);
            }
        });
        fed.map_err(|error| Error::Server(error.to_string()))?;
    }
    let doubled = events.values().filter(|&&count| count > 1).count();
    Ok((missing, doubled))
}
