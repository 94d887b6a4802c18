//! N streams and R events a second, one at a time by POST or in batches that are written to the log.

use std::{fmt, str::FromStr, thread::sleep, time::Duration};

use clap::Args;

use super::{
    Bench, CpuTime, Figures, Setting, check_all, idle, number, set, set_latencies, stream_count,
};
use crate::{
    clock,
    error::Result,
    machine::Traffic,
    process,
    publish::{Publisher, Schedule},
    results::median,
    server::Kind,
    streams::{Group, Opening},
    writer,
};

/// How long events flow before each measurement, uncounted.
const WARM_UP: Duration = Duration::from_secs(1);

/// `1000x20`: this many streams, and this many events a second.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Point {
    /// Open streams.
    pub streams: usize,
    /// Events a second.
    pub rate: f64,
}

/// Events one at a time by POST.
#[derive(Args, Debug)]
pub struct Fanout {
    /// Measure this many streams and events a second, as in 1000x20; may be repeated
    #[arg(long = "point", default_values = ["1000x20", "1000x100", "5000x10"])]
    points: Vec<Point>,
    #[arg(long, default_value_t = 10)]
    seconds: u64,
    /// Over HTTP/2, put this many streams on each connection
    #[arg(long, default_value_t = 1, value_name = "NUMBER")]
    per_connection: usize,
}

/// The same rate to more and more streams.
#[derive(Args, Debug)]
pub struct Growth {
    /// Measure this many streams and events a second, as in 1000x20; may be repeated
    #[arg(
        long = "point",
        default_values = ["1000x10", "2000x10", "5000x10", "10000x10", "19000x10"]
    )]
    points: Vec<Point>,
    #[arg(long, default_value_t = 10)]
    seconds: u64,
}

/// Events in batches that another process writes to the log.
#[derive(Args, Debug)]
pub struct Burst {
    /// Measure this many streams and events a second, as in 1000x20; may be repeated
    #[arg(long = "point", default_values = ["1000x1000"])]
    points: Vec<Point>,
    #[arg(long, default_value_t = 20)]
    seconds: u64,
    /// Write this many events in one transaction
    #[arg(long, default_value_t = 20)]
    batch: usize,
}

impl Fanout {
    /// Measures all servers.
    pub fn run(&self, bench: &Bench) -> Result<()> {
        let duration = Duration::from_secs(self.seconds);
        let opening = Opening {
            per_connection: self.per_connection,
            ..Opening::default()
        };
        run(
            bench,
            "fanout",
            &self.points,
            (Source::Posts, duration, opening),
        )
    }
}

impl Growth {
    /// Measures all servers.
    pub fn run(&self, bench: &Bench) -> Result<()> {
        let duration = Duration::from_secs(self.seconds);
        let how = (Source::Posts, duration, Opening::default());
        run(bench, "growth", &self.points, how)
    }
}

impl Burst {
    /// Measures all servers.
    pub fn run(&self, bench: &Bench) -> Result<()> {
        let duration = Duration::from_secs(self.seconds);
        let how = (Source::Batches(self.batch), duration, Opening::default());
        run(bench, "burst", &self.points, how)
    }
}

/// How events are published, for how long, and to streams that were opened how.
type How = (Source, Duration, Opening);

fn run(bench: &Bench, name: &str, points: &[Point], how: How) -> Result<()> {
    let servers = ["limit", "dotcast"];
    bench.series(name, &servers, points, Point::describe, |kind, &point| {
        measure(bench, kind, point, how)
    })
}

impl FromStr for Point {
    type Err = String;

    fn from_str(text: &str) -> std::result::Result<Self, String> {
        let parsed = text.split_once('x').and_then(|(streams, rate)| {
            Some(Self {
                streams: stream_count(streams).ok()?,
                rate: rate.parse().ok()?,
            })
        });
        parsed.ok_or_else(|| "expected streams and events a second, as in 1000x20".to_owned())
    }
}

impl fmt::Display for Point {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}x{}", self.streams, self.rate)
    }
}

