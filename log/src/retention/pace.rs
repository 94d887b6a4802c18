//! How much a batch deletes, and how long to pause after it: writers wait while one runs, and must not notice.

use std::time::Duration;

/// About how long the statements of one batch may take. On SQLite nobody else writes meanwhile.
const WORK: Duration = Duration::from_millis(5);
/// Events in the first batch. A row can cost a page read from the disk and two written, or a microsecond.
const FIRST: u64 = 50;
/// Events in a batch at most.
const MOST: u64 = 1000;
/// Pause in units of what the batch before it has taken. So most writers come when no batch runs.
const REST: u32 = 3;
/// After this long without an end, batches take turns with writers instead: the log must not grow faster than it is
/// deleted.
const PATIENCE: Duration = Duration::from_mins(1);
/// Longest pause, however slow the disk is.
const LONGEST_PAUSE: Duration = Duration::from_millis(100);

/// The size of batches, which follows from how long the last one took.
#[derive(Debug)]
pub(super) struct Pace {
    size: u64,
}

impl Default for Pace {
    fn default() -> Self {
        Self { size: FIRST }
    }
}

impl Pace {
    /// How many events to delete next, at least 1.
    pub(super) fn size(&self) -> u64 {
        self.size
    }

    /// Learns that the statements that deleted a full batch took this long.
    pub(super) fn took(&mut self, work: Duration) {
        let wanted = u128::from(self.size) * WORK.as_nanos() / work.as_nanos().max(1);
        let wanted = u64::try_from(wanted).unwrap_or(MOST);
        // One batch may have been slow or fast by chance.
        self.size = wanted.clamp(self.size / 4, self.size * 2).clamp(1, MOST);
    }

    /// How long to pause after a batch that took this long, with its commit, if the first of them began so long ago.
    pub(super) fn pause(took: Duration, since_first: Duration) -> Duration {
        let rest = if since_first < PATIENCE { REST } else { 1 };
        took.saturating_mul(rest).min(LONGEST_PAUSE)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The size to which batches come if an event takes this long.
    fn settles_at(event: Duration) -> u64 {
        let mut pace = Pace::default();
        for _ in 0..30 {
            let size = u32::try_from(pace.size()).expect("small");
            pace.took(event * size);
        }
        pace.size()
    }

    #[test]
    fn a_batch_takes_about_as_long_as_it_may() {
        for (event, size) in [
            (Duration::from_micros(100), 50),
            (Duration::from_micros(10), 500),
            (Duration::from_millis(1), 5),
        ] {
            assert_eq!(settles_at(event), size, "{event:?}");
        }
    }

    #[test]
    fn it_is_never_empty_and_never_too_large() {
        assert_eq!(settles_at(Duration::ZERO), MOST);
        assert_eq!(settles_at(Duration::from_nanos(1)), MOST);
        assert_eq!(settles_at(Duration::from_hours(1)), 1);
        let mut pace = Pace::default();
        pace.took(Duration::MAX);
        assert_eq!(pace.size(), FIRST / 4);
    }

    #[test]
    fn a_pause_is_in_proportion_and_has_an_end() {
        let pause = |millis, since_first| {
            let took = Duration::from_millis(millis);
            Pace::pause(took, since_first).as_millis()
        };
        for (since_first, pauses) in [
            (Duration::ZERO, [0, 30, 100, 100]),
            (PATIENCE, [0, 10, 34, 100]),
        ] {
            let of = [0, 10, 34, 5000].map(|it| pause(it, since_first));
            assert_eq!(of, pauses, "{since_first:?}");
        }
        assert_eq!(Pace::pause(Duration::MAX, Duration::MAX), LONGEST_PAUSE);
    }
}
