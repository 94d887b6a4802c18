//! The figures of dotcast that other figures are computed from, found in the results.

use std::path::Path;

use crate::{
    error::Result,
    results::{Environment, Results, Row},
};

/// Names a figure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Figure {
    /// Resident memory of the server per stream, KB.
    Memory,
    /// The kernel's memory per socket, KB.
    KernelMemory,
    /// Resident memory of the server without streams, MB.
    Server,
    /// CPU time to accept a connection and open its stream, µs.
    Opening,
    /// CPU time per stream that comes back, including what it has missed, µs.
    Resume,
    /// CPU of a server with idle streams, % of a core.
    Idle,
    /// Bytes of IP per second and idle stream, both ways.
    KeepAlive,
    /// Bytes of IP per delivery, both ways.
    Bytes,
    /// Packets of IP per delivery, both ways.
    Packets,
    /// Queries of the log when all streams come back.
    Queries,
    /// Boards a second on SQLite.
    SqliteWrites,
    /// Boards a second on PostgreSQL.
    PostgresWrites,
    /// Bytes of SQLite's file per event in a long log.
    SqliteEvent,
    /// Bytes of a PostgreSQL database per event in a long log.
    PostgresEvent,
    /// Events that retention deletes in a second beside writes, on SQLite.
    SqliteTrim,
    /// The same on PostgreSQL.
    PostgresTrim,
}

/// Where to find a figure.
pub struct Source {
    /// Which figure.
    pub figure: Figure,
    /// What it is.
    pub what: &'static str,
    /// Its letter in formulas.
    pub letter: &'static str,
    /// Its unit.
    pub unit: &'static str,
    scenario: &'static str,
    /// The name of the row; none for one of dotcast as it is by default.
    server: Option<&'static str>,
    name: &'static str,
}

