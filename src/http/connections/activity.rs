//! What is under way on one connection, and since when it has been idle.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::{
    sync::Notify,
    time::{Instant, sleep_until},
};

/// The connections on which nothing is under way.
#[derive(Debug, Default)]
pub struct Idle(Mutex<Table>);

#[derive(Debug, Default)]
struct Table {
    /// How to tell each to give way; the one that has been idle for longest comes first.
    connections: BTreeMap<u64, Arc<Notify>>,
    last_ticket: u64,
}

impl Idle {
    /// Tells the connection that has been idle for longest to give way. `None` if none is idle.
    pub fn make_way(&self) -> Option<()> {
        let (_, give_way) = self.table().connections.pop_first()?;
        give_way.notify_one();
        Some(())
    }

    /// Adds a connection, which is idle from now on.
    fn add(&self, give_way: &Arc<Notify>) -> State {
        let mut table = self.table();
        table.last_ticket += 1;
        let ticket = table.last_ticket;
        table.connections.insert(ticket, Arc::clone(give_way));
        State::Idle {
            since: Instant::now(),
            ticket,
        }
    }

    fn remove(&self, ticket: u64) {
        self.table().connections.remove(&ticket);
    }

    #[cfg(test)]
    pub fn is_empty(&self) -> bool {
        self.table().connections.is_empty()
    }

    fn table(&self) -> MutexGuard<'_, Table> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What is under way on one connection.
#[derive(Debug)]
pub struct Activity {
    idle: Arc<Idle>,
    give_way: Arc<Notify>,
    state: Mutex<State>,
}

#[derive(Debug)]
enum State {
    /// How many requests or answers are under way.
    Busy(usize),
    /// Idle since then. The ticket is the connection's place among the idle ones.
    Idle { since: Instant, ticket: u64 },
}

/// Held while a request or its answer is under way.
#[derive(Debug)]
pub struct Busy(Arc<Activity>);

impl Activity {
    /// A connection on which nothing is under way yet.
    pub fn new(idle: Arc<Idle>) -> Self {
        let give_way = Arc::default();
        let state = Mutex::new(idle.add(&give_way));
        Self {
            idle,
            give_way,
            state,
        }
    }

    /// A request begins.
    pub fn begin(self: &Arc<Self>) -> Busy {
        self.stay();
        Busy(Arc::clone(self))
    }

    /// From here on the connection never gives way.
    pub fn stay(&self) {
        let mut state = self.state();
        match &mut *state {
            State::Busy(count) => *count += 1,
            State::Idle { ticket, .. } => {
                self.idle.remove(*ticket);
                *state = State::Busy(1);
            }
        }
    }

    /// Completes when the connection has to give way to another and nothing is under way on it.
    pub async fn gives_way(&self) {
        loop {
            self.give_way.notified().await;
            if matches!(*self.state(), State::Idle { .. }) {
                return;
            }
        }
    }

    /// Completes when nothing has been under way for `patience`.
    pub async fn idle_for(&self, patience: Duration) {
        loop {
            let state = match *self.state() {
                State::Busy(_) => None,
                State::Idle { since, .. } => Some(since),
            };
            let Some(since) = state else {
                // It cannot have been idle for that long any sooner than this.
                sleep_until(Instant::now() + patience.max(Duration::from_secs(1))).await;
                continue;
            };
            if since.elapsed() >= patience {
                return;
            }
            sleep_until(since + patience).await;
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        let Activity { idle, give_way, .. } = &*self.0;
        let mut state = self.0.state();
        match &mut *state {
            State::Busy(1) => *state = idle.add(give_way),
            State::Busy(count) => *count -= 1,
            State::Idle { .. } => {}
        }
    }
}

impl Drop for Activity {
    fn drop(&mut self) {
        if let State::Idle { ticket, .. } = *self.state() {
            self.idle.remove(ticket);
        }
    }
}
