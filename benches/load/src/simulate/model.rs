//! One of the surviving servers, and its share of the lost server's clients.
//!
//! The survivors are alike, because the clients are spread evenly, so one stands for all. Time advances in small
//! steps. Nothing is random: what is random in the world, such as the pauses that a stopping server tells its
//! clients, is spread evenly over its range. So every run gives the same result.

use std::collections::{BTreeMap, VecDeque};

/// Seconds of a step.
pub const STEP: f64 = 0.005;
/// Steps over which the use of the CPU is averaged: a second.
const AVERAGE: usize = 200;
/// Seconds until an unanswered SYN is sent again. The pause doubles each time (RFC 6298, 5.5).
const FIRST_RESEND: f64 = 1.0;

/// What a survivor is like, and what happens to it.
#[derive(Clone, Copy, Debug)]
pub struct Setting {
    /// Streams that it has.
    pub streams: u64,
    /// Clients that come to it from the lost server.
    pub clients: u64,
    /// Its cores.
    pub cores: f64,
    /// Events a second, for all.
    pub rate: f64,
    /// Seconds of CPU time per delivery.
    pub delivery: f64,
    /// The same for one event of a stream that catches up.
    pub catch_up: f64,
    /// The same for a connection that opens.
    pub opening: f64,
    /// Events that each client has missed.
    pub missed: f64,
    /// When the first client comes, in seconds after the loss, and how long until the last.
    pub back: (f64, f64),
    /// Connections that wait to be accepted, at most.
    pub queue: u64,
    /// Seconds after which a client whose SYN was not answered gives up, and begins again after `retry`.
    pub patience: f64,
    /// Seconds.
    pub retry: f64,
    /// Seconds after which the simulation is given up.
    pub limit: f64,
}

/// Where the clients are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Clients {
    /// They wait for their pause to end, or for a SYN to be sent again.
    pub away: u64,
    /// They wait to be accepted.
    pub queued: u64,
    /// They have a stream and catch up.
    pub behind: u64,
    /// They have all that they missed.
    pub back: u64,
}

/// The outcome.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Outcome {
    /// When 99 of a hundred were back, in seconds after the loss, unless it took too long.
    pub most_back: Option<f64>,
    /// When all were.
    pub all_back: Option<f64>,
    /// The highest use of the CPU over a second, from 0 to 1.
    pub peak_cpu: f64,
    /// The longest that an event took to be written to all streams that were up to date, in seconds.
    pub longest_delay: f64,
    /// SYNs that found no place.
    pub refused: u64,
    /// Seconds of CPU time.
    pub cpu: f64,
    /// Seconds of CPU time of the work that came up: what is not done when it ends is above.
    pub work: f64,
    /// Where the clients are at the end.
    pub clients: Clients,
}

/// Clients that try at the same time, for the same time.
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
    /// Seconds of CPU time.
    left: f64,
}

struct Survivor {
    setting: Setting,
    step: u64,
    clients: Clients,
    attempts: BTreeMap<u64, Vec<Attempt>>,
    rounds: VecDeque<Round>,
    next_event: f64,
    /// What was already done for the first that is opening, and for the first that catches up.
    opening_done: f64,
    catch_up_done: f64,
    used: VecDeque<f64>,
    outcome: Outcome,
}

/// Runs until all are back, or for too long. After every step `watch` is told where the clients are.
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

    /// Clients whose pause is over send their SYN. Those that find no place send it again later.
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

    /// Half of the CPU is for the threads that own streams, half for those that answer requests; each half may use
    /// what the other leaves. In the streams' half rounds go first.
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

    /// Rounds, then streams that catch up. Returns what it took.
    fn streams(&mut self, budget: f64) -> f64 {
        let mut left = budget;
        while let Some(round) = self.rounds.front_mut() {
            let done = round.left.min(left);
            round.left -= done;
            left -= done;
            // As exact as a step is.
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

    /// Connections that wait are accepted, and their streams opened, in their order.
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

/// Serves the waiting clients in turn, the first with `done` already behind it. Returns how many are done, the time
/// it took, and what was done for the next.
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

/// At least one: nothing comes back to the same step.
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
