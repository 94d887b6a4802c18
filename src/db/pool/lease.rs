//! A connection, lent: to one statement, or to one transaction.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use deadpool::managed::Object;
use sea_orm::{DbErr, RuntimeErr, SqlxError};
use tokio::{runtime::Handle, sync::Mutex, time::sleep};

use super::{
    finishing::Finishing,
    opener::{Deadlines, Opener},
};
use crate::db::{
    backend::Runner,
    condition::Condition,
    driver::{Command, Driver, Reply, connection_error, silent, statement_error},
    statistics::Counts,
};

/// Begins a transaction.
const BEGIN: &str = "BEGIN";

/// A connection, lent.
#[derive(Debug)]
pub struct Lease<D: Driver> {
    /// None while a statement runs, and after the connection was given up.
    held: Option<Held<D>>,
}

#[derive(Debug)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "a transaction can be due and open at once, while nobody knows whether it has begun"
)]
struct Held<D: Driver> {
    /// None when it was given up.
    object: Option<Object<Opener<D>>>,
    condition: Condition,
    counts: Arc<Counts>,
    deadlines: Deadlines,
    /// Whether a statement is on its way, which only the server can end.
    is_busy: bool,
    /// Whether a transaction begins with the next statement.
    is_due: bool,
    /// Whether a transaction was begun and has not ended.
    is_open: bool,
    /// Whether a statement of the transaction has failed.
    has_failed: bool,
}

impl<D: Driver> Lease<D> {
    /// Lends a connection for work within these deadlines.
    pub(super) fn new(
        object: Object<Opener<D>>,
        condition: Condition,
        counts: Arc<Counts>,
        deadlines: Deadlines,
    ) -> Self {
        Self {
            held: Some(Held {
                object: Some(object),
                condition,
                counts,
                deadlines,
                is_busy: false,
                is_due: false,
                is_open: false,
                has_failed: false,
            }),
        }
    }

    /// Commits the transaction and then calls `committed`, whether anybody is waiting or not.
    async fn commit(mut self, committed: impl FnOnce() + Send + 'static) -> Result<(), DbErr> {
        let held = self.held.take().ok_or_else(given_up)?;
        if held.has_failed {
            // `COMMIT` would roll back, and call that a success.
            return Err(DbErr::Custom("a statement of it has failed".to_owned()));
        }
        if held.is_due {
            committed();
            return Ok(());
        }
        Finishing::new(async move {
            let (held, outcome) = held.send(Command::unprepared("COMMIT")).await;
            if outcome.is_ok() {
                committed();
            }
            // It is over, one way or the other.
            if let Some(mut held) = held {
                held.is_open = false;
            }
            outcome
        })
        .await?;
        Ok(())
    }

    pub(super) async fn run(&mut self, command: Command) -> Result<Reply, DbErr> {
        let held = self.held.take().ok_or_else(given_up)?;
        let running = held.run(command);
        let (held, outcome) = if D::IS_REMOTE {
            Finishing::new(running).await
        } else {
            // The connection's own thread finishes it even if the caller has gone; the next statement runs after it.
            running.await
        };
        self.held = held;
        outcome
    }
}

impl<D: Driver> Held<D> {
    /// Runs a command to its end, after `BEGIN` if that is due. Returns the connection, unless it was given up.
    async fn run(mut self, command: Command) -> (Option<Self>, Result<Reply, DbErr>) {
        if !self.is_due {
            return self.send(command).await;
        }
        // Set before it has begun: if the caller goes away now, the transaction will be rolled back.
        self.is_open = true;
        let command = match command.behind(BEGIN) {
            Ok(both) => return self.send(both).await,
            Err(command) => command,
        };
        match self.send(Command::unprepared(BEGIN)).await {
            (Some(held), Ok(_)) => held.send(command).await,
            other => other,
        }
    }

