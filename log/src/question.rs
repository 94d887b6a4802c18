//! A question to the database that many callers ask at once: one query answers all of them.
//!
//! The query runs to its end in a task of its own. A client that disconnects while it waits takes nothing from the
//! others, and the driver is never left in the middle of a statement.

use std::{future::Future, sync::Arc};

use sea_orm::{DbErr, RuntimeErr};
use tokio::{
    sync::{Mutex, OwnedMutexGuard},
    time::Instant,
};

/// A question; clones are the same one. At most one query for it runs at a time.
#[derive(Clone, Debug)]
pub struct Question<T> {
    last: Arc<Mutex<Option<Outcome<T>>>>,
}

/// The outcome of a query.
#[derive(Debug)]
struct Outcome<T> {
    began: Instant,
    answer: Result<T, DbErr>,
}

/// The right to run the query. Other callers wait until it is used or dropped, so its owner must keep polling.
#[derive(Debug)]
pub struct Turn<T> {
    asked: Instant,
    last: OwnedMutexGuard<Option<Outcome<T>>>,
}

impl<T> Default for Question<T> {
    fn default() -> Self {
        Self {
            last: Arc::default(),
        }
    }
}

impl<T> Question<T> {
    /// Waits for the running query, if there is one.
    pub async fn turn(&self) -> Turn<T> {
        let asked = Instant::now();
        let last = Arc::clone(&self.last).lock_owned().await;
        Turn { asked, last }
    }
}

impl<T: Clone + Send + 'static> Turn<T> {
    /// The outcome of the last query, if it began after the caller asked. Errors are shared as well: a thousand
    /// streams must not find out one after the other that the database is away.
    pub fn shared(&self) -> Option<Result<T, DbErr>> {
        let last = self.last.as_ref().filter(|last| last.began >= self.asked)?;
        Some(last.answer.clone())
    }

    /// The last answer, however old, unless the last query failed.
    pub fn answer(&self) -> Option<&T> {
        self.last.as_ref()?.answer.as_ref().ok()
    }

    /// When the last query began.
    pub fn last_began(&self) -> Option<Instant> {
        self.last.as_ref().map(|last| last.began)
    }

    /// Runs the query. It goes on even if the caller is dropped.
    pub async fn put(
        mut self,
        query: impl Future<Output = Result<T, DbErr>> + Send + 'static,
    ) -> Result<T, DbErr> {
        finish(async move {
            let began = Instant::now();
            let answer = query.await;
            *self.last = Some(Outcome {
                began,
                answer: answer.clone(),
            });
            answer
        })
        .await
    }
}

/// Runs a query to its end, even if the caller is dropped.
pub async fn finish<T: Send + 'static>(
    query: impl Future<Output = Result<T, DbErr>> + Send + 'static,
) -> Result<T, DbErr> {
    // The query has panicked, or the runtime is ending.
    let broken_off =
        |error: tokio::task::JoinError| Err(DbErr::Conn(RuntimeErr::Internal(error.to_string())));
    tokio::spawn(query).await.unwrap_or_else(broken_off)
}

#[cfg(test)]
mod tests;
