//! Who reads a long log: streams of its history, pages of rare events, and streams that want none of what happens.

use std::{sync::Arc, thread, time::Duration};

use serde_json::Value;

use super::{
    super::{CpuTime, Setting, check},
    Of, number,
    place::{RARE_EVENTS, RARE_TOPIC},
    set,
};
use crate::{
    clock,
    error::{Context as _, Error, Result},
    http::Client,
    process,
    publish::{Publisher, Schedule},
    results::Figures,
    server::{Kind, Server},
    streams::{After, Group, Opening, Streams},
    timeline::Timeline,
};

/// Time limit for all clients to have read.
const LIMIT: Duration = Duration::from_mins(3);
/// Upper bound on the requests for one list.
const MOST_REQUESTS: u64 = 100_000;
/// How many events the next client's place is behind that of the one before: no page of the log begins at all of them.
const APART: u64 = 37;
/// Events a second on boards that no stream is of: each is a round of its own.
const RATE: f64 = 20.0;
/// How long the last event may be on its way.
const SETTLE: Duration = Duration::from_millis(500);
/// What a stream of a board of its own asks for. The first of these boards has a number that no other board has.
const OF_ONE_BOARD: &str = "/sse/notifications/?board_id=3{stream}";

/// CPU time for reading the last `history` events by `readers` clients, all from the same place and each from its own.
/// Each time the server has nothing in memory.
pub(super) fn history(of: &Of<'_>, history: u64, readers: usize) -> Result<Figures> {
    let log = of.place.copy(of.full, "measured")?;
    let kind = log.server(of.kind);
    let mut figures = Figures::new();
    set(&mut figures, "readers", number(readers));
    set(&mut figures, "history_events", number(history));
    for (name, apart) in [("same", 0), ("spread", APART)] {
        let setting = start(of, &kind, "/sse/notifications/", 0)?;
        let after = After {
            id: of.size - history,
            apart,
        };
        let deliveries =
            number(history) * number(readers) + number(apart) * number(readers * (readers - 1) / 2);
        let opening = Opening {
            at_once: readers,
            after: Some(after),
            ..Opening::default()
        };
        let postgres = || of.postgres().map_or(0.0, process::cpu_seconds);
        let (cpu, database, started) = (CpuTime::start(&setting.server), postgres(), clock::now());
        let Setting { streams, .. } = &setting;
        streams.open(Group::Other, readers, opening)?;
        let arrived = streams.wait_arrived(Group::Other, of.size + 1, readers, LIMIT);
        check(&streams.outcome(Group::Other, of.size + 1)?)?;
        arrived?;
        let (server, _) = cpu.spent();
        let took = number(streams.arrived_at(Group::Other) - started) / 1e9;
        let mut set = |figure: &str, value| set(&mut figures, &format!("{name}_{figure}"), value);
        set(
            "cpu_us_per_delivery",
            (server + postgres() - database) * 1e6 / deliveries,
        );
        set("server_cpu_s", server);
        set("took_s", took);
        let peak = number(process::peak_memory(setting.server.process()));
        set("memory_peak_mb", peak / 1_048_576.0);
    }
    let ratio = super::get(&figures, "spread_cpu_us_per_delivery")
        / super::get(&figures, "same_cpu_us_per_delivery").max(1e-6);
    set(&mut figures, "cpu_ratio", ratio);
    Ok(figures)
}

/// Requests and time for reading all events of a rare type, and all of a rare board.
pub(super) fn pages(of: &Of<'_>) -> Result<Figures> {
    let log = of.place.copy(of.full, "measured")?;
    let server = Server::start_with(&log.server(of.kind), &of.bench.places, &[])?;
    let mut figures = Figures::new();
    let filters = [
        ("board", format!("board_id={RARE_TOPIC}")),
        ("type", "types=boardDeleted".to_owned()),
    ];
    for (name, filter) in filters {
        let mut client = server.target().client(server.address());
        let (started, mut requests, mut found, mut after) = (clock::now(), 0, 0, 0);
        loop {
            let page = page(&mut client, &format!("{filter}&limit=200&after={after}"))?;
            requests += 1;
            found += page["items"].as_array().map_or(0, Vec::len) as u64;
            let next = page["next_after"].as_u64().unwrap_or(0);
            if next <= after || requests >= MOST_REQUESTS {
                break;
            }
            after = next;
        }
        let took = number(clock::now() - started) / 1e6;
        if found != RARE_EVENTS {
            return Err(Error::Inexact(format!(
                "{filter}: {found} of {RARE_EVENTS} events after {requests} requests"
            )));
        }
        set(&mut figures, &format!("{name}_requests"), number(requests));
        set(&mut figures, &format!("{name}_ms"), took);
    }
    Ok(figures)
}

/// A page of `GET /api/v1/events`.
pub(super) fn page(client: &mut Client, query: &str) -> Result<Value> {
    let path = format!("/api/v1/events?{query}");
    let body = client.expect_success("GET", &path, b"").context(&path)?;
    serde_json::from_slice(&body).map_err(|source| Error::Json { what: path, source })
}

/// CPU time per round and stream, of streams each of a board of its own, while things happen on other boards. What the
/// boards themselves cost is taken off: that is measured with a single stream.
pub(super) fn filtered(of: &Of<'_>, streams: usize, seconds: u64) -> Result<Figures> {
    let log = of.place.empty("unfilled")?;
    let kind = log.server(of.kind);
    let schedule = Schedule {
        rate: RATE,
        batch: 1,
        duration: Duration::from_secs(seconds),
    };
    let cpu = |count: usize| -> Result<f64> {
        let setting = start(of, &kind, OF_ONE_BOARD, 2 * schedule.events())?;
        setting
            .streams
            .open(Group::Other, count, Opening::default())?;
        let mut publisher = Publisher::new(setting.server.address(), setting.server.target());
        let short = Schedule {
            duration: Duration::from_secs(1),
            ..schedule
        };
        publisher.publish(&setting.timeline, short)?;
        thread::sleep(SETTLE);
        let cpu = CpuTime::start(&setting.server);
        publisher.publish(&setting.timeline, schedule)?;
        thread::sleep(SETTLE);
        let (server, _) = cpu.spent();
        let dropped = setting.streams.count_dropped(Group::Other);
        if dropped > 0 {
            return Err(Error::Server(format!("{dropped} streams were dropped")));
        }
        Ok(server)
    };
    let (alone, all) = (cpu(1)?, cpu(streams)?);
    let mut figures = Figures::new();
    set(&mut figures, "streams", number(streams));
    set(&mut figures, "rounds_per_s", RATE);
    let rounds = number(schedule.events());
    set(&mut figures, "cpu_us_per_round", all * 1e6 / rounds);
    set(&mut figures, "alone_cpu_us_per_round", alone * 1e6 / rounds);
    let more = (all - alone).max(0.0) * 1e9 / rounds / number(streams);
    set(&mut figures, "cpu_ns_per_stream_round", more);
    Ok(figures)
}

fn start(of: &Of<'_>, kind: &Kind, path: &str, events: usize) -> Result<Setting> {
    let server = Server::start_with(kind, &of.bench.places, &[])?;
    let timeline = Arc::new(Timeline::new(events));
    let mut endpoint = server.endpoint();
    path.clone_into(&mut endpoint.path);
    let streams = Streams::new(of.bench.threads, &endpoint, &timeline)?;
    Ok(Setting {
        streams,
        timeline,
        server,
    })
}
