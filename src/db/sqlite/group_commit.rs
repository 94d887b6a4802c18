//! Group commit on SQLite: transactions that wait for the same commit share its fsync.
//!
//! SQLite writes one transaction at a time, and most of that time is spent on the disk. So one task, the [`Queue`]'s,
//! lends the connection that writes to waiting callers, one after the other. They all work in one transaction, each
//! after the first behind a savepoint. When nobody is waiting any more, or the group is full, the task commits for all
//! of them; a caller that arrives meanwhile is in the next group. A caller that is alone waits for nobody.
//!
//! While nobody waits, the next turn is on offer: whoever comes first takes it without a word to the task. To ask, and to
//! be answered, are two changes of tasks, and after three in a row tokio wakes another worker, which a request that is
//! alone does not need.
//!
//! A caller's rows are durable when the group's commit is, so only then is it answered. A caller that fails or goes
//! away rolls back what is behind its savepoint, and nothing else. Work under way belongs to the task, so a caller that
//! goes away cannot stop it.
//!
//! What a turn has [kept](crate::db::backend::Runner::defer) travels with the commit, or is run before the next turn. So
//! it is never lost with a caller that goes away, and what is wrong with it concerns its own caller, unless that was the
//! last of a group: then the commit has failed.
//!
//! What begins a turn travels with the first statement in it (`connection`). If the caller goes away at that moment,
//! the turn may or may not have begun, or only in part. So each turn's savepoint has a different name from the one
//! before it, and rolling back to it cannot undo another caller's work.
//!
//! SQLite rolls back a whole transaction by itself, for example when the disk is full, and a savepoint set after that
//! silently begins another one. So each savepoint is released before the next is set, and before the commit: releasing
//! a savepoint that is gone is an error, and then no caller of the group is told that its rows were saved. The first
//! turn has none to release. SQLite does this only with a statement that fails, so nobody follows a first turn in which
//! one has failed, and a commit without a transaction is an error.

use std::{
    sync::{Arc, Mutex as StdMutex, MutexGuard as StdMutexGuard, PoisonError, Weak},
    time::Duration,
};

use dotcast_log::vital::{self, Vital};
use prometheus_client::metrics::histogram::Histogram;
use sea_orm::{ConnAcquireErr, DbErr};
use tokio::{
    sync::{Mutex, mpsc, oneshot, watch},
    time::timeout,
};

use super::{
    connection::Connection,
    savepoint::{BEGIN, COMMIT, NO_SAVEPOINT, PROBE, ROLL_BACK, SAVEPOINTS, SECOND, Savepoint},
    turn::{Member, Turn, explained, lost},
    wakes::{UnderWay, Wakes},
};
use crate::db::{
    driver::{Command, silent},
    statistics::{Counts, Role, Statistics},
};

/// What to ask a [`Queue`] for.
enum Request {
    /// A turn to write.
    Turn(Asked),
    /// The end of the connection.
    Close(oneshot::Sender<Result<(), DbErr>>),
}

/// A caller that waits for its turn.
struct Asked {
    lend: oneshot::Sender<Turn>,
    under_way: UnderWay,
}

/// The callers that wait for the connection that writes, in order of arrival. Clones are the same queue.
#[derive(Clone, Debug)]
pub struct Queue {
    requests: mpsc::UnboundedSender<Request>,
    offer: Arc<Offer>,
    /// How long a statement may take, and a commit.
    deadline: Duration,
    wakes: Wakes,
}

/// The next turn, while it is nobody's. It changes only together with the question of whether somebody waits: nobody
/// begins to wait while there is one, and none is put here while somebody waits.
#[derive(Debug, Default)]
struct Offer(StdMutex<Option<Turn>>);

impl Offer {
    fn lock(&self) -> StdMutexGuard<'_, Option<Turn>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Queue {
    /// Lends `connection` to up to `size` callers per commit, until it is closed or all clones are dropped. `commits`
    /// counts commits.
    pub(super) fn open(
        connection: Connection,
        size: u32,
        deadline: Duration,
        commits: watch::Sender<u64>,
        statistics: &Statistics,
        wakes: Wakes,
        vital: &Vital,
    ) -> Self {
        let (requests, waiting) = mpsc::unbounded_channel();
        let offer = Arc::default();
        let writer = Writer {
            offer: Arc::downgrade(&offer),
            lent: Arc::new(Mutex::new(connection)),
            size,
            deadline,
            commits,
            counts: statistics.of(Role::Writer),
            groups: statistics.groups.clone(),
            waiting,
            next: None,
        };
        vital.spawn("the task that writes to SQLite", writer.run());
        Self {
            requests,
            offer,
            deadline,
            wakes,
        }
    }

