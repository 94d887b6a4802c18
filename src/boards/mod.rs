//! Boards: who may do what with them. Each change is one transaction.

mod folded;
mod listing;
mod rules;
mod shown;

use entity::{
    board::{self, Dots},
    user,
};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel,
    QueryFilter, QuerySelect, Select,
};

pub use self::{
    listing::{Listing, Place, Search, Sort},
    rules::{Dot, Draft},
    shown::Board,
};
use crate::{
    db::{self, Db, Transaction},
    error::{Error, Result},
    idempotency::{Attempt, Made},
    quota::Quota,
};

/// Which version of a board the caller wants to change (RFC 9110, 13.1.1, `If-Match`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Expected {
    /// Whatever it is.
    Any,
    /// One of these.
    OneOf(Vec<i64>),
}

impl Expected {
    fn check(&self, current: i64) -> Result<()> {
        match self {
            Self::OneOf(versions) if !versions.contains(&current) => {
                Err(Error::StaleVersion { current })
            }
            _ => Ok(()),
        }
    }
}

/// Finds and changes boards.
#[derive(Clone)]
pub struct Boards {
    db: Db,
    quota: Quota,
}

impl Boards {
    /// Boards in `db`. Each user may define `most` of them.
    pub fn new(db: Db, most: u32) -> Self {
        let quota = Quota::new(most);
        Self { db, quota }
    }

    /// The boards that `search` finds behind `place`, as the user `viewer` sees them, or a guest.
    ///
    /// # Errors
    /// If the database cannot be queried.
    pub async fn list(
        &self,
        search: Search,
        place: Option<Place>,
        viewer: Option<i64>,
    ) -> Result<Listing> {
        Listing::begin(self.db.reader().clone(), search, place, viewer).await
    }

    /// One board, as the user `viewer` sees it, or a guest.
    ///
    /// # Errors
    /// [`Error::BoardNotFound`]
    pub async fn get(&self, id: i64, viewer: Option<i64>) -> Result<Board> {
        let boards = shown::all(self.db.reader(), board::Entity::find_by_id(id), viewer).await?;
        boards.into_iter().next().ok_or(Error::BoardNotFound(id))
    }

    /// Defines a board, unless an earlier attempt has defined it.
    ///
    /// # Errors
    /// [`Error::Invalid`], [`Error::IdempotencyMismatch`], [`Error::TooManyBoards`]
    pub async fn create(
        &self,
        creator: &user::Model,
        draft: Draft,
        attempt: &Attempt,
    ) -> Result<Made<Board>> {
        let content = draft.into_content()?;
        let now = db::now();
        let txn = self.db.transaction().await?;
        let request = ("createBoard", &content);
        let before = attempt.find(txn.connection(), creator.id, now, &request);
        if let Some(before) = before.await? {
            // The earlier attempt may be in the same commit, and must not be reported before that.
            txn.commit().await?;
            let row = board::Model {
                id: before.subject_id,
                creator_id: creator.id,
                updated_by_id: creator.id,
                name: content.name,
                rows: content.rows,
                cols: content.cols,
                dots: Dots(content.dots),
                version: 1,
                created_at: before.created_at,
                updated_at: before.created_at,
            };
            return Ok(Made::before(Board::unsolved(row, creator), &before));
        }
        let own = board::Entity::find().filter(board::Column::CreatorId.eq(creator.id));
        let (key, id) = ((creator.id, 0), board::Column::Id);
        if !self.quota.has_room(&txn, key, own, id).await? {
            return Err(Error::TooManyBoards(self.quota.most()));
        }
        let row = board::ActiveModel {
            creator_id: Set(creator.id),
            updated_by_id: Set(creator.id),
            name: Set(content.name),
            rows: Set(content.rows),
            cols: Set(content.cols),
            dots: Set(Dots(content.dots)),
            created_at: Set(now),
            updated_at: Set(now),
            ..Default::default()
        }
        .insert(&txn.deferred())
        .await?;
        attempt
            .keep(&txn.deferred(), creator.id, row.id, None)
            .await?;
        txn.commit().await?;
        Ok(attempt.made(Board::unsolved(row, creator)))
    }

    /// Replaces a board's content. Paths that were drawn on it stay. With another size or other dots it is unsolved
    /// again.
    ///
    /// # Errors
    /// [`Error::Invalid`], [`Error::BoardNotFound`], [`Error::NotBoardOwner`],
    /// [`Error::StaleVersion`]
    pub async fn replace(
        &self,
        actor: &user::Model,
        id: i64,
        expected: &Expected,
        draft: Draft,
    ) -> Result<Board> {
        let content = draft.into_content()?;
        let txn = self.db.transaction().await?;
        let row = changeable(txn.connection(), actor, id, expected).await?;
        let mut row = row.into_active_model();
        row.updated_by_id = Set(actor.id);
        row.name = Set(content.name);
        row.rows = Set(content.rows);
        row.cols = Set(content.cols);
        row.dots = Set(Dots(content.dots));
        row.updated_at = Set(db::now());
        row.update(&txn.deferred()).await?;
        let query = board::Entity::find_by_id(id);
        let boards = shown::all(txn.connection(), query, Some(actor.id)).await?;
        txn.commit().await?;
        boards.into_iter().next().ok_or(Error::BoardNotFound(id))
    }

    /// Deletes a board, and with it everybody's paths on it.
    ///
    /// # Errors
    /// [`Error::BoardNotFound`], [`Error::NotBoardOwner`], [`Error::StaleVersion`]
    pub async fn delete(&self, actor: &user::Model, id: i64, expected: &Expected) -> Result<()> {
        let txn = self.db.transaction().await?;
        let row = changeable(txn.connection(), actor, id, expected).await?;
        let mut row = row.into_active_model();
        // The user who deletes it; the hook reads it from here.
        row.updated_by_id = Set(actor.id);
        row.delete(txn.connection()).await?;
        Ok(txn.commit().await?)
    }
}

/// The board `id`, locked until the transaction ends, if `actor` may change it now.
async fn changeable<C: ConnectionTrait>(
    db: &C,
    actor: &user::Model,
    id: i64,
    expected: &Expected,
) -> Result<board::Model> {
    let row = board::Entity::find_by_id(id)
        .lock_exclusive()
        .one(db)
        .await?
        .ok_or(Error::BoardNotFound(id))?;
    if row.creator_id != actor.id && !actor.is_admin {
        return Err(Error::NotBoardOwner(id));
    }
    expected.check(row.version)?;
    Ok(row)
}

/// The board `id`, as it is now.
pub(crate) async fn find<C: ConnectionTrait>(db: &C, id: i64) -> Result<board::Model> {
    board::Entity::find_by_id(id)
        .one(db)
        .await?
        .ok_or(Error::BoardNotFound(id))
}

/// The board `id`, protected from changes and deletion until the transaction ends.
pub(crate) async fn hold(txn: &Transaction, id: i64) -> Result<board::Model> {
    let board: Select<board::Entity> = board::Entity::find_by_id(id);
    board
        .lock_shared()
        .one(txn.connection())
        .await?
        .ok_or(Error::BoardNotFound(id))
}
