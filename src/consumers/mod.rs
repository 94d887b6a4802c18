//! Consumers: cursors that the server keeps, each under a name, for programs that must not keep state.
//!
//! A worker is handed the events past the cursor under a lease, and moves the cursor by acknowledging them. Nothing but
//! an acknowledgement moves it past an event, so each event is handed out at least once, whatever becomes of workers,
//! servers and clocks. Leases only keep workers from doing the same work twice.
//!
//! - `draft`: what a client asks for
//! - [`leases`]: who has the events past a cursor, and how the cursor moves
//! - [`streams`]: leases of streams that are open as a consumer
//! - `clock`: when leases end
//! - [`shown`]: consumers with how far they are behind
//! - [`lags`]: those that are furthest behind, for metrics

mod clock;
mod draft;
pub mod lags;
pub mod leases;
pub mod shown;
pub mod streams;

use dotcast_log::{EventId, cursor::Origin, hub::Hub, read::Break};
use entity::{
    consumer::{self, BoardIds, Types},
    user,
};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, ConnectionTrait, DbErr, EntityTrait,
    IntoActiveModel, ModelTrait as _, QueryFilter, QueryOrder, QuerySelect, Select,
};

pub use self::draft::{Draft, Start};
use self::{shown::Consumer, streams::StreamLeases};
use crate::{
    db::{self, Db},
    error::{Error, Result},
    quota::Quota,
};

/// Upper bound on the consumers of one user.
const MOST: u32 = 100;

/// A consumer that was just made or changed.
#[derive(Clone, Debug)]
pub struct Put {
    /// As it is now.
    pub consumer: Consumer,
    /// Whether there was none of this name before.
    pub is_new: bool,
}

/// Where a cursor is set.
#[derive(Clone, Copy, Debug)]
struct Position {
    cursor: EventId,
    /// A client that chooses a position knows of all breaks until then.
    known_break: EventId,
}

/// Finds and changes consumers. Each user sees only their own.
#[derive(Clone)]
pub struct Consumers {
    db: Db,
    hub: Hub,
    quota: Quota,
    streams: StreamLeases,
}

impl Consumers {
    /// Consumers in `db`, of the log that `hub` has. `streams` has the leases of streams.
    pub fn new(db: Db, hub: Hub, streams: StreamLeases) -> Self {
        let quota = Quota::new(MOST);
        Self {
            db,
            hub,
            quota,
            streams,
        }
    }

    /// Makes a consumer, or changes it to be as in `draft`. With another filter it keeps its cursor, unless a start is
    /// given; either ends its lease, because what was handed out under it may not be all that is wanted now.
    ///
    /// # Errors
    /// [`Error::Invalid`], [`Error::TooManyConsumers`]
    pub async fn put(&self, user: &user::Model, name: &str, draft: Draft) -> Result<Put> {
        let Draft {
            types,
            board_ids,
            start,
        } = draft.checked()?;
        let (types, board_ids) = (types.map(Types), board_ids.map(BoardIds));
        let given = match start {
            Some(start) => Some(self.position(start).await?),
            None => None,
        };
        // Found before the transaction, which must not wait for the log.
        let present = self.position(Start::Now).await?;
        let txn = self.db.transaction().await?;
        let conn = txn.connection();
        // So that of two that make the same consumer at once the second finds it.
        user::hold(conn, user.id).await?;
        let found = own(user.id, name).lock_exclusive().one(conn).await?;
        let is_new = found.is_none();
        match found {
            None => {
                let all = consumer::Entity::find().filter(consumer::Column::UserId.eq(user.id));
                let (key, id) = ((user.id, 0), consumer::Column::Id);
                if !self.quota.has_room(&txn, key, all, id).await? {
                    return Err(Error::TooManyConsumers(self.quota.most()));
                }
                let Position {
                    cursor,
                    known_break,
                } = given.unwrap_or(present);
                consumer::ActiveModel {
                    user_id: Set(user.id),
                    name: Set(name.to_owned()),
                    types: Set(types),
                    board_ids: Set(board_ids),
                    cursor: Set(cursor),
                    known_break: Set(known_break),
                    revision: Set(1),
                    created_at: Set(db::now()),
                    ..Default::default()
                }
                .insert(conn)
                .await?;
                txn.commit().await?;
            }
            Some(row) => {
                let is_refiltered = row.types != types || row.board_ids != board_ids;
                let is_changed = is_refiltered || given.is_some();
                let id = row.id;
                if is_changed {
                    let revision = row.revision + 1;
                    let mut row = row.into_active_model();
                    row.types = Set(types);
                    row.board_ids = Set(board_ids);
                    row.revision = Set(revision);
                    row.lease_id = Set(None);
                    row.lease_until = Set(None);
                    if let Some(position) = given {
                        row.cursor = Set(position.cursor);
                        row.known_break = Set(position.known_break);
                        row.reset = Set(None);
                    }
                    row.update(conn).await?;
                }
                // Also if nothing has changed: what was found may be in the same commit.
                txn.commit().await?;
                if is_changed {
                    self.streams.lose(id);
                }
            }
        }
        let consumer = self.get(user.id, name).await?;
        Ok(Put { consumer, is_new })
    }

