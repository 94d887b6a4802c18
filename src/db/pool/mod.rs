//! Connections that are lent: to one statement, or to one transaction on PostgreSQL.
//!
//! Two rules keep a connection from being used again in the middle of something:
//!
//! - A statement to PostgreSQL finishes. If its caller goes away, a task takes it over, gives the connection back, and
//!   ends the transaction that is open on it.
//! - A statement has a deadline. A connection that missed it is closed, not pinged, and all others of that time are
//!   suspect: the network that swallowed one may have swallowed them. Suspect connections that are idle are replaced
//!   when they are next needed; those that are busy get a new deadline, once.
//!
//! - [`opener`]: opens them, and decides whether one can be lent again
//! - [`lease`]: one that is lent
//! - `finishing`: work that finishes even if nobody waits for it

mod finishing;
pub mod lease;
pub mod opener;

use std::{sync::Arc, time::Duration};

use deadpool::{
    Runtime,
    managed::{self, PoolError, QueueMode},
};
use sea_orm::{ConnAcquireErr, DbErr};
use tokio::time::{sleep, timeout};

use self::{
    lease::Lease,
    opener::{Deadlines, Opener, PooledConnection},
};
use super::{
    backend::Runner,
    condition::Condition,
    driver::{Command, Driver, Reply},
    statistics::{Counts, Role, Use},
};

/// How often [`Pool::close`] looks whether all connections have come back.
const CHECK: Duration = Duration::from_millis(5);

/// Connections to a database. Clones share them, but may have other deadlines.
#[derive(Debug)]
pub struct Pool<D: Driver> {
    connections: managed::Pool<Opener<D>>,
    condition: Condition,
    counts: Arc<Counts>,
    deadlines: Deadlines,
}

impl<D: Driver> Clone for Pool<D> {
    fn clone(&self) -> Self {
        Self {
            connections: self.connections.clone(),
            condition: self.condition.clone(),
            counts: Arc::clone(&self.counts),
            deadlines: self.deadlines,
        }
    }
}

impl<D: Driver> Pool<D> {
    /// At most `size` connections, opened when they are needed. `counts` are those of their role.
    pub fn new(
        options: D::Options,
        size: usize,
        deadlines: Deadlines,
        condition: &Condition,
        counts: Arc<Counts>,
    ) -> Result<Self, DbErr> {
        let opener = Opener {
            options,
            condition: condition.clone(),
            deadline: deadlines.database,
        };
        let pool = managed::Pool::builder(opener)
            .max_size(size)
            // The last one used is warm, and those that are not needed grow old.
            .queue_mode(QueueMode::Lifo)
            .wait_timeout(Some(deadlines.database))
            .runtime(Runtime::Tokio1)
            .build()
            .map_err(|error| DbErr::Custom(error.to_string()))?;
        Ok(Self {
            connections: pool,
            condition: condition.clone(),
            counts,
            deadlines,
        })
    }

    /// The same connections, but statements may take no longer than connecting may.
    #[must_use]
    pub fn hurried(&self) -> Self {
        let mut hurried = self.clone();
        hurried.deadlines.statement = Some(self.deadlines.database);
        hurried
    }

    /// Opens this many connections now.
    pub async fn warm_up(&self, connections: usize) -> Result<(), DbErr> {
        let mut all = Vec::new();
        for _ in 0..connections {
            all.push(self.lease().await?);
        }
        Ok(())
    }

    /// A free connection.
    ///
    /// # Errors
    /// If none is free in time, or a new one cannot be opened.
    pub async fn lease(&self) -> Result<Lease<D>, DbErr> {
        let object = self.connections.get().await.map_err(|error| match error {
            PoolError::Backend(error) => error,
            PoolError::Timeout(_) => DbErr::ConnectionAcquire(ConnAcquireErr::Timeout),
            _ => DbErr::ConnectionAcquire(ConnAcquireErr::ConnectionClosed),
        })?;
        let (condition, counts) = (self.condition.clone(), Arc::clone(&self.counts));
        Ok(Lease::new(object, condition, counts, self.deadlines))
    }

    /// How its connections, which have this role, are used now.
    pub fn in_use(&self, role: Role) -> Use {
        let status = self.connections.status();
        Use {
            role,
            used: status.size.saturating_sub(status.available),
            idle: status.available,
            waiting: status.waiting,
        }
    }

    /// Closes connections that have been idle for this long.
    pub async fn close_idle(&self, idle: Duration) {
        let idle = self
            .connections
            .retain(|_, metrics| metrics.last_used() < idle);
        self.end(idle.removed).await;
    }

    /// Closes all connections once the statements under way have ended. None is lent after that.
    pub async fn close(&self) {
        // The pool does not report when a connection comes back.
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

    async fn end(&self, all: Vec<PooledConnection<D>>) {
        for pooled in all {
            // They are dropped in any case; a goodbye that fails changes nothing.
            let _ = timeout(self.deadlines.database, D::close(pooled.connection)).await;
        }
    }
}

impl<D: Driver> Runner for Pool<D> {
    async fn run(&self, command: Command) -> Result<Reply, DbErr> {
        self.lease().await?.run(command).await
    }
}
