//! Leases: who has the events past a cursor, and how the cursor moves.
//!
//! Each step is one conditional `UPDATE`, so that any number of servers on one database agree. A lease is given only if
//! nothing has changed since the events were read for it. An acknowledgement is taken only from the newest lease,
//! whatever time it is: clocks decide when others may have the events, and never what was acknowledged.

use std::time::Duration;

use dotcast_log::{EventId, filter::Filter, frame::ResetReason, right::Right};
use entity::consumer::{self, BoardIds, Column, Entity, Types};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, FromQueryResult, QuerySelect,
    prelude::DateTimeUtc,
    sea_query::{Expr, ExprTrait, Query, UpdateStatement},
};
use uuid::Uuid;

use super::{Consumers, Position, Start, clock, newest_break, own, streams};
use crate::error::{Error, Result, Violation};

/// The end of what is handed out to a stream.
const OPEN: EventId = EventId::MAX;

/// A consumer whose events nobody has, as it was read.
#[derive(Clone, Debug)]
pub struct Free {
    row: consumer::Model,
    /// The last id of the newest break of the log.
    newest_break: EventId,
}

/// What is about to be handed out.
#[derive(Clone, Copy, Debug)]
pub struct Batch {
    /// Where the reading began. Above the cursor only if nothing matches in between, or if there is a reset.
    pub base: EventId,
    /// The last event, if there is one.
    pub last: Option<EventId>,
    /// Everything that matches up to here is in it.
    pub through: EventId,
    /// Why the cursor could not be honoured, if so.
    pub reset: Option<ResetReason>,
}

/// What was handed out.
#[derive(Clone, Debug, Default)]
pub struct Lease {
    /// The token that acknowledges it.
    pub id: Option<String>,
    /// Until when nobody else gets the events; `None` if there are none.
    pub until: Option<DateTimeUtc>,
    /// Why the cursor could not be honoured, also if that was told before and has not been acknowledged.
    pub reset: Option<String>,
}

/// What a stream is handed out.
#[derive(Debug)]
pub struct StreamLease {
    /// The token that acknowledges its events.
    pub id: String,
    /// The right under which it is open, until somebody takes the lease away or the session ends.
    pub right: Right,
}

/// Where a cursor is after it was moved.
#[derive(Clone, Debug, PartialEq, Eq, FromQueryResult)]
pub struct Moved {
    /// The consumer.
    #[sea_orm(from_alias = "id")]
    consumer: i64,
    /// Everything that matches up to here is acknowledged.
    pub cursor: EventId,
    /// When the current lease ends, if there is one.
    pub lease_until: Option<DateTimeUtc>,
}

impl Free {
    /// Everything that matches up to here is acknowledged.
    pub fn cursor(&self) -> EventId {
        self.row.cursor
    }

    /// What it wants.
    pub fn filter(&self) -> Filter {
        let mut filter = Filter::default();
        if let Some(Types(types)) = &self.row.types {
            filter = filter.of_kinds(types.iter().map(String::as_str));
        }
        if let Some(BoardIds(ids)) = &self.row.board_ids {
            filter = filter.about(ids.iter().copied());
        }
        filter
    }

    /// Why what was read past `from` does not just continue what was acknowledged. `found` is what the reading
    /// says, and `trimmed_through` how far the log had been deleted then.
    ///
    /// A restore also restores this row. Then the cursor may lie well below what was lost, while its client has seen
    /// events that are gone. So each break is told once, wherever the cursor is.
    pub fn reset(
        &self,
        from: EventId,
        found: Option<ResetReason>,
        trimmed_through: EventId,
    ) -> Option<ResetReason> {
        if self.newest_break > self.row.known_break {
            return Some(ResetReason::Restored);
        }
        // For others, 0 asks for whatever is kept. Here it says that nothing had been deleted at the start.
        found.or((from < trimmed_through).then_some(ResetReason::Expired))
    }

    /// What was told before and has not been acknowledged.
    pub fn untaken_reset(&self) -> Option<ResetReason> {
        let mut all = ResetReason::ALL.into_iter();
        all.find(|it| self.row.reset.as_deref() == Some(it.as_str()))
    }

    /// A batch that is looked at, and not handed out.
    pub fn unleased(&self, batch: &Batch) -> Lease {
        let reset = batch.reset.map(|it| it.as_str().to_owned());
        Lease {
            reset: reset.or_else(|| self.row.reset.clone()),
            ..Lease::default()
        }
    }

