//! How often clients may do something.
//!
//! - [`Rate`]: a number per duration, as an option gives it
//! - [`Rates`]: a rate for each client by itself (GCRA, by the crate `governor`)
//! - [`failures`]: delays for a client that fails again and again
//! - [`limit`]: which limit a client has hit, this kind and others
//! - `bounded`: how all of them remember a bounded number of clients
//! - [`notice`]: log lines that say once a minute what happens a thousand times a second

mod bounded;
pub mod failures;
pub mod limit;
pub mod notice;

use std::{fmt, num::NonZeroU32, str::FromStr, time::Duration};

use governor::{
    Quota, RateLimiter,
    clock::{Clock, MonotonicClock},
    middleware::StateInformationMiddleware,
};

use self::bounded::Bounded;
pub(crate) use self::bounded::make_room;
use crate::remote::Client;

/// A number per duration. All of it may be used at once; afterwards it is restored one by one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// The number; 1 to 1,000,000.
    pub number: NonZeroU32,
    /// The duration; 1 s to a day.
    pub window: Duration,
}

impl Rate {
    /// How long it takes to restore one.
    fn interval(self) -> Duration {
        (self.window / self.number.get()).max(Duration::from_nanos(1))
    }
}

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let window = humantime::format_duration(self.window);
        write!(f, "{}/{window}", self.number)
    }
}

/// An option that is a rate, or `off`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MaybeRate(pub Option<Rate>);

impl FromStr for MaybeRate {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text == "off" {
            return Ok(Self(None));
        }
        let wrong = || {
            "must be a number from 1 to 1000000, a slash and a duration from 1s to 1day, such as 500/5s, or `off`"
                .to_owned()
        };
        let (number, window) = text.split_once('/').ok_or_else(wrong)?;
        let number: NonZeroU32 = number.parse().map_err(|_| wrong())?;
        let window = humantime::parse_duration(window).map_err(|_| wrong())?;
        let windows = Duration::from_secs(1)..=Duration::from_hours(24);
        if number.get() > 1_000_000 || !windows.contains(&window) {
            return Err(wrong());
        }
        Ok(Self(Some(Rate { number, window })))
    }
}

/// What is left of a client's rate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Left {
    /// How many may come at once.
    pub number: u32,
    /// How long until there is one more, at most.
    pub more_in: Duration,
}

/// A rate for each client. It remembers 65,536 clients; if there are more, it forgets those that have used the least
/// of theirs.
#[derive(Debug)]
pub struct Rates<C: Clock = MonotonicClock> {
    rate: Rate,
    limiter: RateLimiter<Client, Bounded<Client>, C, StateInformationMiddleware>,
}

impl Rates {
    /// The same rate for each client.
    pub fn new(rate: Rate) -> Self {
        Self::with_clock(rate, MonotonicClock)
    }
}

impl<C: Clock> Rates<C> {
    fn with_clock(rate: Rate, clock: C) -> Self {
        // `interval` is never zero, which is all that `with_period` refuses.
        let quota = Quota::with_period(rate.interval())
            .unwrap_or_else(|| Quota::per_second(rate.number))
            .allow_burst(rate.number);
        Self {
            rate,
            limiter: RateLimiter::new(quota, Bounded::default(), clock),
        }
    }

    /// The rate of each client.
    pub fn rate(&self) -> Rate {
        self.rate
    }

    /// Counts one request of `client`.
    ///
    /// # Errors
    /// How long to wait, if the rate is used up. Then this request does not count.
    pub fn check(&self, client: Client) -> Result<Left, Duration> {
        match self.limiter.check_key(&client) {
            Ok(state) => Ok(Left {
                number: state.remaining_burst_capacity(),
                more_in: self.rate.interval(),
            }),
            Err(until) => Err(until.wait_time_from(self.limiter.clock().now())),
        }
    }
}

/// A wait in whole seconds for `Retry-After`: at least 1, and rounded up (RFC 9110, 10.2.3).
pub fn seconds(wait: Duration) -> u64 {
    let whole = wait.as_secs();
    (whole + u64::from(wait.subsec_nanos() > 0)).max(1)
}

#[cfg(test)]
mod tests {
    use governor::clock::FakeRelativeClock;

    use super::*;

    fn rate(text: &str) -> Rate {
        let MaybeRate(rate) = text.parse().expect("a rate");
        rate.expect("not off")
    }

    fn client(last: u8) -> Client {
        Client::at([203, 0, 113, last].into())
    }

    #[test]
    fn a_client_has_its_number_at_once_and_then_one_by_one() {
        let clock = FakeRelativeClock::default();
        let rates = Rates::with_clock(rate("10/5s"), clock.clone());
        for left in (0..10).rev() {
            assert_eq!(rates.check(client(1)).expect("a place").number, left);
        }
        let half = Duration::from_millis(500);
        assert_eq!(rates.check(client(1)), Err(half));
        // Others have theirs.
        assert_eq!(rates.check(client(2)).expect("a place").number, 9);
        clock.advance(half);
        assert_eq!(rates.check(client(1)).expect("a place").number, 0);
        assert_eq!(rates.check(client(1)), Err(half));
        clock.advance(Duration::from_mins(1));
        assert_eq!(rates.check(client(1)).expect("a place").number, 9);
    }

    #[test]
    fn a_refused_one_does_not_count() {
        let clock = FakeRelativeClock::default();
        let rates = Rates::with_clock(rate("1/1s"), clock.clone());
        rates.check(client(1)).expect("the first");
        for _ in 0..100 {
            rates.check(client(1)).expect_err("too soon");
        }
        clock.advance(Duration::from_secs(1));
        rates.check(client(1)).expect("the next");
    }

    #[test]
    fn a_rate_is_a_number_and_a_duration() {
        for (text, number, seconds) in [
            ("500/5s", 500, 5),
            ("10/1h", 10, 3600),
            ("1/1day", 1, 86_400),
        ] {
            let rate = rate(text);
            assert_eq!(
                (rate.number.get(), rate.window.as_secs()),
                (number, seconds)
            );
        }
        assert_eq!("off".parse(), Ok(MaybeRate(None)));
        for text in [
            "",
            "5",
            "0/1s",
            "-1/1s",
            "1/",
            "1/0s",
            "1/999ms",
            "1/25h",
            "1000001/1s",
            "/1s",
            "1/s",
        ] {
            assert!(text.parse::<MaybeRate>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_wait_is_never_told_too_short() {
        for (millis, told) in [(0, 1), (1, 1), (1000, 1), (1001, 2), (59_999, 60)] {
            assert_eq!(seconds(Duration::from_millis(millis)), told);
        }
    }
}
