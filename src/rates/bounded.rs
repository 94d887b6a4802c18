//! A bounded memory of clients.

use std::{
    collections::HashMap,
    hash::Hash,
    sync::{Mutex, PoisonError},
};

use governor::{nanos::Nanos, state::StateStore};

/// Upper bound on the clients remembered.
const CAPACITY: usize = 1 << 16;

/// Where `governor` keeps each client's state: the time at which its whole rate is available again.
#[derive(Debug)]
pub(super) struct Bounded<K>(Mutex<HashMap<K, Nanos>>);

impl<K> Default for Bounded<K> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<K: Clone + Eq + Hash> StateStore for Bounded<K> {
    type Key = K;

    fn measure_and_replace<T, F, E>(&self, key: &K, measure: F) -> Result<T, E>
    where
        F: Fn(Option<Nanos>) -> Result<(T, Nanos), E>,
    {
        // Nothing awaits inside.
        let mut states = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let known = states.get(key).copied();
        let (outcome, state) = measure(known)?;
        if known.is_none() {
            make_room(&mut states, CAPACITY, |&state| state);
        }
        states.insert(key.clone(), state);
        Ok(outcome)
    }
}

/// Makes room for one more in a map of at most `capacity`: if it is full, the quarter with the lowest rank is
/// dropped. So each insertion costs little on average, and no task has to sweep.
pub(crate) fn make_room<K: Eq + Hash, V, R: Ord + Copy>(
    map: &mut HashMap<K, V>,
    capacity: usize,
    rank: impl Fn(&V) -> R,
) {
    if map.len() < capacity {
        return;
    }
    let mut ranks: Vec<R> = map.values().map(&rank).collect();
    let quarter = ranks.len() / 4;
    let (_, &mut threshold, _) = ranks.select_nth_unstable(quarter);
    // Among equal ranks any may go; otherwise none would if all were equal.
    let mut goes = quarter + 1;
    map.retain(|_, value| {
        let stays = goes == 0 || rank(value) > threshold;
        goes -= usize::from(!stays);
        stays
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_least_go_when_it_is_full() {
        let mut map: HashMap<u32, u32> = (0..100).map(|it| (it, it)).collect();
        make_room(&mut map, 101, |&it| it);
        assert_eq!(map.len(), 100);
        make_room(&mut map, 100, |&it| it);
        let mut left: Vec<_> = map.into_keys().collect();
        left.sort_unstable();
        assert!(left.into_iter().eq(26..100));
    }

    #[test]
    fn it_never_grows_past_its_bound() {
        for capacity in [1, 2, 7] {
            let mut map = HashMap::new();
            for key in 0..1000 {
                make_room(&mut map, capacity, |_| 0);
                map.insert(key, key);
                assert!(map.len() <= capacity);
            }
        }
    }
}
