//! The scenarios: what each does to a server, and which figures result.

pub mod fanout;
pub mod grown;
pub mod idle;
pub mod pgbench;
pub mod polls;
pub mod proxies;
pub mod resume;
pub mod slow;
pub mod storm;
pub mod writes;

use std::{path::PathBuf, sync::Arc, time::Duration};

use serde_json::Value;

use crate::{
    error::{Error, Result},
    process,
    results::{Environment, Figures, Results, Row, round},
    server::{Kind, Places, Server},
    streams::{self, Group, Latencies, Outcome, Streams, percentile},
    timeline::Timeline,
};

/// How far streams may fall behind before a run is given up.
const CATCH_UP: Duration = Duration::from_mins(1);

/// What all scenarios need.
pub struct Bench {
    /// Programs and folders.
    pub places: Places,
    /// Where results go.
    pub out: PathBuf,
    /// How often each server is measured at each point.
    pub runs: usize,
    /// Threads that hold streams.
    pub threads: usize,
    /// The name under which to keep results, if not the scenario's.
    pub name: Option<String>,
    /// What to measure instead of the scenario's own servers.
    pub servers: Vec<Kind>,
}

impl Drop for Bench {
    fn drop(&mut self) {
        // Each server has removed its own folder by now.
        let _ = std::fs::remove_dir(&self.places.scratch);
    }
}

impl Bench {
    /// Measures every server at every point, `runs` times. The servers take turns and each run begins with another one,
    /// so that a machine that is slow for a while is slow for all of them.
    ///
    /// # Errors
    /// If a run of one of our servers does not count. A peer's failure is a result.
    pub fn series<P>(
        &self,
        scenario: &str,
        default_servers: &[&str],
        points: &[P],
        describe: impl Fn(&P) -> Figures,
        measure: impl Fn(&Kind, &P) -> Result<Figures>,
    ) -> Result<()> {
        let scenario = self.name.as_deref().unwrap_or(scenario);
        let servers = self.servers(default_servers)?;
        let mut results = Results {
            scenario: scenario.to_owned(),
            environment: Environment::read(&self.places.dotcast),
            rows: Vec::new(),
        };
        for point in points {
            results.rows.extend(servers.iter().map(|server| Row {
                server: server.to_string(),
                point: describe(point),
                runs: Vec::new(),
                failures: Vec::new(),
                median: Figures::new(),
            }));
        }
        let mut ours = None;
        for run in 0..self.runs {
            for (at, point) in points.iter().enumerate() {
                for turn in 0..servers.len() {
                    let index = (run + turn) % servers.len();
                    let server = &servers[index];
                    let row = &mut results.rows[at * servers.len() + index];
                    match measure(server, point) {
                        Ok(figures) => {
                            eprintln!(
                                "{scenario} {server} {} {}",
                                show(&row.point),
                                show(&figures)
                            );
                            row.runs.push(figures);
                        }
                        Err(error) => {
                            eprintln!("{scenario} {server} {} FAILED: {error}", show(&row.point));
                            row.failures.push(error.to_string());
                            if server.is_dotcast() || server.is_limit() {
                                ours.get_or_insert(error);
                            }
                        }
                    }
                }
            }
        }
        results.rows.iter_mut().for_each(Row::summarise);
        results.write(&self.out)?;
        ours.map_or(Ok(()), Err)
    }

    /// The servers that were named, or else these.
    fn servers(&self, default: &[&str]) -> Result<Vec<Kind>> {
        if !self.servers.is_empty() {
            return Ok(self.servers.clone());
        }
        let parsed = default.iter().map(|server| server.parse());
        let parsed: std::result::Result<_, String> = parsed.collect();
        parsed.map_err(Error::Server)
    }

    /// Starts a server, and threads for its streams.
    pub fn start(&self, kind: &Kind, events: usize) -> Result<Setting> {
        self.start_with(kind, events, &[])
    }

    /// The same, with these variables in the server's environment.
    pub fn start_with(
        &self,
        kind: &Kind,
        events: usize,
        environment: &[(&str, &str)],
    ) -> Result<Setting> {
        let server = Server::start_with(kind, &self.places, environment)?;
        let timeline = Arc::new(Timeline::new(events));
        let streams = Streams::new(self.threads, &server.endpoint(), &timeline)?;
        Ok(Setting {
            streams,
            timeline,
            server,
        })
    }
}

