//! Writes while old events are deleted.

use std::{
    process::{Command, Stdio},
    sync::atomic::{AtomicBool, Ordering::Relaxed},
    thread,
    time::{Duration, Instant},
};

use super::{super::writes, Of, number, old, set};
use crate::{
    clock,
    error::{Context as _, Error, Result},
    results::Figures,
    server::Server,
    streams::{histogram, percentile},
};

const CLIENTS: usize = 16;
/// Time limit for the whole retention.
const LIMIT: Duration = Duration::from_mins(15);
/// How often the size of the write-ahead log is looked at.
const LOOK: Duration = Duration::from_millis(20);
const WARM_UP: Duration = Duration::from_secs(1);

/// Has `dotcast trim` delete all that is old beside a server to which clients write; with `snapshot`, while a
/// transaction sees the log as it was before.
pub(super) fn measure(of: &Of<'_>, seconds: u64, snapshot: bool) -> Result<Figures> {
    let log = of.place.copy(of.full, "measured")?;
    let server = Server::start_with(&log.server(of.kind), &of.bench.places, &[])?;
    let stop = AtomicBool::new(false);
    let (answered, trimmed) = writes::under_load(&server, CLIENTS, &stop, || {
        thread::sleep(WARM_UP);
        let from = clock::now();
        thread::sleep(Duration::from_secs(seconds));
        let begin = clock::now();
        let held = of.place.postgres.as_ref().filter(|_| snapshot);
        let held = held.map(|it| it.hold_snapshot(log.name())).transpose();
        let trimmed = held.and_then(|held| {
            let largest = trim(of, &log.url(), || log.wal());
            drop(held);
            largest
        });
        let end = clock::now();
        stop.store(true, Relaxed);
        trimmed.map(|largest| (from..begin, begin..end, largest))
    })?;
    let (before, during, largest) = trimmed?;
    let through = trimmed_through(&server)?;
    let expected = old(of.size);
    if through != expected {
        return Err(Error::Server(format!(
            "deleted through event {through}, and not through {expected}"
        )));
    }
    let mut figures = Figures::new();
    set(&mut figures, "deleted", number(expected));
    let took = number(during.end - during.start) / 1e9;
    set(&mut figures, "took_s", took);
    set(&mut figures, "deleted_per_s", number(expected) / took);
    for (name, window) in [("before", before), ("during", during)] {
        let mut latencies = histogram();
        for board in answered.iter().filter(|it| window.contains(&it.at)) {
            latencies.saturating_record(board.took / 1000);
        }
        let mut set = |figure: &str, value| set(&mut figures, &format!("{name}_{figure}"), value);
        set("p50_ms", percentile(&latencies, 50.0));
        set("p99_ms", percentile(&latencies, 99.0));
        let rate = number(latencies.len()) * 1e9 / number(window.end - window.start);
        set("writes_per_s", rate);
    }
    let ratio =
        super::get(&figures, "during_p50_ms") / super::get(&figures, "before_p50_ms").max(0.001);
    set(&mut figures, "p50_ratio", ratio);
    if largest > 0 {
        set(&mut figures, "wal_mb", number(largest) / 1_048_576.0);
    }
    Ok(figures)
}

/// Runs `dotcast trim`, and returns the largest size of the write-ahead log meanwhile.
fn trim(of: &Of<'_>, url: &str, wal: impl Fn() -> u64) -> Result<u64> {
    let mut command = Command::new(&of.bench.places.dotcast);
    command
        .args([
            "trim",
            "--older-than",
            "30d",
            "--log",
            "warn",
            "--database-url",
            url,
        ])
        .stdin(Stdio::null())
        .stdout(Stdio::null());
    let mut trim = command.spawn().context("dotcast trim")?;
    let (started, mut largest) = (Instant::now(), 0);
    loop {
        largest = largest.max(wal());
        if let Some(status) = trim.try_wait().context("dotcast trim")? {
            let failed = || Error::Server(format!("dotcast trim: {status}"));
            return status.success().then_some(largest).ok_or_else(failed);
        }
        if started.elapsed() > LIMIT {
            let _ = trim.kill();
            let _ = trim.wait();
            return Err(Error::TimedOut {
                what: "dotcast trim".to_owned(),
                limit: LIMIT,
            });
        }
        thread::sleep(LOOK);
    }
}

/// What the server says has been deleted.
fn trimmed_through(server: &Server) -> Result<u64> {
    let page = super::readers::page(&mut server.target().client(server.address()), "limit=1")?;
    Ok(page["trimmed_through"].as_u64().unwrap_or(0))
}
