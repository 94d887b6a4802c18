//! Leases of streams that are open as a consumer.
//!
//! Such a lease lasts as long as its stream. The server that has the stream renews it, all of them in one statement. If
//! that server dies, they end by themselves. Nobody waits for a renewal: a lease that was lost is found by the next one,
//! or at once if this server took it away.

use std::{
    collections::HashMap,
    fmt, mem,
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
    time::Duration,
};

use dotcast_log::right::Right;
use entity::consumer::{Column, Entity};
use sea_orm::{
    ColumnTrait as _, ConnectionTrait as _, DbErr,
    prelude::DateTimeUtc,
    sea_query::{Expr, Query, UpdateStatement},
};
use tokio::{
    sync::Notify,
    time::{Instant, sleep, timeout, timeout_at},
};
use tokio_util::sync::CancellationToken;

use super::clock;
use crate::db::Db;

/// How long a lease lasts that nobody renews.
pub(super) const LEASE: Duration = Duration::from_secs(30);
/// How often leases are renewed. Two renewals may fail.
pub const RENEWAL: Duration = Duration::from_secs(10);
/// Shortest interval between two statements, however many streams end.
const SPACING: Duration = Duration::from_millis(20);
/// How long a server that stops waits for the database to hear that its streams have ended.
const PATIENCE: Duration = Duration::from_secs(1);
/// Upper bound on the leases that one statement is about.
const CHUNK: usize = 512;

/// The leases of the streams of this server. Clones share them.
#[derive(Clone)]
pub struct StreamLeases {
    shared: Arc<Shared>,
}

struct Shared {
    db: Db,
    /// A std lock, because nothing awaits inside.
    state: Mutex<State>,
    ended: Notify,
    on_loss: Box<dyn Fn() + Send + Sync>,
}

#[derive(Default)]
struct State {
    /// By consumer. Only the newest lease of each is worth anything.
    open: HashMap<i64, Open>,
    /// To be told to the database, so that others need not wait until these leases end by themselves.
    ended: Vec<Lease>,
}

struct Open {
    lease_id: String,
    lost: CancellationToken,
    withdrawn: CancellationToken,
}

/// Of a consumer.
#[derive(Clone, Debug)]
struct Lease {
    consumer: i64,
    id: String,
}

/// Held by a stream as long as it is open.
struct Held {
    lease: Lease,
    leases: Weak<Shared>,
}

impl StreamLeases {
    /// None yet, of consumers in `db`. `on_loss` is called after rights were withdrawn because their leases are lost.
    pub fn new(db: Db, on_loss: impl Fn() + Send + Sync + 'static) -> Self {
        Self {
            shared: Arc::new(Shared {
                db,
                state: Mutex::default(),
                ended: Notify::new(),
                on_loss: Box::new(on_loss),
            }),
        }
    }

    /// The right to a stream under this lease, as long as it lasts and the right `session` does.
    pub(super) fn right(&self, consumer: i64, lease_id: &str, session: Right) -> Right {
        let lost = CancellationToken::new();
        let withdrawn = session.withdrawn.child_token();
        let open = Open {
            lease_id: lease_id.to_owned(),
            lost: lost.clone(),
            withdrawn: withdrawn.clone(),
        };
        let before = self.shared.state().open.insert(consumer, open);
        self.shared.withdraw(before);
        let held = Held {
            lease: Lease {
                consumer,
                id: lease_id.to_owned(),
            },
            leases: Arc::downgrade(&self.shared),
        };
        Right {
            withdrawn,
            lease_lost: Some(lost),
            until: session.until,
            held: Arc::new((held, session.held)),
        }
    }

    /// Ends the stream that this consumer has here, if it has one: its lease was taken away.
    pub(super) fn lose(&self, consumer: i64) {
        let open = self.shared.state().open.remove(&consumer);
        self.shared.withdraw(open);
    }

    /// Renews leases until `stop`.
    pub async fn run(self, stop: CancellationToken) {
        self.shared.keep(&stop).await;
    }

    /// Ends all leases, because the server stops and its streams have ended.
    pub async fn end(&self) {
        let all: Vec<_> = {
            let mut state = self.shared.state();
            let ended = mem::take(&mut state.ended);
            ended.into_iter().chain(state.leases()).collect()
        };
        // Otherwise they end by themselves.
        let _ = timeout(PATIENCE, self.shared.end(&all)).await;
    }
}

