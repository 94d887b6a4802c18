//! The only poller of this process. It fills the window that all streams read from.
//!
//! The poll interval is the guarantee. A notification after a commit gives speed, and only ever says "look now". The
//! [`watermark`](super::watermark) decides how far the log may be shown.

use std::{io, sync::Arc, thread, time::Duration};

use sea_orm::DbErr;
use tokio::{
    runtime::Handle,
    sync::{oneshot, watch},
    time::{Instant, sleep_until, timeout},
};

use crate::{
    EventId,
    history::PAGE_EVENTS,
    hub::Hub,
    identity::{Identity, LogLost},
    read::{Log, Look, writers::Beginning},
    store::Store,
    vital::{self, Vital},
    watermark::{Ask, Watermark},
    window::Round,
};

/// Pause before the next look at the transactions that hold up the log. It doubles each time.
const RECHECK: Duration = Duration::from_millis(20);
/// Longest and shortest backoff of a poller that cannot read the log.
const UNHEALTHY: Duration = Duration::from_secs(1);
const UNHEALTHY_SPACING: Duration = Duration::from_millis(100);
/// Shortest interval between two records of the settled position in the database.
const MARK_SPACING: Duration = Duration::from_secs(1);

/// Why a look failed.
#[derive(Debug, thiserror::Error)]
enum LookError {
    #[error(transparent)]
    Database(#[from] DbErr),
    #[error(transparent)]
    Lost(#[from] LogLost),
}

/// How often the log is read.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    /// Longest interval between two looks: the upper bound on an event's delay, whoever wrote it.
    pub poll_interval: Duration,
    /// Shortest interval between two rounds under a burst. The first event leaves at once, and those that follow travel
    /// together. At 20 ms a stream takes fifty writes a second, not thousands.
    pub round: Duration,
}

impl Default for Pace {
    /// A poll a second, and at most fifty rounds.
    fn default() -> Self {
        Self {
            poll_interval: Duration::from_secs(1),
            round: Duration::from_millis(20),
        }
    }
}

/// Follows the log.
#[derive(Debug)]
pub struct Poller {
    store: Arc<dyn Store>,
    log: Log,
    hub: Hub,
    watermark: Watermark,
    identity: Identity,
    /// The newest row of `rewrites` that the hub knows of. The first look finds it; until then there is nothing in
    /// memory.
    newest_rewrite: Option<i64>,
    commits: watch::Receiver<u64>,
    /// A count of commits, and the newest event at that time. The commits are shown once the log is settled up to
    /// that event.
    unshown: Option<(u64, EventId)>,
    /// The settled position that was last recorded, and when.
    marked: (EventId, Instant),
    /// Whether recording succeeded the last time.
    marks: bool,
    /// When the log was last confirmed to be the same.
    identified: Instant,
}

impl Poller {
    /// Determines the settled position for a hub that [`run`](Self::run) then advances until the server stops.
    pub async fn open(store: Arc<dyn Store>, vital: &Vital) -> Result<(Hub, Self), DbErr> {
        let log = Log::new(store.follower());
        let Beginning {
            settled,
            newest,
            newest_break,
        } = log.begin().await?;
        let commits = store.commits();
        let hub = Hub::new(
            Log::new(store.reader()),
            settled,
            commits.clone(),
            vital.stop().clone(),
        );
        hub.know_breaks(log.breaks().await?);
        let poller = Self {
            store,
            log,
            hub: hub.clone(),
            watermark: Watermark::new(settled),
            identity: Identity::new(newest, newest_break),
            newest_rewrite: None,
            commits,
            unshown: None,
            marked: (settled, Instant::now()),
            marks: true,
            identified: Instant::now(),
        };
        Ok((hub, poller))
    }

    /// [Runs](Self::run) on a thread of its own. When thousands of clients connect at once, a task would queue behind
    /// all of theirs. The connection that it waits for belongs to the runtime and survives the thread. Completes when
    /// the poller ends.
    ///
    /// # Errors
    /// If no thread can be started.
    pub fn start(
        self,
        pace: Pace,
        vital: &Vital,
    ) -> io::Result<oneshot::Receiver<Result<(), LogLost>>> {
        let runtime = Handle::current();
        let guard = vital.guard("the poller");
        let (ended, end) = oneshot::channel();
        thread::Builder::new()
            .name("poller".to_owned())
            .spawn(move || {
                let _guard = guard;
                // The caller may have stopped waiting.
                let _ = ended.send(runtime.block_on(self.run(pace)));
            })?;
        Ok(end)
    }

    /// Follows the log until the server stops. An event is visible at most one poll interval after its commit, or
    /// once all transactions that hold it up have ended.
    ///
    /// # Errors
    /// If the database holds another log than the one that was shown. The server is then told to stop.
    pub async fn run(mut self, pace: Pace) -> Result<(), LogLost> {
        let stop = self.hub.stop().clone();
        let followed = tokio::select! {
            biased;
            lost = self.follow(pace) => Err(lost),
            () = stop.cancelled() => Ok(()),
        };
        match &followed {
            // Saves the next start from working it out. If this fails, nothing else is lost.
            Ok(()) => drop(self.log.mark(self.watermark.settled()).await),
            // This must not be interrupted, even if the server is told to stop meanwhile.
            Err(lost) => {
                let recorded = self
                    .identity
                    .record_loss(&*self.store, &self.log, lost)
                    .await;
                self.hub.lose(recorded);
                stop.cancel();
            }
        }
        followed
    }

