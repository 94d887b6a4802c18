//! Boards a second on PostgreSQL, beside the same rows written by `pgbench`: what the server adds.

use std::{fs, time::Duration};

use clap::Args;

use super::{
    Bench, Figures,
    grown::place::{Backend, Place},
    set, writes,
};
use crate::{
    error::{Context as _, Error, Result},
    postgres::run,
    process,
    server::Kind,
};

/// One transaction as the server's: a board and its event.
const TRANSACTION: &str = include_str!("../../../postgres-writes/transaction.sql");
const USERS: &str = include_str!("../../../postgres-writes/users.sql");
const WARM_UP: u64 = 1;

/// Its options.
#[derive(Args, Debug)]
pub struct Pgbench {
    #[arg(long, default_value_t = 16)]
    clients: usize,
    #[arg(long, default_value_t = 5)]
    seconds: u64,
}

impl Pgbench {
    /// Measures all servers, each in turn with `pgbench` on the same PostgreSQL.
    pub fn run(&self, bench: &Bench) -> Result<()> {
        let place = Place::new(Backend::Postgres, &bench.places)?;
        bench.series(
            "pgbench",
            &["dotcast"],
            &[self.clients],
            writes::describe,
            |kind, &clients| measure(bench, &place, kind, clients, self.seconds),
        )
    }
}

fn measure(
    bench: &Bench,
    place: &Place,
    kind: &Kind,
    clients: usize,
    seconds: u64,
) -> Result<Figures> {
    let postgres = place.postgres.as_ref();
    let postgres = postgres.ok_or_else(|| Error::Server("there is no PostgreSQL".to_owned()))?;
    let (process, what) = (postgres.process(), "pgbench");
    let raw = place.empty("raw")?;
    postgres.sql(raw.name(), USERS)?;
    let script = bench.places.scratch.join("transaction.sql");
    fs::write(&script, TRANSACTION).context(script.display().to_string())?;
    let pgbench = |seconds: u64| {
        let mut command = postgres.client("pgbench", raw.name());
        command.args(["-n", "-M", "prepared", "-f"]).arg(&script);
        command.args([
            "-c",
            &clients.to_string(),
            "-j",
            &clients.min(2).to_string(),
        ]);
        run(command.args(["-T", &seconds.to_string()]), "")
    };
    pgbench(WARM_UP)?;
    let cpu = process::cpu_seconds(process);
    let said = pgbench(seconds)?;
    let cpu = process::cpu_seconds(process) - cpu;
    let rate = tps(&said).ok_or_else(|| Error::Server(format!("{what} says:\n{said}")))?;
    drop(raw);
    let _ = fs::remove_file(script);

    let log = place.empty("served")?;
    let kind = log.server(kind);
    let duration = Duration::from_secs(seconds);
    let mut figures = writes::measure(bench, &kind, clients, duration, Some(process))?;
    set(&mut figures, "pgbench_per_s", rate);
    #[allow(clippy::cast_precision_loss, reason = "seconds")]
    let transactions = rate * seconds as f64;
    set(
        &mut figures,
        "pgbench_database_cpu_us",
        cpu * 1e6 / transactions.max(1.0),
    );
    let ratio = super::get(&figures, "writes_per_s") / rate.max(1.0);
    set(&mut figures, "of_pgbench", ratio);
    Ok(figures)
}

/// The rate in what `pgbench` prints.
fn tps(said: &str) -> Option<f64> {
    let line = said.lines().find_map(|line| line.strip_prefix("tps = "))?;
    line.split(' ').next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rate_is_found() {
        let said = "latency average = 3.1 ms\ntps = 5123.75 (without initial connection time)\n";
        assert_eq!(tps(said), Some(5123.75));
        assert_eq!(tps("pgbench: fatal"), None);
    }
}
