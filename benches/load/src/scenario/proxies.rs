//! How long the proxies of `deploy/` hold events back.
//!
//! The same events go to a stream of dotcast itself and to one behind each proxy, all at once. What a proxy adds is the
//! time from an event's arrival on the former to that on the latter.

#[expect(dead_code, reason = "tests do more with proxies")]
#[path = "../../../../tests/harness/proxy/kind.rs"]
mod kind;

use std::{
    fs,
    io::{BufRead as _, BufReader, Write as _},
    net::{Ipv4Addr, SocketAddr, TcpStream},
    os::unix::process::CommandExt as _,
    path::Path,
    process::{Child, Stdio},
    sync::{Arc, Barrier},
    thread::{self, JoinHandle},
    time::Duration,
};

use clap::Args;

use self::kind::{Kind, Place, replaced};
use super::{Bench, Figures, number, set};
use crate::{
    clock,
    error::{Context as _, Error, Result},
    marker::Marker,
    results::{Environment, Results, Row},
    server::{Server, free_port, kill_group},
    streams::wait,
};

/// How long a proxy may hold an event back.
const MOST: Duration = Duration::from_millis(50);
/// Time limit for a proxy to start, and for an event to come.
const PATIENCE: Duration = Duration::from_secs(30);

/// What is measured: each proxy as it ships, and one of them without an option that it needs. This shows that the
/// measurement notices.
const CASES: [Case; 4] = [
    Case {
        name: "nginx",
        kind: Kind::Nginx,
        without: None,
    },
    Case {
        name: "haproxy",
        kind: Kind::Haproxy,
        without: None,
    },
    Case {
        name: "caddy",
        kind: Kind::Caddy,
        without: None,
    },
    Case {
        name: "haproxy without http-no-delay",
        kind: Kind::Haproxy,
        without: Some("    option http-no-delay\n"),
    },
];

/// Its options.
#[derive(Args, Debug)]
pub struct Proxies {
    /// Send this many events in each run
    #[arg(long, default_value_t = 200)]
    events: usize,
    /// Send an event each time this many milliseconds have passed
    #[arg(long, default_value_t = 30, value_name = "MILLISECONDS")]
    apart: u64,
}

struct Case {
    name: &'static str,
    kind: Kind,
    /// What to take out of the configuration.
    without: Option<&'static str>,
}

impl Proxies {
    /// Measures all proxies.
    ///
    /// # Errors
    /// If one holds an event back for more than [`MOST`] in every run. In a single run it may have been the machine.
    pub fn run(&self, bench: &Bench) -> Result<()> {
        let name = bench.name.as_deref().unwrap_or("proxies");
        let mut point = Figures::new();
        set(&mut point, "events", number(self.events));
        set(&mut point, "apart_ms", number(self.apart));
        let mut results = Results {
            scenario: name.to_owned(),
            environment: Environment::read(&bench.places.dotcast),
            rows: Vec::new(),
        };
        results.rows.extend(CASES.iter().map(|case| Row {
            server: case.name.to_owned(),
            point: point.clone(),
            runs: Vec::new(),
            failures: Vec::new(),
            median: Figures::new(),
        }));
        for _ in 0..bench.runs {
            let added = self.measure(bench)?;
            for (row, mut added) in results.rows.iter_mut().zip(added) {
                added.sort_by(f64::total_cmp);
                let mut figures = Figures::new();
                for (percentage, name) in [(50, "p50"), (99, "p99"), (100, "max")] {
                    let at = (added.len() * percentage).div_ceil(100).saturating_sub(1);
                    let value = added.get(at).copied().unwrap_or(0.0);
                    set(&mut figures, &format!("added_{name}_ms"), value);
                }
                eprintln!("{name} {} {}", row.server, super::show(&figures));
                row.runs.push(figures);
            }
        }
        results.rows.iter_mut().for_each(Row::summarise);
        results.write(&bench.out)?;
        let judged = results.rows.iter().zip(&CASES);
        let judged = judged.filter(|(_, case)| case.without.is_none());
        let slow = judged.filter(|(row, _)| holds_back(&row.runs));
        let slow: Vec<_> = slow.map(|(_, case)| case.name).collect();
        if slow.is_empty() {
            return Ok(());
        }
        Err(Error::Server(format!(
            "in every run, events were held back for more than {MOST:?} by {}",
            slow.join(" and ")
        )))
    }

    /// What each proxy added to each event, in milliseconds.
    fn measure(&self, bench: &Bench) -> Result<Vec<Vec<f64>>> {
        // No keep-alive pushes an event out.
        let dotcast = "dotcast --keep-alive 1h".parse().map_err(Error::Server)?;
        let server = Server::start_with(&dotcast, &bench.places, &[])?;
        let directory = |case: &Case| bench.places.scratch.join(case.name.replace(' ', "-"));
        let directories = CASES.each_ref().map(directory);
        let proxies = CASES.iter().zip(&directories);
        let proxies = proxies.map(|(case, it)| Proxy::start(case, it, server.address()));
        let proxies: Vec<_> = proxies.collect::<Result<_>>()?;
        let addresses = proxies.iter().map(|proxy| proxy.address);
        let addresses: Vec<_> = [server.address()].into_iter().chain(addresses).collect();

        let are_open = Arc::new(Barrier::new(addresses.len() + 1));
        let path = &server.target().subscribe;
        let readers = addresses.into_iter().map(|address| {
            let stream = open(address, path)?;
            Ok(read(stream, self.events, Arc::clone(&are_open)))
        });
        let readers: Vec<_> = readers.collect::<Result<_>>()?;
        are_open.wait();
        let mut client = server.target().client(server.address());
        let begin = clock::now();
        let apart = clock::nanoseconds(Duration::from_millis(self.apart));
        for sequence in 0..self.events as u64 {
            clock::sleep_until(begin + sequence * apart);
            let sent = clock::now();
            let body = server.target().body(Marker { sequence, sent });
            let answer = client.expect_success("POST", &server.target().publish, body.as_bytes());
            answer.context("an event")?;
        }
        let mut arrivals = Vec::new();
        for reader in readers {
            let reader = reader.join();
            arrivals.push(reader.map_err(|_| Error::Server("a reader panicked".to_owned()))??);
        }
        let (direct, behind) = arrivals.split_first().expect("the first is the server's");
        Ok(behind.iter().map(|it| added(direct, it)).collect())
    }
}

