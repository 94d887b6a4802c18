//! Which connections there are: how many in all and of each client, and which of them are idle.
//!
//! Whoever connects gets a [`Seat`] or is refused. When all are taken, the connection on which nothing has been
//! under way for longest gives way to a new one.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::{
    sync::Notify,
    time::{Instant, sleep_until, timeout_at},
};

use crate::remote::Client;

/// Connections that may be on their way out while others have taken their seats. Part of the reserve that
/// [`limits`](super::limits) leaves.
const OVERLAP: usize = 16;
/// How long a new connection waits for the end of those. They have nothing to do but end.
const PATIENCE: Duration = Duration::from_secs(1);

/// All connections.
#[derive(Debug)]
pub struct Connections {
    max: usize,
    max_per_client: usize,
    table: Mutex<Table>,
    given_up: Notify,
}

#[derive(Debug, Default)]
struct Table {
    open: usize,
    /// Without clients that have none.
    of_client: HashMap<Client, usize>,
    /// How to tell idle connections to give way, longest idle first.
    idle: BTreeMap<u64, Arc<Notify>>,
    last_ticket: u64,
}

/// Why a connection is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The client has as many as one may have.
    #[error(
        "refusing connections of a client that has as many as --max-connections-per-client allows; is it a \
         proxy? Name it with --trusted-proxy"
    )]
    OfClient,
    /// All are taken, and something is under way on each.
    #[error(
        "refusing connections: there are as many as --max-connections or the limit on open files allows"
    )]
    Full,
    /// Too many have been told to give way, and are still there.
    #[error("connections are changing hands")]
    Changing,
}

/// The right to hold a connection. Others get it when this is dropped.
#[derive(Debug)]
pub struct Seat {
    connections: Arc<Connections>,
    client: Option<Client>,
}

impl Connections {
    /// At most `max` in all and `max_per_client` of one client.
    pub fn new(max: usize, max_per_client: usize) -> Self {
        Self {
            max,
            max_per_client,
            table: Mutex::default(),
            given_up: Notify::new(),
        }
    }

    /// How many there can be.
    pub fn most(&self) -> usize {
        self.max
    }

    /// How many there are.
    pub fn open(&self) -> usize {
        self.table().open
    }

