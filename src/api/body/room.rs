//! Room in memory for the bodies of requests.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use crate::remote::Client;

/// A client may hold this part of all room.
const SHARE: usize = 4;
/// Least that a body takes, in bytes. It stands for what a request costs besides; and so there are never more
/// clients in the table than bodies of this size fit.
const LEAST: usize = 4 << 10;

/// Counts the bytes of all bodies that are held in memory, from the first that arrives until the body is parsed.
#[derive(Debug)]
pub struct Room {
    size: usize,
    taken: Mutex<Taken>,
}

#[derive(Debug, Default)]
struct Taken {
    all: usize,
    /// Of those that hold any.
    by_client: HashMap<Client, usize>,
}

/// Why a body gets no room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Full {
    /// The client's bodies hold all that one client may.
    Share,
    /// The bodies of all clients hold all that there is.
    All,
}

impl Room {
    /// Room for `size` bytes.
    pub fn new(size: usize) -> Self {
        Self {
            size,
            taken: Mutex::default(),
        }
    }

    fn taken(&self) -> MutexGuard<'_, Taken> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A body, and the room that it takes. Dropped, it gives the room back.
#[derive(Debug)]
pub(in crate::api) struct Held {
    room: Arc<Room>,
    client: Option<Client>,
    taken: usize,
    bytes: Vec<u8>,
}

impl Held {
    /// An empty body.
    pub(super) fn new(room: &Arc<Room>, client: Option<Client>) -> Self {
        Self {
            room: Arc::clone(room),
            client,
            taken: 0,
            bytes: Vec::new(),
        }
    }

    /// Takes room for `more` bytes than there are; it doubles, as the bytes' capacity does.
    pub(super) fn reserve(&mut self, more: usize) -> Result<(), Full> {
        let needed = (self.bytes.len() + more).next_power_of_two().max(LEAST);
        let lacking = needed.saturating_sub(self.taken);
        if lacking == 0 {
            return Ok(());
        }
        {
            let mut taken = self.room.taken();
            let own = |client| taken.by_client.get(&client).copied().unwrap_or_default();
            if self.client.map_or(0, own) + lacking > self.room.size / SHARE
                && self.client.is_some()
            {
                return Err(Full::Share);
            }
            if taken.all + lacking > self.room.size {
                return Err(Full::All);
            }
            taken.all += lacking;
            if let Some(client) = self.client {
                *taken.by_client.entry(client).or_default() += lacking;
            }
        }
        self.taken = needed;
        self.bytes.reserve_exact(needed - self.bytes.len());
        Ok(())
    }

    /// Appends what room was taken for.
    pub(super) fn extend(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
    }

    /// Gives the bytes and their room back.
    pub(super) fn clear(&mut self) {
        self.bytes = Vec::new();
        let returned = std::mem::take(&mut self.taken);
        let mut taken = self.room.taken();
        taken.all -= returned;
        if let Some(client) = self.client
            && let Some(own) = taken.by_client.get_mut(&client)
        {
            *own -= returned;
            if *own == 0 {
                taken.by_client.remove(&client);
            }
        }
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.clear();
    }
}

impl std::ops::Deref for Held {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.bytes
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const SIZE: usize = 1 << 20;

    proptest! {
        #[test]
        fn what_is_held_is_counted_and_nothing_is_left_of_it(
            steps in prop::collection::vec((0_usize..12, 0_usize..300_000, any::<bool>()), 0..60),
        ) {
            let room = Arc::new(Room::new(SIZE));
            // Each client has a few bodies, and so have those whom nobody names.
            let client = |index: usize| {
                let address = std::net::Ipv4Addr::from_bits(u32::try_from(index % 4).expect("small"));
                (address.to_bits() > 0).then(|| Client::at(address.into()))
            };
            let mut bodies: Vec<_> = (0..12).map(|index| Held::new(&room, client(index))).collect();
            for (index, more, clears) in steps {
                let body = &mut bodies[index];
                if clears {
                    body.clear();
                } else if body.reserve(more).is_ok() {
                    body.extend(&vec![b' '; more]);
                }
                let held: usize = bodies.iter().map(|it| it.bytes.capacity()).sum();
                prop_assert!(held <= SIZE);
                prop_assert_eq!(room.taken().all, held);
                for own in room.taken().by_client.values() {
                    prop_assert!((LEAST..=SIZE / SHARE).contains(own));
                }
            }
            drop(bodies);
            prop_assert_eq!(room.taken().all, 0);
            prop_assert!(room.taken().by_client.is_empty());
        }
    }
}
