//! What was measured of dotcast, and what a million streams would need by those figures.

use std::fmt::Write as _;

use super::tables::decimals;
use crate::measured::{Figure, Found, Measured, SOURCES};

/// Streams to plan for.
const STREAMS: f64 = 1e6;
/// Events a second.
const RATES: [f64; 3] = [1.0, 10.0, 100.0];
/// Share of a server that may be used. The rest is room for the clients of a server that is lost.
const USED: f64 = 0.5;
/// Looks at the log per second when nothing is committed: `--poll-interval`.
const POLLS: f64 = 1.0;
/// Upper bound on rounds per second: `--round`. CPU per delivery is measured with the same.
const ROUNDS: f64 = 50.0;
/// Upper bound on the notifications per second that a server sends to the others on PostgreSQL.
const NOTIFICATIONS: f64 = 50.0;
/// Connections of a server to PostgreSQL by default: `--pool-size`, one that reads the log, one that listens.
const CONNECTIONS: f64 = 18.0;
/// Connections that PostgreSQL has for those who are not superusers by default: `max_connections` less
/// `superuser_reserved_connections`.
const POSTGRES_CONNECTIONS: f64 = 97.0;
/// How long events are kept, in days.
const KEPT: f64 = 30.0;
/// A network's bits per second.
const LINK: f64 = 1e9;
/// Descriptors that a process may have by default on Linux: `fs.nr_open`.
const DESCRIPTORS: f64 = 1_048_576.0;
/// How many of them are kept for other things than streams.
const OWN_DESCRIPTORS: f64 = 100.0;
/// Ports from one address to one server by default on Linux: `net.ipv4.ip_local_port_range`.
const PORTS: f64 = 28_232.0;
/// Preamble, header, checksum and gap of an Ethernet packet, in bytes.
const ETHERNET: f64 = 38.0;

/// Each figure with its source; a figure that was not measured says so.
pub fn measured(measured: &Measured) -> String {
    let mut text = String::from("\n| | | median (min–max) | | runs | scenario |\n");
    text += "| --- | --- | ---: | --- | ---: | --- |\n";
    let mut line = |what: &str, letter: &str, unit: &str, found: Option<&Found>| {
        let (value, runs, from) = found.map_or_else(
            || ("not measured".to_owned(), String::new(), ""),
            |found| {
                let places = if found.value < 100.0 { 2 } else { 0 };
                let [median, lowest, highest] =
                    [found.value, found.range.0, found.range.1].map(|it| decimals(it, places));
                let value = format!("{median} ({lowest}–{highest})");
                (value, found.runs.to_string(), found.from.as_str())
            },
        );
        let _ = writeln!(
            text,
            "| {what} | *{letter}* | {value} | {unit} | {runs} | {from} |"
        );
    };
    for source in &SOURCES {
        let found = measured.found(source.figure);
        line(source.what, source.letter, source.unit, found);
    }
    for delivery in &measured.deliveries {
        let rate = decimals(delivery.rate, 0);
        let what = format!("CPU per delivery at {rate} events/s");
        line(&what, &format!("c({rate})"), "µs", Some(&delivery.cpu_us));
    }
    if let Some(environment) = &measured.environment {
        let _ = write!(
            text,
            "\n{}; {}, *C* = {} cores, *M* = {} GiB, Linux {}; {} ({}).\n\n",
            environment.date,
            environment.cpu,
            environment.cores,
            environment.memory_gib,
            environment.kernel,
            environment.dotcast,
            environment.commit,
        );
    }
    text
}

/// A line of the table of needs: its name, its formula, and its value at a given rate.
struct Need {
    what: &'static str,
    formula: &'static str,
    places: usize,
    value: fn(&Measured, f64) -> Option<f64>,
}

impl Need {
    fn at(&self, measured: &Measured, rate: f64) -> String {
        let value = (self.value)(measured, rate);
        value.map_or_else(|| "?".to_owned(), |it| decimals(it, self.places))
    }
}

const fn need(
    what: &'static str,
    formula: &'static str,
    places: usize,
    value: fn(&Measured, f64) -> Option<f64>,
) -> Need {
    Need {
        what,
        formula,
        places,
        value,
    }
}

