//! All metrics: their names, what they mean, and where their values come from.
//!
//! - `writer`: writes values that are looked up when somebody asks
//! - `process`: what the system says about this process

mod process;
mod writer;

use std::{fmt, sync::Arc};

use dotcast_log::{hub::Hub, standing::End, stats::Timed};
use prometheus_client::{
    collector::Collector,
    encoding::DescriptorEncoder,
    metrics::{counter::ConstCounter, gauge::ConstGauge, info::Info},
    registry::{Registry, Unit},
};

use self::{process::Process, writer::Writer};
use crate::{
    consumers::lags::{Lag, Lags},
    db::Db,
    http::{self, connections::Connections},
    open_streams::{self, OpenStreams, Transport},
};

/// Where values come from.
#[derive(Debug)]
pub(super) struct Sources {
    /// The log.
    pub hub: Hub,
    /// The database.
    pub db: Db,
    /// Consumers that are behind.
    pub lags: Lags,
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
        self.consumers(&mut writer)?;
        self.connections(&mut writer)
    }
}

impl Sources {
    fn streams(&self, writer: &mut Writer<'_>) -> fmt::Result {
        let totals = self.streams.totals();
        let transports = || Transport::ALL.map(|it| vec![("transport", it.name())]);
        writer.all(
            "streams",
            "Open streams, by how they are transported",
            None,
            transports()
                .into_iter()
                .zip(totals.open.map(ConstGauge::new)),
        )?;
        writer.all(
            "streams_opened",
            "Streams that were opened",
            None,
            transports()
                .into_iter()
                .zip(totals.opened.map(ConstCounter::new)),
        )?;
        let reasons = End::ALL.map(|it| vec![("reason", open_streams::name(it))]);
        writer.all(
            "streams_ended",
            "Streams that have ended, by why",
            None,
            reasons.into_iter().zip(totals.ended.map(ConstCounter::new)),
        )?;
        writer.one(
            "stream_events",
            "Events that streams were sent, each once for each stream",
            None,
            ConstCounter::new(totals.events),
        )?;
        writer.one(
            "stream",
            "Size of these events as they were sent, without TLS",
            Some(&Unit::Bytes),
            ConstCounter::new(totals.bytes),
        )?;
        // Without streams none lags, and 0 would look like one that is up to date.
        if let Some(slowest) = totals.slowest {
            let lag = self.hub.settled().saturating_sub(slowest).max(0);
            writer.one(
                "stream_lag_events",
                "Ids by which the slowest stream is behind the log",
                None,
                ConstGauge::new(lag),
            )?;
        }
        Ok(())
    }

    fn log(&self, writer: &mut Writer<'_>) -> fmt::Result {
        let (hub, stats) = (&self.hub, self.hub.stats());
        writer.one(
            "log_settled_id",
            "The id up to which streams are sent the log",
            None,
            ConstGauge::new(hub.settled()),
        )?;
        writer.one(
            "log_newest_id",
            "The newest id that was visible when the log was last looked at",
            None,
            ConstGauge::new(stats.newest().max(hub.settled())),
        )?;
        writer.one(
            "log_events",
            "Events of the log, by whichever server, that became ready to be sent",
            None,
            ConstCounter::new(stats.events()),
        )?;
        writer.one(
            "log_rounds",
            "Rounds in which these events were sent",
            None,
            ConstCounter::new(stats.rounds()),
        )?;
        let looks = [("ok", &stats.looks), ("failed", &stats.failed_looks)];
        let looks = looks.map(|(outcome, looks)| (vec![("outcome", outcome)], looks));
        writer.all(
            "log_looks",
            "Looks at the log for new events",
            None,
            looks
                .clone()
                .map(|(labels, it)| (labels, ConstCounter::new(it.count()))),
        )?;
        writer.all(
            "log_look",
            "Time that these looks took",
            Some(&Unit::Seconds),
            looks.map(|(labels, it)| (labels, seconds(it))),
        )?;
        writer.one(
            "log_pages",
            "Pages of the log that were read for streams that catch up",
            None,
            ConstCounter::new(stats.pages.count()),
        )?;
        writer.one(
            "log_page",
            "Time that reading these pages took",
            Some(&Unit::Seconds),
            seconds(&stats.pages),
        )?;
        writer.one(
            "log_unread",
            "Time since the log was last looked at with success",
            Some(&Unit::Seconds),
            ConstGauge::new(hub.behind().as_secs_f64()),
        )?;
        if let Some(held_up) = stats.held_up() {
            writer.one(
                "log_held_up",
                "Time for which open transactions have held up the log; absent while none does",
                Some(&Unit::Seconds),
                ConstGauge::new(held_up.as_secs_f64()),
            )?;
        }
        Ok(())
    }

    fn consumers(&self, writer: &mut Writer<'_>) -> fmt::Result {
        let lags = self.lags.latest();
        let named = |value: fn(&Lag) -> Option<i64>| {
            lags.iter().filter_map(move |lag| {
                let labels = vec![
                    ("user", lag.username.clone()),
                    ("consumer", lag.name.clone()),
                ];
                Some((labels, ConstGauge::new(value(lag)?)))
            })
        };
        writer.all(
            "consumer_lag_events",
            "Ids between a consumer's cursor and the end of the log; of the hundred that are furthest behind",
            None,
            named(|lag| lag.events),
        )?;
        writer.all(
            "consumer_lag",
            "Age of the oldest event past a consumer's cursor; of the hundred that are furthest behind",
            Some(&Unit::Seconds),
            named(|lag| lag.seconds),
        )
    }

    fn connections(&self, writer: &mut Writer<'_>) -> fmt::Result {
        writer.one(
            "connections",
            "Open connections of clients, streams included",
            None,
            ConstGauge::new(self.connections.open() as u64),
        )?;
        writer.one(
            "connections_limit",
            "Upper bound on connections of clients",
            None,
            ConstGauge::new(self.connections.most() as u64),
        )?;
        let pools = self.db.uses();
        let connections = pools.iter().flat_map(|pool| {
            let role = ("connection", pool.role.name());
            [("used", pool.used), ("idle", pool.idle)].map(|(state, number)| {
                let labels = vec![role, ("state", state)];
                (labels, ConstGauge::new(number as u64))
            })
        });
        writer.all(
            "database_connections",
            "Open connections to the database, by what they are for",
            None,
            connections,
        )?;
        let waiting = pools.iter().map(|pool| {
            let labels = vec![("connection", pool.role.name())];
            (labels, ConstGauge::new(pool.waiting as u64))
        });
        writer.all(
            "database_waiting",
            "Callers that wait for a connection to the database",
            None,
            waiting,
        )
    }
}

fn seconds(timed: &Timed) -> ConstCounter<f64> {
    ConstCounter::new(timed.total().as_secs_f64())
}