impl fmt::Debug for StreamLeases {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("StreamLeases")
    }
}

impl State {
    fn leases(&self) -> impl Iterator<Item = Lease> {
        self.open.iter().map(|(&consumer, open)| Lease {
            consumer,
            id: open.lease_id.clone(),
        })
    }

    /// Removes this lease, unless the consumer has got another one since.
    fn remove(&mut self, lease: &Lease) -> Option<Open> {
        let open = self.open.get(&lease.consumer)?;
        if open.lease_id != lease.id {
            return None;
        }
        self.open.remove(&lease.consumer)
    }
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn keep(&self, stop: &CancellationToken) {
        let mut due = Instant::now() + RENEWAL;
        let mut healthy = true;
        loop {
            // Only here: leases that were taken from the list would not be ended otherwise.
            tokio::select! {
                () = stop.cancelled() => return,
                _ = timeout_at(due, self.ended.notified()) => {}
            }
            let ended = mem::take(&mut self.state().ended);
            let mut outcome = self.end(&ended).await;
            if Instant::now() >= due {
                due = Instant::now() + RENEWAL;
                outcome = outcome.and(self.renew().await);
            }
            // A failure is logged once when it begins and once when it is over.
            match &outcome {
                Ok(()) if !healthy => tracing::info!("renewing the leases of consumers again"),
                Err(error) if healthy => tracing::error!(
                    %error,
                    "cannot renew the leases of consumers; their streams go on, trying again"
                ),
                _ => {}
            }
            healthy = outcome.is_ok();
            sleep(SPACING).await;
        }
    }

    /// Renews all leases. Streams whose leases others have taken away end.
    async fn renew(&self) -> Result<(), DbErr> {
        let leases: Vec<_> = self.state().leases().collect();
        for leases in leases.chunks(CHUNK) {
            let backend = self.db.reader().get_database_backend();
            let until = clock::after(backend, LEASE);
            let renewed = self.update(leases, until).await?;
            let lost = leases.iter().filter(|it| !renewed.contains(&it.id));
            let lost: Vec<_> = {
                let mut state = self.state();
                lost.filter_map(|it| state.remove(it)).collect()
            };
            self.withdraw(lost);
        }
        Ok(())
    }

    /// Ends these leases, as far as they are still the newest of their consumers. Their ids still acknowledge what was
    /// handed out.
    async fn end(&self, leases: &[Lease]) -> Result<(), DbErr> {
        for leases in leases.chunks(CHUNK) {
            let never = Expr::value(None::<DateTimeUtc>);
            self.update(leases, never).await?;
        }
        Ok(())
    }

    /// Lets these leases last until then. Returns the ids of those that are still the newest of their consumers.
    async fn update(&self, leases: &[Lease], until: Expr) -> Result<Vec<String>, DbErr> {
        let txn = self.db.transaction().await?;
        let rows = txn.connection().query_all(&change(leases, until)).await?;
        let ids = rows.iter().map(|row| row.try_get("", "lease_id")).collect();
        txn.commit().await?;
        ids
    }

    /// Ends the streams that had these leases.
    fn withdraw(&self, lost: impl IntoIterator<Item = Open>) {
        let mut is_news = false;
        for open in lost {
            open.lost.cancel();
            open.withdrawn.cancel();
            is_news = true;
        }
        if is_news {
            (self.on_loss)();
        }
    }
}

fn change(leases: &[Lease], until: Expr) -> UpdateStatement {
    // Padded to a power of two, so that few statements have to be kept prepared.
    let number = leases.len().next_power_of_two();
    let padded = || leases.iter().cycle().take(number);
    let mut update = Query::update();
    update
        .table(Entity)
        .value(Column::LeaseUntil, until)
        .and_where(Column::Id.is_in(padded().map(|it| it.consumer)))
        .and_where(Column::LeaseId.is_in(padded().map(|it| it.id.as_str())))
        .returning(Query::returning().column(Column::LeaseId));
    update
}

impl Drop for Held {
    fn drop(&mut self) {
        let Some(leases) = self.leases.upgrade() else {
            return;
        };
        let mut state = leases.state();
        if state.remove(&self.lease).is_some() {
            state.ended.push(self.lease.clone());
            leases.ended.notify_one();
        }
    }
}
