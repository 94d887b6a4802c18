//! One of the surviving servers, and its share of the lost server's clients.
//!
//! The survivors are alike, because the clients are spread evenly, so one stands for all. Time advances in small steps.
//! Nothing is random: whatever is random in the world, such as the pauses that a stopping server tells its clients, is
//! spread evenly over its range. So every run gives the same result.

use std::collections::{BTreeMap, VecDeque};

/// Length of a step, in seconds.
pub const STEP: f64 = 0.005;
/// Steps over which CPU use is averaged: a second.
const AVERAGE: usize = 200;
/// Seconds until an unanswered SYN is sent again. The pause then doubles each time (RFC 6298, 5.5).
const FIRST_RESEND: f64 = 1.0;

/// What a survivor is like, and what happens to it.
#[derive(Clone, Copy, Debug)]
pub struct Setting {
    /// Streams that it already has.
    pub streams: u64,
    /// Clients of the lost server that reconnect to this one.
    pub clients: u64,
    /// Its cores.
    pub cores: f64,
    /// Events per second; each goes to every stream.
    pub rate: f64,
    /// Seconds of CPU time per delivery.
    pub delivery: f64,
    /// Seconds of CPU time per event that a stream catches up on.
    pub catch_up: f64,
    /// Seconds of CPU time per connection that opens.
    pub opening: f64,
    /// Events that each client has missed.
    pub missed: f64,
    /// When the first client reconnects, in seconds after the loss, and how many seconds later the last one does.
    pub back: (f64, f64),
    /// Upper bound on the connections that wait to be accepted.
    pub queue: u64,
    /// How long a client keeps resending a SYN, in seconds. Then it gives up, and begins again after `retry`.
    pub patience: f64,
    /// How long a client waits before it reconnects, in seconds.
    pub retry: f64,
    /// How long to simulate before giving up, in seconds.
    pub limit: f64,
}

/// Where the clients are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Clients {
    /// Clients that wait for their pause to end, or to send a SYN again.
    pub away: u64,
    /// Clients that wait to be accepted.
    pub queued: u64,
    /// Clients that have a stream and are catching up.
    pub behind: u64,
    /// Clients that have everything they missed.
    pub back: u64,
}

/// The outcome.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Outcome {
    /// When 99 % of the clients were back, in seconds after the loss; `None` if it took too long.
    pub most_back: Option<f64>,
    /// When all of them were.
    pub all_back: Option<f64>,
    /// The highest CPU use over a second, from 0 to 1.
    pub peak_cpu: f64,
    /// The longest time that it took to write an event to all streams that were up to date, in seconds.
    pub longest_delay: f64,
    /// SYNs that found the queue full.
    pub refused: u64,
    /// CPU time used, in seconds.
    pub cpu: f64,
    /// CPU time of all work that arose, in seconds, including what was not done by the end.
    pub work: f64,
    /// Where the clients are at the end.
    pub clients: Clients,
}

/// Clients that began to connect in the same step, and send their next SYN together.
#[derive(Clone, Copy, Debug)]
struct Attempt {
    count: u64,
    /// When it began, in steps.
    began: u64,
    /// The pause before the next SYN, in seconds.
    pause: f64,
}

/// An event that is being written to all streams.
#[derive(Clone, Copy, Debug)]
struct Round {
    at: f64,
    /// Seconds of CPU time that it still takes.
    left: f64,
}

struct Survivor {
    setting: Setting,
    step: u64,
    clients: Clients,
    attempts: BTreeMap<u64, Vec<Attempt>>,
    rounds: VecDeque<Round>,
    next_event: f64,
    /// What is already done for the client that is opening, and for the stream that is catching up.
    opening_done: f64,
    catch_up_done: f64,
    used: VecDeque<f64>,
    outcome: Outcome,
}

/// Runs until all clients are back, or until the time limit. After every step it tells `watch` where the clients are.
pub fn run(setting: Setting, mut watch: impl FnMut(f64, Clients)) -> Outcome {
    let mut survivor = Survivor::new(setting);
    while survivor.outcome.all_back.is_none() && survivor.now() < setting.limit {
        survivor.advance();
        watch(survivor.now(), survivor.clients);
    }
    survivor.end()
}

impl Survivor {
    fn new(setting: Setting) -> Self {
        let mut attempts: BTreeMap<u64, Vec<Attempt>> = BTreeMap::new();
        let (first, width) = setting.back;
        let steps = steps(width).max(1);
        // Equally many in each step; the remainder as early as possible.
        let due = |step: u64| (setting.clients * step).div_ceil(steps);
        for step in 0..steps {
            let began = steps_at(first) + step;
            let count = due(step + 1) - due(step);
            if count > 0 {
                let attempt = Attempt {
                    count,
                    began,
                    pause: FIRST_RESEND,
                };
                attempts.insert(began, vec![attempt]);
            }
        }
        Self {
            setting,
            step: 0,
            clients: Clients {
                away: setting.clients,
                ..Clients::default()
            },
            attempts,
            rounds: VecDeque::new(),
            next_event: 0.0,
            opening_done: 0.0,
            catch_up_done: 0.0,
            used: VecDeque::new(),
            outcome: Outcome::default(),
        }
    }

    fn now(&self) -> f64 {
        seconds(self.step)
    }

