//! Connections that are lent: to one statement, or to one transaction on PostgreSQL.
//!
//! Two rules keep a connection from ever being used half way through something:
//!
//! - A statement to PostgreSQL runs in a task that finishes. A caller that goes away only stops waiting; the task gives
//!   the connection back, and ends the transaction that is open on it.
//! - A statement has a deadline. A connection that missed it is closed and not asked again, and all others
//!   of that time are suspect: the network that swallowed one may have swallowed them. Those that are idle
//!   are replaced when they are next needed; those that are busy get the deadline anew, once.

use std::time::Duration;

use deadpool::{
    Runtime,
    managed::{self, Metrics, Object, PoolError, QueueMode, RecycleError, RecycleResult},
};
use sea_orm::{
    ConnAcquireErr, ConnectionTrait, DbBackend, DbErr, ExecResult, QueryResult, RuntimeErr,
    SqlxError, Statement,
};
use tokio::{
    runtime::Handle,
    sync::Mutex,
    time::{sleep, timeout},
};

use super::{
    condition::Condition,
    driver::{Answer, Driver, connection_error, statement_error},
};

/// A connection that was idle for longer is asked whether it still answers before it is lent.
const FRESH: Duration = Duration::from_secs(1);

/// How often it is looked whether all connections have come back, at the end.
const CHECK: Duration = Duration::from_millis(5);

/// How long things may take.
#[derive(Clone, Copy, Debug)]
pub struct Deadlines {
    /// Connecting, waiting for a connection that is free, and statements on one that is suspect.
    pub database: Duration,
    /// Other statements; `None` without end.
    pub statement: Option<Duration>,
}

/// Opens connections, and judges whether one can be lent again.
#[derive(Debug)]
struct Opener<D: Driver> {
    options: D::Options,
    condition: Condition,
    deadline: Duration,
}

/// An open connection.
#[derive(Debug)]
struct Opened<D: Driver> {
    connection: D::Connection,
    /// Which suspicion is older than it.
    suspicion: u64,
}

impl<D: Driver> managed::Manager for Opener<D> {
    type Type = Opened<D>;
    type Error = DbErr;

    async fn create(&self) -> Result<Opened<D>, DbErr> {
        let suspicion = self.condition.suspicion();
        // Boxed, or every future that waits for a connection would have room to open one.
        let opening = Box::pin(D::open(&self.options));
        let connection = timeout(self.deadline, opening).await;
        let connection = connection
            .map_err(|_| silent(self.deadline))?
            .map_err(connection_error)?;
        Ok(Opened {
            connection,
            suspicion,
        })
    }

    async fn recycle(&self, opened: &mut Opened<D>, metrics: &Metrics) -> RecycleResult<DbErr> {
        if opened.suspicion != self.condition.suspicion() {
            return Err(RecycleError::message("it is suspect"));
        }
        if !D::IS_REMOTE || metrics.last_used() < FRESH {
            return Ok(());
        }
        if let Ok(Ok(())) = timeout(self.deadline, D::ping(&mut opened.connection)).await {
            return Ok(());
        }
        self.condition.suspect(opened.suspicion);
        Err(RecycleError::message("it does not answer"))
    }
}

/// Connections to a database. Clones share them, and may have other deadlines.
#[derive(Debug)]
pub struct Pool<D: Driver> {
    connections: managed::Pool<Opener<D>>,
    condition: Condition,
    deadlines: Deadlines,
}

impl<D: Driver> Clone for Pool<D> {
    fn clone(&self) -> Self {
        Self {
            connections: self.connections.clone(),
            condition: self.condition.clone(),
            deadlines: self.deadlines,
        }
    }
}

impl<D: Driver> Pool<D> {
    /// At most `size` connections, opened when they are needed.
    pub fn new(
        options: D::Options,
        size: usize,
        deadlines: Deadlines,
        condition: &Condition,
    ) -> Result<Self, DbErr> {
        let opener = Opener {
            options,
            condition: condition.clone(),
            deadline: deadlines.database,
        };
        let pool = managed::Pool::builder(opener)
            .max_size(size)
            // The one that was used last is warm, and those that are not needed grow old.
            .queue_mode(QueueMode::Lifo)
            .wait_timeout(Some(deadlines.database))
            .runtime(Runtime::Tokio1)
            .build()
            .map_err(|error| DbErr::Custom(error.to_string()))?;
        Ok(Self {
            connections: pool,
            condition: condition.clone(),
            deadlines,
        })
    }

    /// The same connections, for statements that may take no longer than connecting may.
    #[must_use]
    pub fn hurried(&self) -> Self {
        let mut hurried = self.clone();
        hurried.deadlines.statement = Some(self.deadlines.database);
        hurried
    }

