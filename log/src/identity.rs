//! Whether the database still holds the log that streams were shown.
//!
//! An id does not say which log it belongs to. After a failover to a standby that lacked the newest commits, or after a
//! backup is restored, ids are given out again. A stream that resumes by its cursor alone would then never show the new
//! events. So each look checks two things: that the newest shown event is still there, by its `uuid`, and that the
//! counter has not gone back.

use std::{collections::VecDeque, path::PathBuf};

use sea_orm::prelude::Uuid;

use crate::{
    EventId, breaks,
    read::{Break, Extent, Log, Look},
    store::Store,
};

/// How many of the newest events are remembered, to find out later where two logs diverge.
const REMEMBERED: usize = 1024;

/// The database holds another log than the one that was shown. What is written to it now may never be shown.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LogLost {
    /// By a failover, a restored backup, or a manual deletion.
    #[error(
        "event {shown} has been shown and is gone from the database, or its id belongs to another event: \
         a failover or a restored backup lost commits; start again, and clients are told"
    )]
    Gone {
        /// The newest event that streams have been shown.
        shown: EventId,
    },
    /// Somebody has set the counter back.
    #[error(
        "the counter of event ids stands at {counter}, but {shown} was already given out; \
         run `dotcast log break`, then start again"
    )]
    Counter {
        /// The counter's value.
        counter: EventId,
        /// The position up to which the log has been shown, or deleted by retention.
        shown: EventId,
    },
    /// A recorded break covers what was shown.
    #[error(
        "a break of the event log was recorded that begins at id {first}, but event {shown} has been shown; \
         start again"
    )]
    Broken {
        /// The first id that is gone.
        first: EventId,
        /// The newest event that streams have been shown.
        shown: EventId,
    },
    /// Somebody has changed how ids are given out. Readers may pass an id whose event is still to come.
    #[error(
        "the table events does not give out ids one by one and in order; \
         run `{0}` on the database, then start again"
    )]
    Disorder(&'static str),
    /// The open file is no longer the one that its path names.
    #[error(
        "the database file {0:?} was deleted or replaced while it was open; what is there now is another \
         database. If it is a restored backup, run `dotcast log break`; then start again"
    )]
    File(PathBuf),
}

/// What identifies the log that was shown.
#[derive(Debug)]
pub struct Identity {
    /// The newest events that were shown, or already existed.
    newest: VecDeque<(EventId, Uuid)>,
    newest_break: i64,
}

impl Identity {
    /// The identity of a log with this newest event, and this newest row of `breaks`.
    pub fn new(newest: Option<(EventId, Uuid)>, newest_break: i64) -> Self {
        Self {
            newest: newest.into_iter().collect(),
            newest_break,
        }
    }

    /// The newest event that was shown.
    pub fn shown(&self) -> Option<EventId> {
        self.newest.back().map(|&(id, _)| id)
    }

    /// Adds events that are now shown.
    pub fn show(&mut self, events: impl Iterator<Item = (EventId, Uuid)>) {
        self.newest.extend(events);
        let surplus = self.newest.len().saturating_sub(REMEMBERED);
        self.newest.drain(..surplus);
    }

    /// Checks a look against what was shown; everything up to `settled` was. Returns whether there are breaks that have
    /// not been read yet.
    ///
    /// # Errors
    /// If it is another log.
    pub fn verify(&self, look: &Look, settled: EventId) -> Result<bool, LogLost> {
        if let Some(&(shown, uuid)) = self.newest.back() {
            let is_there = match look.shown {
                Some(there) => there == uuid,
                None => look.trimmed_through >= shown,
            };
            if !is_there {
                return Err(LogLost::Gone { shown });
            }
        }
        let evident = settled.max(look.trimmed_through);
        if look.given_out < evident {
            return Err(LogLost::Counter {
                counter: look.given_out,
                shown: evident,
            });
        }
        Ok(look.newest_break != self.newest_break)
    }

    /// Takes all breaks, up to this newest row.
    ///
    /// # Errors
    /// If one covers what was shown.
    pub fn verify_breaks(&mut self, breaks: &[Break], newest_break: i64) -> Result<(), LogLost> {
        // Earlier breaks existed when the server started.
        self.newest_break = newest_break;
        let shown = self.shown().unwrap_or(0);
        match breaks.iter().max_by_key(|it| it.last) {
            Some(&Break { first, last }) if first <= shown && shown <= last => {
                Err(LogLost::Broken { first, shown })
            }
            _ => Ok(()),
        }
    }

    /// Refuses writes from here on and records which ids are gone. Clients that have seen them are told whenever they
    /// come back. Returns the log's current extent, as far as it can be determined.
    pub async fn record_loss(
        &self,
        store: &dyn Store,
        log: &Log,
        lost: &LogLost,
    ) -> Option<Extent> {
        store.refuse_writes();
        let shown = self.shown();
        let is_ours = match lost {
            LogLost::Gone { .. } | LogLost::Counter { .. } => true,
            // Nothing is gone yet, or the file is gone with everything in it, or somebody else has recorded the break.
            LogLost::Disorder(_) | LogLost::File(_) | LogLost::Broken { .. } => false,
        };
        if is_ours && let Some(shown) = shown {
            let newest: Vec<_> = self.newest.iter().copied().collect();
            let recorded = async {
                // If none of them is left, every cursor is suspect.
                let common = log.newest_of(&newest).await?.unwrap_or(0);
                breaks::record(store, Some(common + 1), Some(shown)).await
            };
            match recorded.await {
                Ok(ids) => tracing::warn!(
                    first = ids.start(),
                    last = ids.end(),
                    "recorded that these event ids are gone"
                ),
                Err(error) => tracing::error!(
                    %error,
                    "could not record which event ids are gone; run `dotcast log break` before the next start"
                ),
            }
        }
        log.extent().await.ok()
    }
}
