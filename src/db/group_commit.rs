//! Group commit on SQLite: transactions that wait for the same commit share its fsync.
//!
//! SQLite writes one transaction at a time, and most of that time is the disk's. So one task, the
//! [`Queue`]'s, begins a transaction and lends it to those who wait, one after the other, each after the
//! first behind a savepoint. When nobody waits any more, or the group is full, it commits for all of
//! them; who comes meanwhile is in the next group. A caller that is alone finds nobody to wait for.
//!
//! A caller's rows are durable when the group's commit is, so only then is it answered. One that fails or
//! goes away takes back what is behind its savepoint, and nothing else; the first ends the group, which is
//! nobody else's yet. What is under way belongs to the task, so nobody who goes away can stop it.
//!
//! SQLite rolls a whole transaction back by itself when the disk is full, say, and a savepoint that is
//! set after that silently begins another one. Therefore it is asked whether there still is a transaction
//! before the first is set, and each is released before the next is, also when its caller failed:
//! releasing what is not there is an error, and then nobody in the group is told that it was saved.

use std::sync::Arc;

use sea_orm::{
    ConnAcquireErr, ConnectionTrait as _, DatabaseConnection, DatabaseTransaction, DbBackend,
    DbErr, RuntimeErr, Statement,
};
use tokio::{
    sync::{mpsc, oneshot, watch},
    time::timeout,
};

use super::sqlite::ACQUIRE_TIMEOUT;

/// Fails in a transaction, and does nothing else there: SQLite has no other way to ask whether it is in one.
const PROBE: &str = "BEGIN";
const BEGIN: &str = "SAVEPOINT member";
const ROLL_BACK: &str = "ROLLBACK TO member";
const END: &str = "RELEASE member";
/// Both at once, because each is a way to the connection's thread and back.
const END_AND_BEGIN: &str = "RELEASE member; SAVEPOINT member";

/// Somebody who wants to write.
type Request = oneshot::Sender<Result<Turn, DbErr>>;
/// Somebody who has written, and waits for the commit.
type Member = oneshot::Sender<Result<(), DbErr>>;

/// Those who wait for the connection that writes, in the order in which they came.
#[derive(Clone, Debug)]
pub(super) struct Queue {
    requests: mpsc::UnboundedSender<Request>,
}

/// The group's transaction, lent to one caller at a time. Dropped, it is given back without what was
/// done in it.
#[derive(Debug)]
pub(super) struct Turn {
    // Goes first when it is dropped: when the other has gone, nobody else has the transaction.
    group: Arc<DatabaseTransaction>,
    done: oneshot::Sender<Member>,
}

impl Queue {
    /// Begins to lend `connection` to up to `size` callers per commit, until all clones are dropped.
    /// `committed` changes after each commit.
    pub(super) fn open(
        connection: DatabaseConnection,
        size: u32,
        committed: watch::Sender<()>,
    ) -> Self {
        let (requests, waiting) = mpsc::unbounded_channel();
        let writer = Writer {
            connection,
            size,
            committed,
            waiting,
            next: None,
        };
        tokio::spawn(writer.run());
        Self { requests }
    }

    /// Waits for a turn.
    ///
    /// # Errors
    /// After [`ACQUIRE_TIMEOUT`], and when the transaction cannot begin.
    pub(super) async fn turn(&self) -> Result<Turn, DbErr> {
        let (request, turn) = oneshot::channel();
        let closed = || DbErr::ConnectionAcquire(ConnAcquireErr::ConnectionClosed);
        self.requests.send(request).map_err(|_| closed())?;
        timeout(ACQUIRE_TIMEOUT, turn)
            .await
            .map_err(|_| DbErr::ConnectionAcquire(ConnAcquireErr::Timeout))?
            .map_err(|_| closed())?
    }
}

impl Turn {
    /// What to write with.
    pub(super) fn connection(&self) -> &DatabaseTransaction {
        &self.group
    }

    /// Hands the turn on, and waits until the group is durable. Whoever stops waiting is saved or not
    /// like the others.
    pub(super) async fn commit(self) -> Result<(), DbErr> {
        let Self { group, done } = self;
        drop(group);
        let (member, outcome) = oneshot::channel();
        let gone = || lost("its task has ended");
        done.send(member).map_err(|_| gone())?;
        outcome.await.map_err(|_| gone())?
    }
}

