//! Which connections there are: how many in all and of each client, and which of them are idle.
//!
//! Whoever connects gets a [`Seat`] or is refused. When all are taken, the connection on which nothing has been
//! under way for longest gives way to a new one.

mod activity;
#[cfg(test)]
mod tests;

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::{
    sync::Notify,
    time::{Instant, timeout_at},
};

pub use self::activity::{Activity, Busy};
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
