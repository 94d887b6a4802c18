//! The tail: the one poller of this process, and the window that it fills.
//!
//! Every stream polls the log with its own cursor, but they all ask the window, so the database
//! sees one small query per tick whatever the number of streams. The poll interval is the
//! guarantee; a notification after a commit is the speed, and only ever says "look now". How far the
//! log may be shown is for the [`watermark`](super::watermark) to say.

use std::{
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

use sea_orm::DbErr;
use tokio::{
    sync::{Notify, Semaphore, watch},
    time::{Instant, sleep, sleep_until, timeout},
};
use tokio_util::sync::CancellationToken;

use super::{
    EventId,
    filter::Filter,
    log::{Extent, Log, Page},
    watermark::{Ask, Watermark},
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
/// How long a start waits for transactions that are writing to the log.
const PATIENCE: Duration = Duration::from_secs(2);

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
    /// Finds out how far the log is settled now. The [`Poller`] then follows it until `stop`.
    /// `committed` says that there may be something new.
    pub async fn open(
        log: Log,
        committed: watch::Receiver<()>,
        stop: CancellationToken,
    ) -> Result<(Self, Poller), DbErr> {
        let watermark = settle(&log).await?;
        let settled = watermark.settled();
        let tail = Self {
            shared: Arc::new(Shared {
                log,
                window: RwLock::new(Window::new(settled, WINDOW_BYTES)),
                settled: watch::Sender::new(settled),
                wake: Notify::new(),
                log_readers: Semaphore::new(LOG_READERS),
                stop,
            }),
        };
        let poller = Poller {
            shared: Arc::clone(&tail.shared),
            watermark,
            committed,
        };
        Ok((tail, poller))
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

/// The one that polls.
#[derive(Debug)]
pub struct Poller {
    shared: Arc<Shared>,
    watermark: Watermark,
    committed: watch::Receiver<()>,
}

impl Poller {
    /// Follows the log until the server stops. An event is visible at the latest one `poll_interval`
    /// after its commit, whoever wrote it; or after all transactions have ended that hold it up.
    pub async fn run(mut self, poll_interval: Duration) {
        let stop = self.shared.stop.clone();
        let mut healthy = true;
        let mut recheck = ROUND_SPACING;
        loop {
            let round_started = Instant::now();
            let looked = tokio::select! {
                () = stop.cancelled() => return,
                looked = self.look() => looked,
            };
            // Said once when it begins and once when it is over, not at each tick.
            match &looked {
                Ok(()) if !healthy => tracing::info!("following the event log again"),
                Err(error) if healthy => {
                    tracing::error!(%error, "cannot read the event log; streams wait, trying again");
                }
                _ => {}
            }
            healthy = looked.is_ok();
            // Those who roll back wake nobody. Mostly it is a matter of milliseconds.
            recheck = if self.watermark.is_held_up() {
                poll_interval.min(recheck * 2)
            } else {
                ROUND_SPACING
            };
            let pause = if self.watermark.is_held_up() {
                recheck
            } else {
                poll_interval
            };
            let next = async {
                if healthy {
                    // A notification sent while we looked is kept, so none is missed. Whether one
                    // came or the time is over, the answer is to look.
                    let woken = async {
                        tokio::select! {
                            () = self.shared.wake.notified() => {}
                            Ok(()) = self.committed.changed() => {}
                        }
                    };
                    let _ = timeout(pause, woken).await;
                    sleep_until(round_started + ROUND_SPACING).await;
                } else {
                    sleep(poll_interval).await;
                }
            };
            tokio::select! {
                () = stop.cancelled() => return,
                () = next => {}
            }
        }
    }

    /// Moves everything that is new and settled into the window.
    async fn look(&mut self) -> Result<(), DbErr> {
        loop {
            match self.watermark.ask() {
                Ask::Holders => {
                    let holders = self.shared.log.holders().await?;
                    self.watermark.holders(holders);
                    if self.watermark.is_held_up() {
                        return Ok(());
                    }
                }
                Ask::Rows => {
                    let Page {
                        mut events,
                        trimmed_through,
                        ..
                    } = self
                        .shared
                        .log
                        .page(
                            self.watermark.settled(),
                            EventId::MAX,
                            &Filter::default(),
                            PAGE,
                        )
                        .await?;
                    let full = events.len() as u64 == PAGE;
                    let ids: Vec<_> = events.iter().map(|event| event.id).collect();
                    events.truncate(self.watermark.rows(&ids, trimmed_through));
                    self.shared.publish(Round::encode(events), trimmed_through);
                    if !full && self.watermark.ask() == Ask::Rows {
                        return Ok(());
                    }
                }
            }
        }
    }
}

impl Shared {
    /// Shows streams a round that is settled.
    fn publish(&self, round: Round, trimmed_through: EventId) {
        let settled = {
            let mut window = self.window.write().unwrap_or_else(PoisonError::into_inner);
            window.trim(trimmed_through);
            window.push(round);
            window.settled()
        };
        self.settled.send_if_modified(|known| {
            let new = *known != settled;
            *known = settled;
            new
        });
    }
}

/// How far the log is settled now. Transactions that are writing to it are given a moment to end;
/// when they do not, that is where the first id is missing, however long ago.
pub async fn settle(log: &Log) -> Result<Watermark, DbErr> {
    let Extent {
        newest,
        trimmed_through,
        ..
    } = log.extent().await?;
    let mut watermark = Watermark::below(newest, trimmed_through);
    let patience = Instant::now() + PATIENCE;
    while watermark.ask() == Ask::Holders {
        watermark.holders(log.holders().await?);
        if watermark.is_held_up() {
            if Instant::now() >= patience {
                let end = log.end_of_run(trimmed_through).await?;
                if end >= newest {
                    break;
                }
                tracing::warn!(
                    settled = end,
                    newest,
                    "transactions that write to the event log stay open; what they hold up follows when they end"
                );
                return Ok(watermark.raised(end));
            }
            sleep(ROUND_SPACING).await;
        }
    }
    // Whoever had an id up to there has ended, or no id is missing.
    Ok(Watermark::new(newest))
}
