//! Which connections there are: how many in all and of each client, and which of them are idle.
//!
//! A client that connects gets a [`Seat`] or is refused. When all seats are taken, the connection that has been idle
//! for longest gives way to a new one.
//!
//! - `activity`: what is under way on each, and which are idle
//! - [`limits`]: how many connections the system allows
//! - [`refusal`]: what a client without a seat is told
//! - [`parting`]: how connections end

mod activity;
pub mod limits;
pub mod parting;
pub mod refusal;
#[cfg(test)]
mod tests;

use std::{sync::Arc, time::Duration};

use tokio::{
    sync::Notify,
    time::{Instant, timeout_at},
};

use self::activity::Idle;
pub use self::activity::{Activity, Busy};
use crate::{
    places::{Bounds, Full, Place, Places},
    rates::limit::Limit,
    remote::Client,
};

/// How many connections may be on their way out while others already have their seats. They are part of the reserve
/// that [`limits`] leaves.
const OVERLAP: usize = 16;
/// How long a new connection waits for one of those to end. They have nothing else to do.
const PATIENCE: Duration = Duration::from_secs(1);

/// All connections.
#[derive(Debug)]
pub struct Connections {
    max: usize,
    seats: Places,
    idle: Arc<Idle>,
    given_up: Notify,
}

/// Why a connection is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The client has as many connections as one may have.
    #[error(
        "refusing connections of a client that has as many as --max-connections-per-client allows; is it a \
         proxy? Name it with --trusted-proxy"
    )]
    OfClient,
    /// All seats are taken, and something is under way on each connection.
    #[error(
        "refusing connections: there are as many as --max-connections or the limit on open files allows"
    )]
    Full,
    /// Too many connections have been told to give way and are still there.
    #[error("connections are changing hands")]
    Changing,
}

impl Refusal {
    /// The limit that was hit.
    pub fn limit(self) -> Limit {
        match self {
            Self::OfClient => Limit::ConnectionsPerClient,
            Self::Full | Self::Changing => Limit::Connections,
        }
    }
}

/// The right to hold a connection. When it is dropped, other connections get it.
#[derive(Debug)]
pub struct Seat {
    connections: Arc<Connections>,
    place: Place,
}

impl Connections {
    /// At most `max` connections in all, and `max_per_client` of one client.
    pub fn new(max: usize, max_per_client: usize) -> Self {
        Self {
            max,
            seats: Places::new(Bounds {
                all: max.saturating_add(OVERLAP),
                per_client: max_per_client,
            }),
            idle: Arc::default(),
            given_up: Notify::new(),
        }
    }

    /// How many there can be.
    pub fn most(&self) -> usize {
        self.max
    }

    /// How many there are.
    pub fn open(&self) -> usize {
        self.seats.taken()
    }

    /// A seat for a new connection of this client. `client` is `None` for a trusted proxy, whose connections count for
    /// no client.
    ///
    /// # Errors
    /// If it must be refused.
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

    /// The same, but without waiting.
    pub(super) fn admit(self: &Arc<Self>, client: Option<Client>) -> Result<Seat, Refusal> {
        let place = self.seats.take(client).map_err(|full| match full {
            Full::Client => Refusal::OfClient,
            Full::All => Refusal::Changing,
        })?;
        if self.seats.taken() > self.max {
            self.idle.make_way().ok_or(Refusal::Full)?;
        }
        Ok(Seat {
            connections: Arc::clone(self),
            place,
        })
    }

    /// A new connection, on which nothing is under way yet.
    pub fn activity(&self) -> Activity {
        Activity::new(Arc::clone(&self.idle))
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.place.clear();
        self.connections.given_up.notify_one();
    }
}
