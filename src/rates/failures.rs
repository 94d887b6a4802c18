//! Delays for clients that fail again and again.
//!
//! No clock and no lock: the owner brings them.

use std::{
    collections::HashMap,
    hash::Hash,
    time::{Duration, Instant},
};

use super::make_room;

/// How failures delay further tries.
#[derive(Clone, Copy, Debug)]
pub struct Rule {
    /// The number of the first failure that causes a delay.
    pub patience: u32,
    /// The first delay. It doubles with each further failure.
    pub first: Duration,
    /// Longest delay.
    pub longest: Duration,
    /// One failure is forgiven after this long without a delay and without a failure.
    pub forgiven: Duration,
}

impl Rule {
    /// The delay after `count` failures.
    fn delay(&self, count: u32) -> Duration {
        let Some(past) = count.checked_sub(self.patience) else {
            return Duration::ZERO;
        };
        let factor = 1_u32.checked_shl(past).filter(|&it| it > 0);
        let delay = factor.and_then(|factor| self.first.checked_mul(factor));
        delay.unwrap_or(self.longest).min(self.longest)
    }
}

/// Failures by key, for at most `capacity` keys. If there are more, those that would be forgiven first are forgotten.
#[derive(Debug)]
pub struct Failures<K> {
    rule: Rule,
    capacity: usize,
    failed: HashMap<K, Failed>,
}

#[derive(Clone, Copy, Debug)]
struct Failed {
    count: u32,
    /// Nothing may be tried before this. Forgiving begins here.
    until: Instant,
}

impl Failed {
    /// The state at this time.
    fn at(self, now: Instant, rule: &Rule) -> Self {
        let quiet = now.saturating_duration_since(self.until);
        let forgiven = quiet.as_nanos() / rule.forgiven.as_nanos().max(1);
        let forgiven = u32::try_from(forgiven).unwrap_or(u32::MAX).min(self.count);
        Self {
            count: self.count - forgiven,
            until: self.until + rule.forgiven * forgiven,
        }
    }
}

impl<K: Copy + Eq + Hash> Failures<K> {
    /// None so far.
    pub fn new(rule: Rule, capacity: usize) -> Self {
        Self {
            rule,
            capacity,
            failed: HashMap::new(),
        }
    }

    /// How long `key` has to wait before it may try.
    pub fn wait(&self, key: &K, now: Instant) -> Duration {
        let failed = self.failed.get(key);
        failed.map_or(Duration::ZERO, |it| it.until.saturating_duration_since(now))
    }

    /// Counts a failure of `key`.
    pub fn charge(&mut self, key: K, now: Instant) {
        let before = self.failed.get(&key).map(|it| it.at(now, &self.rule));
        if before.is_none() {
            let rule = self.rule;
            // When all would be forgiven.
            make_room(&mut self.failed, self.capacity, |it| {
                it.until + rule.forgiven.saturating_mul(it.count)
            });
        }
        let count = before.map_or(0, |it| it.count).saturating_add(1);
        let until = now + self.rule.delay(count);
        // A longer delay remains as it is.
        let until = before.map_or(until, |it| it.until.max(until));
        self.failed.insert(key, Failed { count, until });
    }

    /// Takes back a failure of `key` that was none after all, and with it its delay.
    pub fn refund(&mut self, key: &K, now: Instant) {
        let Some(failed) = self.failed.get_mut(key) else {
            return;
        };
        failed.count = failed.count.saturating_sub(1);
        failed.until = failed.until.min(now);
        if failed.count == 0 {
            self.failed.remove(key);
        }
    }

    /// Forgives `key` everything.
    pub fn forgive(&mut self, key: &K) {
        self.failed.remove(key);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RULE: Rule = Rule {
        patience: 3,
        first: Duration::from_secs(1),
        longest: Duration::from_mins(1),
        forgiven: Duration::from_secs(100),
    };

    fn seconds(number: u64) -> Duration {
        Duration::from_secs(number)
    }

    #[test]
    fn the_delay_doubles_up_to_the_longest() {
        let mut failures = Failures::new(RULE, 10);
        let mut now = Instant::now();
        let mut delays = Vec::new();
        for _ in 0..12 {
            failures.charge("ada", now);
            let wait = failures.wait(&"ada", now);
            delays.push(wait.as_secs());
            now += wait;
        }
        assert_eq!(delays, [0, 0, 1, 2, 4, 8, 16, 32, 60, 60, 60, 60]);
        assert_eq!(failures.wait(&"grace", now), Duration::ZERO);
        // However many there were.
        assert_eq!(RULE.delay(u32::MAX), seconds(60));
    }

    #[test]
    fn failures_are_forgiven_one_by_one() {
        let mut failures = Failures::new(RULE, 10);
        let mut now = Instant::now();
        for _ in 0..4 {
            failures.charge((), now);
        }
        assert_eq!(failures.wait(&(), now), seconds(2));
        now += seconds(2);
        assert_eq!(failures.wait(&(), now), Duration::ZERO);
        // Two of four are forgiven, so the next is the third again.
        now += seconds(200);
        failures.charge((), now);
        assert_eq!(failures.wait(&(), now), seconds(1));
        now += seconds(100_000);
        failures.charge((), now);
        assert_eq!(failures.wait(&(), now), Duration::ZERO);
    }

    #[test]
    fn what_was_none_after_all_is_taken_back_and_the_others_stay() {
        let mut failures = Failures::new(RULE, 10);
        let now = Instant::now();
        for _ in 0..3 {
            failures.charge((), now);
        }
        failures.refund(&(), now);
        assert_eq!(failures.wait(&(), now), Duration::ZERO);
        failures.charge((), now);
        assert_eq!(failures.wait(&(), now), seconds(1));
        failures.forgive(&());
        failures.charge((), now);
        assert_eq!(failures.wait(&(), now), Duration::ZERO);
    }

    #[test]
    fn it_remembers_a_bounded_number_and_the_worst_of_them() {
        let mut failures = Failures::new(RULE, 100);
        let now = Instant::now();
        for _ in 0..5 {
            failures.charge(0, now);
        }
        for key in 1..10_000 {
            failures.charge(key, now);
            assert!(failures.failed.len() <= 100);
        }
        assert_eq!(failures.wait(&0, now), seconds(4));
    }
}