    /// Whether a batch is worth telling: it has events, or a client must learn of a reset.
    pub fn is_news(&self, batch: &Batch) -> bool {
        batch.last.is_some() || batch.reset.is_some() || self.row.reset.is_some()
    }
}

impl Consumers {
    /// A consumer whose events nobody has.
    ///
    /// # Errors
    /// [`Error::ConsumerNotFound`], [`Error::Leased`]
    pub async fn free(&self, user_id: i64, name: &str) -> Result<Free> {
        #[derive(FromQueryResult)]
        struct Found {
            #[sea_orm(nested)]
            row: consumer::Model,
            lease_left: Option<i64>,
        }
        // Known before the row is read, so that none counts as told that was not.
        let newest_break = newest_break(&self.hub);
        let reader = self.db.reader();
        let found = own(user_id, name)
            .column_as(clock::left(reader.get_database_backend()), "lease_left")
            .into_model::<Found>()
            .one(reader)
            .await?;
        let Found { row, lease_left } =
            found.ok_or_else(|| Error::ConsumerNotFound(name.to_owned()))?;
        if let Some(left @ 1..) = lease_left {
            return Err(Error::Leased {
                retry_after: Duration::from_millis(left.unsigned_abs()),
            });
        }
        Ok(Free { row, newest_break })
    }

    /// Hands out a batch for at most `duration`, unless the consumer has changed since it was read: then there is no
    /// lease, and nothing of the batch may be sent.
    ///
    /// A batch without events keeps nobody waiting. It moves the cursor, unless there is a reset, which must be
    /// acknowledged.
    pub async fn hand_out(
        &self,
        free: &Free,
        batch: &Batch,
        duration: Duration,
    ) -> Result<Option<Lease>> {
        if !free.is_news(batch) && batch.through <= free.cursor() {
            return Ok(Some(Lease::default()));
        }
        let Lease { reset, .. } = free.unleased(batch);
        let batch = Batch {
            base: if free.is_news(batch) {
                batch.base
            } else {
                batch.through
            },
            ..*batch
        };
        let duration = batch.last.map(|_| duration);
        let leased = self.lease(free, &batch, reset.clone(), duration).await?;
        Ok(leased.map(|(id, moved)| Lease {
            id: Some(id),
            until: moved.lease_until,
            reset,
        }))
    }

    /// Hands out everything past `base` to a stream, as long as it is open under the right `session`, unless the
    /// consumer has changed since it was read. `reset` says why the cursor could not be honoured, if so.
    pub async fn hand_out_to_stream(
        &self,
        free: &Free,
        base: EventId,
        reset: Option<ResetReason>,
        session: Right,
    ) -> Result<Option<StreamLease>> {
        let batch = Batch {
            base,
            last: None,
            through: OPEN,
            reset,
        };
        let reset = reset.map(|it| it.as_str().to_owned());
        let duration = Some(streams::LEASE);
        let leased = self.lease(free, &batch, reset, duration).await?;
        Ok(leased.map(|(id, _)| StreamLease {
            right: self.streams.right(free.row.id, &id, session),
            id,
        }))
    }

    /// Writes that `batch` is handed out, for this long if there are events, unless the consumer has changed since it was
    /// read. The cursor moves to its `base`.
    async fn lease(
        &self,
        free: &Free,
        batch: &Batch,
        reset: Option<String>,
        duration: Option<Duration>,
    ) -> Result<Option<(String, Moved)>> {
        let Free { row, newest_break } = free;
        let id = Uuid::new_v4().simple().to_string();
        let txn = self.db.transaction().await?;
        let conn = txn.connection();
        let backend = conn.get_database_backend();
        let until = match duration {
            Some(duration) => clock::after(backend, duration),
            None => Expr::value(None::<DateTimeUtc>),
        };
        let mut update = change();
        update
            .value(Column::Cursor, batch.base)
            .value(Column::Reset, reset)
            .value(Column::KnownBreak, Ord::max(*newest_break, row.known_break))
            .value(Column::LeaseId, id.clone())
            .value(Column::LeaseUntil, until)
            .value(Column::LeaseLast, batch.last)
            .value(Column::LeaseThrough, batch.through)
            .and_where(Column::Id.eq(row.id))
            .and_where(Column::Revision.eq(row.revision))
            .and_where(Expr::expr(clock::left(backend)).if_null(0).lte(0));
        let moved = run(conn, &mut update).await?;
        // Also if nothing has changed: what others have done may be in the same commit, and is read next.
        txn.commit().await?;
        Ok(moved.map(|moved| (id, moved)))
    }