    /// Opens so many connections now.
    pub async fn warm_up(&self, connections: usize) -> Result<(), DbErr> {
        let mut all = Vec::new();
        for _ in 0..connections {
            all.push(self.lease().await?);
        }
        Ok(())
    }

    /// A connection that is free.
    ///
    /// # Errors
    /// When there is none in time, or a new one cannot be opened.
    pub async fn lease(&self) -> Result<Lease<D>, DbErr> {
        let object = self.connections.get().await.map_err(|error| match error {
            PoolError::Backend(error) => error,
            PoolError::Timeout(_) => DbErr::ConnectionAcquire(ConnAcquireErr::Timeout),
            _ => DbErr::ConnectionAcquire(ConnAcquireErr::ConnectionClosed),
        })?;
        Ok(Lease {
            held: Some(Held {
                object: Some(object),
                condition: self.condition.clone(),
                deadlines: self.deadlines,
                is_open: false,
                has_failed: false,
            }),
        })
    }

    /// Closes connections that nobody has used for this long.
    pub async fn close_idle(&self, idle: Duration) {
        let idle = self
            .connections
            .retain(|_, metrics| metrics.last_used() < idle);
        self.end(idle.removed).await;
    }

    /// Closes all connections, when statements under way have ended. Nobody gets one any more then.
    pub async fn close(&self) {
        // The pool does not tell when one comes back.
        let ended = async {
            while self.connections.status().available < self.connections.status().size {
                sleep(CHECK).await;
            }
        };
        let _ = timeout(self.deadlines.database, ended).await;
        let all = self.connections.retain(|_, _| false);
        self.connections.close();
        self.end(all.removed).await;
    }

    async fn end(&self, all: Vec<Opened<D>>) {
        for opened in all {
            // They are dropped in any case; a farewell that fails changes nothing.
            let _ = timeout(self.deadlines.database, D::close(opened.connection)).await;
        }
    }
}

/// A connection, lent.
#[derive(Debug)]
pub struct Lease<D: Driver> {
    /// None while a statement runs, and after the connection was given up.
    held: Option<Held<D>>,
}

#[derive(Debug)]
struct Held<D: Driver> {
    /// None when it was given up.
    object: Option<Object<Opener<D>>>,
    condition: Condition,
    deadlines: Deadlines,
    /// A transaction was begun, and has not ended.
    is_open: bool,
    /// A statement of the transaction has failed.
    has_failed: bool,
}

/// What a connection is to do.
enum Order {
    Prepared(Statement, usize),
    Unprepared(String),
}

impl<D: Driver> Lease<D> {
    /// Begins a transaction.
    pub async fn begin(&mut self) -> Result<(), DbErr> {
        if let Some(held) = &mut self.held {
            // Before it has begun: who goes away now leaves it to be rolled back.
            held.is_open = true;
        }
        self.run(Order::Unprepared("BEGIN".to_owned())).await?;
        Ok(())
    }

    /// Commits the transaction, and calls `committed` when it has been, whether anybody waits or not.
    pub async fn commit(mut self, committed: impl FnOnce() + Send + 'static) -> Result<(), DbErr> {
        let held = self.held.take().ok_or_else(given_up)?;
        if held.has_failed {
            // `COMMIT` would roll back, and call that a success.
            return Err(DbErr::Custom("a statement of it has failed".to_owned()));
        }
        let done = tokio::spawn(async move {
            let (held, outcome) = held.run(Order::Unprepared("COMMIT".to_owned())).await;
            if outcome.is_ok() {
                committed();
            }
            // It is over, whichever way.
            if let Some(mut held) = held {
                held.is_open = false;
            }
            outcome
        });
        done.await.map_err(|_| given_up())??;
        Ok(())
    }

    async fn run(&mut self, order: Order) -> Result<Answer, DbErr> {
        let held = self.held.take().ok_or_else(given_up)?;
        let running = held.run(order);
        let (held, outcome) = if D::IS_REMOTE {
            tokio::spawn(running).await.map_err(|_| given_up())?
        } else {
            // The connection's own thread finishes it, whoever waits; the next statement comes after it.
            running.await
        };
        self.held = held;
        outcome
    }

    pub(super) async fn execute(&mut self, statement: Statement) -> Result<ExecResult, DbErr> {
        let answer = self.run(Order::Prepared(statement, usize::MAX)).await?;
        answer.result()
    }

    pub(super) async fn execute_unprepared(&mut self, sql: &str) -> Result<ExecResult, DbErr> {
        self.run(Order::Unprepared(sql.to_owned())).await?.result()
    }