const fn source(
    figure: Figure,
    (what, letter, unit): (&'static str, &'static str, &'static str),
    (scenario, name): (&'static str, &'static str),
) -> Source {
    Source {
        figure,
        what,
        letter,
        unit,
        scenario,
        server: None,
        name,
    }
}

impl Source {
    /// From the rows of this name.
    const fn of(mut self, server: &'static str) -> Self {
        self.server = Some(server);
        self
    }

    fn is_of(&self, row: &Row) -> bool {
        match self.server {
            None => is_default(row),
            Some(name) => row.server == name && !row.runs.is_empty(),
        }
    }
}

/// Rows of dotcast begin like this.
const OURS: &str = "dotcast";
/// Those that contain one of these are not as it is by default.
const CHANGED: [&str; 2] = ["--round", "--group-commit"];
const SQLITE: &str = "SQLite";
const POSTGRES: &str = "PostgreSQL";

/// All of them, in the order in which they are shown.
pub const SOURCES: [Source; 16] = [
    source(
        Figure::Memory,
        ("memory of the server per stream", "m", "KB"),
        ("idle", "memory_per_stream_kb"),
    ),
    source(
        Figure::KernelMemory,
        ("memory of the kernel per socket", "k", "KB"),
        ("idle", "kernel_memory_per_socket_kb"),
    ),
    source(
        Figure::Server,
        ("memory of the server without streams", "M₀", "MB"),
        ("idle", "memory_before_mb"),
    ),
    source(
        Figure::Idle,
        (
            "CPU of the server while nothing happens",
            "i",
            "% of a core",
        ),
        ("idle", "cpu_percent"),
    ),
    source(
        Figure::KeepAlive,
        ("keep-alives on the wire, per stream", "w₀", "bytes/s"),
        ("idle", "ip_bytes_per_stream_s"),
    ),
    source(
        Figure::Opening,
        ("CPU per opening", "o", "µs"),
        ("idle", "cpu_us_per_opening"),
    ),
    source(
        Figure::Resume,
        ("CPU per stream that comes back", "b", "µs"),
        ("storm", "cpu_us_per_resume"),
    ),
    source(
        Figure::Bytes,
        ("on the wire per delivery", "w", "bytes"),
        ("growth", "ip_bytes_per_delivery"),
    ),
    source(
        Figure::Packets,
        ("on the wire per delivery", "p", "packets"),
        ("growth", "ip_packets_per_delivery"),
    ),
    source(
        Figure::Queries,
        ("queries of the log when all come back", "q", ""),
        ("storm-queries", "queries_of_the_log"),
    ),
    source(
        Figure::SqliteWrites,
        ("boards written on SQLite", "W", "1/s"),
        ("writes", "writes_per_s"),
    ),
    source(
        Figure::PostgresWrites,
        ("boards written on PostgreSQL", "Wₚ", "1/s"),
        ("pgbench", "writes_per_s"),
    ),
    source(
        Figure::SqliteTrim,
        ("deleted by retention on SQLite", "T", "events/s"),
        ("grown-retention", "deleted_per_s"),
    )
    .of(SQLITE),
    source(
        Figure::PostgresTrim,
        ("deleted by retention on PostgreSQL", "Tₚ", "events/s"),
        ("grown-retention", "deleted_per_s"),
    )
    .of(POSTGRES),
    source(
        Figure::SqliteEvent,
        ("size of an event on SQLite", "e", "bytes"),
        ("grown-writes", "bytes_per_event"),
    )
    .of(SQLITE),
    source(
        Figure::PostgresEvent,
        ("size of an event on PostgreSQL", "eₚ", "bytes"),
        ("grown-writes", "bytes_per_event"),
    )
    .of(POSTGRES),
];

/// A figure that was found.
#[derive(Clone, Debug)]
pub struct Found {
    /// The median of all runs.
    pub value: f64,
    /// The lowest and the highest run.
    pub range: (f64, f64),
    /// How many runs.
    pub runs: usize,
    /// The scenario and the point, for readers.
    pub from: String,
    /// Open streams.
    pub streams: f64,
}

/// CPU time per delivery at one point.
#[derive(Clone, Debug)]
pub struct Delivery {
    /// Events a second.
    pub rate: f64,
    /// CPU time in µs.
    pub cpu_us: Found,
}

/// What the results say.
#[derive(Debug, Default)]
pub struct Measured {
    found: Vec<(Figure, Found)>,
    /// CPU time per delivery, by rate.
    pub deliveries: Vec<Delivery>,
    /// Events that streams had missed when [`Figure::Resume`] was measured.
    pub missed: Option<f64>,
    /// Where it was measured.
    pub environment: Option<Environment>,
}

impl Measured {
    /// Reads the results in a folder. Figures that were not measured are absent.
    pub fn read(folder: &Path) -> Result<Self> {
        let mut measured = Self::default();
        for source in &SOURCES {
            let Some(results) = Results::read(folder, source.scenario)? else {
                continue;
            };
            // The row with the most streams says most, or with the most events.
            let rows = results.rows.iter().filter(|row| source.is_of(row));
            let largest = rows.max_by(|one, other| size(one).total_cmp(&size(other)));
            if let Some(row) = largest
                && let Some(found) = find(row, source.scenario, source.name)
            {
                if source.figure == Figure::Resume {
                    measured.missed = point(row, "missed_events");
                }
                measured.found.push((source.figure, found));
            }
            measured.environment.get_or_insert(results.environment);
        }
        for scenario in ["growth", "fanout", "sparse"] {
            let results = Results::read(folder, scenario)?;
            let rows = results.iter().flat_map(|results| &results.rows);
            for row in rows.filter(|row| is_default(row)) {
                if let Some(rate) = point(row, "events_per_s")
                    && let Some(cpu_us) = find(row, scenario, "cpu_us_per_delivery")
                {
                    measured.deliveries.push(Delivery { rate, cpu_us });
                }
            }
        }
        // Of each rate, the point with the most streams.
        let order = |it: &Delivery| (it.rate, -it.cpu_us.streams);
        measured.deliveries.sort_by(|one, other| {
            order(one)
                .partial_cmp(&order(other))
                .unwrap_or_else(|| one.rate.total_cmp(&other.rate))
        });
        measured
            .deliveries
            .dedup_by(|next, first| next.rate <= first.rate);
        Ok(measured)
    }

    /// A figure with its source.
    pub fn found(&self, figure: Figure) -> Option<&Found> {
        let found = self.found.iter().find(|(it, _)| *it == figure);
        found.map(|(_, found)| found)
    }

    /// A figure.
    pub fn get(&self, figure: Figure) -> Option<f64> {
        self.found(figure).map(|found| found.value)
    }

    /// µs of CPU time per delivery at this rate of events, as measured at the next lower rate or else at the lowest.
    /// The more events a second, the cheaper each.
    pub fn delivery(&self, rate: f64) -> Option<f64> {
        let below = self.deliveries.iter().rev().find(|it| it.rate <= rate);
        let nearest = below.or_else(|| self.deliveries.first())?;
        Some(nearest.cpu_us.value)
    }

    /// µs of CPU time per event that a stream has missed: what a stream that comes back costs beyond one that opens.
    pub fn catch_up(&self) -> Option<f64> {
        let missed = self.missed.filter(|missed| *missed > 0.0)?;
        let more = self.get(Figure::Resume)? - self.get(Figure::Opening)?;
        Some(more.max(0.0) / missed)
    }

    /// µs of CPU time per second and idle stream.
    pub fn idle(&self) -> Option<f64> {
        let found = self.found(Figure::Idle)?;
        Some(found.value / 100.0 * 1e6 / found.streams)
    }
}

/// Whether it is a row of dotcast as it is by default.
fn is_default(row: &Row) -> bool {
    let changed = CHANGED.iter().any(|flag| row.server.contains(flag));
    row.server.starts_with(OURS) && !changed && !row.runs.is_empty()
}

fn point(row: &Row, name: &str) -> Option<f64> {
    row.point.get(name)?.as_f64()
}

fn streams(row: &Row) -> f64 {
    point(row, "streams").unwrap_or(0.0)
}

fn size(row: &Row) -> f64 {
    point(row, "events").unwrap_or_else(|| streams(row))
}

fn find(row: &Row, scenario: &str, name: &str) -> Option<Found> {
    let values = || row.runs.iter().filter_map(|run| run.get(name)?.as_f64());
    let named = row.point.iter().map(|(name, value)| {
        let name = name.replace("_per_s", "/s").replace('_', " ");
        format!("{value} {name}")
    });
    Some(Found {
        value: row.median.get(name)?.as_f64()?,
        range: (
            values().fold(f64::INFINITY, f64::min),
            values().fold(f64::NEG_INFINITY, f64::max),
        ),
        runs: row.runs.len(),
        from: format!("`{scenario}`: {}", named.collect::<Vec<_>>().join(", ")),
        streams: streams(row),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn delivery(rate: f64, value: f64) -> Delivery {
        let cpu_us = Found {
            value,
            range: (value, value),
            runs: 1,
            from: String::new(),
            streams: 1.0,
        };
        Delivery { rate, cpu_us }
    }

    #[test]
    fn a_rate_costs_what_the_next_lower_one_does() {
        let measured = Measured {
            deliveries: vec![delivery(10.0, 12.0), delivery(100.0, 3.0)],
            ..Measured::default()
        };
        let costs = [1.0, 10.0, 99.0, 100.0, 1000.0].map(|rate| measured.delivery(rate));
        assert_eq!(costs, [12.0, 12.0, 12.0, 3.0, 3.0].map(Some));
        assert_eq!(Measured::default().delivery(1.0), None);
    }

    #[test]
    fn what_was_not_measured_is_not_there() {
        let measured = Measured::read(Path::new("/nonexistent")).expect("no results");
        assert!(SOURCES.iter().all(|it| measured.get(it.figure).is_none()));
        assert_eq!((measured.idle(), measured.catch_up()), (None, None));
    }
}
