//! The one poller of this process: it fills the window that all streams ask.
//!
//! The poll interval is the guarantee; a notification after a commit is the speed, and only ever says
//! "look now". How far the log may be shown is for the [`watermark`](super::watermark) to say.

use std::{io, thread, time::Duration};

use sea_orm::DbErr;
use tokio::{
    runtime,
    sync::{oneshot, watch},
    time::{Instant, sleep, sleep_until, timeout},
};
use tokio_util::sync::CancellationToken;

use super::{
    EventId,
    filter::Filter,
    history::PAGE,
    log::{Extent, Log, Page},
    tail::Tail,
    watermark::{Ask, Watermark},
    window::Round,
};
use crate::threads::StopOnPanic;

/// What holds up the log is looked at again after so long, and then after twice as long each time.
const RECHECK: Duration = Duration::from_millis(20);
/// How long a start waits for transactions that are writing to the log.
const PATIENCE: Duration = Duration::from_secs(2);

/// The log ends before what was shown: commits were lost. Their ids may be given to other events, which
/// would never be shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "the event log ends with {newest} although {shown} has been shown: the database has lost commits, \
     by a failover or a restored backup; start again, and clients are told"
)]
pub struct LostCommits {
    /// The newest event that streams have been shown.
    pub shown: EventId,
    /// The newest that there is.
    pub newest: EventId,
}

/// Why a look went wrong.
#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error(transparent)]
    Database(#[from] DbErr),
    #[error(transparent)]
    Lost(LostCommits),
}

/// How often the log is read.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    /// At least once in so long: an event is visible at the latest then, whoever wrote it.
    pub poll_interval: Duration,
    /// Under a burst, rounds start at least this far apart: the first event leaves at once, those that
    /// follow travel together. At 20 ms a stream makes fifty writes a second and not thousands.
    pub round: Duration,
}

/// The one that polls.
#[derive(Debug)]
pub struct Poller {
    log: Log,
    tail: Tail,
    watermark: Watermark,
    committed: watch::Receiver<()>,
}

impl Poller {
    /// Finds out how far the log is settled now, for a tail that [`run`](Self::run) then takes further
    /// until `stop`. `committed` says that there may be something new.
    pub async fn open(
        log: Log,
        committed: watch::Receiver<()>,
        stop: CancellationToken,
    ) -> Result<(Tail, Self), DbErr> {
        let watermark = settle(&log).await?;
        let tail = Tail::new(log.clone(), watermark.settled(), stop);
        let poller = Self {
            log,
            tail: tail.clone(),
            watermark,
            committed,
        };
        Ok((tail, poller))
    }

    /// [Runs](Self::run) on a thread of its own. On the runtime, when thousands of clients connect at
    /// once, the tasks of all of them would be before it. Completes when it ends.
    ///
    /// # Errors
    /// When there can be no more threads.
    pub fn start(self, pace: Pace) -> io::Result<oneshot::Receiver<Result<(), LostCommits>>> {
        let runtime = runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        let (ended, end) = oneshot::channel();
        thread::Builder::new()
            .name("poller".to_owned())
            .spawn(move || {
                let _guard = StopOnPanic(self.tail.stop().clone());
                // Whoever started it may have gone.
                let _ = ended.send(runtime.block_on(self.run(pace)));
            })?;
        Ok(end)
    }

    /// Follows the log until the server stops. An event is visible at the latest one poll interval after
    /// its commit; or after all transactions have ended that hold it up.
    ///
    /// # Errors
    /// After the database was away it may be another one. The server is then told to stop.
    pub async fn run(mut self, pace: Pace) -> Result<(), LostCommits> {
        let stop = self.tail.stop().clone();
        let mut healthy = true;
        let Pace {
            poll_interval,
            round,
        } = pace;
        let mut recheck = RECHECK;
        loop {
            let round_started = Instant::now();
            let looked = tokio::select! {
                () = stop.cancelled() => return Ok(()),
                looked = self.look(healthy) => looked,
            };
            // What fails is said once when it begins and once when it is over, not at each tick.
            match looked {
                Ok(()) => {
                    if !healthy {
                        tracing::info!("following the event log again");
                    }
                    healthy = true;
                }
                Err(Failure::Lost(lost)) => {
                    stop.cancel();
                    return Err(lost);
                }
                Err(Failure::Database(error)) => {
                    if healthy {
                        tracing::error!(%error, "cannot read the event log; streams wait, trying again");
                    }
                    healthy = false;
                }
            }
            let pause = if self.watermark.is_held_up() {
                // Those who roll back wake nobody. Mostly it is a matter of milliseconds.
                recheck = poll_interval.min(recheck * 2);
                recheck
            } else {
                recheck = RECHECK;
                poll_interval
            };
            let next = async {
                if healthy {
                    let _ = timeout(pause, self.woken()).await;
                    sleep_until(round_started + round).await;
                } else {
                    sleep(poll_interval).await;
                }
            };
            tokio::select! {
                () = stop.cancelled() => return Ok(()),
                () = next => {}
            }
        }
    }

    /// Completes when there may be something new. What came while we looked is kept, so none is missed.
    async fn woken(&mut self) {
        tokio::select! {
            () = self.tail.woken() => {}
            Ok(()) = self.committed.changed() => {}
        }
    }

    /// Looks once; first whether it is still the same log, if the database was away.
    async fn look(&mut self, was_there: bool) -> Result<(), Failure> {
        if !was_there {
            let shown = self.watermark.settled();
            let newest = self.log.extent().await?.newest;
            if newest < shown {
                return Err(Failure::Lost(LostCommits { shown, newest }));
            }
        }
        Ok(self.advance().await?)
    }

    /// Moves everything that is new and settled into the window.
    async fn advance(&mut self) -> Result<(), DbErr> {
        loop {
            match self.watermark.ask() {
                Ask::Holders => {
                    let holders = self.log.holders().await?;
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
                    self.tail.publish(Round::encode(events), trimmed_through);
                    if !full && self.watermark.ask() == Ask::Rows {
                        return Ok(());
                    }
                }
            }
        }
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
            sleep(RECHECK).await;
        }
    }
    // Whoever had an id up to there has ended, or no id is missing.
    Ok(Watermark::new(newest))
}