    /// The first row, if there is one.
    pub(super) async fn query_one(
        &mut self,
        statement: Statement,
    ) -> Result<Option<QueryResult>, DbErr> {
        let mut answer = self.run(Order::Prepared(statement, 1)).await?;
        Ok(answer.rows.pop())
    }

    pub(super) async fn query_all(
        &mut self,
        statement: Statement,
    ) -> Result<Vec<QueryResult>, DbErr> {
        let answer = self.run(Order::Prepared(statement, usize::MAX)).await?;
        Ok(answer.rows)
    }
}

impl<D: Driver> Held<D> {
    /// Runs to the end, or gives the connection up. It comes back unless it was.
    async fn run(mut self, order: Order) -> (Option<Self>, Result<Answer, DbErr>) {
        let Some(object) = &mut self.object else {
            return (None, Err(given_up()));
        };
        let born = object.suspicion;
        // Several statements that begin and end a transaction of their own leave it open when one fails.
        let may_leave_open = !self.is_open && matches!(order, Order::Unprepared(_));
        let Deadlines {
            database,
            statement,
        } = self.deadlines;
        let mut suspicion = self.condition.subscribe();
        let outcome = {
            let connection = &mut object.connection;
            let work = async {
                match order {
                    Order::Prepared(statement, enough) => {
                        D::run(connection, statement, enough).await
                    }
                    Order::Unprepared(sql) => D::run_unprepared(connection, sql).await,
                }
            };
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
        match outcome {
            Ok((answer, Ok(()))) => (Some(self), Ok(answer)),
            Ok((_, Err(error))) if is_broken::<D>(&error) => {
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
                self.give_up(born);
                (None, Err(silent(after)))
            }
        }
    }

    /// Closes the connection without a word, and suspects the others of its time.
    fn give_up(&mut self, born: u64) {
        self.discard();
        self.condition.suspect(born);
    }

    /// Closes the connection without a word.
    fn discard(&mut self) {
        self.is_open = false;
        if let Some(object) = self.object.take() {
            drop(Object::take(object));
        }
    }
}

impl<D: Driver> Drop for Held<D> {
    /// Whoever had it has gone, or wants nothing of it to be saved.
    fn drop(&mut self) {
        if !self.is_open {
            return;
        }
        self.is_open = false;
        let Some(object) = self.object.take() else {
            return;
        };
        let Ok(runtime) = Handle::try_current() else {
            // It must not be lent again like this.
            drop(Object::take(object));
            return;
        };
        let born = object.suspicion;
        // It counts as ended, or this would be called again for it where the runtime has ended.
        let held = Self {
            object: Some(object),
            condition: self.condition.clone(),
            deadlines: self.deadlines,
            is_open: false,
            has_failed: false,
        };
        runtime.spawn(async move {
            let (held, outcome) = held.run(Order::Unprepared("ROLLBACK".to_owned())).await;
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

/// That the database was silent for so long.
pub(super) fn silent(after: Duration) -> DbErr {
    let after = humantime::format_duration(after);
    DbErr::Conn(RuntimeErr::Internal(format!(
        "the database did not answer within {after}"
    )))
}

fn given_up() -> DbErr {
    DbErr::Conn(RuntimeErr::Internal(
        "the connection to the database was given up".to_owned(),
    ))
}

#[async_trait::async_trait]
impl<D: Driver> ConnectionTrait for Pool<D> {
    fn get_database_backend(&self) -> DbBackend {
        D::BACKEND
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        self.lease().await?.execute(statement).await
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        self.lease().await?.execute_unprepared(sql).await
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        self.lease().await?.query_one(statement).await
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        self.lease().await?.query_all(statement).await
    }
}

/// A transaction on a connection that it has for itself. Dropped, it is rolled back.
#[derive(Debug)]
pub struct Transaction<D: Driver>(Mutex<Lease<D>>);

impl<D: Driver> Transaction<D> {
    /// Begins one.
    pub async fn begin(pool: &Pool<D>) -> Result<Self, DbErr> {
        let mut lease = pool.lease().await?;
        lease.begin().await?;
        Ok(Self(Mutex::new(lease)))
    }

    /// Makes everything in it durable. See [`Lease::commit`].
    pub async fn commit(self, committed: impl FnOnce() + Send + 'static) -> Result<(), DbErr> {
        self.0.into_inner().commit(committed).await
    }
}

#[async_trait::async_trait]
impl<D: Driver> ConnectionTrait for Transaction<D> {
    fn get_database_backend(&self) -> DbBackend {
        D::BACKEND
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        self.0.lock().await.execute(statement).await
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        self.0.lock().await.execute_unprepared(sql).await
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        self.0.lock().await.query_one(statement).await
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        self.0.lock().await.query_all(statement).await
    }
}
