//! Assembles the server: start, run, stop.

mod metrics;
mod services;
mod supervised;

use std::{future, future::Future, io, net::SocketAddr, sync::Arc, time::Duration};

use dotcast_log::{
    breaks::{self, GivenOut},
    hub::Hub,
    identity::LogLost,
    poller::{Pace, Poller},
    read::Log,
    retention, times,
    vital::{Panicked, Vital},
};
use sea_orm::{DbErr, RuntimeErr, SqlxError};
use tokio::{net::TcpListener, time::sleep};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{
    config::{Retention, ServeOptions},
    consumers::lags::Lags,
    db::{Db, url::DatabaseUrl},
    http::{
        connection::Terms,
        connections::{Connections, limits},
        metrics::Metrics,
        routes,
        server::{self, Server},
        statistics::Statistics,
        streams::reactor::Reactors,
        tls::{Tls, TlsError},
    },
    idempotency,
    remote::Proxies,
    supervisor::Supervisor,
};

/// Interval at which idle connections are closed and expired idempotency keys deleted.
const TIDY_UP: Duration = Duration::from_mins(1);
/// Upper bound on the connections to an address for metrics.
const MAX_SCRAPERS: usize = 16;

/// Why the server did not start, or stopped.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The database is unreachable or broken.
    #[error("cannot open the database {url}: {}", reason(source))]
    Database {
        /// Without a password.
        url: String,
        /// What the database said.
        source: DbErr,
    },
    /// The schema is older than this program.
    #[error("the database lacks the migrations {}; run `dotcast migrate up`, or start without --no-migrate", .0.join(", "))]
    Pending(Vec<String>),
    /// The address is in use, or not ours.
    #[error("cannot listen on {address}: {source}")]
    Listen {
        /// As configured.
        address: SocketAddr,
        /// What the system said.
        source: io::Error,
    },
    /// The certificate or its key cannot be used.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// The system refuses threads for streams.
    #[error("cannot start threads: {0}")]
    Threads(io::Error),
    /// New events would get ids that were given out before, and no stream would show them.
    #[error(
        "the counter of event ids stands at {}, but {} was already given out; \
         run `dotcast log break`, then start again", .0.counter, .0.evident()
    )]
    Counter(GivenOut),
    /// The database holds another log than before.
    #[error(transparent)]
    Lost(#[from] LogLost),
    /// A defect of this build.
    #[error(transparent)]
    Panicked(#[from] Panicked),
    /// A defect of this build.
    #[error("the server cannot be assembled: {0}")]
    Defect(String),
}

impl StartError {
    /// The failure of this database.
    pub fn database(url: &DatabaseUrl, source: DbErr) -> Self {
        Self::Database {
            url: url.to_string(),
            source,
        }
    }

    /// The program's exit code: 2 if it was asked for something impossible.
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Tls(_) => 2,
            _ => 1,
        }
    }
}

/// The database's own message, without the prefixes of the layers above it.
fn reason(error: &DbErr) -> String {
    match error {
        DbErr::Custom(text) | DbErr::Conn(RuntimeErr::Internal(text)) => text.clone(),
        DbErr::Conn(RuntimeErr::SqlxError(error)) => match error.as_ref() {
            SqlxError::Configuration(error) => error.to_string(),
            SqlxError::Database(error) => error.message().to_owned(),
            SqlxError::Io(error) => error.to_string(),
            error => error.to_string(),
        },
        error => error.to_string(),
    }
}

/// A server that listens but does not answer yet.
#[derive(Debug)]
pub struct App {
    options: ServeOptions,
    vital: Vital,
    db: Db,
    hub: Hub,
    poller: Poller,
    tls: Option<Arc<Tls>>,
    listener: TcpListener,
    /// Where metrics are served, if that is a place of its own.
    metrics_listener: Option<TcpListener>,
}