    /// Waits for a turn. Its transaction begins with its first statement.
    ///
    /// # Errors
    /// After twice the time that a statement may take: once for the turn before, and once for its commit.
    pub(in crate::db) async fn turn(&self) -> Result<Turn, DbErr> {
        let under_way = self.wakes.begin();
        let (lend, turn) = oneshot::channel();
        {
            let mut offer = self.offer.lock();
            if let Some(turn) = offer.take() {
                return Ok(turn.taken(under_way));
            }
            self.ask(Request::Turn(Asked { lend, under_way }))?;
        }
        timeout(2 * self.deadline, turn)
            .await
            .map_err(|_| DbErr::ConnectionAcquire(ConnAcquireErr::Timeout))?
            .map_err(|_| closed())
    }

    /// Waits for the callers before this one, then closes the connection. Nobody gets a turn after that.
    pub(in crate::db) async fn close(&self) -> Result<(), DbErr> {
        let (request, done) = oneshot::channel();
        {
            let mut offer = self.offer.lock();
            self.ask(Request::Close(request))?;
            // Nobody takes it any more.
            *offer = None;
        }
        let closing = timeout(2 * self.deadline, done).await;
        closing
            .map_err(|_| silent(2 * self.deadline))?
            .map_err(|_| closed())?
    }

    fn ask(&self, request: Request) -> Result<(), DbErr> {
        self.requests.send(request).map_err(|_| closed())
    }
}

/// The task that owns what is under way.
struct Writer {
    lent: Arc<Mutex<Connection>>,
    size: u32,
    deadline: Duration,
    commits: watch::Sender<u64>,
    counts: Arc<Counts>,
    groups: Histogram,
    /// Gone with the last who could take a turn.
    offer: Weak<Offer>,
    waiting: mpsc::UnboundedReceiver<Request>,
    /// The first waiting request, once it has been looked for.
    next: Option<Request>,
}

/// How a turn ended.
struct Ended {
    /// The caller that waits for the commit; none when the turn was given back without one.
    member: Option<Member>,
    /// Whether it began, or may have.
    began: bool,
    /// Whether a statement has failed in it, or was cut off.
    failed: bool,
}

impl Writer {
    async fn run(mut self) {
        loop {
            self.lent.lock().await.begin(&BEGIN);
            let first = match self.offer() {
                Some(offered) => offered,
                None => match self.next().await {
                    Some(Request::Turn(asked)) => self.lend(asked),
                    Some(Request::Close(done)) => {
                        // Nobody can ask any more, and callers that are still waiting get an error.
                        drop(self.waiting);
                        let _ = done.send(close(self.lent).await);
                        return;
                    }
                    None => return,
                },
            };
            self.serve(first).await;
        }
    }

    /// Offers the first turn of a group, if nobody waits.
    fn offer(&mut self) -> Option<oneshot::Receiver<Member>> {
        let offer = self.offer.upgrade()?;
        let mut offer = offer.lock();
        if self.has_next() {
            return None;
        }
        let (turn, ended) = self.turn();
        *offer = Some(turn);
        Some(ended)
    }

    /// Runs one group, from its first turn to the answers. Here and below, a member that has gone is not told.
    async fn serve(&mut self, first: oneshot::Receiver<Member>) {
        let mut members = Vec::new();
        let outcome = match self.gather(first, &mut members).await {
            Ok(Some(commit)) if !members.is_empty() => self.commit(commit).await,
            other => {
                // End whatever is left, or the next group could not begin.
                let _ = self.execute(ROLL_BACK).await;
                other.map(|_| ())
            }
        };
        if outcome.is_ok() && !members.is_empty() {
            // No group has more than 1024 members.
            self.groups
                .observe(f64::from(u32::try_from(members.len()).unwrap_or(u32::MAX)));
        }
        for member in members {
            let _ = member.send(outcome.clone());
        }
    }

