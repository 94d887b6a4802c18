//! The command line.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

use crate::{
    error::{Context as _, Error, Result},
    limit, report,
    results::Figures,
    scenario::{
        Bench,
        fanout::{self, Point, Source},
        idle, number, resume, set, slow,
        storm::{self, Storm},
        writes,
    },
    server::{Kind, Places},
    streams,
};

/// Puts load on servers that stream events, checks every stream, and writes down what it costs
#[derive(Debug, Parser)]
#[command(version)]
pub struct Cli {
    #[command(flatten)]
    common: Common,
    #[command(subcommand)]
    command: Command,
}

#[derive(Args, Debug)]
struct Common {
    /// The dotcast program; without it the one beside this program
    #[arg(long, global = true, value_name = "FILE")]
    dotcast: Option<PathBuf>,
    /// Where results go, on a disk: databases are there, too, while they are needed
    #[arg(
        long,
        global = true,
        default_value = "target/bench",
        value_name = "FOLDER"
    )]
    out: PathBuf,
    /// How often each server is measured at each point
    #[arg(long, global = true, default_value_t = 3, value_name = "NUMBER")]
    runs: usize,
    /// Threads that hold streams
    #[arg(long, global = true, default_value_t = 1, value_name = "NUMBER")]
    threads: usize,
    /// The name under which the results are kept, if not the scenario's
    #[arg(long, global = true, value_name = "NAME")]
    name: Option<String>,
    /// What is measured: limit, dotcast with flags of its own, or the folder of a peer; may be repeated
    #[arg(long = "server", global = true, value_name = "SERVER")]
    servers: Vec<Kind>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Be the limit: one ready-made chunk per socket and message, and nothing else
    Limit {
        #[arg(long)]
        port: u16,
    },
    /// Open streams on which nothing happens: memory and CPU
    Idle {
        #[arg(long, default_value_t = 10_000, value_parser = count)]
        streams: usize,
        /// Longer than the interval of keep-alives
        #[arg(long, default_value_t = 20)]
        seconds: u64,
    },
    /// Events one at a time by POST
    Fanout {
        /// Streams and events a second; may be repeated
        #[arg(long = "point", default_values = ["1000x20", "1000x100", "5000x10"], value_parser = point)]
        points: Vec<Point>,
        #[arg(long, default_value_t = 10)]
        seconds: u64,
    },
    /// Events in batches that another process writes to the log
    Burst {
        /// Streams and events a second; may be repeated
        #[arg(long = "point", default_values = ["1000x1000"], value_parser = point)]
        points: Vec<Point>,
        #[arg(long, default_value_t = 20)]
        seconds: u64,
        /// Events in one transaction
        #[arg(long, default_value_t = 20)]
        batch: usize,
    },
    /// Streams are cut at once, miss events, and come back all together
    Storm {
        #[arg(long, default_value_t = 10_000, value_parser = count)]
        streams: usize,
        /// Streams that stay
        #[arg(long, default_value_t = 100)]
        live: usize,
        /// Events that are missed
        #[arg(long, default_value_t = 1000)]
        missed: usize,
        /// Connections that are being opened at once
        #[arg(long, default_value_t = 512)]
        at_once: usize,
        /// Start the server again in between: it has nothing in memory then
        #[arg(long)]
        restart: bool,
        /// Count the queries of the log, by the server's own log
        #[arg(long)]
        count_queries: bool,
    },
    /// Healthy streams without and with others that read a byte a second
    Slow {
        #[arg(long, default_value = "1000x100", value_parser = point)]
        point: Point,
        /// How many read slowly
        #[arg(long, default_value_t = 100)]
        slow: usize,
        #[arg(long, default_value_t = 20)]
        seconds: u64,
    },
    /// Many clients create boards at the same time
    Writes {
        #[arg(long, default_value_t = 64)]
        clients: usize,
        #[arg(long, default_value_t = 4)]
        seconds: u64,
    },
    /// Kill the server while boards are created: is all there that was answered?
    Crash {
        #[arg(long, default_value_t = 64)]
        clients: usize,
        #[arg(long, default_value_t = 3)]
        seconds: u64,
    },
    /// Clients are cut at random under load: is anything lost or doubled?
    Resume {
        #[arg(long, default_value = "500x50", value_parser = point)]
        point: Point,
        #[arg(long, default_value_t = 10)]
        seconds: u64,
        /// How many seconds a stream lives on average
        #[arg(long, default_value_t = 1.0)]
        life: f64,
    },
    /// Turn results into tables and charts
    Report {
        #[arg(long, default_value = "docs/BENCHMARKS.md", value_name = "FILE")]
        document: PathBuf,
        #[arg(long, default_value = "docs/charts", value_name = "FOLDER")]
        charts: PathBuf,
    },
    /// Fan-out at the same rate to more and more streams
    Growth {
        #[arg(long = "point", default_values = ["1000x10", "2000x10", "5000x10", "10000x10", "19000x10"], value_parser = point)]
        points: Vec<Point>,
        #[arg(long, default_value_t = 10)]
        seconds: u64,
    },
}

fn count(text: &str) -> std::result::Result<usize, String> {
    let count = text.parse().map_err(|_| "expected a number".to_owned())?;
    if (1..=streams::MOST).contains(&count) {
        return Ok(count);
    }
    Err(format!("must be from 1 to {}", streams::MOST))
}

fn point(text: &str) -> std::result::Result<Point, String> {
    let point: Point = text.parse()?;
    count(&point.streams.to_string())?;
    Ok(point)
}