/// A server and its clients. The clients are dropped first.
pub struct Setting {
    /// The clients.
    pub streams: Streams,
    /// What was published.
    pub timeline: Arc<Timeline>,
    /// The server.
    pub server: Server,
}

/// CPU time of a server and of this process over a phase.
pub struct CpuTime {
    server: u32,
    before: (f64, f64),
}

impl CpuTime {
    /// Begins the phase.
    pub fn start(server: &Server) -> Self {
        let server = server.process();
        let before = Self::read(server);
        Self { server, before }
    }

    /// Seconds that the server and the load generator have used since then.
    pub fn spent(&self) -> (f64, f64) {
        let now = Self::read(self.server);
        (now.0 - self.before.0, now.1 - self.before.1)
    }

    fn read(server: u32) -> (f64, f64) {
        // The servers are our children, and this clock does not count them.
        let own = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
        #[allow(clippy::cast_precision_loss, reason = "days at most")]
        let own = own.tv_sec as f64 + own.tv_nsec as f64 / 1e9;
        (process::cpu_seconds(server), own)
    }
}

/// Parses a number of streams, as `--streams` takes it.
pub fn stream_count(text: &str) -> std::result::Result<usize, String> {
    let count = text.parse().map_err(|_| "expected a number".to_owned())?;
    if (1..=streams::MOST).contains(&count) {
        return Ok(count);
    }
    Err(format!("must be from 1 to {}", streams::MOST))
}

/// Sets a figure.
pub fn set(figures: &mut Figures, name: &str, value: f64) {
    figures.insert(name.to_owned(), round(value));
}

/// A figure, or 0 if there is none of that name.
pub fn get(figures: &Figures, name: &str) -> f64 {
    let value = figures.get(name).and_then(Value::as_f64);
    value.unwrap_or(0.0)
}

/// A count as a number to calculate with.
#[allow(clippy::cast_precision_loss, reason = "far below 2^52")]
pub fn number(count: impl TryInto<u64>) -> f64 {
    count.try_into().unwrap_or(u64::MAX) as f64
}

/// Refuses the figures if streams did not get every event once and in order.
pub fn check(outcome: &Outcome) -> Result<()> {
    if outcome.lost + outcome.missing + outcome.doubled == 0 {
        return Ok(());
    }
    Err(Error::Inexact(format!(
        "on {} streams, {} events were lost, {} were duplicated and {} had not come in time: {}",
        outcome.streams,
        outcome.lost,
        outcome.doubled,
        outcome.missing,
        outcome.complaints.join("; ")
    )))
}

/// Waits for all events, and refuses an inexact outcome. Even if some events never come, the error says which stream
/// received what.
pub fn check_all(setting: &Setting, group: Group, count: usize) -> Result<Outcome> {
    let next = setting.timeline.next();
    let arrived = setting.streams.wait_arrived(group, next, count, CATCH_UP);
    let outcome = setting.streams.outcome(group, next)?;
    check(&outcome)?;
    arrived?;
    Ok(outcome)
}

/// Adds the latencies to the figures.
pub fn set_latencies(figures: &mut Figures, latencies: &Latencies) {
    for (name, histogram) in [
        ("from_answer", &latencies.from_answer),
        ("from_sent", &latencies.from_sent),
        ("from_due", &latencies.from_due),
    ] {
        for quantile in [50.0, 99.0] {
            let name = format!("{name}_p{quantile}_ms");
            set(figures, &name, percentile(histogram, quantile));
        }
    }
    let share = number(latencies.before_answer) / number(latencies.from_answer.len()).max(1.0);
    set(figures, "before_answer_percent", 100.0 * share);
    // For the chart of the distribution.
    for quantile in [
        1.0, 5.0, 10.0, 25.0, 50.0, 75.0, 90.0, 95.0, 99.0, 99.9, 100.0,
    ] {
        let name = format!("latency_p{quantile}");
        set(figures, &name, percentile(&latencies.from_sent, quantile));
    }
}

/// The figures on one line, without those that are only for charts.
fn show(figures: &Figures) -> String {
    let shown = figures
        .iter()
        .filter(|(name, _)| !name.starts_with("latency_p"));
    let shown = shown.map(|(name, value)| match value {
        Value::String(text) => format!("{name}={text}"),
        value => format!("{name}={value}"),
    });
    shown.collect::<Vec<_>>().join(" ")
}
