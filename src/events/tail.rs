//! The tail of the log as all streams of this process see it: a window that the
//! [`poller`](super::poller) fills, and pages of history behind it.
//!
//! Every stream polls the log with its own cursor, but they all ask the window, so the database
//! sees one small query per tick whatever the number of streams.

use std::sync::{Arc, PoisonError, RwLock};

use sea_orm::DbErr;
use tokio::sync::{Notify, Semaphore, watch};
use tokio_util::sync::CancellationToken;

use super::{
    EventId,
    filter::Filter,
    log::{Extent, Log, Page},
    window::{Reach, Round, Window},
};

/// Events read in one query.
pub const PAGE: u64 = 256;
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
    /// Says that there may be something new: another server committed, or a client knows more than we.
    wake: Notify,
    log_readers: Semaphore,
    stop: CancellationToken,
}

impl Tail {
    /// A tail that stands at `settled` until something is published, and ends with `stop`.
    pub(super) fn new(log: Log, settled: EventId, stop: CancellationToken) -> Self {
        Self {
            shared: Arc::new(Shared {
                log,
                window: RwLock::new(Window::new(settled, WINDOW_BYTES)),
                settled: watch::Sender::new(settled),
                wake: Notify::new(),
                log_readers: Semaphore::new(LOG_READERS),
                stop,
            }),
        }
    }

    /// Shows streams a round that is settled, and what was read with it: how far the log is trimmed.
    pub(super) fn publish(&self, round: Round, trimmed_through: EventId) {
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

    /// Makes the poller look now.
    pub fn wake(&self) {
        self.shared.wake.notify_one();
    }

    /// Completes when the poller is to look now. A wake-up that came before is kept.
    pub(super) async fn woken(&self) {
        self.shared.wake.notified().await;
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
