//! A log of millions of events: what becomes slower with it, on SQLite and on PostgreSQL.
//!
//! - [`place`]: where the logs are, and how they are filled
//! - `retention`: writes while old events are deleted
//! - `readers`: streams that read history, pages of rare events, and streams that want none of what happens

pub(super) mod place;
mod readers;
mod retention;

use clap::{Args, ValueEnum};

use self::place::{Backend, Copy, Place, old};
use super::{Bench, Figures, get, number, set, show, writes};
use crate::{
    error::{Error, Result},
    results::{Environment, Results, Row},
    server::Kind,
};

/// Its options.
#[derive(Args, Debug)]
pub struct Grown {
    /// Fill the log with this many events; may be repeated
    #[arg(long = "events", default_values_t = [1_000_000, 10_000_000], value_name = "NUMBER")]
    sizes: Vec<u64>,
    /// Measure on sqlite or postgres; may be repeated
    #[arg(long = "on", default_values = ["sqlite", "postgres"], value_name = "DATABASE")]
    backends: Vec<Backend>,
    /// Measure only this; may be repeated
    #[arg(long = "part", value_name = "PART")]
    parts: Vec<Part>,
    /// Read as many events of the history, or half of the log if that is less
    #[arg(long, default_value_t = 100_000, value_name = "NUMBER")]
    history: u64,
    /// Let this many clients read them at the same time
    #[arg(long, default_value_t = 200, value_name = "NUMBER")]
    readers: usize,
    /// Open this many streams, each of a board of its own
    #[arg(long, default_value_t = 5000, value_parser = super::stream_count)]
    filtered: usize,
    /// Measure a rate for this many seconds
    #[arg(long, default_value_t = 5, value_name = "NUMBER")]
    seconds: u64,
}

/// What is measured. Each has a table of its own, `grown-` and its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Part {
    /// Boards a second, beside those with an empty log
    Writes,
    /// Writes while old events are deleted
    Retention,
    /// Clients that read history, from the same place and from different ones
    History,
    /// Pages of the events of a rare type, and of a rare board
    Pages,
    /// Streams of boards on which nothing happens, while much happens on others
    Filtered,
}

const CLIENTS: usize = 64;

impl Grown {
    /// Measures everything.
    ///
    /// # Errors
    /// If something could not be measured; everything else is.
    pub fn run(&self, bench: &Bench) -> Result<()> {
        let mut tables = Tables::new(bench);
        let kind = bench.servers(&["dotcast"])?.swap_remove(0);
        for &backend in &self.backends {
            let place = Place::new(backend, &bench.places)?;
            for &size in &self.sizes {
                let full = place.filled(size)?;
                for _ in 0..bench.runs {
                    let of = Of {
                        bench,
                        kind: &kind,
                        place: &place,
                        full: &full,
                        size,
                    };
                    self.measure(&mut tables, backend, &of);
                }
            }
        }
        tables.write()
    }

    fn measure(&self, tables: &mut Tables<'_>, backend: Backend, of: &Of<'_>) {
        let wants = |part| self.parts.is_empty() || self.parts.contains(&part);
        let name = backend.to_string();
        if wants(Part::Writes) {
            tables.add("writes", &name, of, self.writes(of));
        }
        if wants(Part::Pages) {
            tables.add("pages", &name, of, readers::pages(of));
        }
        if wants(Part::History) {
            let figures = readers::history(of, self.history.min(of.size / 2), self.readers);
            tables.add("history", &name, of, figures);
        }
        if wants(Part::Retention) {
            let figures = retention::measure(of, self.seconds, false);
            tables.add("retention", &name, of, figures);
            if backend == Backend::Postgres {
                let figures = retention::measure(of, self.seconds, true);
                tables.add("retention", "PostgreSQL, with an old snapshot", of, figures);
            }
        }
        // It has nothing to do with how long the log is.
        let is_first = self.sizes.first() == Some(&of.size);
        if wants(Part::Filtered) && is_first {
            let figures = readers::filtered(of, self.filtered, self.seconds);
            tables.add("filtered", &name, of, figures);
        }
    }