/// Whether an event was held back for more than [`MOST`] in each of the runs.
fn holds_back(runs: &[Figures]) -> bool {
    let longest = |run: &Figures| run.get("added_max_ms")?.as_f64();
    let mut longest = runs.iter().filter_map(longest);
    longest.all(|it| it > MOST.as_secs_f64() * 1000.0)
}

/// The differences in milliseconds.
fn added(direct: &[u64], behind: &[u64]) -> Vec<f64> {
    let pairs = direct.iter().zip(behind);
    pairs
        .map(|(&direct, &behind)| {
            let (later, sign) = if behind < direct {
                (direct - behind, -1.0)
            } else {
                (behind - direct, 1.0)
            };
            sign * number(later) / 1e6
        })
        .collect()
}

/// Opens a stream, from now.
fn open(address: SocketAddr, path: &str) -> Result<BufReader<TcpStream>> {
    let connect = || -> std::io::Result<_> {
        let mut socket = TcpStream::connect(address)?;
        socket.set_read_timeout(Some(PATIENCE))?;
        write!(socket, "GET {path} HTTP/1.1\r\nHost: {address}\r\n\r\n")?;
        Ok(BufReader::new(socket))
    };
    connect().context(format!("a stream at {address}"))
}

/// Reads a stream until it has had all events, each once and in order; when they came. It meets the others at the
/// barrier when it is open.
fn read(
    mut stream: BufReader<TcpStream>,
    events: usize,
    are_open: Arc<Barrier>,
) -> JoinHandle<Result<Vec<u64>>> {
    thread::spawn(move || {
        let mut line = Vec::new();
        let mut arrivals = Vec::new();
        let mut is_open = false;
        while arrivals.len() < events {
            line.clear();
            let length = stream.read_until(b'\n', &mut line);
            let at = clock::now();
            if !is_open && (line.starts_with(b"event: cursor") || !matches!(length, Ok(1..))) {
                is_open = true;
                are_open.wait();
            }
            if length.context("a stream")? == 0 {
                return Err(Error::Inexact("a stream has ended".to_owned()));
            }
            if let Some((marker, _)) = Marker::find(&line) {
                if marker.sequence != arrivals.len() as u64 {
                    return Err(Error::Inexact(format!("event {}", marker.sequence)));
                }
                arrivals.push(at);
            }
        }
        Ok(arrivals)
    })
}

/// A running proxy.
struct Proxy<'a> {
    child: Child,
    address: SocketAddr,
    directory: &'a Path,
}

impl<'a> Proxy<'a> {
    /// Starts a proxy that has this server twice.
    fn start(case: &Case, directory: &'a Path, server: SocketAddr) -> Result<Self> {
        fs::create_dir_all(directory).context(directory.display().to_string())?;
        let place = Place {
            directory,
            address: SocketAddr::from((Ipv4Addr::LOCALHOST, free_port()?)),
            instances: [server, server],
        };
        let mut configuration = case.kind.configuration(&place);
        if let Some(without) = case.without {
            configuration = replaced(&configuration, &[(without, "")]);
        }
        let log = fs::File::create(directory.join("log")).context(case.name)?;
        let mut command = case.kind.command(&place, &configuration);
        command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log)
            // So that its workers end with it.
            .process_group(0);
        let proxy = Self {
            child: command
                .spawn()
                .context(format!("{0}; install the package {0}", case.kind.name()))?,
            address: place.address,
            directory,
        };
        wait(&format!("the start of {}", case.name), PATIENCE, || {
            TcpStream::connect(proxy.address).is_ok()
        })?;
        Ok(proxy)
    }
}

impl Drop for Proxy<'_> {
    fn drop(&mut self) {
        kill_group(self.child.id());
        let _ = self.child.wait();
        let _ = fs::remove_dir_all(self.directory);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_added_may_be_less_than_nothing() {
        assert_eq!(added(&[5_000_000, 7], &[6_500_000, 2_000_007]), [1.5, 2.0]);
        assert_eq!(added(&[2_000_000], &[1_000_000]), [-1.0]);
    }

    #[test]
    fn one_run_without_a_late_event_is_enough() {
        let runs = |longest: &[f64]| -> Vec<_> {
            let run = |&it: &f64| Figures::from_iter([("added_max_ms".to_owned(), it.into())]);
            longest.iter().map(run).collect()
        };
        assert!(holds_back(&runs(&[208.0, 51.0])));
        assert!(!holds_back(&runs(&[208.0, 50.0])));
    }
}
