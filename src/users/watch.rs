//! Watches the sessions under which streams are open on this server.
//!
//! Any server on the database may end a session, or `dotcast user passwd`, and a user's row may be deleted with
//! everything that belongs to it. So once per poll interval the database is asked about all sessions that have
//! streams, by their primary keys, whatever else is in the table. That needs no clock that servers would have to
//! share, and misses no slow transaction. When this server itself has ended a session, it asks at once. Expiry needs
//! no question: each stream knows when its session expires.

use std::{
    collections::{HashMap, HashSet},
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
    time::{Duration, Instant},
};

use dotcast_log::right::Right;
use entity::session;
use sea_orm::{ColumnTrait, DbErr, EntityTrait, QueryFilter, QuerySelect};
use tokio::{
    sync::Notify,
    time::{sleep, timeout},
};
use tokio_util::sync::CancellationToken;

use crate::db::{self, Db};

/// Upper bound on the sessions that one query asks about.
const CHUNK: usize = 1024;
/// Shortest interval between two looks, however many sessions are ended here.
const SPACING: Duration = Duration::from_millis(20);

/// The sessions that have streams on this server. Clones are the same.
#[derive(Clone)]
pub struct SessionWatch {
    shared: Arc<Shared>,
}

struct Shared {
    db: Db,
    /// Each session as long as it has a stream, so there are never more than streams. A std lock, because nothing
    /// awaits inside.
    watched: Mutex<HashMap<i64, Weak<Watched>>>,
    look: Notify,
    on_end: Box<dyn Fn() + Send + Sync>,
}

/// A session with a stream.
#[derive(Debug)]
struct Watched {
    id: i64,
    ended: CancellationToken,
    watch: Weak<Shared>,
}

impl SessionWatch {
    /// Watches no session yet. `on_end` is called after rights were withdrawn.
    pub fn new(db: Db, on_end: impl Fn() + Send + Sync + 'static) -> Self {
        Self {
            shared: Arc::new(Shared {
                db,
                watched: Mutex::default(),
                look: Notify::new(),
                on_end: Box::new(on_end),
            }),
        }
    }

    /// The right to a stream while this session is valid, as it was just found to be.
    pub fn right(&self, session: &session::Model) -> Right {
        let left = (session.expires_at - db::now()).to_std();
        let watched = self.shared.watch(session.id);
        Right {
            withdrawn: watched.ended.clone(),
            lease_lost: None,
            until: Instant::now() + left.unwrap_or_default(),
            held: watched,
        }
    }

    /// Asks at once, because a session was ended here.
    pub fn look_now(&self) {
        self.shared.look.notify_one();
    }

    /// Asks about all sessions at least once per `interval`, until `stop`.
    pub async fn run(self, interval: Duration, stop: CancellationToken) {
        tokio::select! {
            () = stop.cancelled() => {}
            () = self.look_again_and_again(interval) => {}
        }
    }

    async fn look_again_and_again(&self, interval: Duration) {
        let mut healthy = true;
        loop {
            let _ = timeout(interval, self.shared.look.notified()).await;
            let outcome = self.shared.look().await;
            // A failure is logged once when it begins and once when it is over.
            match &outcome {
                Ok(()) if !healthy => tracing::info!("asking again which sessions have ended"),
                Err(error) if healthy => tracing::error!(
                    %error,
                    "cannot ask which sessions have ended; their streams go on, trying again"
                ),
                _ => {}
            }
            healthy = outcome.is_ok();
            sleep(SPACING).await;
        }
    }
}

impl fmt::Debug for SessionWatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SessionWatch")
    }
}

impl Shared {
    fn watched(&self) -> MutexGuard<'_, HashMap<i64, Weak<Watched>>> {
        self.watched.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn watch(self: &Arc<Self>, id: i64) -> Arc<Watched> {
        let mut all = self.watched();
        // Do not join a session that was found ended but whose streams have not all closed yet.
        let found = all.get(&id).and_then(Weak::upgrade);
        if let Some(found) = found.filter(|it| !it.ended.is_cancelled()) {
            return found;
        }
        let watched = Arc::new(Watched {
            id,
            ended: CancellationToken::new(),
            watch: Arc::downgrade(self),
        });
        all.insert(id, Arc::downgrade(&watched));
        watched
    }

