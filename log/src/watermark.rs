//! How far the log is settled. Pure logic: no clock, no database.
//!
//! Ids are handed out before their transactions commit, so an id can become visible after a larger one. A reader that
//! had moved past it would never see it. On PostgreSQL each writer holds a shared lock from *before* it takes an id
//! until its transaction has ended, and a commit is visible before its locks are released. From these two facts alone
//! a reader can tell what is settled:
//!
//! 1. Visible ids that follow the settled one without a gap are settled.
//! 2. At a gap, the owner of a missing id below a visible one holds the lock now, or has ended. So the reader notes
//!    the holders of the lock *after* it has read the rows: the fence.
//! 3. When none of them holds it any more, all owners have ended. Rows that are read *then* show what they committed;
//!    what is still missing was rolled back and will never come.
//!
//! No timeout is involved. A transaction that stays open holds up what comes behind its ids, and
//! nothing is lost.

use std::collections::BTreeSet;

use super::EventId;

#[cfg(test)]
mod model;
#[cfg(test)]
mod random;

/// A transaction that holds the writers' lock.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Holder {
    /// By the name that PostgreSQL gives it from its begin to its end, its `virtualtransaction`.
    Open(String),
    /// A transaction between `PREPARE TRANSACTION` and its end. It had another name before, so it may be any.
    Prepared,
}

/// What has to be found out next.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Ask {
    /// The events above [`Watermark::settled`], for [`Watermark::rows`].
    Rows,
    /// Who holds the writers' lock, for [`Watermark::holders`].
    Holders,
}

/// How far the log is settled, and what is needed to go further.
///
/// Answers to [`Watermark::ask`] must be looked up after it was called.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Watermark {
    settled: EventId,
    fence: Fence,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Fence {
    /// No gap is known.
    Down,
    /// There is a gap below this visible id, and the holders have not been looked up since.
    Wanted(EventId),
    /// The owners of ids that are missing below `through` are among `holders`, or have ended.
    Up {
        through: EventId,
        holders: BTreeSet<Holder>,
    },
    /// The owners of ids that are missing below this one have ended.
    Cleared(EventId),
}

impl Watermark {
    /// Starts at an id that is known to be settled.
    pub fn new(settled: EventId) -> Self {
        Self {
            settled,
            fence: Fence::Down,
        }
    }

    /// The id up to which the log is settled: nothing can appear at or below it any more.
    pub fn settled(&self) -> EventId {
        self.settled
    }

    /// What has to be found out next.
    pub fn ask(&self) -> Ask {
        match self.fence {
            Fence::Wanted(_) | Fence::Up { .. } => Ask::Holders,
            Fence::Down | Fence::Cleared(_) => Ask::Rows,
        }
    }

    /// Whether a gap is known whose owners may not have ended.
    pub fn is_held_up(&self) -> bool {
        matches!(self.fence, Fence::Up { .. })
    }

    /// Takes the ids that were visible above [`settled`](Self::settled): all of them in order, or only the first
    /// ones. `trimmed_through` is the newest id that retention has deleted, read together with them; it deletes
    /// nothing that is not settled.
    ///
    /// Returns how many of the ids are settled now; the others will be read again.
    pub fn rows(&mut self, ids: &[EventId], trimmed_through: EventId) -> usize {
        let known = match self.fence {
            Fence::Cleared(through) => through.max(trimmed_through),
            _ => trimmed_through,
        };
        self.settled = self.settled.max(trimmed_through);
        let mut count = 0;
        for &id in ids {
            if id > known && id > self.settled + 1 {
                break;
            }
            self.settled = self.settled.max(id);
            count += 1;
        }
        self.fence = match ids.last() {
            Some(&newest) if count < ids.len() => Fence::Wanted(newest),
            // The rows that were read did not reach it.
            _ if self.settled < known => Fence::Cleared(known),
            _ => Fence::Down,
        };
        count
    }

    /// Takes the transactions that hold the writers' lock.
    pub fn holders(&mut self, now: BTreeSet<Holder>) {
        self.fence = match std::mem::replace(&mut self.fence, Fence::Down) {
            Fence::Wanted(through) => Self::up(through, now),
            Fence::Up { through, holders } => {
                // One of the fence's may have been prepared meanwhile.
                let prepared = now.contains(&Holder::Prepared);
                let mut still: BTreeSet<_> = holders.intersection(&now).cloned().collect();
                if prepared {
                    still.insert(Holder::Prepared);
                }
                Self::up(through, still)
            }
            other => other,
        };
    }

    fn up(through: EventId, holders: BTreeSet<Holder>) -> Fence {
        if holders.is_empty() {
            Fence::Cleared(through)
        } else {
            Fence::Up { through, holders }
        }
    }
}
