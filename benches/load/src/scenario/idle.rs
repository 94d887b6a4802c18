//! N streams on which nothing happens.

use std::{thread::sleep, time::Duration};

use clap::Args;

use super::{Bench, CpuTime, Figures, check_all, number, set, stream_count};
use crate::{
    error::{Error, Result},
    machine::{self, Traffic},
    process,
    publish::Publisher,
    server::Kind,
    streams::{Group, Opening},
};

/// Its options.
#[derive(Args, Debug)]
pub struct Idle {
    /// Open this many streams; may be repeated
    #[arg(long, default_values_t = [10_000], value_parser = stream_count)]
    streams: Vec<usize>,
    /// Over HTTP/2, put this many streams on each connection; one for each --streams, or one for all
    #[arg(long, default_values_t = [1], value_name = "NUMBER")]
    per_connection: Vec<usize>,
    /// Measure for this many seconds, more than the keep-alive interval
    #[arg(long, default_value_t = 20)]
    seconds: u64,
}

impl Idle {
    /// Measures all servers.
    pub fn run(&self, bench: &Bench) -> Result<()> {
        let duration = Duration::from_secs(self.seconds);
        let shared = self.per_connection.iter().copied();
        let (streams, last) = (self.streams.iter().copied(), self.per_connection.last());
        let shared = shared.chain(std::iter::repeat(*last.unwrap_or(&1)));
        let points: Vec<_> = streams.zip(shared).collect();
        let describe = |&(streams, per_connection): &(usize, usize)| {
            let mut point = Figures::new();
            set(&mut point, "streams", number(streams));
            set(&mut point, "streams_per_connection", number(per_connection));
            point
        };
        let servers = ["limit", "dotcast"];
        bench.series("idle", &servers, &points, describe, |kind, &point| {
            measure(bench, kind, point, duration)
        })
    }
}

/// How long to wait after a server was started and after streams were opened, so that temporary memory is freed.
pub(super) const SETTLE: Duration = Duration::from_secs(2);

/// Measures one server with this many streams, so many of them on each connection, for this long.
fn measure(
    bench: &Bench,
    kind: &Kind,
    (streams, per_connection): (usize, usize),
    duration: Duration,
) -> Result<Figures> {
    let setting = bench.start(kind, 1)?;
    let process = setting.server.process();
    sleep(SETTLE);
    let before = process::memory(process);
    let kernel = machine::kernel_memory();
    setting.timeline.set_streams(streams);
    let cpu = CpuTime::start(&setting.server);
    let opening = Opening {
        per_connection,
        ..Opening::default()
    };
    setting.streams.open(Group::Main, streams, opening)?;
    sleep(SETTLE);
    let (opened, _) = cpu.spent();
    let kernel = machine::kernel_memory().saturating_sub(kernel);
    let traffic = Traffic::read();
    let cpu = CpuTime::start(&setting.server);
    sleep(duration);
    let (server, _) = cpu.spent();
    let traffic = Traffic::read().since(traffic);
    let after = process::memory(process);
    let dropped = setting.streams.count_dropped(Group::Main);
    if dropped > 0 {
        return Err(Error::Server(format!(
            "{dropped} of {streams} streams were dropped"
        )));
    }
    // They are all alive.
    let mut publisher = Publisher::new(setting.server.address(), setting.server.target());
    publisher.publish_at_once(&setting.timeline, 1)?;
    check_all(&setting, Group::Main, streams)?;

    let connections = streams.div_ceil(setting.streams.per_connection(opening));
    let mut figures = Figures::new();
    let per_stream = number(after.saturating_sub(before)) / number(streams);
    set(&mut figures, "memory_per_stream_kb", per_stream / 1024.0);
    set(
        &mut figures,
        "memory_per_connection_kb",
        number(after.saturating_sub(before)) / number(connections) / 1024.0,
    );
    set(
        &mut figures,
        "memory_before_mb",
        number(before) / 1_048_576.0,
    );
    set(&mut figures, "memory_mb", number(after) / 1_048_576.0);
    set(
        &mut figures,
        "cpu_percent",
        100.0 * server / duration.as_secs_f64(),
    );
    set(
        &mut figures,
        "cpu_us_per_opening",
        opened * 1e6 / number(streams),
    );
    // Both ends of each connection are on this machine.
    set(
        &mut figures,
        "kernel_memory_per_socket_kb",
        number(kernel) / number(connections) / 2.0 / 1024.0,
    );
    set(
        &mut figures,
        "ip_bytes_per_stream_s",
        number(traffic.bytes) / number(streams) / duration.as_secs_f64(),
    );
    set(&mut figures, "dropped", number(dropped));
    Ok(figures)
}