const NEEDS: &[Need] = &[
    need("deliveries/s", "*S·R*", 0, |_, rate| Some(STREAMS * rate)),
    need(
        "cores that are busy",
        "*S*·(*R·c(R)* + *i′*)",
        1,
        Measured::cores,
    ),
    need("servers by CPU", "cores / (*u·C*)", 0, Measured::by_cpu),
    need(
        "servers by memory",
        "*S*·(*m* + *k*) / (*u·M* − *M₀*)",
        0,
        |it, _| it.by_memory(),
    ),
    need(
        "servers by descriptors",
        "*S* / (*F* − 100)",
        0,
        |_, _| Some(by_descriptors()),
    ),
    need(
        "**servers**, *N*",
        "the most of these, and 2",
        0,
        Measured::servers,
    ),
    need("streams per server", "*S/N*", 0, |it, rate| {
        Some(STREAMS / it.servers(rate)?)
    }),
    need(
        "memory for streams, GiB per server",
        "*S/N*·(*m* + *k*)",
        1,
        |it, rate| Some(STREAMS / it.servers(rate)? * it.per_stream()? / GIB),
    ),
    need(
        "proxies' addresses per server",
        "*S/N* / *P*",
        0,
        |it, rate| Some((STREAMS / it.servers(rate)? / PORTS).ceil()),
    ),
    need(
        "queries of the log, per second",
        "*N*·(1/*poll* + min(*R*, 1/*round*))",
        0,
        |it, rate| Some(it.servers(rate)? * (POLLS + rate.min(ROUNDS))),
    ),
    need("rows read, per second", "*N·R*", 0, |it, rate| {
        Some(it.servers(rate)? * rate)
    }),
    need(
        "notifications that PostgreSQL passes on, per second",
        "*N*·min(*R*, *N*/*spacing*)",
        0,
        |it, rate| {
            let servers = it.servers(rate)?;
            Some(servers * rate.min(servers * NOTIFICATIONS))
        },
    ),
    need("connections to PostgreSQL", "*N·K*", 0, |it, rate| {
        Some(it.servers(rate)? * CONNECTIONS)
    }),
    need(
        "share of the writes that one PostgreSQL takes, %",
        "*R/Wₚ*",
        1,
        |it, rate| Some(100.0 * rate / it.get(Figure::PostgresWrites)?),
    ),
    need(
        "share of what retention deletes beside them, %",
        "*R/Tₚ*",
        1,
        |it, rate| Some(100.0 * rate / it.get(Figure::PostgresTrim)?),
    ),
    need("size of the log, GiB", "*R·D·eₚ*", 1, |it, rate| {
        Some(rate * KEPT * 86_400.0 * it.get(Figure::PostgresEvent)? / GIB)
    }),
    need(
        "on Ethernet, Gbit/s in sum",
        "*S·R*·(*w* + 38·*p*)·8",
        2,
        Measured::gigabits,
    ),
    need("the same per stream, kbit/s", "sum / *S*", 2, |it, rate| {
        Some(it.gigabits(rate)? * 1e6 / STREAMS)
    }),
    need("the same per server, Gbit/s", "sum / *N*", 3, |it, rate| {
        Some(it.gigabits(rate)? / it.servers(rate)?)
    }),
    need(
        "keep-alives while nothing happens, Mbit/s in sum",
        "*S·w₀*·8",
        1,
        |it, _| Some(STREAMS * it.get(Figure::KeepAlive)? * 8.0 / 1e6),
    ),
    need(
        "all connect anew, seconds of all cores",
        "*S·o* / (*N·C*)",
        1,
        |it, rate| {
            let cores = it.servers(rate)? * it.cores_each()?;
            Some(STREAMS * it.get(Figure::Opening)? / 1e6 / cores)
        },
    ),
    need(
        "one server's clients connect to the others, seconds of their cores",
        "*S/N·o* / ((*N* − 1)·*C*)",
        2,
        |it, rate| {
            let servers = it.servers(rate)?;
            let cores = (servers - 1.0) * it.cores_each()?;
            Some(STREAMS / servers * it.get(Figure::Opening)? / 1e6 / cores)
        },
    ),
];

const GIB: f64 = 1_073_741_824.0;

/// What one server holds at most, all of it used.
const LIMITS: &[Need] = &[
    need(
        "streams by CPU",
        "*C*/(*R·c(R)* + *i′*)",
        0,
        |it, rate| Some(it.cores_each()? * 1e6 / it.per_second(rate)?),
    ),
    need(
        "streams by memory",
        "(*M* − *M₀*)/(*m* + *k*)",
        0,
        |it, _| Some(it.room(1.0)? / it.per_stream()?),
    ),
    need("streams by descriptors", "*F* − 100", 0, |_, _| {
        Some(DESCRIPTORS - OWN_DESCRIPTORS)
    }),
    need(
        "streams by ports, behind one address of a proxy",
        "*P*",
        0,
        |_, _| Some(PORTS),
    ),
    need(
        "streams by a network of 1 Gbit/s",
        "10⁹/(*R*·(*w* + 38·*p*)·8)",
        0,
        |it, rate| Some(STREAMS * LINK / (it.gigabits(rate)? * 1e9)),
    ),
];

/// What all of them together have at most.
const SHARED: &[Need] = &[
    need("events/s by writes, on SQLite", "*W*", 0, |it, _| {
        it.get(Figure::SqliteWrites)
    }),
    need("events/s by writes, on PostgreSQL", "*Wₚ*", 0, |it, _| {
        it.get(Figure::PostgresWrites)
    }),
    need("events/s by retention, on SQLite", "*T*", 0, |it, _| {
        it.get(Figure::SqliteTrim)
    }),
    need(
        "events/s by retention, on PostgreSQL",
        "*Tₚ*",
        0,
        |it, _| it.get(Figure::PostgresTrim),
    ),
    need(
        "servers by connections to PostgreSQL",
        "97/*K*",
        0,
        |_, _| Some((POSTGRES_CONNECTIONS / CONNECTIONS).floor()),
    ),
    need(
        "events/s by a log of 100 GiB, on SQLite",
        "100 GiB/(*D·e*)",
        0,
        |it, _| Some(100.0 * GIB / (KEPT * 86_400.0 * it.get(Figure::SqliteEvent)?)),
    ),
    need(
        "events/s by a log of 100 GiB, on PostgreSQL",
        "100 GiB/(*D·eₚ*)",
        0,
        |it, _| Some(100.0 * GIB / (KEPT * 86_400.0 * it.get(Figure::PostgresEvent)?)),
    ),
];