    /// One of a user's consumers.
    ///
    /// # Errors
    /// [`Error::ConsumerNotFound`]
    pub async fn get(&self, user_id: i64, name: &str) -> Result<Consumer> {
        let found = shown::of(self.db.reader(), own(user_id, name), self.settled()).await?;
        let found = found.into_iter().next();
        found.ok_or_else(|| Error::ConsumerNotFound(name.to_owned()))
    }

    /// At most `limit` consumers of a user with ids below `before`, newest first.
    pub async fn list(&self, user_id: i64, before: i64, limit: u64) -> Result<Vec<Consumer>> {
        let own = consumer::Entity::find()
            .filter(consumer::Column::UserId.eq(user_id))
            .filter(consumer::Column::Id.lt(before))
            .order_by_desc(consumer::Column::Id)
            .limit(limit);
        Ok(shown::of(self.db.reader(), own, self.settled()).await?)
    }

    /// Deletes a consumer, and with it its cursor.
    ///
    /// # Errors
    /// [`Error::ConsumerNotFound`]
    pub async fn delete(&self, user_id: i64, name: &str) -> Result<()> {
        let txn = self.db.transaction().await?;
        let found = own(user_id, name).one(txn.connection()).await?;
        let found = found.ok_or_else(|| Error::ConsumerNotFound(name.to_owned()))?;
        let id = found.id;
        found.delete(txn.connection()).await?;
        txn.commit().await?;
        self.streams.lose(id);
        Ok(())
    }

    /// How far lags are measured.
    pub fn settled(&self) -> EventId {
        self.hub.settled()
    }

    /// The position that a client asks for.
    async fn position(&self, start: Start) -> Result<Position> {
        let cursor = match start {
            // Everything that is kept. What is deleted later will be missing, which 0 does not tell.
            Start::After(0) => self.hub.extent().await?.trimmed_through,
            Start::After(id) => id,
            Start::Since(time) => {
                self.hub.own_writes().await;
                self.hub.locate(Origin::Since(time)).await?.0
            }
            Start::Now => {
                self.hub.own_writes().await;
                self.hub.settled()
            }
        };
        Ok(Position {
            cursor,
            known_break: newest_break(&self.hub),
        })
    }
}

/// The last id of the newest break of the log; 0 without a break. Each break ends above all before it.
fn newest_break(hub: &Hub) -> EventId {
    let breaks = hub.breaks().into_iter();
    breaks.map(|Break { last, .. }| last).max().unwrap_or(0)
}

/// A user's consumer of this name.
fn own(user_id: i64, name: &str) -> Select<consumer::Entity> {
    consumer::Entity::find()
        .filter(consumer::Column::UserId.eq(user_id))
        .filter(consumer::Column::Name.eq(name))
}

/// Deletes all consumers of a user: clients choose their names, and may put the user's in.
pub(crate) async fn forget<C: ConnectionTrait>(conn: &C, user_id: i64) -> Result<(), DbErr> {
    #[expect(clippy::disallowed_methods, reason = "consumers have no hooks")]
    consumer::Entity::delete_many()
        .filter(consumer::Column::UserId.eq(user_id))
        .exec(conn)
        .await?;
    Ok(())
}
