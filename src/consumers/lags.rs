//! The consumers that are furthest behind, for metrics.

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use dotcast_log::hub::Hub;
use entity::{consumer, user};
use sea_orm::{
    ColumnTrait as _, DbErr, EntityTrait as _, QueryFilter as _, QueryOrder as _, QuerySelect as _,
};
use tokio::time::timeout;

use super::shown;
use crate::db::Db;

/// Upper bound on the consumers that metrics name.
const MOST: u64 = 100;
/// How long a page of metrics waits for the database. Without an answer it lacks these values.
const PATIENCE: Duration = Duration::from_secs(1);

/// How far a consumer is behind.
#[derive(Clone, Debug)]
pub struct Lag {
    /// Whose it is.
    pub username: String,
    /// Its name.
    pub name: String,
    /// In events, if that is known; see [`shown::Consumer::lag_events`].
    pub events: Option<i64>,
    /// In seconds, if there are events past its cursor.
    pub seconds: Option<i64>,
}

/// Those that are furthest behind. Clones share what was last looked up.
#[derive(Clone, Debug)]
pub struct Lags {
    db: Db,
    hub: Hub,
    latest: Arc<Mutex<Arc<[Lag]>>>,
}

impl Lags {
    /// Of the consumers in `db`, whose log `hub` has.
    pub fn new(db: Db, hub: Hub) -> Self {
        let latest = Arc::new(Mutex::new(Arc::from([])));
        Self { db, hub, latest }
    }

    /// What was last looked up, the furthest behind first; empty if it could not be.
    pub fn latest(&self) -> Arc<[Lag]> {
        Arc::clone(&self.latest.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Looks them up. If the database does not answer, nothing is known.
    pub async fn look(&self) {
        let looked = timeout(PATIENCE, self.furthest()).await;
        let lags = match looked {
            Ok(Ok(lags)) => lags.into(),
            // The database's failures are counted and logged where they happen.
            Ok(Err(_)) | Err(_) => Arc::from([]),
        };
        *self.latest.lock().unwrap_or_else(PoisonError::into_inner) = lags;
    }

    async fn furthest(&self) -> Result<Vec<Lag>, DbErr> {
        let reader = self.db.hurried_reader();
        let furthest = consumer::Entity::find()
            .order_by_asc(consumer::Column::Cursor)
            .order_by_asc(consumer::Column::Id)
            .limit(MOST);
        let consumers = shown::of(&reader, furthest, self.hub.settled()).await?;
        let owners: BTreeSet<i64> = consumers.iter().map(|it| it.row.user_id).collect();
        if owners.is_empty() {
            return Ok(Vec::new());
        }
        let owners: Vec<(i64, String)> = user::Entity::find()
            .select_only()
            .columns([user::Column::Id, user::Column::Username])
            .filter(user::Column::Id.is_in(owners))
            .into_tuple()
            .all(&reader)
            .await?;
        let named = consumers.into_iter().filter_map(|it| {
            // A user who was deleted meanwhile has taken the consumer along.
            let (_, username) = owners.iter().find(|(id, _)| *id == it.row.user_id)?;
            Some(Lag {
                username: username.clone(),
                events: it.lag_events(),
                seconds: it.lag_seconds(),
                name: it.row.name,
            })
        });
        Ok(named.collect())
    }
}
