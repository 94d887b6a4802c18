//! The log as all streams of this process see it: a window that the [`poller`](super::poller) fills, and pages of
//! history behind it.
//!
//! Every stream has its own cursor, but all of them ask the window. So the database sees one small query per tick,
//! whatever the number of streams.

use std::{
    collections::HashSet,
    fmt,
    sync::{
        Arc, OnceLock, PoisonError, RwLock, RwLockReadGuard,
        atomic::{AtomicI64, AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use sea_orm::{DbErr, Order};
use tokio::{
    sync::{Notify, watch},
    time::{sleep, timeout},
};
use tokio_util::sync::CancellationToken;

use super::{
    EventId,
    filter::Filter,
    history::{History, Page},
    read::{Break, Extent, Log, Rows},
    stats::Stats,
    window::{Reach, Round, Step, Window},
};

/// Upper bound on the memory for the newest events, shared by all streams.
const WINDOW_BYTES: usize = 4 << 20;
/// Pause of a stream after a failed query of the log.
const FAILURE_PAUSE: Duration = Duration::from_secs(1);
/// How long a reader waits for what was just committed here. Usually one look at the log is enough; it takes longer
/// only if another transaction holds up the log.
const OWN_WRITES_PATIENCE: Duration = Duration::from_secs(1);

/// A handle to the hub; clones share it.
#[derive(Clone, Debug)]
pub struct Hub {
    inner: Arc<Inner>,
}

/// Called when there is something new.
struct Listener(Box<dyn Fn() + Send + Sync>);

impl fmt::Debug for Listener {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Listener")
    }
}

#[derive(Debug)]
struct Inner {
    stats: Arc<Stats>,
    history: History,
    /// A std lock, because nothing awaits inside.
    window: RwLock<Window>,
    /// Wakes the streams; the value is the window's `settled`.
    settled: watch::Sender<EventId>,
    listeners: RwLock<Vec<Listener>>,
    /// Counts the withdrawals of rights.
    withdrawals: AtomicU64,
    /// Counts how often everything in memory was dropped.
    forgotten: AtomicU64,
    /// How far the log had been deleted when it was last read.
    trimmed_through: AtomicI64,
    /// Signals that there may be something new: another server committed, or a client knows more than this hub.
    wake: Notify,
    /// Counts this process's commits, and how many of them are shown.
    commits: watch::Receiver<u64>,
    shown: watch::Sender<u64>,
    breaks: RwLock<Vec<Break>>,
    /// When the log was last read to its end.
    followed: RwLock<Instant>,
    /// Set when the database holds another log; its extent, if it is known.
    lost: OnceLock<Option<Extent>>,
    stop: CancellationToken,
}

impl Hub {
    /// A hub that stands at `settled` until something is published, and ends with `stop`.
    pub(super) fn new(
        log: Log,
        settled: EventId,
        commits: watch::Receiver<u64>,
        stop: CancellationToken,
    ) -> Self {
        let shown = watch::Sender::new(*commits.borrow());
        let stats = Arc::new(Stats::default());
        stats.saw(settled);
        Self {
            inner: Arc::new(Inner {
                history: History::new(log, Arc::clone(&stats)),
                stats,
                window: RwLock::new(Window::new(settled, WINDOW_BYTES)),
                settled: watch::Sender::new(settled),
                listeners: RwLock::default(),
                withdrawals: AtomicU64::new(0),
                forgotten: AtomicU64::new(0),
                trimmed_through: AtomicI64::new(0),
                wake: Notify::new(),
                shown,
                commits,
                breaks: RwLock::default(),
                followed: RwLock::new(Instant::now()),
                lost: OnceLock::new(),
                stop,
            }),
        }
    }

    /// Publishes a settled round to the streams, and how far the log is trimmed, which was read with it.
    pub(super) fn publish(&self, round: Round, trimmed_through: EventId) {
        let inner = &self.inner;
        inner.stats.shown(round.events_count());
        let settled = {
            let mut window = inner.window.write().unwrap_or_else(PoisonError::into_inner);
            window.trim(trimmed_through);
            window.push(round);
            window.settled()
        };
        if inner
            .trimmed_through
            .fetch_max(trimmed_through, Ordering::Relaxed)
            < trimmed_through
        {
            inner.history.trim(trimmed_through);
        }
        let is_new = inner.settled.send_if_modified(|known| {
            let is_new = *known != settled;
            *known = settled;
            is_new
        });
        if is_new {
            self.tell_listeners();
        }
    }

    /// Drops all events in memory, because they may no longer be what the log says. Streams read what lies past their
    /// cursors from the log.
    pub(super) fn forget(&self) {
        let inner = &self.inner;
        let window = inner.window.write();
        window.unwrap_or_else(PoisonError::into_inner).forget();
        inner.history.forget();
        inner.forgotten.fetch_add(1, Ordering::Release);
        self.tell_listeners();
    }

    /// How many times all events in memory were dropped so far. Whoever keeps some of their own drops them, too.
    pub fn forgotten(&self) -> u64 {
        self.inner.forgotten.load(Ordering::Acquire)
    }

    /// Tells streams that the rights of some of them were withdrawn.
    pub fn rights_withdrawn(&self) {
        self.inner.withdrawals.fetch_add(1, Ordering::Release);
        self.tell_listeners();
    }

    /// How many times they have been told so far.
    pub fn withdrawals(&self) -> u64 {
        self.inner.withdrawals.load(Ordering::Acquire)
    }

    fn tell_listeners(&self) {
        let listeners = self.inner.listeners.read();
        let listeners = listeners.unwrap_or_else(PoisonError::into_inner);
        for Listener(call) in &*listeners {
            call();
        }
    }

    /// Where the log begins and ends, at the time of the call or later.
    pub async fn extent(&self) -> Result<Extent, DbErr> {
        self.inner.history.extent().await
    }

    /// The known breaks of the log.
    pub fn breaks(&self) -> Vec<Break> {
        let known = self.inner.breaks.read();
        known.unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Replaces the known breaks of the log.
    pub(super) fn know_breaks(&self, breaks: Vec<Break>) {
        let known = self.inner.breaks.write();
        *known.unwrap_or_else(PoisonError::into_inner) = breaks;
    }

    /// What this process has done with the log.
    pub fn stats(&self) -> &Stats {
        &self.inner.stats
    }

    /// Records that the log was just read to its end.
    pub(super) fn is_followed(&self) {
        let followed = self.inner.followed.write();
        *followed.unwrap_or_else(PoisonError::into_inner) = Instant::now();
    }

    /// How long ago the log was last read to its end.
    pub fn behind(&self) -> Duration {
        let followed = self.inner.followed.read();
        followed.unwrap_or_else(PoisonError::into_inner).elapsed()
    }

    /// Records that this many commits of this process are shown.
    pub(super) fn has_shown(&self, commits: u64) {
        self.inner.shown.send_if_modified(|shown| {
            let is_news = *shown != commits;
            *shown = commits;
            is_news
        });
    }

    /// Waits until everything that was committed here before the call is shown. Usually it already is. The wait is
    /// bounded, because another transaction may hold up the log.
    pub async fn own_writes(&self) {
        let committed = *self.inner.commits.borrow();
        let mut shown = self.inner.shown.subscribe();
        let caught_up = shown.wait_for(|shown| *shown >= committed);
        let _ = timeout(OWN_WRITES_PATIENCE, caught_up).await;
    }

    /// Records that the database holds another log than the one that was shown, and its extent.
    pub(super) fn lose(&self, now: Option<Extent>) {
        let _ = self.inner.lost.set(now);
    }

    /// What streams are told when they end because the database holds another log.
    pub fn lost(&self) -> Option<Extent> {
        let lost = self.inner.lost.get()?;
        Some(lost.unwrap_or(Extent {
            oldest: 0,
            newest: 0,
            trimmed_through: 0,
        }))
    }

    /// Registers a `listener` that is called whenever [`settled`](Self::settled) changes, when [rights were
    /// withdrawn](Self::rights_withdrawn), and when events were [dropped](Self::forgotten). The poller's thread calls
    /// it, so that no other task comes first. It must not block.
    pub fn on_change(&self, listener: impl Fn() + Send + Sync + 'static) {
        let listeners = self.inner.listeners.write();
        let mut listeners = listeners.unwrap_or_else(PoisonError::into_inner);
        listeners.push(Listener(Box::new(listener)));
    }

    /// The id up to which the log is settled. Streams and history never go past it.
    pub fn settled(&self) -> EventId {
        *self.inner.settled.borrow()
    }

    /// Changes whenever [`settled`](Self::settled) does.
    pub fn subscribe(&self) -> watch::Receiver<EventId> {
        self.inner.settled.subscribe()
    }

    /// What the window has past `cursor`.
    pub fn after(&self, cursor: EventId) -> Reach<Step> {
        self.window().after(cursor)
    }

    /// What the events past `cursor` are about; `None` if the window has moved past it.
    pub fn topics_after(&self, cursor: EventId) -> Option<HashSet<i64>> {
        self.window().topics_after(cursor)
    }

    /// The log behind the window.
    pub(super) fn history(&self) -> &History {
        &self.inner.history
    }

    /// How far the log had been deleted when it was last read.
    pub(super) fn trimmed_through(&self) -> EventId {
        self.inner.trimmed_through.load(Ordering::Relaxed)
    }

    fn window(&self) -> RwLockReadGuard<'_, Window> {
        let window = self.inner.window.read();
        window.unwrap_or_else(PoisonError::into_inner)
    }

    /// The page of history after `cursor`, retrying while the database is away. `cursor` must lie below `through`.
    pub async fn page(&self, cursor: EventId, through: EventId, filter: &Filter) -> Arc<Page> {
        loop {
            if let Ok(page) = self.inner.history.page(cursor, through, filter).await {
                return page;
            }
            sleep(FAILURE_PAUSE).await;
        }
    }

    /// Reads from the log itself, a few callers at a time.
    pub(super) async fn read_log(
        &self,
        order: Order,
        after: EventId,
        through: EventId,
        filter: &Filter,
        limit: u64,
    ) -> Result<Rows, DbErr> {
        let history = &self.inner.history;
        history.list(order, after, through, filter, limit).await
    }

    /// Makes the poller look now.
    pub fn wake(&self) {
        self.inner.wake.notify_one();
    }

    /// Completes when the poller should look now. An earlier wake-up is kept.
    pub(super) async fn woken(&self) {
        self.inner.wake.notified().await;
    }

    /// Whether the server is stopping.
    pub fn is_stopping(&self) -> bool {
        self.inner.stop.is_cancelled()
    }

    /// Cancelled when the server stops.
    pub fn stop(&self) -> &CancellationToken {
        &self.inner.stop
    }
}