/// The formulas of the table.
impl Measured {
    fn cores_each(&self) -> Option<f64> {
        let cores = u32::try_from(self.environment.as_ref()?.cores).ok()?;
        (cores > 0).then(|| f64::from(cores))
    }

    /// µs of CPU time per second and stream.
    fn per_second(&self, rate: f64) -> Option<f64> {
        Some(rate * self.delivery(rate)? + self.idle()?)
    }

    fn cores(&self, rate: f64) -> Option<f64> {
        Some(STREAMS * self.per_second(rate)? / 1e6)
    }

    fn by_cpu(&self, rate: f64) -> Option<f64> {
        Some((self.cores(rate)? / (USED * self.cores_each()?)).ceil())
    }

    /// Bytes per stream, in the server and in the kernel.
    fn per_stream(&self) -> Option<f64> {
        let ours = self.get(Figure::Memory)?;
        Some((ours + self.get(Figure::KernelMemory)?) * 1024.0)
    }

    /// Bytes for streams, when this share of the memory is used.
    fn room(&self, used: f64) -> Option<f64> {
        let memory = u32::try_from(self.environment.as_ref()?.memory_gib).ok()?;
        let own = self.get(Figure::Server)? * 1_048_576.0;
        let room = used * f64::from(memory) * GIB - own;
        (room > 0.0).then_some(room)
    }

    fn by_memory(&self) -> Option<f64> {
        Some((STREAMS * self.per_stream()? / self.room(USED)?).ceil())
    }

    /// At least two: if the only one is lost, nobody is left.
    fn servers(&self, rate: f64) -> Option<f64> {
        let most = self.by_cpu(rate)?.max(self.by_memory()?);
        Some(most.max(by_descriptors()).max(2.0))
    }

    fn gigabits(&self, rate: f64) -> Option<f64> {
        let packets = self.get(Figure::Packets)?;
        let bytes = self.get(Figure::Bytes)? + ETHERNET * packets;
        Some(STREAMS * rate * bytes * 8.0 / 1e9)
    }
}

fn by_descriptors() -> f64 {
    (STREAMS / (DESCRIPTORS - OWN_DESCRIPTORS)).ceil()
}

/// The needs of this many streams at several rates.
pub fn needs(measured: &Measured) -> String {
    let mut text = format!("\n| *S* = {} streams | |", decimals(STREAMS, 0));
    text += &at_rates(measured, NEEDS);
    let _ = write!(
        text,
        "\n*u* = {USED}; *i′* = *i* per stream; *F* = {}; *P* = {}; *poll* = {} s; *round* = {} s; *spacing* = {} s; \
         *K* = {CONNECTIONS}; *D* = {KEPT} days.\n\n",
        decimals(DESCRIPTORS, 0),
        decimals(PORTS, 0),
        1.0 / POLLS,
        1.0 / ROUNDS,
        1.0 / NOTIFICATIONS,
    );
    text
}

/// What ends first, when more and more is asked.
pub fn limits(measured: &Measured) -> String {
    let mut text = String::from("\n| one server has at most | |");
    text += &at_rates(measured, LIMITS);
    text += "\n| all servers have at most | | |\n| --- | --- | ---: |\n";
    for need in SHARED {
        let _ = writeln!(
            text,
            "| {} | {} | {} |",
            need.what,
            need.formula,
            need.at(measured, 1.0)
        );
    }
    text += "\n";
    text
}

/// The columns of several rates, and the lines.
fn at_rates(measured: &Measured, needs: &[Need]) -> String {
    let mut text = String::new();
    for rate in RATES {
        let _ = write!(text, " *R* = {} events/s |", decimals(rate, 0));
    }
    text += "\n| --- | --- |";
    text += &" ---: |".repeat(RATES.len());
    text += "\n";
    for need in needs {
        let _ = write!(text, "| {} | {} |", need.what, need.formula);
        for rate in RATES {
            let _ = write!(text, " {} |", need.at(measured, rate));
        }
        text += "\n";
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_not_measured_is_not_made_up() {
        let nothing = Measured::default();
        assert_eq!(
            measured(&nothing).matches("not measured").count(),
            SOURCES.len()
        );
        let needs = needs(&nothing);
        assert!(needs.contains("| **servers**, *N* | the most of these, and 2 | ? | ? | ? |"));
        assert!(limits(&nothing).contains("| events/s by writes, on SQLite | *W* | ? |"));
    }
}