    /// A seat for a new connection of this client. A trusted proxy's counts for nobody.
    ///
    /// # Errors
    /// When it must be refused.
    pub async fn enter(self: &Arc<Self>, client: Option<Client>) -> Result<Seat, Refusal> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            match self.admit(client) {
                Err(Refusal::Changing) => timeout_at(deadline, self.given_up.notified())
                    .await
                    .map_err(|_| Refusal::Full)?,
                admitted => return admitted,
            }
        }
    }

    /// The same, now or not.
    pub(super) fn admit(self: &Arc<Self>, client: Option<Client>) -> Result<Seat, Refusal> {
        let mut table = self.table();
        let has = |client| table.of_client.get(client).copied().unwrap_or_default();
        if client.as_ref().map_or(0, has) >= self.max_per_client {
            return Err(Refusal::OfClient);
        }
        if table.open >= self.max + OVERLAP {
            return Err(Refusal::Changing);
        }
        if table.open >= self.max {
            let (_, give_way) = table.idle.pop_first().ok_or(Refusal::Full)?;
            give_way.notify_one();
        }
        table.open += 1;
        if let Some(client) = client {
            *table.of_client.entry(client).or_default() += 1;
        }
        Ok(Seat {
            connections: Arc::clone(self),
            client,
        })
    }

    fn table(&self) -> MutexGuard<'_, Table> {
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut table = self.connections.table();
        table.open -= 1;
        if let Some(client) = self.client
            && let Some(count) = table.of_client.get_mut(&client)
        {
            *count -= 1;
            if *count == 0 {
                table.of_client.remove(&client);
            }
        }
        self.connections.given_up.notify_one();
    }
}

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

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use futures_util::FutureExt as _;

    use super::*;

    fn client(last: u8) -> Client {
        Client::at(Ipv4Addr::new(192, 0, 2, last).into())
    }

    /// A connection with a seat, idle.
    fn open(connections: &Arc<Connections>) -> (Seat, Arc<Activity>) {
        let seat = connections.admit(None).expect("a seat");
        (seat, Arc::new(Activity::new(Arc::clone(connections))))
    }

    fn gives_way(activity: &Activity) -> bool {
        activity.gives_way().now_or_never().is_some()
    }

    #[test]
    fn one_client_has_its_share_and_gets_it_again() {
        let connections = Arc::new(Connections::new(100, 2));
        let first = connections.admit(Some(client(1))).expect("a seat");
        let _second = connections.admit(Some(client(1))).expect("a seat");
        let third = connections.admit(Some(client(1)));
        assert_eq!(third.err(), Some(Refusal::OfClient));
        assert!(connections.admit(Some(client(2))).is_ok());
        assert!(connections.admit(None).is_ok());
        drop(first);
        assert!(connections.admit(Some(client(1))).is_ok());
    }

    #[test]
    fn the_one_that_is_idle_longest_gives_way() {
        let connections = Arc::new(Connections::new(3, 10));
        let (_seats, connected): (Vec<_>, Vec<_>) = (0..3).map(|_| open(&connections)).unzip();
        // The first is idle again, the second is busy.
        drop(connected[0].begin());
        let _busy = connected[1].begin();
        let new = connections.admit(None);
        assert!(new.is_ok());
        let gave_way: Vec<_> = connected.iter().map(|it| gives_way(it)).collect();
        assert_eq!(gave_way, [false, false, true]);
    }

    #[test]
    fn none_gives_way_that_has_begun_something_meanwhile() {
        let connections = Arc::new(Connections::new(1, 10));
        let (_seat, connection) = open(&connections);
        let _new = connections.admit(None).expect("a seat");
        let busy = connection.begin();
        assert!(!gives_way(&connection));
        drop(busy);
        assert!(!gives_way(&connection));
    }

    #[test]
    fn when_all_are_busy_the_new_one_is_refused() {
        let connections = Arc::new(Connections::new(2, 10));
        let (_seats, connected): (Vec<_>, Vec<_>) = (0..2).map(|_| open(&connections)).unzip();
        let busy: Vec<_> = connected.iter().map(Activity::begin).collect();
        assert_eq!(connections.admit(None).err(), Some(Refusal::Full));
        drop(busy);
        assert!(connections.admit(None).is_ok());
    }

    #[tokio::test]
    async fn seats_that_are_given_up_slowly_are_waited_for() {
        let connections = Arc::new(Connections::new(50, 100));
        let mut held: Vec<_> = (0..50).map(|_| open(&connections)).collect();
        while let Ok(seat) = connections.admit(None) {
            held.push((seat, Arc::new(Activity::new(Arc::clone(&connections)))));
        }
        assert_eq!(connections.open(), 50 + OVERLAP);
        let waiting = Arc::clone(&connections);
        let waiting = tokio::spawn(async move { waiting.enter(None).await });
        held.pop();
        assert!(waiting.await.expect("no panic").is_ok());
        drop(held);
        assert_eq!(connections.open(), 0);
        assert!(connections.table().idle.is_empty());
    }

    #[tokio::test]
    async fn a_connection_is_not_idle_while_anything_is_under_way() {
        let connections = Arc::new(Connections::new(1, 1));
        let (_seat, connection) = open(&connections);
        let is_idle = || connection.idle_for(Duration::ZERO).now_or_never().is_some();
        assert!(is_idle());
        let (first, second) = (connection.begin(), connection.begin());
        drop(first);
        assert!(!is_idle());
        drop(second);
        assert!(is_idle());
        let long = connection.idle_for(Duration::from_hours(1));
        assert!(long.now_or_never().is_none());
    }
}