    fn advance(&mut self) {
        self.publish();
        self.arrive();
        self.work();
        self.step += 1;
        let back = float(self.clients.back);
        let now = self.now();
        if back >= 0.99 * float(self.setting.clients) {
            self.outcome.most_back.get_or_insert(now);
        }
        if self.clients.back == self.setting.clients {
            self.outcome.all_back.get_or_insert(now);
        }
    }

    /// Each event goes to all streams that are open.
    fn publish(&mut self) {
        while self.setting.rate > 0.0 && self.next_event <= self.now() {
            let open = self.setting.streams + self.clients.behind + self.clients.back;
            let left = float(open) * self.setting.delivery;
            self.outcome.work += left;
            let at = self.next_event;
            self.rounds.push_back(Round { at, left });
            self.next_event += 1.0 / self.setting.rate;
        }
    }

    /// Clients whose pause is over send their SYN. Those that find the queue full send it again later.
    fn arrive(&mut self) {
        for attempt in self.attempts.remove(&self.step).unwrap_or_default() {
            let room = self.setting.queue.saturating_sub(self.clients.queued);
            let accepted = attempt.count.min(room);
            self.clients.queued += accepted;
            self.clients.away -= accepted;
            let refused = attempt.count - accepted;
            if refused == 0 {
                continue;
            }
            self.outcome.refused += refused;
            let again = self.step + steps(attempt.pause);
            let has_patience = seconds(again - attempt.began) <= self.setting.patience;
            let (at, began, pause) = if has_patience {
                (again, attempt.began, attempt.pause * 2.0)
            } else {
                let given_up = attempt.began + steps(self.setting.patience);
                let at = given_up.max(self.step) + steps(self.setting.retry);
                (at, at, FIRST_RESEND)
            };
            let attempt = Attempt {
                count: refused,
                began,
                pause,
            };
            self.attempts.entry(at).or_default().push(attempt);
        }
    }

    /// Half of the CPU is for the threads that own streams, half for those that answer requests. Each half may use what
    /// the other leaves. Within the streams' half, rounds go first.
    fn work(&mut self) {
        let budget = self.setting.cores * STEP;
        let mut left = budget;
        left -= self.streams(budget / 2.0);
        left -= self.openings(left);
        left -= self.streams(left);
        let used = budget - left;
        self.outcome.cpu += used;
        self.used.push_back(used / budget);
        if self.used.len() > AVERAGE {
            self.used.pop_front();
        }
        let sum: f64 = self.used.iter().sum();
        #[allow(clippy::cast_precision_loss, reason = "a small number")]
        let average = sum / AVERAGE as f64;
        self.outcome.peak_cpu = self.outcome.peak_cpu.max(average);
    }

    /// Rounds, then streams that catch up. Returns the CPU time it took.
    fn streams(&mut self, budget: f64) -> f64 {
        let mut left = budget;
        while let Some(round) = self.rounds.front_mut() {
            let done = round.left.min(left);
            round.left -= done;
            left -= done;
            // Exact to a step.
            let delay = seconds(self.step + 1) - round.at;
            if round.left > 0.0 {
                break;
            }
            self.outcome.longest_delay = self.outcome.longest_delay.max(delay);
            self.rounds.pop_front();
        }
        let each = self.setting.missed * self.setting.catch_up;
        let (count, taken, done) = serve(self.clients.behind, each, self.catch_up_done, left);
        self.catch_up_done = done;
        self.clients.behind -= count;
        self.clients.back += count;
        budget - left + taken
    }

    /// Accepts waiting connections in order, and opens their streams. Returns the CPU time it took.
    fn openings(&mut self, budget: f64) -> f64 {
        let each = self.setting.opening;
        let (count, taken, done) = serve(self.clients.queued, each, self.opening_done, budget);
        self.opening_done = done;
        self.clients.queued -= count;
        self.clients.behind += count;
        self.outcome.work += float(count) * (each + self.setting.missed * self.setting.catch_up);
        taken
    }

    fn end(mut self) -> Outcome {
        let now = self.now();
        if let Some(round) = self.rounds.front() {
            self.outcome.longest_delay = self.outcome.longest_delay.max(now - round.at);
        }
        self.outcome.clients = self.clients;
        self.outcome
    }
}

/// Serves the waiting clients in turn; `done` is what the first has already had. Returns how many are finished, the
/// time it took, and what the next one has had.
fn serve(waiting: u64, each: f64, done: f64, budget: f64) -> (u64, f64, f64) {
    let mut left = budget;
    let mut count = 0;
    let mut done = done;
    while count < waiting {
        let needed = (each - done).max(0.0);
        if needed > left {
            return (count, budget, done + left);
        }
        left -= needed;
        done = 0.0;
        count += 1;
    }
    (count, budget - left, done)
}

#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a few hours at most"
)]
fn steps_at(seconds: f64) -> u64 {
    (seconds / STEP).round() as u64
}

/// At least one, so that nothing returns to the same step.
fn steps(seconds: f64) -> u64 {
    steps_at(seconds).max(1)
}

fn seconds(steps: u64) -> f64 {
    float(steps) * STEP
}

#[allow(clippy::cast_precision_loss, reason = "far below 2^52")]
fn float(count: u64) -> f64 {
    count as f64
}

#[cfg(test)]
mod tests;