impl App {
    /// Opens and migrates the database, finds out where its event log stands, and listens.
    pub async fn start(options: ServeOptions) -> Result<Self, StartError> {
        let tls = Tls::configured(&options.listening)?.map(Arc::new);
        let failed = |source| StartError::database(&options.database.database_url, source);
        let vital = Vital::default();
        let settings = options.database.settings();
        let db = Db::connect(&options.database.database_url, &settings, &vital)
            .await
            .map_err(failed)?;
        if options.no_migrate {
            let pending = db.schema().await.map_err(failed)?.pending;
            if !pending.is_empty() {
                return Err(StartError::Pending(pending));
            }
        } else {
            let applied = db.migrate().await.map_err(failed)?;
            if !applied.is_empty() {
                tracing::info!(?applied, "brought the database up to date");
            }
        }
        let newer = db.schema().await.map_err(failed)?.unknown;
        if !newer.is_empty() {
            tracing::warn!(?newer, "a newer program has migrated the database");
        }
        let log = Log::new(db.log_store().reader());
        if let Some(command) = log.disorder().await.map_err(failed)? {
            return Err(LogLost::Disorder(command).into());
        }
        let given_out = breaks::given_out(&db.hurried_reader())
            .await
            .map_err(failed)?;
        if given_out.counter < given_out.evident() {
            return Err(StartError::Counter(given_out));
        }
        let (hub, poller) = Poller::open(db.log_store(), &vital).await.map_err(failed)?;
        let listen = |address: SocketAddr| {
            server::listen(address).map_err(|source| StartError::Listen { address, source })
        };
        let listener = listen(options.listening.listen)?;
        let metrics_listener = options.metrics_listen.map(listen).transpose()?;
        Ok(Self {
            options,
            vital,
            db,
            hub,
            poller,
            tls,
            listener,
            metrics_listener,
        })
    }

    /// The address it listens on, with the actual port if a free one was asked for.
    pub fn address(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    /// The address at which metrics are served, if it is another one.
    pub fn metrics_address(&self) -> io::Result<Option<SocketAddr>> {
        let listener = self.metrics_listener.as_ref();
        listener.map(TcpListener::local_addr).transpose()
    }

    /// `https` if connections are encrypted, otherwise `http`.
    pub fn scheme(&self) -> &'static str {
        if self.tls.is_some() { "https" } else { "http" }
    }

    /// Its encryption, if it encrypts.
    pub fn tls(&self) -> Option<Arc<Tls>> {
        self.tls.clone()
    }

