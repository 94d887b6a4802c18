//! The command line.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

use crate::{
    error::{Context as _, Result},
    limit, report,
    scenario::{Bench, fanout, grown, idle, pgbench, polls, proxies, resume, slow, storm, writes},
    server::{Kind, Places},
    simulate::Simulate,
};

/// Put load on servers that stream events, check every stream, and record what it costs
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
    /// Measure this dotcast program; by default the one beside this program
    #[arg(long, global = true, value_name = "FILE")]
    dotcast: Option<PathBuf>,
    /// Write results and temporary databases to this folder, which should be on a disk
    #[arg(
        long,
        global = true,
        default_value = "target/bench",
        value_name = "FOLDER"
    )]
    out: PathBuf,
    /// Measure each server this many times at each point
    #[arg(long, global = true, default_value_t = 3, value_name = "NUMBER")]
    runs: usize,
    /// Hold streams on this many threads
    #[arg(long, global = true, default_value_t = 1, value_name = "NUMBER")]
    threads: usize,
    /// Keep the results under this name instead of the scenario's
    #[arg(long, global = true, value_name = "NAME")]
    name: Option<String>,
    /// Measure this server: limit, dotcast with flags of its own, or the folder of a peer; with tls: or h2: before that,
    /// over TLS or HTTP/2; may be repeated
    #[arg(long = "server", global = true, value_name = "SERVER")]
    servers: Vec<Kind>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the limit server: one ready-made chunk per socket and message, and nothing else
    Limit {
        #[arg(long)]
        port: u16,
    },
    /// Measure memory and CPU of open, idle streams
    Idle(idle::Idle),
    /// Measure memory and CPU of requests that wait for an event
    Polls(polls::Polls),
    /// Send events one at a time by POST
    Fanout(fanout::Fanout),
    /// Write batches of events to the log from another process
    Burst(fanout::Burst),
    /// Send events at the same rate to a growing number of streams
    Growth(fanout::Growth),
    /// Cut many streams at once, let them miss events, and let them all come back together
    Storm(storm::Storm),
    /// Measure healthy streams, alone and beside others that read a byte a second
    Slow(slow::Slow),
    /// Let many clients create boards at the same time
    Writes(writes::Writes),
    /// Kill the server while clients create boards, and look for every board that was answered
    Crash(writes::Crash),
    /// Cut clients at random under load, and look for lost and duplicate events
    Resume(resume::Resume),
    /// Let clients create boards on PostgreSQL, in turn with pgbench writing the same rows
    Pgbench(pgbench::Pgbench),
    /// Measure what becomes slower with a log of millions of events
    Grown(grown::Grown),
    /// Measure how long the proxies of deploy/ hold events back
    Proxies(proxies::Proxies),
    /// Compute how clients come back when one of several servers is lost
    Simulate(Simulate),
    /// Turn results into tables and charts
    Report {
        /// Fill the tables of this document; may be repeated
        #[arg(
            long = "document",
            default_values = ["docs/BENCHMARKS.md", "docs/SCALING.md"],
            value_name = "FILE"
        )]
        documents: Vec<PathBuf>,
        #[arg(long, default_value = "docs/charts", value_name = "FOLDER")]
        charts: PathBuf,
    },
}

impl Cli {
    /// Carries out the command.
    pub fn run(self) -> Result<()> {
        let Self { common, command } = self;
        match command {
            Command::Limit { port } => limit::run(port),
            Command::Simulate(it) => it.run(&common.out, common.name.as_deref()),
            Command::Report { documents, charts } => {
                report::write(&common.out, &documents, &charts)
            }
            Command::Idle(it) => it.run(&common.bench()?),
            Command::Polls(it) => it.run(&common.bench()?),
            Command::Fanout(it) => it.run(&common.bench()?),
            Command::Burst(it) => it.run(&common.bench()?),
            Command::Growth(it) => it.run(&common.bench()?),
            Command::Storm(it) => it.run(&common.bench()?),
            Command::Slow(it) => it.run(&common.bench()?),
            Command::Writes(it) => it.run(&common.bench()?),
            Command::Crash(it) => it.run(&common.bench()?),
            Command::Resume(it) => it.run(&common.bench()?),
            Command::Pgbench(it) => it.run(&common.bench()?),
            Command::Grown(it) => it.run(&common.bench()?),
            Command::Proxies(it) => it.run(&common.bench()?),
        }
    }
}

impl Common {
    fn bench(self) -> Result<Bench> {
        let beside = || -> Result<PathBuf> {
            let this = std::env::current_exe().context("our own program")?;
            Ok(this.with_file_name("dotcast"))
        };
        let dotcast = self.dotcast.map_or_else(beside, Ok)?;
        let what = self.out.display().to_string();
        std::fs::create_dir_all(&self.out).context(&what)?;
        // Absolute, because servers may run in folders of their own.
        let out = self.out.canonicalize().context(what)?;
        Ok(Bench {
            places: Places {
                dotcast,
                scratch: out.join(format!("scratch-{}", std::process::id())),
            },
            out,
            runs: self.runs.max(1),
            threads: self.threads,
            name: self.name,
            servers: self.servers,
        })
    }
}
