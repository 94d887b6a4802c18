//! What happens to the other servers when one is lost, computed from measured costs.

mod model;

use std::{path::PathBuf, time::Duration};

use clap::Args;

use self::model::{Outcome, Setting};
use crate::{
    error::{Error, Result},
    measured::{Figure, Measured},
    results::{Environment, Figures, Results, Row},
    scenario::{number, set},
};

/// How long to simulate before giving up.
const LIMIT: Duration = Duration::from_mins(10);

/// Its options. Costs come from the results unless they are given here.
#[derive(Args, Debug)]
pub struct Simulate {
    /// Simulate this many streams in total, over all servers
    #[arg(long, default_value_t = 100_000)]
    streams: u64,
    /// Simulate this many servers before one is lost; may be repeated
    #[arg(long = "instances", default_values_t = [2, 3, 5, 10, 20, 50], value_parser = clap::value_parser!(u64).range(2..))]
    instances: Vec<u64>,
    /// Simulate this many events a second
    #[arg(long, default_value_t = 1.0)]
    rate: f64,
    /// Let each client miss this many events before it is back
    #[arg(long, default_value_t = 100.0)]
    missed: f64,
    /// Let clients wait this many seconds before they reconnect
    #[arg(long, default_value_t = 2.0)]
    retry: f64,
    /// Spread clients with the same pause over this many seconds, as differing networks and clocks would
    #[arg(long, default_value_t = 0.05)]
    spread: f64,
    /// Let at most this many connections wait to be accepted (net.core.somaxconn)
    #[arg(long, default_value_t = 4096)]
    queue: u64,
    /// Have a client that cannot connect give up after this many seconds and begin again
    #[arg(long, default_value_t = 30.0)]
    patience: f64,
    /// Give each server this many cores; by default as many as the measured machine has
    #[arg(long)]
    cores: Option<f64>,
    /// Charge this many µs of CPU time per opening instead of the measured cost
    #[arg(long)]
    opening: Option<f64>,
    /// Charge this many µs of CPU time per delivery instead of the measured cost
    #[arg(long)]
    delivery: Option<f64>,
    /// Charge this many µs of CPU time per event that a stream catches up on, instead of the measured cost
    #[arg(long)]
    catch_up: Option<f64>,
}

/// How a server is lost.
#[derive(Clone, Copy, Debug)]
enum Loss {
    /// All of its clients come back after the usual pause.
    Killed,
    /// It tells each of them a pause of its own.
    Stopped,
}

impl Simulate {
    /// Runs all simulations, shows the outcomes, and stores them with the results.
    pub fn run(&self, folder: &std::path::Path, name: Option<&str>) -> Result<()> {
        let measured = Measured::read(folder)?;
        let name = name.unwrap_or("simulate");
        let mut results = Results {
            scenario: name.to_owned(),
            environment: Environment::read(&PathBuf::from("dotcast")),
            rows: Vec::new(),
        };
        for &instances in &self.instances {
            for loss in [Loss::Killed, Loss::Stopped] {
                let setting = self.setting(&measured, instances, loss)?;
                let outcome = model::run(setting, |_, _| ());
                let mut row = Row {
                    server: loss.name().to_owned(),
                    point: self.describe(instances, &setting),
                    runs: vec![figures(&outcome)],
                    failures: Vec::new(),
                    median: Figures::new(),
                };
                row.summarise();
                results.rows.push(row);
            }
        }
        eprint!("{}", crate::report::storms::table(&results));
        results.write(folder)
    }

    fn setting(&self, measured: &Measured, instances: u64, loss: Loss) -> Result<Setting> {
        let need = |given: Option<f64>, found: Option<f64>, flag: &str| {
            given.or(found).ok_or_else(|| {
                Error::Server(format!("not measured: run the scenarios, or give --{flag}"))
            })
        };
        let environment = measured.environment.as_ref();
        let cores = environment.map(|environment| number(environment.cores as u64));
        let streams = self.streams / instances;
        Ok(Setting {
            streams,
            clients: streams.div_ceil(instances - 1),
            cores: need(self.cores, cores, "cores")?,
            rate: self.rate,
            delivery: need(self.delivery, measured.delivery(self.rate), "delivery")? / 1e6,
            catch_up: need(self.catch_up, measured.catch_up(), "catch-up")? / 1e6,
            opening: need(self.opening, measured.get(Figure::Opening), "opening")? / 1e6,
            missed: self.missed,
            back: match loss {
                Loss::Killed => (self.retry, self.spread),
                // As in `Feed::goodbye`.
                Loss::Stopped => (self.retry, 3.0 * self.retry),
            },
            queue: self.queue,
            patience: self.patience,
            retry: self.retry,
            limit: LIMIT.as_secs_f64(),
        })
    }

    fn describe(&self, instances: u64, setting: &Setting) -> Figures {
        let mut point = Figures::new();
        for (name, value) in [
            ("streams", number(self.streams)),
            ("instances", number(instances)),
            ("clients", number(setting.clients)),
            ("events_per_s", self.rate),
            ("missed_events", self.missed),
            ("retry_s", self.retry),
            ("spread_s", self.spread),
            ("accept_queue", number(self.queue)),
            ("patience_s", self.patience),
            ("cores", setting.cores),
            ("opening_us", setting.opening * 1e6),
            ("delivery_us", setting.delivery * 1e6),
            ("catch_up_us", setting.catch_up * 1e6),
        ] {
            set(&mut point, name, value);
        }
        point
    }
}

impl Loss {
    fn name(self) -> &'static str {
        match self {
            Self::Killed => "SIGKILL",
            Self::Stopped => "SIGTERM",
        }
    }
}

/// The figures of an outcome. A simulation that hit its time limit lacks some.
fn figures(outcome: &Outcome) -> Figures {
    let mut figures = Figures::new();
    for (name, value) in [
        ("most_back_s", outcome.most_back),
        ("all_back_s", outcome.all_back),
        ("peak_cpu_percent", Some(outcome.peak_cpu * 100.0)),
        ("longest_delay_s", Some(outcome.longest_delay)),
        ("refused", Some(number(outcome.refused))),
        ("cpu_s", Some(outcome.cpu)),
    ] {
        if let Some(value) = value {
            set(&mut figures, name, value);
        }
    }
    figures
}
