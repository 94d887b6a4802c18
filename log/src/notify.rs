//! `LISTEN` and `NOTIFY`: servers on one PostgreSQL tell each other that something was committed.
//!
//! A notification only says "look now". One that is lost costs a poll interval. So nothing is retried, and everything
//! still works behind a pooler that drops them.
//!
//! It is sent after the commit and not in the writer's transaction. There it would queue all committing writers:
//! `NOTIFY` holds a cluster-wide lock until its transaction ends.
//!
//! A connection that only listens never notices that it has died. So a listener that has heard nothing for a while
//! notifies itself. If that notification does not come back, the connection is dead.

use std::time::Duration;

use sea_orm::{
    ConnectionTrait as _, SqlxError,
    sqlx::{
        AssertSqlSafe, Executor as _,
        postgres::{PgConnectOptions, PgListener, PgNotification, PgPoolOptions},
    },
};
use tokio::{
    sync::watch,
    time::{error::Elapsed, sleep, timeout},
};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::{connection::Reader, vital};

const CHANNEL: &str = "dotcast_events";
/// Shortest interval between two notifications. The later one stands for everything committed in between.
const SPACING: Duration = Duration::from_millis(20);
const FIRST_BACKOFF: Duration = Duration::from_millis(250);
/// Upper bound on the backoff of a listener that cannot connect.
const LONGEST_BACKOFF: Duration = Duration::from_secs(2);

/// The notifier of this process.
#[derive(Debug)]
pub struct Notifier {
    /// Sent in each notification, so that our own do not wake us.
    instance: Uuid,
    writers: Reader,
    /// For the listener's own connection.
    options: PgConnectOptions,
    /// How long that connection may be silent, and how long it then has to prove that it hears.
    deadline: Duration,
    commits: watch::Receiver<u64>,
}

/// Why the listener hears nothing any more.
#[derive(Debug, thiserror::Error)]
enum Deaf {
    #[error("the database did not answer within {0:?}")]
    Silent(Duration),
    #[error("the connection was lost")]
    Lost,
    #[error(transparent)]
    Failed(#[from] SqlxError),
}

impl Notifier {
    /// Announces `commits` to the others, on the connections that write. Listens on a connection of its own. Once that
    /// has been silent for `deadline`, it has as long again to prove that it still hears.
    pub fn new(
        writers: Reader,
        options: PgConnectOptions,
        deadline: Duration,
        commits: watch::Receiver<u64>,
    ) -> Self {
        Self {
            instance: Uuid::new_v4(),
            writers,
            options,
            deadline,
            commits,
        }
    }

    /// Announces our commits to the others, and calls `wake` for theirs, until `stop`.
    pub async fn run(self, wake: impl Fn() + Send, stop: CancellationToken) {
        let talk = async {
            tokio::join!(
                send(self.writers.clone(), self.instance, self.commits.clone()),
                self.listen(wake),
            );
        };
        tokio::select! {
            () = stop.cancelled() => {}
            () = talk => {}
        }
    }

    /// Listens, and reconnects for ever. A failure is logged once when it begins and once when it is over.
    async fn listen(&self, wake: impl Fn()) {
        let mut backoff = FIRST_BACKOFF;
        let mut is_deaf = false;
        loop {
            let end = match self.connect().await {
                Ok(mut listener) => {
                    if is_deaf {
                        tracing::info!("hearing notifications again");
                        is_deaf = false;
                    }
                    backoff = FIRST_BACKOFF;
                    // Notifications sent before are lost.
                    wake();
                    self.hear(&mut listener, &wake).await
                }
                Err(error) => error,
            };
            if !is_deaf {
                tracing::warn!(
                    error = %end,
                    "no notifications from other servers; polling until they are back"
                );
                is_deaf = true;
            }
            // Look at once for what the others have committed meanwhile, rather than after a whole poll interval.
            wake();
            sleep(backoff).await;
            backoff = LONGEST_BACKOFF.min(backoff * 2);
        }
    }

    /// A connection that receives its own notifications.
    async fn connect(&self) -> Result<PgListener, Deaf> {
        let connect = async {
            let pool = PgPoolOptions::new()
                .max_connections(1)
                .acquire_timeout(self.deadline)
                .idle_timeout(None)
                .max_lifetime(None)
                .connect_with(self.options.clone())
                .await?;
            let mut listener = PgListener::connect_with(&pool).await?;
            listener.eager_reconnect(false);
            listener
                .listen_all([CHANNEL, self.own_channel().as_str()])
                .await?;
            Ok::<_, SqlxError>(listener)
        };
        let mut listener = timeout(self.deadline, connect)
            .await
            .map_err(|_| Deaf::Silent(self.deadline))??;
        self.prove(&mut listener, &|| {}).await?;
        Ok(listener)
    }

    /// Calls `wake` for the others' notifications, until the connection fails to prove that it hears.
    async fn hear(&self, listener: &mut PgListener, wake: &impl Fn()) -> Deaf {
        loop {
            let heard = timeout(self.deadline, listener.try_recv()).await;
            let outcome = match self.heard(heard, wake) {
                Err(Deaf::Silent(_)) => self.prove(listener, wake).await,
                other => other.map(|_| ()),
            };
            if let Err(deaf) = outcome {
                return deaf;
            }
        }
    }

    /// Sends a notification, and waits until it comes back.
    async fn prove(&self, listener: &mut PgListener, wake: &impl Fn()) -> Result<(), Deaf> {
        let proof = async {
            let notify = format!("NOTIFY \"{}\"", self.own_channel());
            listener.execute(AssertSqlSafe(notify)).await?;
            while !self.heard(Ok(listener.try_recv().await), wake)? {}
            Ok(())
        };
        timeout(self.deadline, proof)
            .await
            .map_err(|_| Deaf::Silent(self.deadline))?
    }

    /// Handles a notification. Returns whether it was the proof.
    fn heard(
        &self,
        heard: Result<Result<Option<PgNotification>, SqlxError>, Elapsed>,
        wake: &impl Fn(),
    ) -> Result<bool, Deaf> {
        let heard = heard.map_err(|_| Deaf::Silent(self.deadline))??;
        let notification = heard.ok_or(Deaf::Lost)?;
        let is_proof = notification.channel() != CHANNEL;
        if !is_proof && notification.payload() != self.instance.to_string() {
            wake();
        }
        Ok(is_proof)
    }

    /// A channel that nobody else listens on, so a proof wakes nobody.
    fn own_channel(&self) -> String {
        format!("{CHANNEL}_{}", self.instance.simple())
    }
}

/// Sends one notification at a time, each for all commits since the previous one.
async fn send(writers: Reader, instance: Uuid, mut commits: watch::Receiver<u64>) {
    // Nobody waits for it to reach the disk. The setting ends with the transaction, which is our own.
    let sql = format!(
        "BEGIN; SET LOCAL synchronous_commit TO off; SELECT pg_notify('{CHANNEL}', '{instance}'); COMMIT"
    );
    while commits.changed().await.is_ok() {
        vital::test_panic("notifier");
        if let Err(error) = writers.execute_unprepared(&sql).await {
            tracing::debug!(%error, "could not notify the other servers; they will poll");
        }
        sleep(SPACING).await;
    }
}
