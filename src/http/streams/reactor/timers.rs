//! When to look after each stream of a worker next.

use std::{collections::BTreeSet, time::Instant};

/// At most one timer for each stream. The stream has a copy, so that its timer can be found.
#[derive(Debug, Default)]
pub struct Timers(BTreeSet<(Instant, usize)>);

impl Timers {
    /// When the first timer is due.
    pub fn first(&self) -> Option<Instant> {
        self.0.first().map(|&(due, _)| due)
    }

    /// Has the stream at `place` looked after at `due`. An earlier timer of its own stays.
    pub fn set(&mut self, place: usize, timer: &mut Option<Instant>, due: Instant) {
        if timer.is_none_or(|timer| due < timer) {
            if let Some(later) = timer.replace(due) {
                self.0.remove(&(later, place));
            }
            self.0.insert((due, place));
        }
    }

    /// Removes the timer of a stream that is over.
    pub fn remove(&mut self, place: usize, timer: Option<Instant>) {
        if let Some(timer) = timer {
            self.0.remove(&(timer, place));
        }
    }

    /// Removes the first timer that is due at `now`, and returns the place of its stream. The stream's copy has to be
    /// removed, too.
    pub fn take_due(&mut self, now: Instant) -> Option<usize> {
        let &(due, _) = self.0.first()?;
        if due > now {
            return None;
        }
        self.0.pop_first().map(|(_, place)| place)
    }

    #[cfg(test)]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    #[cfg(test)]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}
