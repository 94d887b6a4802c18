//! The tail: the one poller of this process, and the window that it fills.
//!
//! Every stream polls the log with its own cursor, but they all ask the window, so the database
//! sees one small query per tick whatever the number of streams. The poll interval is the
//! guarantee; a notification after a commit is the speed, and only ever says "look now".

use std::{
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

use sea_orm::DbErr;
use tokio::{
    sync::{Notify, Semaphore, watch},
    time::{Instant, timeout},
};
use tokio_util::sync::CancellationToken;

use super::{
    EventId,
    filter::Filter,
    log::{Extent, Log, Page},
    window::{Reach, Round, Window},
};

/// Events read in one query.
pub const PAGE: u64 = 256;
/// Under a burst, rounds start at least this far apart: the first event leaves at once, those that
/// follow travel together, and a stream makes fifty writes a second and not thousands.
const ROUND_SPACING: Duration = Duration::from_millis(20);
/// Frames kept in memory for all streams together.
const WINDOW_BYTES: usize = 4 << 20;
/// How many streams read the log at once. The others wait; they hold nothing but their cursor.
const LOG_READERS: usize = 3;

/// A handle to the tail; clones share it.
#[derive(Clone, Debug)]
pub struct Tail {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    log: Log,
    /// A std lock, because nothing awaits inside.
    window: RwLock<Window>,
    /// Wakes the streams; the value is the window's `settled`.
    settled: watch::Sender<EventId>,
    wake: Arc<Notify>,
    log_readers: Semaphore,
    stop: CancellationToken,
}

impl Tail {
    /// Finds out where the log ends now. [`run`](Self::run) then follows it until `stop`;
    /// `wake` says that there may be something new.
    pub async fn open(log: Log, wake: Arc<Notify>, stop: CancellationToken) -> Result<Self, DbErr> {
        let newest = log.extent().await?.newest;
        Ok(Self {
            shared: Arc::new(Shared {
                log,
                window: RwLock::new(Window::new(newest, WINDOW_BYTES)),
                settled: watch::Sender::new(newest),
                wake,
                log_readers: Semaphore::new(LOG_READERS),
                stop,
            }),
        })
    }

    /// Follows the log until the server stops. An event is visible at the latest one
    /// `poll_interval` after its commit, whoever wrote it.
    pub async fn run(self, poll_interval: Duration) {
        let mut healthy = true;
        loop {
            let round_started = Instant::now();
            let looked = self.look().await;
            // Said once when it begins and once when it is over, not at each tick.
            match &looked {
                Ok(()) if !healthy => tracing::info!("following the event log again"),
                Err(error) if healthy => {
                    tracing::error!(%error, "cannot read the event log; streams wait, trying again");
                }
                _ => {}
            }
            healthy = looked.is_ok();
            let next = async {
                if healthy {
                    // A notification sent while we looked is kept, so none is missed. Whether one
                    // came or the time is over, the answer is to look.
                    let _ = timeout(poll_interval, self.shared.wake.notified()).await;
                    tokio::time::sleep_until(round_started + ROUND_SPACING).await;
                } else {
                    tokio::time::sleep(poll_interval).await;
                }
            };
            tokio::select! {
                () = self.shared.stop.cancelled() => return,
                () = next => {}
            }
        }
    }

    /// Moves everything that is new into the window.
    async fn look(&self) -> Result<(), DbErr> {
        loop {
            let settled = self.settled();
            let Page {
                events,
                trimmed_through,
                ..
            } = self
                .shared
                .log
                .page(settled, EventId::MAX, &Filter::default(), PAGE)
                .await?;
            let full = events.len() as u64 == PAGE;
            let round = Round::encode(events);
            let settled = {
                let mut window = self
                    .shared
                    .window
                    .write()
                    .unwrap_or_else(PoisonError::into_inner);
                window.trim(trimmed_through);
                window.push(round);
                window.settled()
            };
            self.shared.settled.send_if_modified(|known| {
                let new = *known != settled;
                *known = settled;
                new
            });
            if !full {
                return Ok(());
            }
        }
    }

    /// The id up to which the log is settled. Streams and history never go past it.
    pub fn settled(&self) -> EventId {
        *self.shared.settled.borrow()
    }

    /// Changes whenever [`settled`](Self::settled) does.
    pub fn subscribe(&self) -> watch::Receiver<EventId> {
        self.shared.settled.subscribe()
    }

    /// What the window has past `cursor`.
    pub fn after(&self, cursor: EventId) -> Reach {
        self.shared
            .window
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .after(cursor)
    }

    /// Makes the tail look now.
    pub fn wake(&self) {
        self.shared.wake.notify_one();
    }

    /// Reads history from the log, a few callers at a time.
    pub async fn history(
        &self,
        after: EventId,
        through: EventId,
        filter: &Filter,
        limit: u64,
    ) -> Result<Page, DbErr> {
        let _permit = self.shared.log_readers.acquire().await;
        self.shared.log.page(after, through, filter, limit).await
    }

    /// Where the log begins and ends.
    pub async fn extent(&self) -> Result<Extent, DbErr> {
        let _permit = self.shared.log_readers.acquire().await;
        self.shared.log.extent().await
    }

    /// Whether the server is stopping.
    pub fn is_stopping(&self) -> bool {
        self.shared.stop.is_cancelled()
    }

    /// Cancelled when the server stops.
    pub(crate) fn stop(&self) -> &CancellationToken {
        &self.shared.stop
    }
}
