//! How many there are of what clients hold: in all, and of each client.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use crate::remote::Client;

/// Places for streams, say. Clones share them.
#[derive(Clone, Debug)]
pub struct Places {
    shared: Arc<Shared>,
}

/// How many places there are.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    /// In all.
    pub all: usize,
    /// For one client. Nobody in particular takes only of all.
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
    /// Only clients that have some, so there are never more of them than places.
    by_client: HashMap<Client, usize>,
}

/// One place; dropping it frees it.
#[derive(Debug)]
pub struct Place {
    shared: Arc<Shared>,
    client: Option<Client>,
}

/// Which places are taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Full {
    /// All.
    All,
    /// All of one client.
    Client,
}

impl Places {
    /// So many places, all of them free.
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
    /// When none is left for it.
    pub fn take(&self, client: Option<Client>) -> Result<Place, Full> {
        let Bounds { all, per_client } = self.shared.bounds;
        let mut taken = self.shared.taken();
        let of_client = client.map(|it| taken.by_client.get(&it).copied().unwrap_or(0));
        // A client that has enough is told so, also while there is room for nobody.
        if of_client.is_some_and(|it| it >= per_client) {
            return Err(Full::Client);
        }
        if taken.all >= all {
            return Err(Full::All);
        }
        taken.all += 1;
        if let Some(client) = client {
            *taken.by_client.entry(client).or_default() += 1;
        }
        Ok(Place {
            shared: Arc::clone(&self.shared),
            client,
        })
    }
}

impl Shared {
    fn taken(&self) -> MutexGuard<'_, Taken> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut taken = self.shared.taken();
        taken.all -= 1;
        if let Some(client) = self.client
            && let Some(count) = taken.by_client.get_mut(&client)
        {
            *count -= 1;
            if *count == 0 {
                taken.by_client.remove(&client);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
        assert_eq!(places.shared.taken().all, 0);
        assert!(places.shared.taken().by_client.is_empty());
    }
}
