//! Healthy streams, without and with others beside them that hardly read.

use std::time::Duration;

use clap::Args;

use super::{Bench, CpuTime, Figures, check_all, fanout::Point, number, set};
use crate::{
    error::Result,
    process,
    publish::{Publisher, Schedule},
    server::Kind,
    streams::{Group, Opening, percentile},
};

/// Its options.
#[derive(Args, Debug)]
pub struct Slow {
    /// Measure this many healthy streams and events a second, as in 1000x100
    #[arg(long, default_value = "1000x100")]
    point: Point,
    /// Add this many streams that read slowly
    #[arg(long = "slow", default_value_t = 100)]
    count: usize,
    #[arg(long, default_value_t = 20)]
    seconds: u64,
}

impl Slow {
    /// Measures all servers.
    pub fn run(&self, bench: &Bench) -> Result<()> {
        let duration = Duration::from_secs(self.seconds);
        let (servers, points) = (["dotcast"], [self.point]);
        bench.series(
            "slow",
            &servers,
            &points,
            Point::describe,
            |kind, &point| measure(bench, kind, point, self.count, duration),
        )
    }
}

/// How the slow streams are opened.
const SLOW: Opening = Opening {
    at_once: 128,
    per_connection: 1,
    // The smallest that the kernel allows.
    receive_buffer: Some(2048),
    bytes_per_second: Some(1),
    reopen: false,
    after: None,
};

/// Measures one server at one point, then with slow streams added.
fn measure(
    bench: &Bench,
    kind: &Kind,
    point: Point,
    slow: usize,
    duration: Duration,
) -> Result<Figures> {
    let schedule = Schedule {
        rate: point.rate,
        batch: 1,
        duration,
    };
    let setting = bench.start(kind, 2 * schedule.events())?;
    let process = setting.server.process();
    setting.timeline.set_streams(point.streams);
    setting
        .streams
        .open(Group::Main, point.streams, Opening::default())?;
    let mut publisher = Publisher::new(setting.server.address(), setting.server.target());
    let mut figures = Figures::new();
    for (name, count) in [("alone", 0), ("beside_slow", slow)] {
        setting.streams.open(Group::Other, count, SLOW)?;
        setting.streams.reset_latencies();
        let before = process::memory(process);
        let cpu = CpuTime::start(&setting.server);
        publisher.publish(&setting.timeline, schedule)?;
        let outcome = check_all(&setting, Group::Main, point.streams)?;
        let (server, _) = cpu.spent();
        let after = process::memory(process);
        let latencies = &outcome.latencies.from_sent;
        let deliveries = number(schedule.events()) * number(point.streams);
        let mut set = |figure: &str, value| set(&mut figures, &format!("{name}_{figure}"), value);
        set("p50_ms", percentile(latencies, 50.0));
        set("p99_ms", percentile(latencies, 99.0));
        set("cpu_us_per_delivery", server * 1e6 / deliveries);
        set("memory_start_mb", number(before) / 1_048_576.0);
        set("memory_end_mb", number(after) / 1_048_576.0);
    }
    let p99 = |name: &str| {
        figures
            .get(name)
            .and_then(serde_json::Value::as_f64)
            .unwrap_or(0.0)
    };
    let ratio = p99("beside_slow_p99_ms") / p99("alone_p99_ms").max(0.001);
    set(&mut figures, "p99_ratio", ratio);
    set(
        &mut figures,
        "slow_dropped",
        number(setting.streams.count_dropped(Group::Other)),
    );
    Ok(figures)
}