    /// Asks about all sessions, and withdraws the rights of those that have ended.
    async fn look(&self) -> Result<(), DbErr> {
        let mut ids: Vec<_> = self.watched().keys().copied().collect();
        ids.sort_unstable();
        for ids in ids.chunks(CHUNK) {
            let standing = standing(&self.db, ids).await?;
            let ended = ids.iter().filter(|id| !standing.contains(id));
            let ended: Vec<_> = {
                let all = self.watched();
                ended
                    .filter_map(|id| all.get(id).and_then(Weak::upgrade))
                    .collect()
            };
            for watched in &ended {
                watched.ended.cancel();
            }
            if !ended.is_empty() {
                (self.on_end)();
            }
        }
        Ok(())
    }
}

impl Drop for Watched {
    fn drop(&mut self) {
        let Some(shared) = self.watch.upgrade() else {
            return;
        };
        let mut all = shared.watched();
        // Another stream of the same session may have opened since.
        if all.get(&self.id).is_some_and(|it| it.strong_count() == 0) {
            all.remove(&self.id);
        }
    }
}

/// The sessions among these that have neither ended nor expired.
async fn standing(db: &Db, ids: &[i64]) -> Result<HashSet<i64>, DbErr> {
    let mut ids = ids.to_vec();
    // Padded to a power of two, so that few statements have to be kept prepared.
    if let Some(&last) = ids.last() {
        ids.resize(ids.len().next_power_of_two(), last);
    }
    let rows: Vec<i64> = session::Entity::find()
        .select_only()
        .column(session::Column::Id)
        .filter(session::Column::Id.is_in(ids))
        .filter(session::Column::RevokedAt.is_null())
        .filter(session::Column::ExpiresAt.gt(db::now()))
        .into_tuple()
        .all(&db.hurried_reader())
        .await?;
    Ok(rows.into_iter().collect())
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use clap::Parser;
    use dotcast_log::vital::Vital;
    use tempfile::TempDir;

    use super::*;
    use crate::{
        config::DatabaseOptions,
        users::{Credentials, Users, sessions::Sessions},
    };

    #[derive(Parser)]
    struct Options {
        #[command(flatten)]
        database: DatabaseOptions,
    }

    #[tokio::test]
    async fn a_session_is_watched_as_long_as_it_has_a_stream() {
        let directory = TempDir::new().expect("a directory");
        let url = format!("sqlite://{}", directory.path().join("users.db").display());
        let options = Options::parse_from(["test", "--database-url", &url]).database;
        let vital = Vital::default();
        let db = Db::connect(&options.database_url, &options.settings(), &vital).await;
        let db = db.expect("a database");
        db.migrate().await.expect("a schema");
        let ends = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&ends);
        let watch = SessionWatch::new(db.clone(), move || {
            counted.fetch_add(1, Ordering::Relaxed);
        });
        let credentials = Credentials {
            username: "ada".to_owned(),
            password: "correct horse".to_owned(),
        };
        let user = Users::new(db.clone())
            .register(credentials, false, None)
            .await;
        let user = user.expect("a user");
        let sessions = Sessions::new(db, Duration::from_hours(1), 50, None, &vital);
        let watched = || watch.shared.watched().len();

        let mut opened = Vec::new();
        for _ in 0..3 {
            let token = sessions.open(&user).await.expect("a session").token;
            let (session, _) = sessions.find(&token).await.expect("the session");
            opened.push((token, session));
        }
        let rights: Vec<_> = opened
            .iter()
            .flat_map(|(_, session)| [watch.right(session), watch.right(session)])
            .collect();
        assert_eq!(watched(), 3);
        let ended = sessions.revoke(user.id, opened[1].1.id).await;
        ended.expect("an end");
        watch.shared.look().await.expect("a look");
        let ended = |rights: &[Right]| -> Vec<bool> {
            let now = Instant::now();
            rights.iter().map(|right| right.is_over(now)).collect()
        };
        assert_eq!(ended(&rights), [false, false, true, true, false, false]);
        assert_eq!(ends.load(Ordering::Relaxed), 1);
        // A stream that opens now under the same session, and closes last, belongs to another entry.
        let late = watch.right(&opened[1].1);
        assert!(!late.is_over(Instant::now()));
        drop(rights);
        assert_eq!(watched(), 1);
        watch.shared.look().await.expect("a look");
        assert!(late.is_over(Instant::now()));
        drop(late);
        assert_eq!(watched(), 0);
        watch.shared.look().await.expect("a look");
        assert_eq!(ends.load(Ordering::Relaxed), 2);
    }
}
