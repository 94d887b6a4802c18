//! The connection that writes, lent to one caller.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use sea_orm::{DbErr, ExecResult, RuntimeErr, Statement, sqlx::sqlite::SqliteQueryResult};
use tokio::{
    sync::{Mutex, oneshot},
    time::timeout,
};

use super::{connection::Connection, savepoint::NO_SAVEPOINT, wakes::UnderWay};
use crate::db::{
    backend::Runner,
    driver::{Command, Reply, silent},
    statistics::Counts,
};

/// A caller that has written, and waits for the commit.
pub(super) type Member = oneshot::Sender<Result<(), DbErr>>;

/// The connection, lent to one caller at a time. If it is dropped, it goes back and the work on it is rolled back.
#[derive(Debug)]
pub struct Turn {
    /// How long a statement may take.
    pub(super) deadline: Duration,
    pub(super) counts: Arc<Counts>,
    // Dropped before `done`: when the writer hears that the turn is over, it has the connection to itself again.
    pub(super) lent: Arc<Mutex<Connection>>,
    pub(super) done: oneshot::Sender<Member>,
    /// From when the turn was asked for to the end of its commit. None while it is on offer.
    pub(super) under_way: Option<UnderWay>,
}

impl Turn {
    /// The turn of a caller that has asked for it.
    pub(super) fn taken(self, under_way: UnderWay) -> Self {
        Self {
            under_way: Some(under_way),
            ..self
        }
    }

    /// Hands the turn on, and waits until the group is durable. A caller that stops waiting is committed or rolled back
    /// with the others.
    pub(in crate::db) async fn commit(self) -> Result<(), DbErr> {
        let Self {
            lent,
            done,
            deadline,
            under_way: _under_way,
            ..
        } = self;
        drop(lent);
        let (member, outcome) = oneshot::channel();
        let gone = || lost("its task has ended");
        done.send(member).map_err(|_| gone())?;
        // Each of the others in the group may take as long as a statement may.
        let patience = 2 * deadline;
        let outcome = timeout(patience, outcome).await;
        outcome.map_err(|_| silent(patience))?.map_err(|_| gone())?
    }
}

impl Runner for Turn {
    /// A statement that does not end holds up the callers behind it, and they have deadlines, too.
    async fn run(&self, command: Command) -> Result<Reply, DbErr> {
        let statement = async { self.lent.lock().await.run(command).await };
        let began = Instant::now();
        let done = timeout(self.deadline, statement).await;
        self.counts.ended(began);
        if done.is_err() {
            self.counts.timeouts.inc();
        }
        done.map_err(|_| silent(self.deadline))?.map_err(explained)
    }

    async fn defer(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        let kept = self.lent.lock().await.keep(statement);
        match kept {
            Ok(()) => Ok(SqliteQueryResult::default().into()),
            Err(statement) => self.run(Command::all_of(statement)).await?.result(),
        }
    }
}

/// If a savepoint is missing, that is not the fault of the statement that finds out.
pub(super) fn explained(error: DbErr) -> DbErr {
    let reason = error.to_string();
    if reason.contains(NO_SAVEPOINT) {
        lost(&reason)
    } else {
        error
    }
}

/// Nothing of the group is saved. Its members are not at fault and may try again.
pub(super) fn lost(why: &str) -> DbErr {
    DbErr::Conn(RuntimeErr::Internal(format!(
        "the transaction was lost: {why}"
    )))
}
