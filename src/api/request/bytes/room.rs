//! Room in memory for the bodies of requests.

use crate::{
    places::{Bounds, Full, Place, Places},
    remote::Client,
};

/// A client may hold one part in this many of all room.
const SHARE: usize = 4;
/// The least room that a body takes, in bytes. It stands for what a request costs apart from its body, and bounds
/// the table of clients: each of them holds at least this much.
const LEAST: usize = 4 << 10;

/// Room for bodies of `size` bytes in total. A body takes room from its first byte until it is parsed. Each place is
/// a byte.
pub fn room(size: usize) -> Places {
    Places::new(Bounds {
        all: size,
        per_client: size / SHARE,
    })
}

/// A body, and the room that it takes until it is dropped.
#[derive(Debug)]
pub(in crate::api) struct Held {
    /// Dropped before their room is given back.
    bytes: Vec<u8>,
    place: Place,
}

impl Held {
    /// An empty body.
    pub(super) fn new(room: &Places, client: Option<Client>) -> Self {
        Self {
            bytes: Vec::new(),
            place: room.none(client),
        }
    }

    /// Takes room for `more` bytes. Room doubles, as the capacity of the bytes does.
    pub(super) fn reserve(&mut self, more: usize) -> Result<(), Full> {
        let needed = (self.bytes.len() + more).next_power_of_two().max(LEAST);
        let lacking = needed.saturating_sub(self.place.size());
        if lacking > 0 {
            self.place.grow(lacking)?;
            self.bytes.reserve_exact(needed - self.bytes.len());
        }
        Ok(())
    }

    /// Appends bytes for which room was reserved.
    pub(super) fn extend(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
    }

    /// Gives the bytes and their room back.
    pub(super) fn clear(&mut self) {
        self.bytes = Vec::new();
        self.place.clear();
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
            let room = room(SIZE);
            // Each client has a few bodies; so have connections without an address.
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
                prop_assert_eq!(room.taken(), held);
                for own in room.shares() {
                    prop_assert!((LEAST..=SIZE / SHARE).contains(&own));
                }
            }
            drop(bodies);
            prop_assert_eq!(room.taken(), 0);
            prop_assert!(room.shares().is_empty());
        }
    }
}
