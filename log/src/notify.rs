//! `LISTEN` and `NOTIFY`: servers on one PostgreSQL tell each other that something was committed.
//!
//! A notification only ever says "look now". One that is lost costs a poll interval, so nothing is retried,
//! and everything still works behind a pooler that drops them.
//!
//! It is sent after the commit and not in the writer's transaction, because there it would put all
//! committing writers in a queue: `NOTIFY` holds a lock of the whole cluster until its transaction ends.
//!
//! A connection that only listens never notices that it has died. So the listener notifies itself whenever
//! it has heard nothing for a while, and a notification that does not come back is an end.

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
/// After a notification the next is sent this much later at the earliest, for everything that was
/// committed meanwhile.
const SPACING: Duration = Duration::from_millis(20);
const FIRST_BACKOFF: Duration = Duration::from_millis(250);
/// A listener that cannot connect tries again at least this often.
const LONGEST_BACKOFF: Duration = Duration::from_secs(2);

/// This process among those that notify each other.
#[derive(Debug)]
pub struct Notifier {
    /// Sent along, so that our own notifications do not wake us: we know already.
    instance: Uuid,
    writers: Reader,
    /// For a connection of its own.
    options: PgConnectOptions,
    /// How long that may be silent, and how long it may then take to prove that it hears.
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
    /// Tells others of `commits`, on the connections that write. Hears them on one of its own, which may be silent for
    /// `deadline`, and then has as long to prove that it hears.
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

    /// Tells the others of our commits, and calls `wake` for theirs, until `stop`.
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

    /// Listens, and reconnects for ever. What fails is said once when it begins and once when it is over.
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
                    // What was sent before is lost.
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
            // What they committed meanwhile is found now, and not after a whole poll interval.
            wake();
            sleep(backoff).await;
            backoff = LONGEST_BACKOFF.min(backoff * 2);
        }
    }

    /// A connection that hears itself.
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

    /// Calls `wake` for what the others send, until the connection fails to prove that it hears.
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

    /// Takes what was heard. Whether it was the proof.
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

    /// Nobody else listens there, so nobody is woken by a proof.
    fn own_channel(&self) -> String {
        format!("{CHANNEL}_{}", self.instance.simple())
    }
}

/// One notification at a time, each for all commits since the last.
async fn send(writers: Reader, instance: Uuid, mut commits: watch::Receiver<u64>) {
    // Nobody waits for it to be on the disk. The setting ends with the transaction, which is our own.
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