    /// Follows the log until the database holds another one.
    async fn follow(&mut self, pace: Pace) -> LogLost {
        let mut healthy = true;
        let Pace {
            poll_interval,
            round,
        } = pace;
        let mut recheck = RECHECK;
        loop {
            let round_started = Instant::now();
            // Log a failure once when it begins and once when it is over, not at each tick.
            let looked = self.look(poll_interval).await;
            let stats = self.hub.stats();
            stats.is_held_up(self.watermark.is_held_up());
            let outcome = if looked.is_ok() {
                &stats.looks
            } else {
                &stats.failed_looks
            };
            outcome.add(round_started.into_std());
            match looked {
                Ok(()) => {
                    if !healthy {
                        tracing::info!("following the event log again");
                    }
                    healthy = true;
                    self.hub.is_followed();
                }
                Err(LookError::Lost(lost)) => return lost,
                Err(LookError::Database(error)) => {
                    if healthy {
                        tracing::error!(%error, "cannot read the event log; streams wait, trying again");
                    }
                    healthy = false;
                }
            }
            let (pause, spacing) = if !healthy {
                (poll_interval.min(UNHEALTHY), round.max(UNHEALTHY_SPACING))
            } else if self.watermark.is_held_up() {
                // A rollback wakes nobody. Usually this takes milliseconds.
                recheck = poll_interval.min(recheck * 2);
                (recheck, round)
            } else {
                recheck = RECHECK;
                (poll_interval, round)
            };
            let _ = timeout(pause, self.woken()).await;
            sleep_until(round_started + spacing).await;
        }
    }

    /// Completes when there may be something new. News that came during a look is kept, so none is missed.
    async fn woken(&mut self) {
        tokio::select! {
            () = self.hub.woken() => {}
            Ok(()) = self.commits.changed() => {}
            () = self.store.refused() => {}
        }
    }

    /// Looks once: is it still the same log, and what is new?
    async fn look(&mut self, poll_interval: Duration) -> Result<(), LookError> {
        vital::test_panic("poller");
        if let Some(file) = self.store.strange_file() {
            return Err(LogLost::File(file).into());
        }
        let commits = *self.commits.borrow_and_update();
        self.advance(commits).await?;
        if self.watermark.is_held_up() && self.identified.elapsed() >= poll_interval {
            // Only the transactions that hold up the log were read.
            let look = self
                .log
                .look(EventId::MAX, self.identity.shown(), 1)
                .await?;
            self.identify(&look).await?;
        }
        self.mark().await;
        Ok(())
    }

    /// Moves everything that is new and settled into the window.
    async fn advance(&mut self, commits: u64) -> Result<(), LookError> {
        let mut newest = self.watermark.settled();
        loop {
            match self.watermark.ask() {
                Ask::Holders => {
                    let holders = self.log.holders().await?;
                    self.watermark.holders(holders);
                    if self.watermark.is_held_up() {
                        break;
                    }
                }
                Ask::Rows => {
                    let mut look = self
                        .log
                        .look(self.watermark.settled(), self.identity.shown(), PAGE_EVENTS)
                        .await?;
                    self.identify(&look).await?;
                    let full = look.events.len() as u64 == PAGE_EVENTS;
                    let ids: Vec<_> = look.events.iter().map(|event| event.id).collect();
                    newest = newest.max(ids.last().copied().unwrap_or(0));
                    self.hub.stats().saw(newest);
                    let settled = self.watermark.rows(&ids, look.trimmed_through);
                    look.events.truncate(settled);
                    let shown = look.events.iter().map(|event| (event.id, event.uuid));
                    self.identity.show(shown);
                    self.hub
                        .publish(Round::encode(look.events), look.trimmed_through);
                    if !full && self.watermark.ask() == Ask::Rows {
                        break;
                    }
                }
            }
        }
        // Everything committed when the look began was there, up to `newest`.
        let (count, newest) = *self.unshown.get_or_insert((commits, newest));
        if self.watermark.settled() >= newest {
            self.hub.has_shown(count);
            self.unshown = None;
        }
        Ok(())
    }

    /// Checks a look against what was shown. What is in memory goes if it has been rewritten since.
    async fn identify(&mut self, look: &Look) -> Result<(), LookError> {
        let settled = self.watermark.settled();
        if !look.in_order
            && let Some(command) = self.log.disorder().await?
        {
            return Err(LogLost::Disorder(command).into());
        }
        if self.identity.verify(look, settled)? {
            let breaks = self.log.breaks().await?;
            self.identity.verify_breaks(&breaks, look.newest_break)?;
            self.hub.know_breaks(breaks);
        }
        if self.newest_rewrite.replace(look.newest_rewrite) != Some(look.newest_rewrite) {
            self.hub.forget();
        }
        self.identified = Instant::now();
        Ok(())
    }

    /// Records the settled position now and then. A failure does not keep the poller from following the log.
    async fn mark(&mut self) {
        let settled = self.watermark.settled();
        let (marked, at) = self.marked;
        if settled <= marked || at.elapsed() < MARK_SPACING {
            return;
        }
        self.marked = (settled, Instant::now());
        let outcome = self.log.mark(settled).await;
        if let Err(error) = &outcome
            && self.marks
        {
            tracing::warn!(%error, "cannot record how far the event log is settled");
        }
        self.marks = outcome.is_ok();
    }
}