/// The task that owns what is under way.
struct Writer {
    connection: DatabaseConnection,
    size: u32,
    committed: watch::Sender<()>,
    waiting: mpsc::UnboundedReceiver<Request>,
    /// The first of those who wait, once it was looked for.
    next: Option<Request>,
}

impl Writer {
    async fn run(mut self) {
        while let Some(first) = self.next().await {
            match super::begin(&self.connection).await {
                Ok(group) => self.serve(Arc::new(group), first).await,
                Err(error) => {
                    let _ = first.send(Err(error));
                }
            }
        }
    }

    /// One group, from its first member to the answers. A member that has gone is not told, here and
    /// below.
    async fn serve(&mut self, group: Arc<DatabaseTransaction>, first: Request) {
        let mut members = Vec::new();
        let gathered = self.gather(&group, first, &mut members).await;
        if members.is_empty() {
            // Dropped, the transaction is rolled back; there is nothing in it.
            return;
        }
        let outcome = match gathered {
            Ok(()) => commit(group).await,
            Err(error) => Err(lost(&error.to_string())),
        };
        if outcome.is_ok() {
            self.committed.send_replace(());
        }
        for member in members {
            let _ = member.send(outcome.clone());
        }
    }

    /// Lends the transaction to `first` and to those who wait behind it; `members` are those of them who
    /// want it committed.
    ///
    /// # Errors
    /// The transaction is not what it was, and must not be committed.
    async fn gather(
        &mut self,
        group: &Arc<DatabaseTransaction>,
        first: Request,
        members: &mut Vec<Member>,
    ) -> Result<(), DbErr> {
        // Mostly it is alone, and then a savepoint would be two ways to the connection's thread for
        // nothing: what it takes back is everything, and whether everything is there the commit tells.
        let Some(member) = lend(group, first).await else {
            return Ok(());
        };
        members.push(member);
        if self.size == 1 || !self.somebody_waits() {
            return Ok(());
        }
        if run(group, PROBE).await.is_ok() {
            return Err(lost("SQLite has ended it"));
        }
        run(group, BEGIN).await?;
        for turn in 2.. {
            let Some(request) = self.next.take() else {
                break;
            };
            match lend(group, request).await {
                Some(member) => members.push(member),
                None => run(group, ROLL_BACK).await?,
            }
            if turn == self.size || !self.somebody_waits() {
                break;
            }
            run(group, END_AND_BEGIN).await?;
        }
        run(group, END).await
    }

    /// Waits for the next who wants to write. None when nobody ever will.
    async fn next(&mut self) -> Option<Request> {
        if self.somebody_waits() {
            return self.next.take();
        }
        self.waiting.recv().await
    }

    /// Whether there is a next already. Those who have gone while they waited are passed over.
    fn somebody_waits(&mut self) -> bool {
        while self.next.as_ref().is_none_or(Request::is_closed) {
            self.next = self.waiting.try_recv().ok();
            if self.next.is_none() {
                return false;
            }
        }
        true
    }
}

/// Lends the transaction; returns who waits for the commit then, unless it is given back.
async fn lend(group: &Arc<DatabaseTransaction>, request: Request) -> Option<Member> {
    let (done, finished) = oneshot::channel();
    let group = Arc::clone(group);
    let _ = request.send(Ok(Turn { group, done }));
    finished.await.ok()
}

async fn commit(group: Arc<DatabaseTransaction>) -> Result<(), DbErr> {
    let group = Arc::into_inner(group).ok_or_else(|| lost("it is still lent"))?;
    group.commit().await
}

async fn run(group: &DatabaseTransaction, sql: &str) -> Result<(), DbErr> {
    group
        .execute_raw(Statement::from_string(DbBackend::Sqlite, sql))
        .await?;
    Ok(())
}

/// Nothing of the group is saved, through no fault of its members: they may try again.
fn lost(why: &str) -> DbErr {
    DbErr::Conn(RuntimeErr::Internal(format!(
        "the transaction was lost: {why}"
    )))
}