impl Cli {
    /// Does what it was told.
    pub fn run(self) -> Result<()> {
        if let Command::Limit { port } = self.command {
            return limit::run(port);
        }
        if let Command::Report { document, charts } = &self.command {
            return report::write(&self.common.out, document, charts);
        }
        let bench = self.common.bench()?;
        let named = |name: &str| self.common.name.clone().unwrap_or_else(|| name.to_owned());
        let both = self.common.servers(&["limit", "dotcast"])?;
        let seconds = std::time::Duration::from_secs;
        let outcome = match self.command {
            // Done above.
            Command::Limit { .. } | Command::Report { .. } => Ok(()),
            Command::Idle {
                streams,
                seconds: duration,
            } => {
                let mut point = Figures::new();
                set(&mut point, "streams", number(streams));
                let describe = |_: &usize| point.clone();
                bench.series(
                    &named("idle"),
                    &both,
                    &[streams],
                    describe,
                    |bench, kind, &n| idle::measure(bench, kind, n, seconds(duration)),
                )
            }
            Command::Storm {
                streams,
                live,
                missed,
                at_once,
                restart,
                count_queries,
            } => {
                let storm = Storm {
                    streams,
                    live,
                    missed,
                    at_once,
                    restart,
                    count_queries,
                };
                let name = match (restart, count_queries) {
                    (false, false) => "storm",
                    (true, false) => "storm-restart",
                    (false, true) => "storm-queries",
                    (true, true) => "storm-restart-queries",
                };
                let ours = self.common.servers(&["dotcast"])?;
                let describe = |storm: &Storm| {
                    let mut point = Figures::new();
                    set(&mut point, "streams", number(storm.streams));
                    set(&mut point, "live_streams", number(storm.live));
                    set(&mut point, "missed_events", number(storm.missed));
                    point
                };
                bench.series(
                    &named(name),
                    &ours,
                    &[storm],
                    describe,
                    |bench, kind, &storm| storm::measure(bench, kind, storm),
                )
            }
            Command::Slow {
                point,
                slow,
                seconds: duration,
            } => {
                let ours = self.common.servers(&["dotcast"])?;
                bench.series(
                    &named("slow"),
                    &ours,
                    &[point],
                    Point::describe,
                    |bench, kind, &point| {
                        slow::measure(bench, kind, point, slow, seconds(duration))
                    },
                )
            }
            Command::Writes {
                clients,
                seconds: duration,
            } => {
                let ours = self
                    .common
                    .servers(&["dotcast --group-commit 1", "dotcast"])?;
                bench.series(
                    &named("writes"),
                    &ours,
                    &[clients],
                    of_clients,
                    |bench, kind, &n| writes::measure(bench, kind, n, seconds(duration)),
                )
            }
            Command::Crash {
                clients,
                seconds: duration,
            } => {
                let ours = self.common.servers(&["dotcast"])?;
                bench.series(
                    &named("crash"),
                    &ours,
                    &[clients],
                    of_clients,
                    |bench, kind, &n| writes::crash(bench, kind, n, seconds(duration)),
                )
            }
            Command::Resume {
                point,
                seconds: duration,
                life,
            } => {
                let ours = self.common.servers(&["dotcast"])?;
                bench.series(
                    &named("resume"),
                    &ours,
                    &[point],
                    Point::describe,
                    |bench, kind, &point| {
                        resume::measure(bench, kind, point, seconds(duration), life)
                    },
                )
            }
            Command::Fanout {
                points,
                seconds: duration,
            } => fan_out(
                &bench,
                &named("fanout"),
                &both,
                &points,
                Source::Posts,
                duration,
            ),
            Command::Growth {
                points,
                seconds: duration,
            } => fan_out(
                &bench,
                &named("growth"),
                &both,
                &points,
                Source::Posts,
                duration,
            ),
            Command::Burst {
                points,
                seconds: duration,
                batch,
            } => {
                let source = Source::Batches(batch);
                fan_out(&bench, &named("burst"), &both, &points, source, duration)
            }
        };
        // Servers have removed their own folders.
        let _ = std::fs::remove_dir(&bench.places.scratch);
        outcome
    }
}

fn of_clients(clients: &usize) -> Figures {
    let mut point = Figures::new();
    set(&mut point, "clients", number(*clients));
    point
}

fn fan_out(
    bench: &Bench,
    name: &str,
    servers: &[Kind],
    points: &[Point],
    source: Source,
    seconds: u64,
) -> Result<()> {
    let duration = std::time::Duration::from_secs(seconds);
    bench.series(
        name,
        servers,
        points,
        Point::describe,
        |bench, kind, &point| fanout::measure(bench, kind, point, source, duration),
    )
}

impl Common {
    fn bench(&self) -> Result<Bench> {
        let beside = || -> Result<PathBuf> {
            let this = std::env::current_exe().context("our own program")?;
            Ok(this.with_file_name("dotcast"))
        };
        let dotcast = self.dotcast.clone().map_or_else(beside, Ok)?;
        std::fs::create_dir_all(&self.out).context(self.out.display().to_string())?;
        // Absolute, because servers may run in folders of their own.
        let out = self
            .out
            .canonicalize()
            .context(self.out.display().to_string())?;
        Ok(Bench {
            places: Places {
                dotcast,
                scratch: out.join(format!("scratch-{}", std::process::id())),
            },
            out,
            runs: self.runs.max(1),
            threads: self.threads,
        })
    }

    /// Those that were named, or these.
    fn servers(&self, default: &[&str]) -> Result<Vec<Kind>> {
        if !self.servers.is_empty() {
            return Ok(self.servers.clone());
        }
        let parsed = default.iter().map(|server| server.parse());
        parsed
            .collect::<std::result::Result<_, String>>()
            .map_err(Error::Server)
    }
}
