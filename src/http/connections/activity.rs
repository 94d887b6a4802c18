//! What is under way on one connection, and since when nothing is.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::{
    sync::Notify,
    time::{Instant, sleep_until},
};

use super::Connections;

/// What is under way on one connection.
#[derive(Debug)]
pub struct Activity {
    connections: Arc<Connections>,
    give_way: Arc<Notify>,
    state: Mutex<State>,
}

#[derive(Debug)]
enum State {
    /// So many requests are under way, or their answers are.
    Busy(usize),
    /// None is, since then. The ticket is the place among those that are idle.
    Idle { since: Instant, ticket: u64 },
}

/// That a request is under way, or its answer.
#[derive(Debug)]
pub struct Busy(Arc<Activity>);

impl Activity {
    /// A connection on which nothing is under way yet.
    pub fn new(connections: Arc<Connections>) -> Self {
        let give_way = Arc::default();
        let state = Mutex::new(idle(&connections, &give_way));
        Self {
            connections,
            give_way,
            state,
        }
    }

    /// A request begins.
    pub fn begin(self: &Arc<Self>) -> Busy {
        self.stay();
        Busy(Arc::clone(self))
    }

    /// The connection gives way to none from here on.
    pub fn stay(&self) {
        let mut state = self.state();
        match &mut *state {
            State::Busy(count) => *count += 1,
            State::Idle { ticket, .. } => {
                self.connections.table().idle.remove(ticket);
                *state = State::Busy(1);
            }
        }
    }

    /// Completes when the connection has to give way to another, and nothing is under way on it.
    pub async fn gives_way(&self) {
        loop {
            self.give_way.notified().await;
            if matches!(*self.state(), State::Idle { .. }) {
                return;
            }
        }
    }

    /// Completes when nothing has been under way for so long.
    pub async fn idle_for(&self, patience: Duration) {
        loop {
            let state = match *self.state() {
                State::Busy(_) => None,
                State::Idle { since, .. } => Some(since),
            };
            let Some(since) = state else {
                // It cannot have been idle for so long any sooner than this.
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

fn idle(connections: &Connections, give_way: &Arc<Notify>) -> State {
    let mut table = connections.table();
    table.last_ticket += 1;
    let ticket = table.last_ticket;
    table.idle.insert(ticket, Arc::clone(give_way));
    State::Idle {
        since: Instant::now(),
        ticket,
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        let Activity {
            connections,
            give_way,
            ..
        } = &*self.0;
        let mut state = self.0.state();
        match &mut *state {
            State::Busy(1) => *state = idle(connections, give_way),
            State::Busy(count) => *count -= 1,
            State::Idle { .. } => {}
        }
    }
}

impl Drop for Activity {
    fn drop(&mut self) {
        if let State::Idle { ticket, .. } = *self.state() {
            self.connections.table().idle.remove(&ticket);
        }
    }
}