    /// Waits for the `first` turn, and lends the connection to the callers behind it. `members` are those that want a
    /// commit. Returns the statement that commits, if anything was done.
    ///
    /// # Errors
    /// The transaction is not what it was, and must not be committed.
    async fn gather(
        &mut self,
        first: oneshot::Receiver<Member>,
        members: &mut Vec<Member>,
    ) -> Result<Option<&'static str>, DbErr> {
        let mut begun = 0;
        let mut commit = None;
        let mut turn = first;
        for count in 1.. {
            // The second turn has the first of them.
            let savepoint = &SAVEPOINTS[(begun + 1) % 2];
            let Ended {
                member,
                began,
                failed,
            } = self.ended(turn).await;
            vital::test_panic("group commit");
            let gone = member.is_none();
            members.extend(member);
            if began {
                let is_first = begun == 0;
                let ends = if is_first {
                    // It has no savepoint: to undo it is to undo all, and nothing else would tell that all is lost.
                    gone || failed
                } else {
                    // The turn was cut off while it began: the savepoint before it may or may not be gone.
                    gone && !self.roll_back(savepoint).await?
                };
                if ends {
                    return Ok(Some(COMMIT));
                }
                begun += 1;
                commit = Some(if is_first { COMMIT } else { savepoint.commit });
            }
            if count == self.size || !self.has_next() {
                break;
            }
            // Without a next turn it travels with the commit.
            let kept = self.lent.lock().await.run_kept().await;
            if let Err(error) = kept {
                if begun == 1 || !self.roll_back(savepoint).await? {
                    return Err(error);
                }
                if let Some(member) = members.pop() {
                    let _ = member.send(Err(error));
                }
            }
            let Some(asked) = self.next_turn() else {
                break;
            };
            let preamble = match begun {
                0 => &BEGIN,
                1 => &SECOND,
                _ => &SAVEPOINTS[(begun + 1) % 2].follow,
            };
            self.lent.lock().await.begin(preamble);
            turn = self.lend(asked);
        }
        Ok(commit)
    }

    /// Lends the connection to a caller that waits. Returns how to learn that it was given back.
    fn lend(&self, Asked { lend, under_way }: Asked) -> oneshot::Receiver<Member> {
        let (turn, ended) = self.turn();
        let _ = lend.send(turn.taken(under_way));
        ended
    }

    fn turn(&self) -> (Turn, oneshot::Receiver<Member>) {
        let (done, ended) = oneshot::channel();
        let turn = Turn {
            deadline: self.deadline,
            counts: Arc::clone(&self.counts),
            lent: Arc::clone(&self.lent),
            done,
            under_way: None,
        };
        (turn, ended)
    }

    /// Waits until the connection is given back.
    async fn ended(&self, turn: oneshot::Receiver<Member>) -> Ended {
        let member = turn.await.ok();
        let mut lent = self.lent.lock().await;
        let member = match member {
            // It has not minded an error, or a deadline.
            Some(member) if !lent.is_whole() => {
                let why = "a statement that was deferred in it has not run".to_owned();
                let _ = member.send(Err(DbErr::Custom(why)));
                None
            }
            member => member,
        };
        Ended {
            began: lent.end(member.is_some()),
            failed: lent.failed,
            member,
        }
    }

    /// Undoes what was done behind a savepoint. False if the savepoint does not exist, so nothing was done.
    ///
    /// # Errors
    /// The transaction is lost.
    async fn roll_back(&self, savepoint: &Savepoint) -> Result<bool, DbErr> {
        let Err(error) = self.execute(savepoint.roll_back).await else {
            return Ok(true);
        };
        let reason = error.to_string();
        if !reason.contains(NO_SAVEPOINT) || self.execute(PROBE).await.is_ok() {
            return Err(lost(&reason));
        }
        Ok(false)
    }

    /// # Errors
    /// Nothing of the group is saved.
    async fn commit(&self, commit: &str) -> Result<(), DbErr> {
        let Err(error) = self.execute(commit).await else {
            self.commits.send_modify(|count| *count += 1);
            return Ok(());
        };
        match self.execute(ROLL_BACK).await {
            Ok(()) => Err(explained(error)),
            Err(_) => Err(lost(&error.to_string())),
        }
    }

    async fn execute(&self, sql: &str) -> Result<(), DbErr> {
        self.lent.lock().await.run(Command::unprepared(sql)).await?;
        Ok(())
    }

    /// Waits for the next request. None if there can never be one.
    async fn next(&mut self) -> Option<Request> {
        if self.has_next() {
            return self.next.take();
        }
        self.waiting.recv().await
    }

    /// The next request for a turn, if one is waiting.
    fn next_turn(&mut self) -> Option<Asked> {
        self.has_next();
        match self.next.take() {
            Some(Request::Turn(request)) => Some(request),
            other => {
                self.next = other;
                None
            }
        }
    }

    /// Whether a request is waiting. Requests whose callers have gone are skipped.
    fn has_next(&mut self) -> bool {
        while self.next.as_ref().is_none_or(Request::is_gone) {
            self.next = self.waiting.try_recv().ok();
            if self.next.is_none() {
                return false;
            }
        }
        true
    }
}

impl Request {
    fn is_gone(&self) -> bool {
        matches!(self, Self::Turn(asked) if asked.lend.is_closed())
    }
}

/// Closes the connection once all turns have ended.
async fn close(lent: Arc<Mutex<Connection>>) -> Result<(), DbErr> {
    let lent = Arc::into_inner(lent).ok_or_else(|| lost("it is still lent"))?;
    lent.into_inner().close().await
}

fn closed() -> DbErr {
    DbErr::ConnectionAcquire(ConnAcquireErr::ConnectionClosed)
}