    /// Sends a command and waits for its end. Returns the connection, unless it was given up.
    async fn send(mut self, command: Command) -> (Option<Self>, Result<Reply, DbErr>) {
        let Some(object) = &mut self.object else {
            return (None, Err(given_up()));
        };
        let born = object.suspicion;
        // If several statements begin and end a transaction of their own and one fails, the transaction is left open.
        let may_leave_open = !self.is_open && matches!(command, Command::Unprepared(_));
        let Deadlines {
            database,
            statement,
        } = self.deadlines;
        let mut suspicion = self.condition.subscribe();
        let began = Instant::now();
        self.is_busy = D::IS_REMOTE;
        let outcome = {
            let connection = &mut object.connection;
            let work = D::run(connection, command);
            tokio::select! {
                biased;
                outcome = work => Ok(outcome),
                after = missed(statement) => Err(after),
                () = async {
                    // The sender is ours, so it is there.
                    let _ = suspicion.wait_for(|now| *now != born).await;
                    sleep(database).await;
                } => Err(database),
            }
        };
        self.is_busy = false;
        self.counts.ended(began);
        if let Ok((reply, _)) = &outcome
            && reply.ended > 0
        {
            // If `BEGIN` itself has failed, a caller that goes on all the same must not run outside of a transaction.
            self.is_due = false;
        }
        match outcome {
            Ok((reply, Ok(()))) => (Some(self), Ok(reply)),
            Ok((_, Err(error))) if is_broken::<D>(&error) => {
                self.counts.breaks.inc();
                self.give_up(born);
                (None, Err(connection_error(error)))
            }
            Ok((_, Err(error))) => {
                self.condition.note(&error);
                self.has_failed = true;
                if may_leave_open {
                    self.discard();
                }
                (Some(self), Err(statement_error(error)))
            }
            Err(after) => {
                self.counts.timeouts.inc();
                self.give_up(born);
                (None, Err(silent(after)))
            }
        }
    }

    /// Closes the connection without a goodbye, and suspects the others of its time.
    fn give_up(&mut self, born: u64) {
        self.discard();
        self.condition.suspect(born);
    }

    /// Closes the connection without a goodbye.
    fn discard(&mut self) {
        self.is_open = false;
        if let Some(object) = self.object.take() {
            drop(Object::take(object));
        }
    }
}

impl<D: Driver> Drop for Held<D> {
    /// Its caller has gone, or does not want to save any of it.
    fn drop(&mut self) {
        if self.is_busy {
            // The runtime ends in the middle of a statement.
            self.discard();
        }
        if !self.is_open {
            return;
        }
        self.is_open = false;
        let Some(object) = self.object.take() else {
            return;
        };
        let Ok(runtime) = Handle::try_current() else {
            // It must not be lent again in this state.
            drop(Object::take(object));
            return;
        };
        let born = object.suspicion;
        // Count it as ended. Otherwise this would be called for it again after the runtime has ended.
        let held = Self {
            object: Some(object),
            condition: self.condition.clone(),
            counts: Arc::clone(&self.counts),
            deadlines: self.deadlines,
            is_busy: false,
            is_due: false,
            is_open: false,
            has_failed: false,
        };
        runtime.spawn(async move {
            let (held, outcome) = held.send(Command::unprepared("ROLLBACK")).await;
            if outcome.is_err()
                && let Some(mut held) = held
            {
                held.give_up(born);
            }
        });
    }
}

async fn missed(deadline: Option<Duration>) -> Duration {
    match deadline {
        Some(deadline) => {
            sleep(deadline).await;
            deadline
        }
        None => std::future::pending().await,
    }
}

fn is_broken<D: Driver>(error: &SqlxError) -> bool {
    let lost = matches!(
        error,
        SqlxError::Io(_) | SqlxError::Tls(_) | SqlxError::Protocol(_) | SqlxError::WorkerCrashed
    );
    lost || D::is_fatal(error)
}

fn given_up() -> DbErr {
    DbErr::Conn(RuntimeErr::Internal(
        "the connection to the database was given up".to_owned(),
    ))
}

/// A transaction on a connection that it has for itself. Dropped, it is rolled back.
#[derive(Debug)]
pub struct Transaction<D: Driver>(Mutex<Lease<D>>);

impl<D: Driver> Transaction<D> {
    /// Begins one, with its first statement.
    pub fn begin(mut lease: Lease<D>) -> Self {
        if let Some(held) = &mut lease.held {
            held.is_due = true;
        }
        Self(Mutex::new(lease))
    }

    /// Makes everything in it durable, and then calls `committed`, whether anybody is waiting or not.
    ///
    /// # Errors
    /// Also when a statement of it has failed.
    pub async fn commit(self, committed: impl FnOnce() + Send + 'static) -> Result<(), DbErr> {
        self.0.into_inner().commit(committed).await
    }
}

impl<D: Driver> Runner for Transaction<D> {
    async fn run(&self, command: Command) -> Result<Reply, DbErr> {
        self.0.lock().await.run(command).await
    }
}
