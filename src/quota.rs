//! How many rows a user may have.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use entity::user;
use sea_orm::{DbErr, EntityTrait, PaginatorTrait as _, QuerySelect, Select};

use crate::{db::Transaction, rates::make_room};

/// Closer to the bound than this, the transactions of one user run one after the other. Farther away nobody has to
/// wait, because fewer than this are open at once.
const AT_ONCE: u64 = 500;
/// How many servers may work on one database without passing the bound together.
const SERVERS: u64 = 16;
/// Upper bound on the keys remembered: users, or users and boards.
const CAPACITY: usize = 1 << 16;

/// What rows are counted for: a user, and a board or 0.
type Key = (i64, i64);

/// A bound on the rows of one user. Clones are the same.
///
/// Rows are counted in the transaction that adds one, but not each time. A server whose user is far from the bound
/// allows itself a part of what is left, and counts again when that is used up. Counting takes longer the more rows
/// there are, about half a millisecond for ten thousand on SQLite.
#[derive(Clone, Debug)]
pub(crate) struct Quota {
    most: u32,
    allowed: Arc<Mutex<HashMap<Key, u64>>>,
}

impl Quota {
    /// A bound of this many rows.
    pub(crate) fn new(most: u32) -> Self {
        let allowed = Arc::default();
        Self { most, allowed }
    }

    /// The bound.
    pub(crate) fn most(&self) -> u32 {
        self.most
    }

    /// Whether one more may be added to `rows`, which all belong to the user in `key`. The answer holds until the
    /// transaction ends, however many others are open.
    pub(crate) async fn has_room<E: EntityTrait>(
        &self,
        txn: &Transaction,
        key: Key,
        rows: Select<E>,
        id: E::Column,
    ) -> Result<bool, DbErr>
    where
        E::Model: Sync,
    {
        if self.use_up(key) {
            return Ok(true);
        }
        let most = u64::from(self.most);
        let count = || {
            let ids = rows.clone().select_only().column(id);
            ids.count(txn.connection())
        };
        let far = most.saturating_sub(AT_ONCE);
        let counted = count().await?;
        if counted < far {
            self.allow(key, (far - counted) / SERVERS);
            return Ok(true);
        }
        user::hold(txn.connection(), key.0).await?;
        Ok(count().await? < most)
    }

    fn use_up(&self, key: Key) -> bool {
        let mut allowed = self.allowed.lock().unwrap_or_else(PoisonError::into_inner);
        let left = allowed.get_mut(&key).filter(|left| **left > 0);
        left.map(|left| *left -= 1).is_some()
    }

    fn allow(&self, key: Key, number: u64) {
        let mut allowed = self.allowed.lock().unwrap_or_else(PoisonError::into_inner);
        if !allowed.contains_key(&key) {
            make_room(&mut allowed, CAPACITY, |&left| left);
        }
        allowed.insert(key, number);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_allowed_is_used_up() {
        let quota = Quota::new(10_000);
        assert!(!quota.use_up((1, 0)));
        quota.allow((1, 0), 2);
        let used: Vec<_> = (0..4).map(|_| quota.use_up((1, 0))).collect();
        assert_eq!(used, [true, true, false, false]);
        assert!(!quota.use_up((2, 0)));
        quota.allow((1, 0), 0);
        assert!(!quota.use_up((1, 0)));
    }
}
