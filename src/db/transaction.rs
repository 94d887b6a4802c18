//! A transaction for writing, whichever the database is.

use sea_orm::{ConnectionTrait, DbErr, sqlx::Postgres};
use tokio::sync::watch;
use tracing::Instrument as _;

use super::{
    backend::{Backend, Deferred},
    pool::lease,
    sqlite::turn::Turn,
};

/// A transaction under way.
#[derive(Debug)]
#[must_use = "a transaction that is not committed is rolled back"]
pub struct Transaction {
    pub(super) connection: Backend<Turn, lease::Transaction<Postgres>>,
    pub(super) commits: watch::Sender<u64>,
}

impl Transaction {
    /// The connection that statements and hooks of this transaction run on.
    pub fn connection(&self) -> &impl ConnectionTrait {
        &self.connection
    }

    /// The same, for rows that are saved. Statements that return nothing, such as those of hooks that append events,
    /// travel with the next one or with the commit: on SQLite a round trip less. They seem to change no row, and what is
    /// wrong with one is told by what it travels with.
    pub fn deferred(&self) -> impl ConnectionTrait + '_ {
        Deferred(&self.connection)
    }

    /// Makes everything in it durable, and wakes the poller. A commit that has begun finishes even if the caller stops
    /// waiting.
    pub async fn commit(self) -> Result<(), DbErr> {
        let Self {
            connection,
            commits,
        } = self;
        let committing = async {
            match connection {
                Backend::Sqlite(turn) => turn.commit().await,
                Backend::Postgres(transaction) => {
                    let committed = move || commits.send_modify(|count| *count += 1);
                    transaction.commit(committed).await
                }
            }
        };
        committing.instrument(tracing::trace_span!("commit")).await
    }
}