    /// Serves until `shutdown` completes. Then ends all streams cleanly, waits a few seconds at most for
    /// requests in progress, and closes the database. Tells `supervisor` how it is.
    pub async fn run(
        self,
        shutdown: impl Future<Output = ()> + Send + 'static,
        supervisor: Supervisor,
    ) -> Result<(), StartError> {
        let Self {
            options,
            vital,
            db,
            hub,
            poller,
            tls,
            listener,
            metrics_listener,
        } = self;
        let stop = vital.stop().clone();
        let background = TaskTracker::new();

        let failed = |source| StartError::database(&options.database.database_url, source);
        let pace = Pace {
            poll_interval: options.poll_interval,
            round: options.round,
        };
        let following = poller.start(pace, &vital).map_err(StartError::Threads)?;
        if let Some(notifier) = db.notifier().map_err(failed)? {
            let notified = hub.clone();
            let notifying = notifier.run(move || notified.wake(), stop.clone());
            vital.spawn("the notifier", background.track_future(notifying));
        }
        keep_log(&db, &hub, options.retention, &vital, &background);
        let reactors =
            Reactors::start(&hub, options.write_timeout, &vital).map_err(StartError::Threads)?;
        let connections = limits::connections(&options.limits, options.database.pool_size);
        let connections = Arc::new(connections);
        let housekeeping = keep_house(stop.clone(), tls.clone(), db.clone());
        vital.spawn("housekeeping", background.track_future(housekeeping));
        let services =
            services::assemble(&options, &db, hub, connections.most(), &vital, &background);
        let leases = services.leases.clone();
        let attending = supervised::attend(supervisor, &services, &options, stop.clone());
        vital.spawn(
            "the supervisor's watchdog",
            background.track_future(attending),
        );
        let statistics = Statistics::default();
        let lags = Lags::new(db.clone(), services.hub.clone());
        let registry = metrics::registry(metrics::Sources {
            hub: services.hub.clone(),
            db: db.clone(),
            lags: lags.clone(),
            streams: services.open_streams.clone(),
            connections: Arc::clone(&connections),
            requests: statistics.clone(),
        });
        let metrics = Metrics::new(registry, lags);
        let terms = Terms::new(options.write_timeout, stop.clone());
        let public = match metrics_listener {
            None => Some(metrics),
            Some(listener) => {
                let serving = serve_metrics(listener, metrics, terms.clone());
                vital.spawn("the server of metrics", background.track_future(serving));
                None
            }
        };
        let endpoint = routes::routes(
            services,
            &options.limits,
            &options.access,
            &statistics,
            public,
        )
        .map_err(StartError::Defect)?;

        let on_shutdown = stop.clone();
        vital.spawn("the signal handler", async move {
            shutdown.await;
            tracing::info!("stopping");
            on_shutdown.cancel();
        });
        let server = Server {
            endpoint: Arc::new(endpoint),
            reactors: Some(Arc::new(reactors)),
            tls,
            proxies: Arc::new(options.access.proxies()),
            connections,
            terms,
            statistics,
        };
        let ended = server.serve(listener).await;
        leases.end().await;

        background.close();
        background.wait().await;
        let followed = following.await;
        if let Err(error) = db.close().await {
            tracing::warn!(%error, "cannot close the database");
        }
        tracing::info!("stopped");
        vital.check()?;
        // Without a panic, the poller has returned its result.
        if let Ok(followed) = followed {
            followed?;
        }
        Ok(ended?)
    }
}

/// Serves metrics alone, until the server stops.
async fn serve_metrics(listener: TcpListener, metrics: Metrics, terms: Terms) {
    let server = Server {
        endpoint: Arc::new(metrics.routes()),
        reactors: None,
        tls: None,
        proxies: Arc::new(Proxies::new([])),
        connections: Arc::new(Connections::new(MAX_SCRAPERS, MAX_SCRAPERS)),
        terms,
        // Apart from those of clients.
        statistics: Statistics::default(),
    };
    // Only reactors can fail, and it has none.
    let _ = server.serve(listener).await;
}

/// Deletes what is too old, and records when events were appended.
fn keep_log(db: &Db, hub: &Hub, retention: Retention, vital: &Vital, background: &TaskTracker) {
    let stop = vital.stop();
    if let Retention::For(duration) = retention {
        let settled = hub.clone();
        let settled = move || settled.settled();
        let trimming = retention::run(db.log_store(), settled, duration, stop.clone());
        vital.spawn("retention", background.track_future(trimming));
    }
    let settled = hub.clone();
    let recording = times::run(db.log_store(), move || settled.settled(), stop.clone());
    vital.spawn("the recorder of times", background.track_future(recording));
}

/// Follows the files of the certificate, deletes what has expired and closes what is idle, until the server stops.
async fn keep_house(stop: CancellationToken, tls: Option<Arc<Tls>>, db: Db) {
    let follow_files = async {
        match tls {
            Some(tls) => tls.follow_files().await,
            None => future::pending().await,
        }
    };
    let tidy_up = async {
        let mut failing = false;
        loop {
            let trimmed = idempotency::trim(&db).await;
            if let Err(error) = &trimmed
                && !failing
            {
                tracing::warn!(%error, "cannot delete old idempotency keys; trying again");
            }
            failing = trimmed.is_err();
            sleep(TIDY_UP).await;
            db.close_idle().await;
        }
    };
    tokio::select! {
        () = stop.cancelled() => {}
        () = follow_files => {}
        () = tidy_up => {}
    }
}