impl Point {
    /// As figures.
    pub fn describe(&self) -> Figures {
        let mut point = Figures::new();
        set(&mut point, "streams", number(self.streams));
        set(&mut point, "events_per_s", self.rate);
        point
    }
}

/// How events are published.
#[derive(Clone, Copy, Debug)]
enum Source {
    /// One at a time, each by a POST.
    Posts,
    /// This many in one transaction or, if the server has no log, in one request.
    Batches(usize),
}

const POLL_INTERVAL: &str = "--poll-interval";

/// Measures one server at one point.
fn measure(
    bench: &Bench,
    kind: &Kind,
    point: Point,
    (source, duration, opening): How,
) -> Result<Figures> {
    let kind = match source {
        // dotcast learns of another process's events by polling.
        Source::Batches(_) if !kind.has_flag(POLL_INTERVAL) => {
            kind.with_flags(&[POLL_INTERVAL, "20ms"])
        }
        Source::Batches(_) | Source::Posts => kind.clone(),
    };
    let batch = match source {
        Source::Posts => 1,
        Source::Batches(size) => size,
    };
    let schedule = |duration| Schedule {
        rate: point.rate,
        batch,
        duration,
    };
    let (warm_up, measured) = (schedule(WARM_UP), schedule(duration));
    let setting = bench.start(&kind, warm_up.events() + measured.events())?;
    sleep(idle::SETTLE);
    let before = process::memory(setting.server.process());
    setting.timeline.set_streams(point.streams);
    setting.streams.open(Group::Main, point.streams, opening)?;

    let mut publish = publisher(&setting, &kind, source);
    publish(warm_up)?;
    check_all(&setting, Group::Main, point.streams)?;
    setting.streams.reset_latencies();
    let first = setting.timeline.next();
    let traffic = Traffic::read();
    let (cpu, started) = (CpuTime::start(&setting.server), clock::now());
    publish(measured)?;
    let outcome = check_all(&setting, Group::Main, point.streams)?;
    let (server, client) = cpu.spent();
    let traffic = Traffic::read().since(traffic);
    let after = process::memory(setting.server.process());

    let seconds = number(setting.streams.arrived_at(Group::Main) - started) / 1e9;
    let deliveries = number(measured.events()) * number(point.streams);
    let mut figures = Figures::new();
    set(&mut figures, "deliveries_per_s", deliveries / seconds);
    set(
        &mut figures,
        "cpu_us_per_delivery",
        server * 1e6 / deliveries,
    );
    set(
        &mut figures,
        "client_cpu_us_per_delivery",
        client * 1e6 / deliveries,
    );
    set(
        &mut figures,
        "ip_bytes_per_delivery",
        number(traffic.bytes) / deliveries,
    );
    set(
        &mut figures,
        "ip_packets_per_delivery",
        number(traffic.packets) / deliveries,
    );
    set(&mut figures, "server_cpu_percent", 100.0 * server / seconds);
    set_latencies(&mut figures, &outcome.latencies);
    let (at_median, at_last) = setting.timeline.spread(first);
    for (name, times) in [("median_client", at_median), ("last_client", at_last)] {
        let times = times.into_iter().map(|time| number(time) / 1e6).collect();
        let name = format!("{name}_p50_ms");
        set(&mut figures, &name, median(times).unwrap_or(0.0));
    }
    let per_stream = number(after.saturating_sub(before)) / number(point.streams);
    set(&mut figures, "memory_per_stream_kb", per_stream / 1024.0);
    Ok(figures)
}

fn publisher<'a>(
    setting: &'a Setting,
    kind: &Kind,
    source: Source,
) -> Box<dyn FnMut(Schedule) -> Result<()> + 'a> {
    let Setting {
        server, timeline, ..
    } = setting;
    if kind.is_dotcast() && matches!(source, Source::Batches(_)) {
        let url = server.database_url();
        return Box::new(move |schedule| writer::write(&url, timeline, schedule));
    }
    let mut publisher = Publisher::new(server.address(), server.target());
    Box::new(move |schedule| publisher.publish(timeline, schedule))
}
