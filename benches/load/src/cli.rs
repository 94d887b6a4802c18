//! The command line.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

use crate::{
    error::{Context as _, Error, Result},
    limit,
    results::Figures,
    scenario::{
        Bench,
        fanout::{self, Point, Source},
        idle, number, set,
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
        let bench = self.common.bench()?;
        let named = |name: &str| self.common.name.clone().unwrap_or_else(|| name.to_owned());
        let both = self.common.servers(&["limit", "dotcast"])?;
        let seconds = std::time::Duration::from_secs;
        let outcome = match self.command {
            Command::Limit { .. } => Ok(()),
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
