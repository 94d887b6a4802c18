//! `LISTEN` and `NOTIFY`: servers on one PostgreSQL tell each other that something was committed.
//!
//! A notification only ever says "look now". One that is lost costs a poll interval, so nothing here
//! is done twice to be sure, and behind a pooler that does not pass notifications on all goes on.
//!
//! It is sent after the commit and not in the writer's transaction, because there it would put all
//! committing writers in a queue: `NOTIFY` holds a lock of the whole cluster until its transaction ends.

use std::time::Duration;

use sea_orm::{
    ConnectionTrait as _, DatabaseConnection,
    sqlx::{
        self,
        postgres::{PgConnectOptions, PgListener, PgPoolOptions},
    },
};
use tokio::{sync::watch, time::sleep};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

const CHANNEL: &str = "dotcast_events";
/// After a notification the next is sent this much later at the earliest, for everything that was
/// committed meanwhile.
const SPACING: Duration = Duration::from_millis(20);
const FIRST_BACKOFF: Duration = Duration::from_millis(250);
const LONGEST_BACKOFF: Duration = Duration::from_secs(10);

/// This process among those that notify each other.
#[derive(Debug)]
pub struct Notifier {
    /// Sent along, so that our own notifications do not wake us: we know already.
    instance: Uuid,
    writer: DatabaseConnection,
    /// For a connection of its own.
    options: PgConnectOptions,
    committed: watch::Receiver<()>,
}

impl Notifier {
    pub(super) fn new(
        writer: DatabaseConnection,
        options: PgConnectOptions,
        committed: watch::Receiver<()>,
    ) -> Self {
        Self {
            instance: Uuid::new_v4(),
            writer,
            options,
            committed,
        }
    }

    /// Tells the others of our commits, and calls `wake` for theirs, until `stop`.
    pub async fn run(self, wake: impl Fn() + Send, stop: CancellationToken) {
        let Self {
            instance,
            writer,
            options,
            committed,
        } = self;
        let talk = async {
            tokio::join!(
                send(&writer, instance, committed),
                listen(&options, instance, wake),
            );
        };
        tokio::select! {
            () = stop.cancelled() => {}
            () = talk => {}
        }
    }
}

/// One notification at a time, each for all commits since the last.
async fn send(writer: &DatabaseConnection, instance: Uuid, mut committed: watch::Receiver<()>) {
    // Nobody waits for it to be on the disk, and only together are the two one transaction.
    let sql =
        format!("SET LOCAL synchronous_commit TO off; SELECT pg_notify('{CHANNEL}', '{instance}')");
    while committed.changed().await.is_ok() {
        if let Err(error) = writer.execute_unprepared(&sql).await {
            tracing::debug!(%error, "could not notify the other servers; they will poll");
        }
        sleep(SPACING).await;
    }
}

/// Listens, and reconnects for ever.
async fn listen(options: &PgConnectOptions, instance: Uuid, wake: impl Fn()) {
    let instance = instance.to_string();
    let mut backoff = FIRST_BACKOFF;
    loop {
        let error = match connect(options).await {
            Ok(mut listener) => {
                tracing::debug!("listening for notifications");
                backoff = FIRST_BACKOFF;
                // What was sent before is lost.
                wake();
                loop {
                    match listener.try_recv().await {
                        Ok(Some(notification)) if notification.payload() == instance => {}
                        Ok(Some(_)) => wake(),
                        Ok(None) => break None,
                        Err(error) => break Some(error),
                    }
                }
            }
            Err(error) => Some(error),
        };
        let error = error.map_or_else(|| "the connection was lost".to_owned(), |it| it.to_string());
        tracing::debug!(error, "no notifications; polling");
        sleep(backoff).await;
        backoff = LONGEST_BACKOFF.min(backoff * 2);
    }
}

async fn connect(options: &PgConnectOptions) -> Result<PgListener, sqlx::Error> {
    let pool = PgPoolOptions::new()
        .max_connections(1)
        .acquire_timeout(super::postgres::ACQUIRE_TIMEOUT)
        .idle_timeout(None)
        .max_lifetime(None)
        .connect_with(options.clone())
        .await?;
    let mut listener = PgListener::connect_with(&pool).await?;
    listener.eager_reconnect(false);
    listener.listen(CHANNEL).await?;
    Ok(listener)
}
