//! The server put together: start, run, stop.

use std::{future::Future, io, sync::Arc};

use sea_orm::{DbErr, RuntimeErr, SqlxError};
use tokio::net::TcpListener;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{
    api::Services,
    boards::Boards,
    config::{Retention, ServeOptions},
    db::{Db, url::DatabaseUrl},
    events::{
        feed::Settings,
        log::Log,
        poller::{LostCommits, Pace, Poller},
        retention,
    },
    http::{
        limits,
        reactor::Reactors,
        routes,
        server::{self, Server},
        tls::{Tls, TlsError},
    },
    paths::Paths,
    threads::Panicked,
    users::{Users, sessions::Sessions},
};

/// Why the server did not start, or did not go on.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The database is out of reach or broken.
    #[error("cannot open the database {url}: {}", reason(source))]
    Database {
        /// Without a password.
        url: String,
        /// What the database said.
        source: DbErr,
    },
    /// The schema is older than this program.
    #[error("the database lacks the migrations {}; run `dotcast migrate`, or serve without --no-migrate", .0.join(", "))]
    Pending(Vec<String>),
    /// The address is in use, or not ours.
    #[error("cannot listen on {address}: {source}")]
    Listen {
        /// As configured.
        address: std::net::SocketAddr,
        /// What the system said.
        source: io::Error,
    },
    /// There is no certificate to encrypt connections with.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// The system refuses what streams need.
    #[error("cannot start threads: {0}")]
    Threads(io::Error),
    /// The database is not what it was.
    #[error(transparent)]
    LostCommits(#[from] LostCommits),
    /// A defect of this build.
    #[error(transparent)]
    Panicked(#[from] Panicked),
    /// A defect of this build.
    #[error("the server does not fit together: {0}")]
    Defect(String),
}

impl StartError {
    /// That this database failed.
    pub fn database(url: &DatabaseUrl, source: DbErr) -> Self {
        Self::Database {
            url: url.to_string(),
            source,
        }
    }
}

/// What the database said, without the names of the layers that it came through.
fn reason(error: &DbErr) -> String {
    match error {
        DbErr::Custom(text) => text.clone(),
        DbErr::Conn(RuntimeErr::SqlxError(error)) => match error.as_ref() {
            SqlxError::Configuration(error) => error.to_string(),
            SqlxError::Database(error) => error.message().to_owned(),
            SqlxError::Io(error) => error.to_string(),
            error => error.to_string(),
        },
        error => error.to_string(),
    }
}

/// A server that listens, but does not answer yet.
#[derive(Debug)]
pub struct App {
    options: ServeOptions,
    db: Db,
    tls: Option<Tls>,
    listener: TcpListener,
}

impl App {
    /// Opens the database, brings its schema up to date, and listens.
    pub async fn start(options: ServeOptions) -> Result<Self, StartError> {
        let tls = options.tls().map(Tls::load).transpose()?;
        let failed = |source| StartError::database(&options.database.database_url, source);
        let db = Db::connect(&options.database.database_url, &options.database.settings())
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
        let listener = server::listen(options.listen).map_err(|source| StartError::Listen {
            address: options.listen,
            source,
        })?;
        Ok(Self {
            options,
            db,
            tls,
            listener,
        })
    }

    /// Where it listens; the port, too, when a free one was asked for.
    pub fn address(&self) -> io::Result<std::net::SocketAddr> {
        self.listener.local_addr()
    }

    /// Whether connections are encrypted: `http` or `https`.
    pub fn scheme(&self) -> &'static str {
        if self.tls.is_some() { "https" } else { "http" }
    }

    /// Serves until `shutdown`, then ends all streams cleanly, waits a few seconds at most for
    /// requests under way, and closes the database.
    pub async fn run(
        self,
        shutdown: impl Future<Output = ()> + Send + 'static,
    ) -> Result<(), StartError> {
        let Self {
            options,
            db,
            tls,
            listener,
        } = self;
        let stop = CancellationToken::new();
        let background = TaskTracker::new();

        let failed = |source| StartError::database(&options.database.database_url, source);
        let (tail, poller) = Poller::open(Log::new(db.clone()), db.committed(), stop.clone())
            .await
            .map_err(failed)?;
        let pace = Pace {
            poll_interval: options.poll_interval,
            round: options.round,
        };
        let following = poller.start(pace).map_err(StartError::Threads)?;
        if let Some(notifier) = db.notifier().map_err(failed)? {
            let notified = tail.clone();
            background.spawn(notifier.run(move || notified.wake(), stop.clone()));
        }
        if let Retention::For(duration) = options.retention {
            let settled = tail.clone();
            let settled = move || settled.settled();
            background.spawn(retention::run(db.clone(), settled, duration, stop.clone()));
        }
        let reactors =
            Reactors::start(&tail, options.write_timeout).map_err(StartError::Threads)?;
        if let Some(streams) = limits::raise_open_files() {
            tracing::info!(streams, "the limit on open files allows about so many");
        }
        let tls = tls.map(Arc::new);
        if let Some(tls) = tls.clone() {
            let stop = stop.clone();
            background.spawn(async move {
                tokio::select! {
                    () = stop.cancelled() => {}
                    () = tls.follow_files() => {}
                }
            });
        }
        let services = Services {
            users: Users::new(db.clone()),
            sessions: Sessions::new(db.clone(), options.session_lifetime),
            boards: Boards::new(db.clone()),
            paths: Paths::new(db.clone()),
            tail,
            stream: Settings {
                keep_alive: options.keep_alive,
                retry: options.retry,
            },
            db: db.clone(),
        };
        let endpoint = routes::routes(services).map_err(StartError::Defect)?;

        let on_shutdown = stop.clone();
        tokio::spawn(async move {
            shutdown.await;
            tracing::info!("stopping");
            on_shutdown.cancel();
        });
        let server = Server {
            endpoint: Arc::new(endpoint),
            reactors: Arc::new(reactors),
            tls,
            write_timeout: options.write_timeout,
            stop,
        };
        let ended = server.serve(listener).await;

        background.close();
        background.wait().await;
        let followed = following.await;
        if let Err(error) = db.close().await {
            tracing::warn!(%error, "closing the database");
        }
        tracing::info!("stopped");
        match followed {
            Ok(followed) => {
                followed?;
                Ok(ended?)
            }
            Err(_) => Err(Panicked("the poller").into()),
        }
    }
}
