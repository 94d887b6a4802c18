//! N requests that wait for an event (long polls), each on a connection of its own.

use std::thread::sleep;

use clap::Args;

use super::{Bench, CpuTime, Figures, idle::SETTLE, number, set, stream_count};
use crate::{
    error::{Context as _, Error, Result},
    process,
    publish::Publisher,
    server::Kind,
};

/// What is asked for. All of it is answered before the time is over.
const POLL: &str = "/api/v1/events?wait=60s";
/// What is asked for before, so that a connection has served such a request.
const OTHER: &str = "/api/v1/events?limit=1";

/// How many of them are sent before the next request of another kind. A server can queue so many.
const AT_ONCE: usize = 200;

/// Its options.
#[derive(Args, Debug)]
pub struct Polls {
    /// Let this many requests wait; may be repeated
    #[arg(long, default_values_t = [5000], value_parser = stream_count)]
    requests: Vec<usize>,
}

impl Polls {
    /// Measures all servers.
    pub fn run(&self, bench: &Bench) -> Result<()> {
        let describe = |&requests: &usize| {
            let mut point = Figures::new();
            set(&mut point, "requests", number(requests));
            point
        };
        let servers = ["dotcast"];
        bench.series(
            "polls",
            &servers,
            &self.requests,
            describe,
            |kind, &requests| measure(bench, kind, requests),
        )
    }
}

/// Measures one server with this many requests.
fn measure(bench: &Bench, kind: &Kind, requests: usize) -> Result<Figures> {
    let setting = bench.start(kind, 1)?;
    let server = &setting.server;
    sleep(SETTLE);
    let before = process::memory(server.process());
    let mut clients: Vec<_> = (0..requests)
        .map(|_| server.target().client(server.address()))
        .collect();
    for client in &mut clients {
        client.expect_success("GET", OTHER, b"").context(OTHER)?;
    }
    sleep(SETTLE);
    let idle = process::memory(server.process());
    let cpu = CpuTime::start(server);
    let mut other = server.target().client(server.address());
    for clients in clients.chunks_mut(AT_ONCE) {
        for client in clients {
            client.ask("GET", POLL, b"").context(POLL)?;
        }
        // It comes after them, and is answered when they wait.
        other.expect_success("GET", OTHER, b"").context(OTHER)?;
    }
    sleep(SETTLE);
    let (asked, _) = cpu.spent();
    let waiting = process::memory(server.process());
    let cpu = CpuTime::start(server);
    let mut publisher = Publisher::new(server.address(), server.target());
    publisher.publish_at_once(&setting.timeline, 1)?;
    for client in &mut clients {
        let answer = client.answer().context(POLL)?;
        let body = String::from_utf8_lossy(&answer.body);
        if answer.status != 200 || !body.contains("\"newBoard\"") {
            return Err(Error::Server(format!(
                "{POLL} was answered with {} {body}",
                answer.status
            )));
        }
    }
    let (answered, _) = cpu.spent();

    let mut figures = Figures::new();
    let each_kb = |bytes: u64| number(bytes) / number(requests) / 1024.0;
    let mut set = |name, value| set(&mut figures, name, value);
    set(
        "memory_per_connection_kb",
        each_kb(idle.saturating_sub(before)),
    );
    set(
        "memory_per_request_kb",
        each_kb(waiting.saturating_sub(idle)),
    );
    set("cpu_us_per_request", asked * 1e6 / number(requests));
    set("cpu_us_per_answer", answered * 1e6 / number(requests));
    Ok(figures)
}
