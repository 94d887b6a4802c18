//! What time it is for retention: the clock that dates the events, and one that does not leap when that one does.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::{ConnectionTrait as _, DbBackend, DbErr, Statement};

use crate::store::Store;

/// It gains on the wall clock by at most the time that passes, so it runs at no more than twice its speed.
const SPEED: u32 = 2;

/// A clock that stays behind a wall clock that has leapt ahead, and catches up slowly.
///
/// It reads no clock itself: the owner tells it the wall clock's time, and how much time has really passed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RetentionClock {
    shows: DateTime<Utc>,
    /// The monotonic time at which it showed that.
    since: Duration,
}

impl RetentionClock {
    /// Starts at a time that has certainly passed: when the newest event was appended. `passed` is the reading of a
    /// clock that nobody sets.
    pub fn start(newest: DateTime<Utc>, passed: Duration) -> Self {
        Self {
            shows: newest,
            since: passed,
        }
    }

    /// Its time now, which is never ahead of the wall clock.
    pub fn read(&mut self, wall: DateTime<Utc>, passed: Duration) -> DateTime<Utc> {
        let elapsed = passed.saturating_sub(self.since);
        self.since = passed;
        if wall <= self.shows {
            // The wall clock was set back, perhaps for a moment. This clock waits. If it went back too, it would be
            // years behind when that moment is over.
            return wall;
        }
        let step = TimeDelta::from_std(elapsed.saturating_mul(SPEED)).unwrap_or(TimeDelta::MAX);
        let reached = self.shows.checked_add_signed(step);
        self.shows = reached.map_or(wall, |it| it.min(wall));
        self.shows
    }
}

/// The time on the clock that dates the events: PostgreSQL's own, or ours on SQLite.
pub(super) async fn wall_clock(store: &dyn Store) -> Result<DateTime<Utc>, DbErr> {
    let reader = store.reader();
    if reader.get_database_backend() != DbBackend::Postgres {
        return Ok(Utc::now());
    }
    let sql = "SELECT clock_timestamp()";
    let row = reader
        .query_one_raw(Statement::from_string(DbBackend::Postgres, sql))
        .await?
        .ok_or_else(|| DbErr::RecordNotFound("the time".to_owned()))?;
    row.try_get_by_index(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: Duration = Duration::from_mins(1);
    const DAY: Duration = Duration::from_hours(24);

    fn at(day: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_800_000_000, 0).expect("a time") + TimeDelta::days(day)
    }

    #[test]
    fn it_goes_with_the_wall_clock_on_a_log_that_is_written_to() {
        let mut clock = RetentionClock::start(at(0), Duration::ZERO);
        for minute in 1..10_000 {
            let wall = at(0) + MINUTE * minute;
            assert_eq!(clock.read(wall, MINUTE * minute), wall);
        }
    }

    #[test]
    fn a_leap_of_the_wall_clock_adds_no_more_than_the_time_that_it_lasts() {
        let mut clock = RetentionClock::start(at(0), Duration::ZERO);
        let decade = at(3650);
        assert_eq!(clock.read(decade, Duration::ZERO), at(0));
        assert_eq!(clock.read(decade, MINUTE), at(0) + MINUTE * 2);
        assert_eq!(clock.read(decade, MINUTE * 2), at(0) + MINUTE * 4);
        // The leap is over: wait until the wall clock has come as far.
        let wall = |minute| at(0) + MINUTE * minute;
        for minute in 3..5 {
            assert_eq!(clock.read(wall(minute), MINUTE * minute), wall(minute));
        }
        // A second leap does not gain the time of the first one again.
        assert_eq!(clock.read(decade, MINUTE * 4), wall(4));
        assert_eq!(clock.read(decade, MINUTE * 5), wall(6));
    }

    #[test]
    fn after_a_quiet_time_it_catches_up_at_twice_the_speed() {
        let mut clock = RetentionClock::start(at(0), Duration::ZERO);
        // The newest event is ten days old when the server starts.
        for day in 1..10 {
            let wall = at(10) + DAY * day;
            assert_eq!(clock.read(wall, DAY * day), at(0) + DAY * day * 2);
        }
        for day in 10..20 {
            let wall = at(10) + DAY * day;
            assert_eq!(clock.read(wall, DAY * day), wall);
        }
    }

    #[test]
    fn a_wall_clock_that_is_behind_rules_and_is_forgotten_when_it_is_right_again() {
        let mut clock = RetentionClock::start(at(0), Duration::ZERO);
        assert_eq!(clock.read(at(-20_000), MINUTE), at(-20_000));
        let wall = at(0) + MINUTE * 2;
        assert_eq!(clock.read(wall, MINUTE * 2), wall);
    }

    #[test]
    fn it_never_shows_more_than_the_wall_clock_and_never_overflows() {
        let mut clock = RetentionClock::start(DateTime::<Utc>::MAX_UTC, Duration::ZERO);
        assert_eq!(clock.read(at(0), Duration::MAX), at(0));
        let mut clock = RetentionClock::start(DateTime::<Utc>::MIN_UTC, Duration::ZERO);
        assert_eq!(clock.read(at(0), Duration::MAX), at(0));
    }
}