    /// Boards a second with a full log and with an empty one.
    fn writes(&self, of: &Of<'_>) -> Result<Figures> {
        let duration = std::time::Duration::from_secs(self.seconds);
        let empty = of.place.empty("unfilled")?;
        let full = of.place.copy(of.full, "measured")?;
        let rate = |log: &Copy<'_>| {
            let kind = log.server(of.kind);
            writes::measure(of.bench, &kind, CLIENTS, duration, of.postgres())
        };
        // A machine that becomes faster or slower meanwhile does the same to both.
        let [first, second, third, fourth] = [&empty, &full, &full, &empty].map(rate);
        let mut figures = Figures::new();
        for (name, [one, other]) in [("empty", [first?, fourth?]), ("full", [second?, third?])] {
            for figure in ["writes_per_s", "p50_ms", "p99_ms", "cpu_us_per_write"] {
                let mean = f64::midpoint(get(&one, figure), get(&other, figure));
                set(&mut figures, &format!("{name}_{figure}"), mean);
            }
        }
        let ratio = get(&figures, "full_writes_per_s") / get(&figures, "empty_writes_per_s");
        set(&mut figures, "ratio", ratio);
        let size = number(of.full.size()?) / number(of.size);
        set(&mut figures, "bytes_per_event", size);
        Ok(figures)
    }
}

/// What is measured in one run.
struct Of<'a> {
    bench: &'a Bench,
    kind: &'a Kind,
    place: &'a Place,
    /// The filled log, of which copies are measured.
    full: &'a Copy<'a>,
    size: u64,
}

impl Of<'_> {
    /// The processes that do the work for the server, besides itself.
    fn postgres(&self) -> Option<u32> {
        self.place
            .postgres
            .as_ref()
            .map(crate::postgres::Postgres::process)
    }
}

/// The results of all parts.
struct Tables<'a> {
    bench: &'a Bench,
    all: Vec<Results>,
    failed: Option<Error>,
}

impl<'a> Tables<'a> {
    fn new(bench: &'a Bench) -> Self {
        Self {
            bench,
            all: Vec::new(),
            failed: None,
        }
    }

    /// Adds a run.
    fn add(&mut self, part: &str, server: &str, of: &Of<'_>, measured: Result<Figures>) {
        let scenario = format!("grown-{part}");
        let mut point = Figures::new();
        set(&mut point, "events", number(of.size));
        let at = self.all.iter().position(|it| it.scenario == scenario);
        let at = at.unwrap_or_else(|| {
            self.all.push(Results {
                scenario: scenario.clone(),
                environment: Environment::read(&self.bench.places.dotcast),
                rows: Vec::new(),
            });
            self.all.len() - 1
        });
        let rows = &mut self.all[at].rows;
        let found = rows
            .iter()
            .position(|it| it.server == server && it.point == point);
        let row = found.unwrap_or_else(|| {
            rows.push(Row {
                server: server.to_owned(),
                point,
                runs: Vec::new(),
                failures: Vec::new(),
                median: Figures::new(),
            });
            rows.len() - 1
        });
        let row = &mut rows[row];
        match measured {
            Ok(figures) => {
                eprintln!("{scenario} {server} {} {}", of.size, show(&figures));
                row.runs.push(figures);
            }
            Err(error) => {
                eprintln!("{scenario} {server} {} FAILED: {error}", of.size);
                row.failures.push(error.to_string());
                self.failed.get_or_insert(error);
            }
        }
    }

    fn write(mut self) -> Result<()> {
        for results in &mut self.all {
            results.rows.iter_mut().for_each(Row::summarise);
            results.write(&self.bench.out)?;
        }
        self.failed.map_or(Ok(()), Err)
    }
}
