//! When to look after each stream of a worker next.

use std::{
    collections::BTreeSet,
    num::NonZero,
    time::{Duration, Instant},
};

/// How exact timers are, in milliseconds; they are late by at most this.
const TICK: u64 = 10;
/// How many bits of a timer are the place of its stream. No process has more sockets; the rest count ticks, for 87 years.
const PLACE_BITS: u32 = 26;

/// The timer of one stream: when it is due, and the place of the stream. One word, because each stream has one in two
/// places.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Timer(NonZero<u64>);

/// At most one timer for each stream. The stream has a copy, so that its timer can be found.
#[derive(Debug)]
pub struct Timers {
    timers: BTreeSet<Timer>,
    /// Tick 0.
    since: Instant,
}

impl Timer {
    fn new(tick: u64, place: usize) -> Self {
        debug_assert!(place >> PLACE_BITS == 0, "{place} sockets");
        let timer = (tick + 1) << PLACE_BITS | place as u64;
        Self(NonZero::new(timer).unwrap_or(NonZero::<u64>::MAX))
    }

    fn tick(self) -> u64 {
        (self.0.get() >> PLACE_BITS) - 1
    }

    fn place(self) -> usize {
        (self.0.get() & ((1 << PLACE_BITS) - 1)) as usize
    }
}

impl Timers {
    /// No timers, of which none will be due before `since`.
    pub fn new(since: Instant) -> Self {
        Self {
            timers: BTreeSet::new(),
            since,
        }
    }

    /// When the first timer is due.
    pub fn first(&self) -> Option<Instant> {
        let ticks = self.timers.first()?.tick();
        Some(self.since + Duration::from_millis(ticks * TICK))
    }

    /// Has the stream at `place` looked after at `due`. An earlier timer of its own stays.
    pub fn set(&mut self, place: usize, timer: &mut Option<Timer>, due: Instant) {
        // Not before it is due.
        let ticks = self.ticks(due) + 1;
        let earlier = Timer::new(ticks, place);
        if timer.is_none_or(|timer| earlier < timer) {
            if let Some(later) = timer.replace(earlier) {
                self.timers.remove(&later);
            }
            self.timers.insert(earlier);
        }
    }

    /// Removes the timer of a stream that is over.
    pub fn remove(&mut self, timer: Option<Timer>) {
        if let Some(timer) = timer {
            self.timers.remove(&timer);
        }
    }

    /// Removes the first timer that is due at `now`, and returns the place of its stream. The stream's copy has to be
    /// removed, too.
    pub fn take_due(&mut self, now: Instant) -> Option<usize> {
        if self.timers.first()?.tick() > self.ticks(now) {
            return None;
        }
        self.timers.pop_first().map(Timer::place)
    }

    fn ticks(&self, at: Instant) -> u64 {
        let millis = at.saturating_duration_since(self.since).as_millis();
        u64::try_from(millis).unwrap_or(u64::MAX) / TICK
    }

    #[cfg(test)]
    pub fn len(&self) -> usize {
        self.timers.len()
    }

    #[cfg(test)]
    pub fn is_empty(&self) -> bool {
        self.timers.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn timers_come_in_their_order_and_never_too_early() {
        let start = Instant::now();
        let at = |millis| start + Duration::from_millis(millis);
        let mut timers = Timers::new(start);
        let mut own = [None; 3];
        for (place, due) in [(0, 95), (1, 15), (2, 40)] {
            timers.set(place, &mut own[place], at(due));
        }
        // A later one does not replace it, an earlier one does.
        timers.set(1, &mut own[1], at(1000));
        timers.set(0, &mut own[0], at(35));
        assert_eq!(timers.len(), 3);
        assert_eq!(timers.take_due(at(15)), None);
        assert_eq!(timers.take_due(at(25)), Some(1));
        assert_eq!(timers.take_due(at(25)), None);
        assert!(
            timers
                .first()
                .is_some_and(|due| due >= at(35) && due <= at(45))
        );
        timers.remove(own[2]);
        assert_eq!(timers.take_due(at(1_000_000)), Some(0));
        assert!(timers.is_empty());
    }

    #[test]
    fn a_timer_is_a_word() {
        assert_eq!(size_of::<Option<Timer>>(), 8);
    }
}
