//! How long to wait before the next attempt.

use std::{ops::RangeInclusive, time::Duration};

/// The pause until a server asks for another one.
const DEFAULT_RETRY: Duration = Duration::from_secs(2);
/// The pauses that a server may ask for. Others are clamped to the nearest bound, so that no server can make a client
/// spin or sleep for ever.
const RETRY: RangeInclusive<Duration> = Duration::from_millis(1)..=Duration::from_hours(24);
/// Upper bound on the pause after failures, unless the server asked for a longer one.
const MAX_PAUSE: Duration = Duration::from_secs(30);

/// The pause that a server asked for, and how many attempts have failed since the last stream.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Backoff {
    retry: Duration,
    failures: u32,
}

impl Default for Backoff {
    fn default() -> Self {
        Self {
            retry: DEFAULT_RETRY,
            failures: 0,
        }
    }
}

impl Backoff {
    /// A stream has ended. `retry` is the pause that it asked for, if it did.
    pub(crate) fn served(&mut self, retry: Option<Duration>) {
        self.failures = 0;
        if let Some(retry) = retry {
            self.retry = retry.clamp(*RETRY.start(), *RETRY.end());
        }
    }

    /// An attempt has failed.
    pub(crate) fn failed(&mut self) {
        self.failures += 1;
    }

    /// The pause before the next attempt. Part of it is random, so that clients that are cut off together do not all
    /// come back together.
    pub(crate) fn pause(self) -> Duration {
        let random = getrandom::u32().unwrap_or(u32::MAX);
        self.pause_by(f64::from(random) / f64::from(u32::MAX))
    }

    /// The same, for a random number from 0 to 1.
    fn pause_by(self, chance: f64) -> Duration {
        self.retry
            .saturating_mul(1 << self.failures.min(8))
            .min(MAX_PAUSE.max(self.retry))
            .mul_f64(0.75 + 0.25 * chance)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(retry: Duration, failures: u32) -> Duration {
        let mut backoff = Backoff::default();
        backoff.served(Some(retry));
        for _ in 0..failures {
            backoff.failed();
        }
        backoff.pause_by(1.0)
    }

    #[test]
    fn each_failure_doubles_the_pause_up_to_a_bound() {
        let (second, minute) = (Duration::from_secs(1), Duration::from_mins(1));
        for (retry, failures, pause) in [
            (second, 0, second),
            (second, 3, 8 * second),
            (second, 5, 30 * second),
            (second, 1000, 30 * second),
            // A server that asks for more gets more.
            (minute, 0, minute),
            (minute, 9, minute),
        ] {
            assert_eq!(after(retry, failures), pause, "{retry:?}, {failures}");
        }
        assert_eq!(
            Backoff::default().pause_by(0.0),
            DEFAULT_RETRY.mul_f64(0.75)
        );
    }

    #[test]
    fn a_server_makes_nobody_spin_or_sleep_for_good() {
        assert_eq!(after(Duration::ZERO, 0), *RETRY.start());
        assert_eq!(after(Duration::MAX, 9), *RETRY.end());
    }

    #[test]
    fn a_good_connection_forgets_failures_and_keeps_the_pause() {
        let mut backoff = Backoff::default();
        backoff.served(Some(Duration::from_secs(3)));
        backoff.failed();
        backoff.served(None);
        assert_eq!(backoff.pause_by(1.0), Duration::from_secs(3));
    }
}
