//! Limits on what clients hold at once: in total, and per client.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use crate::remote::Client;

/// Places for streams, connections, or bytes of bodies. Clones share them.
#[derive(Clone, Debug)]
pub struct Places {
    shared: Arc<Shared>,
}

/// The number of places.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    /// In total.
    pub all: usize,
    /// For one client. Without a known client, only the total counts.
    pub per_client: usize,
}

#[derive(Debug)]
struct Shared {
    bounds: Bounds,
    /// A std lock, because nothing awaits inside.
    taken: Mutex<Taken>,
}

#[derive(Debug, Default)]
struct Taken {
    all: usize,
    /// Only clients that hold some, so there are never more of them than places.
    by_client: HashMap<Client, usize>,
}

/// One place or several; dropping it frees them.
#[derive(Debug)]
pub struct Place {
    shared: Arc<Shared>,
    client: Option<Client>,
    size: usize,
}

/// Which limit is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Full {
    /// The total.
    All,
    /// The client's own.
    Client,
}

impl Places {
    /// This many places, all of them free.
    pub fn new(bounds: Bounds) -> Self {
        Self {
            shared: Arc::new(Shared {
                bounds,
                taken: Mutex::default(),
            }),
        }
    }

    /// Takes a place for this client.
    ///
    /// # Errors
    /// If none is left for it.
    pub fn take(&self, client: Option<Client>) -> Result<Place, Full> {
        let mut place = self.none(client);
        place.grow(1)?;
        Ok(place)
    }

    /// No place yet for this client, but a holder that can [grow](Place::grow).
    pub fn none(&self, client: Option<Client>) -> Place {
        Place {
            shared: Arc::clone(&self.shared),
            client,
            size: 0,
        }
    }

    /// How many are taken.
    pub fn taken(&self) -> usize {
        self.shared.taken().all
    }
}

impl Shared {
    fn taken(&self) -> MutexGuard<'_, Taken> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Place {
    /// How many places it holds.
    pub fn size(&self) -> usize {
        self.size
    }

    /// Takes this many more.
    ///
    /// # Errors
    /// If too few are left. Then nothing changes.
    pub fn grow(&mut self, more: usize) -> Result<(), Full> {
        let Bounds { all, per_client } = self.shared.bounds;
        let mut taken = self.shared.taken();
        let has = |client| taken.by_client.get(&client).copied().unwrap_or(0);
        // A client at its own limit is told that, even if the total is used up as well.
        if self.client.is_some_and(|it| has(it) + more > per_client) {
            return Err(Full::Client);
        }
        if taken.all + more > all {
            return Err(Full::All);
        }
        taken.all += more;
        if let Some(client) = self.client {
            *taken.by_client.entry(client).or_default() += more;
        }
        self.size += more;
        Ok(())
    }

    /// Frees them all.
    pub fn clear(&mut self) {
        let size = std::mem::take(&mut self.size);
        let mut taken = self.shared.taken();
        taken.all -= size;
        if let Some(client) = self.client
            && let Some(count) = taken.by_client.get_mut(&client)
        {
            *count -= size;
            if *count == 0 {
                taken.by_client.remove(&client);
            }
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    impl Places {
        /// How many places each client holds.
        pub fn shares(&self) -> Vec<usize> {
            self.shared.taken().by_client.values().copied().collect()
        }
    }

    #[test]
    fn places_are_counted_in_all_and_by_client_and_freed() {
        let client = |text: &str| Some(Client::at(text.parse().expect("an address")));
        let (ada, bob) = (client("203.0.113.7"), client("203.0.113.8"));
        let places = Places::new(Bounds {
            all: 4,
            per_client: 2,
        });
        let mut taken = Vec::new();
        for client in [ada, ada, None, bob] {
            taken.push(places.take(client).expect("a place"));
        }
        assert_eq!(places.take(ada).err(), Some(Full::Client));
        assert_eq!(places.take(bob).err(), Some(Full::All));
        assert_eq!(places.take(None).err(), Some(Full::All));
        taken.remove(0);
        taken.push(places.take(ada).expect("a place"));
        taken.clear();
        assert_eq!(places.taken(), 0);
        assert!(places.shares().is_empty());
    }
}
