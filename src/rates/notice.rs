//! Log lines about events that clients can cause as often as they like.

use std::{
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

/// Shortest interval between two lines of a notice.
const PERIOD: Duration = Duration::from_mins(1);

/// An event that is logged once a minute, and not each time that it happens.
#[derive(Debug)]
pub struct Notice(Mutex<State>);

#[derive(Debug)]
struct State {
    written: Option<Instant>,
    untold: u64,
}

impl Notice {
    /// It has not happened so far.
    #[expect(clippy::new_without_default, reason = "a static cannot use it")]
    pub const fn new() -> Self {
        Self(Mutex::new(State {
            written: None,
            untold: 0,
        }))
    }

    /// Counts an occurrence. Returns how many there were since the last line, if the next is due.
    pub fn due(&self) -> Option<u64> {
        self.due_at(Instant::now())
    }

    fn due_at(&self, now: Instant) -> Option<u64> {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        state.untold += 1;
        if state.written.is_some_and(|it| now < it + PERIOD) {
            return None;
        }
        state.written = Some(now);
        Some(std::mem::take(&mut state.untold))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_due_at_once_and_then_once_a_minute() {
        let notice = Notice::new();
        let start = Instant::now();
        assert_eq!(notice.due_at(start), Some(1));
        for _ in 0..1000 {
            assert_eq!(notice.due_at(start + PERIOD / 2), None);
        }
        assert_eq!(notice.due_at(start + PERIOD), Some(1001));
    }
}