    /// Acknowledges everything up to `id`, which was handed out under the lease `lease_id`, and ends the lease with the
    /// last event of its batch. What was acknowledged before stays as it is.
    ///
    /// # Errors
    /// [`Error::ConsumerNotFound`], [`Error::LeaseLost`]; [`Error::Invalid`] above what was handed out
    pub async fn ack(
        &self,
        user_id: i64,
        name: &str,
        id: EventId,
        lease_id: Option<&str>,
    ) -> Result<Moved> {
        // A stream is handed out what there is and what there will be.
        let mut newest = self.hub.settled();
        if id > newest {
            newest = Ord::max(self.hub.extent().await?.newest, newest);
        }
        let txn = self.db.transaction().await?;
        let conn = txn.connection();
        let mut update = change();
        // The old row's values, in all expressions.
        let is_done = Expr::col(Column::LeaseLast)
            .if_null(Expr::col(Column::LeaseThrough))
            .lte(id);
        let until = Expr::case(is_done, Expr::value(None::<DateTimeUtc>))
            .finally(Expr::col(Column::LeaseUntil));
        let is_past = Column::Cursor
            .lt(id)
            .or(Column::LeaseThrough.is_in([id, OPEN]));
        let reset =
            Expr::case(is_past, Expr::value(None::<String>)).finally(Expr::col(Column::Reset));
        update
            .value(Column::Cursor, id)
            .value(Column::LeaseUntil, until)
            .value(Column::Reset, reset)
            .and_where(Column::UserId.eq(user_id))
            .and_where(Column::Name.eq(name))
            .and_where(Column::LeaseId.eq(lease_id.unwrap_or_default()))
            .and_where(Column::Cursor.lte(id))
            .and_where(Column::LeaseThrough.gte(id))
            .and_where(Expr::val(id).lte(newest));
        if let Some(moved) = run(conn, &mut update).await? {
            txn.commit().await?;
            return Ok(moved);
        }
        let row = own(user_id, name).one(conn).await?;
        let row = row.ok_or_else(|| Error::ConsumerNotFound(name.to_owned()))?;
        if id <= row.cursor {
            // What has moved it may be in the same commit, and must not be reported before that.
            txn.commit().await?;
            return Ok(Moved {
                consumer: row.id,
                cursor: row.cursor,
                lease_until: row.lease_until,
            });
        }
        if row.lease_id.is_none() || row.lease_id.as_deref() != lease_id {
            return Err(Error::LeaseLost);
        }
        let through = Ord::min(row.lease_through.unwrap_or(row.cursor), newest);
        let message = format!("must be at most {through}, the end of what was handed out");
        Err(Error::Invalid(vec![Violation::new("id", message)]))
    }

    /// Moves the cursor anywhere, and ends the lease.
    ///
    /// # Errors
    /// [`Error::ConsumerNotFound`]
    pub async fn seek(&self, user_id: i64, name: &str, after: EventId) -> Result<Moved> {
        let Position {
            cursor,
            known_break,
        } = self.position(Start::After(after)).await?;
        let txn = self.db.transaction().await?;
        let mut update = change();
        update
            .value(Column::Cursor, cursor)
            .value(Column::Reset, None::<String>)
            .value(Column::KnownBreak, known_break)
            .value(Column::LeaseId, None::<String>)
            .value(Column::LeaseUntil, Expr::value(None::<DateTimeUtc>))
            .and_where(Column::UserId.eq(user_id))
            .and_where(Column::Name.eq(name));
        let moved = run(txn.connection(), &mut update).await?;
        let moved = moved.ok_or_else(|| Error::ConsumerNotFound(name.to_owned()))?;
        txn.commit().await?;
        self.streams.lose(moved.consumer);
        Ok(moved)
    }
}

/// An update of consumers, noted in their revisions.
fn change() -> UpdateStatement {
    let mut update = Query::update();
    update
        .table(Entity)
        .value(Column::Revision, Expr::col(Column::Revision).add(1))
        .returning(Query::returning().columns([Column::Id, Column::Cursor, Column::LeaseUntil]));
    update
}

/// Updates the consumer that fulfils the conditions, if one does.
async fn run<C: ConnectionTrait>(
    conn: &C,
    update: &mut UpdateStatement,
) -> Result<Option<Moved>, DbErr> {
    let rows = conn.query_all(update).await?;
    let moved = rows.first().map(|row| Moved::from_query_result(row, ""));
    moved.transpose()
}
