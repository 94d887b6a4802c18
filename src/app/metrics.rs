//! All metrics: their names, what they mean, and where their values come from.
//!
//! - `writer`: writes values that are looked up when somebody asks
//! - `process`: what the system says about this process

mod process;
mod writer;

use std::{fmt, sync::Arc};

use dotcast_log::hub::Hub;
use prometheus_client::{
    collector::Collector,
    encoding::DescriptorEncoder,
    metrics::{counter::ConstCounter, info::Info},
    registry::{Registry, Unit},
};

use self::{
    process::Process,
    writer::{Labels, Writer},
};
use crate::{
    db::Db,
    http::{self, connections::Connections},
    open_streams::{self, ENDS, OpenStreams, Transport},
};

/// Where values come from.
#[derive(Debug)]
pub(super) struct Sources {
    /// The log.
    pub hub: Hub,
    /// The database.
    pub db: Db,
    /// Open streams.
    pub streams: OpenStreams,
    /// Connections of clients.
    pub connections: Arc<Connections>,
    /// Requests.
    pub requests: http::statistics::Statistics,
}

/// The registry of a server's metrics.
pub(super) fn registry(sources: Sources) -> Registry {
    let mut all = Registry::default();
    let registry = all.sub_registry_with_prefix("dotcast");
    let build = Info::new(vec![("version", env!("CARGO_PKG_VERSION"))]);
    registry.register("build", "The program that runs", build);

    let requests = &sources.requests;
    registry.register(
        "http_requests",
        "Answers, by operation of the API and status; the page and everything else is `other`",
        requests.requests.clone(),
    );
    registry.register_with_unit(
        "http_request_duration",
        "Time from a request's head to the begin of its answer",
        Unit::Seconds,
        requests.durations.clone(),
    );
    registry.register(
        "limits_hit",
        "Requests and connections that were refused because of a limit",
        requests.limits.clone(),
    );

    let database = sources.db.statistics();
    registry.register_with_unit(
        "database_statement_duration",
        "Time that statements took, by what the connection is for",
        Unit::Seconds,
        database.statements.clone(),
    );
    registry.register(
        "database_faults",
        "Statements that missed their deadline, and connections that broke",
        database.faults.clone(),
    );
    registry.register(
        "group_commit_transactions",
        "Transactions that shared a commit, on SQLite",
        database.groups.clone(),
    );
    registry.register_collector(Box::new(sources));
    all.register_collector(Box::new(Process::default()));
    all
}

impl Collector for Sources {
    fn encode(&self, encoder: DescriptorEncoder<'_>) -> fmt::Result {
        let mut writer = Writer(encoder);
        self.streams(&mut writer)?;
        self.log(&mut writer)?;
        self.connections(&mut writer)
    }
}

impl Sources {
    fn streams(&self, writer: &mut Writer<'_>) -> fmt::Result {
        let totals = self.streams.totals();
        let by_transport = |counts: [u64; Transport::ALL.len()]| {
            let counts = Transport::ALL.into_iter().zip(counts);
            counts.map(|(it, count)| (vec![("transport", it.name())], count))
        };
        writer.gauges(
            "streams",
            "Open streams, by how they are transported",
            by_transport(totals.open),
        )?;
        writer.counters(
            "streams_opened",
            "Streams that were opened",
            by_transport(totals.opened),
        )?;
        let ended = ENDS.into_iter().zip(totals.ended);
        writer.counters(
            "streams_ended",
            "Streams that have ended, by why",
            ended.map(|(end, count)| (vec![("reason", open_streams::name(end))], count)),
        )?;
        writer.counter(
            "stream_events",
            "Events that streams were sent, each once for each stream",
            totals.events,
        )?;
        writer.write(
            "stream",
            "Size of these events as they were sent, without TLS",
            Some(&Unit::Bytes),
            &ConstCounter::new(totals.bytes),
        )?;
        // Without streams none lags, and 0 would look like one that is up to date.
        if let Some(slowest) = totals.slowest {
            let lag = self.hub.settled().saturating_sub(slowest).max(0);
            writer.gauge(
                "stream_lag_events",
                "Ids by which the slowest stream is behind the log",
                lag,
            )?;
        }
        Ok(())
    }

    fn log(&self, writer: &mut Writer<'_>) -> fmt::Result {
        let (hub, stats) = (&self.hub, self.hub.stats());
        writer.gauge(
            "log_settled_id",
            "The id up to which streams are sent the log",
            hub.settled(),
        )?;
        writer.gauge(
            "log_newest_id",
            "The newest id that was visible when the log was last looked at",
            stats.newest().max(hub.settled()),
        )?;
        writer.counter(
            "log_events",
            "Events of the log, by whichever server, that became ready to be sent",
            stats.events(),
        )?;
        writer.counter(
            "log_rounds",
            "Rounds in which these events were sent",
            stats.rounds(),
        )?;
        let looks = [("ok", &stats.looks), ("failed", &stats.failed_looks)];
        let looks = looks.map(|(outcome, timed)| (vec![("outcome", outcome)], timed));
        writer.counters(
            "log_looks",
            "Looks at the log for new events",
            looks.iter().map(|(by, it)| (by.clone(), it.count())),
        )?;
        writer.seconds(
            "log_look",
            "Time that these looks took",
            looks.iter().map(|(by, it)| (by.clone(), *it)),
        )?;
        writer.counter(
            "log_pages",
            "Pages of the log that were read for streams that catch up",
            stats.pages.count(),
        )?;
        writer.seconds(
            "log_page",
            "Time that reading these pages took",
            [(Labels::new(), &stats.pages)],
        )?;
        writer.measure(
            "log_unread",
            "Time since the log was last looked at with success",
            &Unit::Seconds,
            hub.behind().as_secs_f64(),
        )?;
        if let Some(held_up) = stats.held_up() {
            writer.measure(
                "log_held_up",
                "Time for which open transactions have held up the log; absent while none does",
                &Unit::Seconds,
                held_up.as_secs_f64(),
            )?;
        }
        Ok(())
    }

    fn connections(&self, writer: &mut Writer<'_>) -> fmt::Result {
        writer.gauge(
            "connections",
            "Open connections of clients, streams included",
            count(self.connections.open()),
        )?;
        writer.gauge(
            "connections_limit",
            "Upper bound on connections of clients",
            count(self.connections.most()),
        )?;
        let pools = self.db.uses();
        let connections = pools.iter().flat_map(|pool| {
            let role = ("connection", pool.role.name());
            [("used", pool.used), ("idle", pool.idle)]
                .map(|(state, number)| (vec![role, ("state", state)], number as u64))
        });
        writer.gauges(
            "database_connections",
            "Open connections to the database, by what they are for",
            connections,
        )?;
        writer.gauges(
            "database_waiting",
            "Callers that wait for a connection to the database",
            pools
                .iter()
                .map(|pool| (vec![("connection", pool.role.name())], pool.waiting as u64)),
        )
    }
}

fn count(number: usize) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
