//! Whether the server can serve requests, by probing what requests need.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use dotcast_log::hub::Hub;
use sea_orm::DbErr;
use tokio::{sync::Mutex, time::timeout};

use crate::{
    db::{Db, condition::Trouble},
    error::is_transient,
};

/// Time limit for each probe of the database. Callers want an answer now, and ask again.
const PATIENCE: Duration = Duration::from_secs(2);
/// Shortest interval between two attempts to begin a write. Callers in between share the answer: the only connection
/// that writes to SQLite has other things to do.
const SPACING: Duration = Duration::from_secs(1);

/// Why requests cannot be served.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotReady {
    /// The server was told to stop.
    #[error("The server is stopping.")]
    Stopping,
    /// The database holds another log.
    #[error("The database holds another event log than the one that was shown; the server stops.")]
    Lost,
    /// New events would reach nobody.
    #[error("The event log has not been read for {}.", humantime::format_duration(Duration::from_secs(.0.as_secs())))]
    Behind(Duration),
    /// A request has just failed because of the database.
    #[error("The database fails: {0}.")]
    Trouble(Trouble),
    /// The database is silent, or all connections are in use.
    #[error("The database does not answer.")]
    Silent,
    /// A table is missing or damaged.
    #[error("The database cannot be read.")]
    Reading,
    /// Another program holds a lock.
    #[error("A write cannot begin: the database is locked.")]
    Locked,
    /// For example, the file is read-only.
    #[error("A write cannot begin.")]
    Writing,
}

type Probed = (Instant, Result<(), NotReady>);

/// Checks whether the server is ready. Clones share the answers.
#[derive(Clone, Debug)]
pub struct Readiness {
    db: Db,
    hub: Hub,
    /// How long the log may go unread.
    patience: Duration,
    /// When a write was last tried, and the outcome.
    last: Arc<Mutex<Option<Probed>>>,
    /// The last answer.
    was_ready: Arc<AtomicBool>,
}

impl Readiness {
    /// For a server that reads the log once per `poll_interval`.
    pub fn new(db: Db, hub: Hub, poll_interval: Duration) -> Self {
        let patience = 3 * poll_interval + db.deadline();
        Self {
            db,
            hub,
            patience,
            last: Arc::default(),
            was_ready: Arc::new(AtomicBool::new(true)),
        }
    }

    /// # Errors
    /// If requests would fail, or events would reach nobody.
    pub async fn check(&self) -> Result<(), NotReady> {
        let outcome = self.find_out().await;
        // Logged when it begins and when it is over, however often somebody asks.
        let was_ready = self.was_ready.swap(outcome.is_ok(), Ordering::Relaxed);
        match outcome {
            Err(reason) if was_ready => tracing::warn!(%reason, "not ready"),
            Ok(()) if !was_ready => tracing::info!("ready again"),
            _ => {}
        }
        outcome
    }

    async fn find_out(&self) -> Result<(), NotReady> {
        if self.hub.lost().is_some() {
            return Err(NotReady::Lost);
        }
        if self.hub.is_stopping() {
            return Err(NotReady::Stopping);
        }
        let behind = self.hub.behind();
        if behind > self.patience {
            return Err(NotReady::Behind(behind));
        }
        if let Some(trouble) = self.db.trouble() {
            return Err(NotReady::Trouble(trouble));
        }
        let read = in_time(self.db.probe_reading()).await?;
        read.map_err(|error| self.explain(&error, NotReady::Silent, NotReady::Reading))?;
        let mut last = self.last.lock().await;
        if let Some((at, outcome)) = *last
            && at.elapsed() < SPACING
        {
            return outcome;
        }
        let outcome = match in_time(self.db.probe_writing()).await {
            Ok(written) => {
                written.map_err(|error| self.explain(&error, NotReady::Locked, NotReady::Writing))
            }
            Err(silent) => Err(silent),
        };
        *last = Some((Instant::now(), outcome));
        outcome
    }

    fn explain(&self, error: &DbErr, busy: NotReady, other: NotReady) -> NotReady {
        tracing::debug!(%error, "not ready");
        match (self.db.trouble(), error) {
            (Some(trouble), _) => NotReady::Trouble(trouble),
            (None, DbErr::Conn(_) | DbErr::ConnectionAcquire(_)) => NotReady::Silent,
            (None, error) if is_transient(error) => busy,
            (None, _) => other,
        }
    }
}

async fn in_time<T>(probe: impl Future<Output = T>) -> Result<T, NotReady> {
    timeout(PATIENCE, probe).await.map_err(|_| NotReady::Silent)
}
