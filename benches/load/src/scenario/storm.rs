//! Ten thousand streams are cut at once, miss events, and all come back together.

use std::{
    sync::atomic::{AtomicBool, Ordering::Relaxed},
    thread,
    time::Duration,
};

use clap::Args;

use super::{Bench, CpuTime, Figures, Setting, check, check_all, number, set, stream_count};
use crate::{
    clock,
    error::{Error, Result},
    process,
    publish::Publisher,
    server::{Kind, Server},
    streams::{Group, Opening, percentile, wait},
};

/// Events per second that are published while the streams come back.
const LIVE_RATE: f64 = 20.0;
/// Long enough to tell an overrun server from a slow one.
const LIMIT: Duration = Duration::from_mins(5);
/// Room for those events.
const LIVE_EVENTS: usize = 10_000;

/// What a storm is made of.
#[derive(Args, Clone, Copy, Debug)]
pub struct Storm {
    /// Cut this many streams
    #[arg(long, default_value_t = 10_000, value_parser = stream_count)]
    streams: usize,
    /// Keep this many streams open
    #[arg(long, default_value_t = 100)]
    live: usize,
    /// Let the streams that were cut miss this many events
    #[arg(long, default_value_t = 1000)]
    missed: usize,
    /// Open up to this many connections at the same time
    #[arg(long, default_value_t = 512)]
    at_once: usize,
    /// Over HTTP/2, put this many streams on each connection
    #[arg(long, default_value_t = 1, value_name = "NUMBER")]
    per_connection: usize,
    /// Restart the server before the streams come back, so that it has nothing in memory
    #[arg(long)]
    restart: bool,
    /// Count queries of the log in the server's log; this slows it down
    #[arg(long)]
    count_queries: bool,
}

impl Storm {
    /// Measures all servers.
    pub fn run(&self, bench: &Bench) -> Result<()> {
        let name = match (self.restart, self.count_queries) {
            (false, false) => "storm",
            (true, false) => "storm-restart",
            (false, true) => "storm-queries",
            (true, true) => "storm-restart-queries",
        };
        bench.series(
            name,
            &["dotcast"],
            &[*self],
            Self::describe,
            |kind, &storm| measure(bench, kind, storm),
        )
    }

    fn describe(&self) -> Figures {
        let mut point = Figures::new();
        set(&mut point, "streams", number(self.streams));
        set(&mut point, "live_streams", number(self.live));
        set(&mut point, "missed_events", number(self.missed));
        point
    }
}

/// Measures one server.
fn measure(bench: &Bench, kind: &Kind, storm: Storm) -> Result<Figures> {
    let environment: &[_] = if storm.count_queries {
        &[("RUST_LOG", "sqlx::query=debug")]
    } else {
        &[]
    };
    let mut setting = bench.start_with(kind, storm.missed + LIVE_EVENTS, environment)?;
    let process = setting.server.process();
    setting.timeline.set_streams(storm.streams);
    let opening = Opening {
        per_connection: storm.per_connection,
        ..Opening::default()
    };
    setting.streams.open(Group::Main, storm.streams, opening)?;
    let live = Opening {
        reopen: true,
        ..Opening::default()
    };
    setting.streams.open(Group::Other, storm.live, live)?;
    // With one event, all have an id to resume from.
    let mut publisher = Publisher::new(setting.server.address(), setting.server.target());
    publisher.publish_at_once(&setting.timeline, 1)?;
    check_all(&setting, Group::Main, storm.streams)?;
    check_all(&setting, Group::Other, storm.live)?;
    let before = process::memory(process);

    setting.streams.cut(Group::Main, true)?;
    publisher.publish_at_once(&setting.timeline, storm.missed)?;
    check_all(&setting, Group::Other, storm.live)?;
    if storm.restart {
        setting.server.stop()?;
        setting.server.restart_with(environment)?;
        setting.streams.wait_open(Group::Other, storm.live)?;
        publisher = Publisher::new(setting.server.address(), setting.server.target());
    }
    setting.streams.reset_latencies();
    let mut figures = reconnect(&setting, storm, publisher)?;
    let process = setting.server.process();
    set(
        &mut figures,
        "memory_before_mb",
        number(before) / 1_048_576.0,
    );
    let peak = number(process::peak_memory(process)) / 1_048_576.0;
    set(&mut figures, "memory_peak_mb", peak);
    Ok(figures)
}

fn reconnect(setting: &Setting, storm: Storm, mut publisher: Publisher) -> Result<Figures> {
    let Setting {
        streams,
        timeline,
        server,
    } = setting;
    let queries = count_queries(server);
    let missed = timeline.next();
    streams.expect(missed);
    let (cpu, started) = (CpuTime::start(server), clock::now());
    streams.reopen(Group::Main, storm.at_once);
    let stop = AtomicBool::new(false);
    // Events are still published meanwhile, to all streams.
    let caught_up = thread::scope(|scope| {
        let publishing = scope.spawn(|| publisher.publish_until(timeline, LIVE_RATE, &stop));
        let arrived = wait("catching up", LIMIT, || {
            streams.count_arrived(Group::Main) >= storm.streams
        });
        let caught_up = streams.arrived_at(Group::Main);
        stop.store(true, Relaxed);
        let sent = publishing
            .join()
            .unwrap_or_else(|_| Err(Error::Server("the publisher has panicked".to_owned())));
        if arrived.is_err() {
            check(&streams.outcome(Group::Main, missed)?)?;
        }
        sent.and(arrived).map(|()| caught_up)
    })?;
    let (spent, _) = cpu.spent();
    let queries = count_queries(server) - queries;
    let main = check_all(setting, Group::Main, storm.streams)?;
    let live = check_all(setting, Group::Other, storm.live)?;

    let seconds = number(caught_up - started) / 1e9;
    let mut figures = Figures::new();
    set(&mut figures, "caught_up_s", seconds);
    let deliveries = number(storm.missed) * number(storm.streams);
    set(&mut figures, "deliveries_per_s", deliveries / seconds);
    // This includes what the streams that stayed open cost meanwhile.
    set(
        &mut figures,
        "cpu_us_per_resume",
        spent * 1e6 / number(storm.streams),
    );
    let live = &live.latencies.from_sent;
    set(&mut figures, "live_p50_ms", percentile(live, 50.0));
    set(&mut figures, "live_p99_ms", percentile(live, 99.0));
    set(&mut figures, "lost", number(main.lost));
    set(&mut figures, "doubled", number(main.doubled));
    set(
        &mut figures,
        "refused",
        number(streams.count_refused(Group::Main)),
    );
    if storm.count_queries {
        set(&mut figures, "queries_of_the_log", number(queries));
    }
    Ok(figures)
}

/// How often the server has read the log, according to its own log.
fn count_queries(server: &Server) -> usize {
    let log = server.log();
    let queries = log.lines().filter(|line| line.contains("sqlx::query"));
    let of_the_log = |line: &&str| line.contains("SELECT") && line.contains("events");
    queries.filter(of_the_log).count()
}
