//! How long events took, over all deliveries.

use hdrhistogram::Histogram;

/// The longest latency that is told apart, in microseconds.
const LONGEST: u64 = 600_000_000;

/// Latencies in microseconds, with three significant digits.
#[derive(Clone)]
pub struct Latencies {
    /// From when the event was given to the server.
    pub from_sent: Histogram<u64>,
    /// From when it should have been, so that a publisher that is held up does not hide a delay.
    pub from_due: Histogram<u64>,
    /// From when the server had answered, or the transaction had committed; 0 if the event was there before.
    pub from_answer: Histogram<u64>,
    /// How many events were there before.
    pub before_answer: u64,
}

/// A histogram of microseconds; whatever takes longer than ten minutes counts as ten minutes.
///
/// # Panics
/// Never: the bounds and the number of digits are constants that are allowed.
pub fn histogram() -> Histogram<u64> {
    Histogram::new_with_bounds(1, LONGEST, 3).expect("constants")
}

impl Latencies {
    pub(super) fn new() -> Self {
        Self {
            from_sent: histogram(),
            from_due: histogram(),
            from_answer: histogram(),
            before_answer: 0,
        }
    }

    pub(super) fn record(&mut self, now: u64, sent: u64, due: u64, answered: u64) {
        let microseconds = |since: u64| now.saturating_sub(since) / 1000;
        self.from_sent.saturating_record(microseconds(sent));
        self.from_due.saturating_record(microseconds(due));
        if answered == 0 {
            self.before_answer += 1;
            self.from_answer.saturating_record(0);
        } else {
            self.from_answer.saturating_record(microseconds(answered));
        }
    }

    pub(super) fn add(&mut self, other: &Self) {
        // All have the same bounds, so no value can fall outside.
        let _ = self.from_sent.add(&other.from_sent);
        let _ = self.from_due.add(&other.from_due);
        let _ = self.from_answer.add(&other.from_answer);
        self.before_answer += other.before_answer;
    }

    pub(super) fn reset(&mut self) {
        self.from_sent.reset();
        self.from_due.reset();
        self.from_answer.reset();
        self.before_answer = 0;
    }
}

/// A percentile, in milliseconds.
#[allow(clippy::cast_precision_loss, reason = "ten minutes at most")]
pub fn percentile(histogram: &Histogram<u64>, percentile: f64) -> f64 {
    histogram.value_at_percentile(percentile) as f64 / 1000.0
}
