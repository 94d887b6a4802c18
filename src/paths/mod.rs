//! Paths: private to the user who drew them; only their announcement is public.

mod rules;
mod solution;
mod solving;

use std::collections::HashMap;

use entity::{
    board,
    path::{self, Cells},
    user,
};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter,
    QueryOrder, QuerySelect, sea_query::ExprTrait,
};

use self::rules::Dots;
pub use self::rules::{Cell, Draft};
use crate::{
    boards,
    db::{self, Db},
    error::{Error, Result},
    idempotency::{Attempt, Made},
    quota::Quota,
};

/// A path as its owner sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Path {
    /// The row.
    pub row: path::Model,
    /// The colour whose two dots it connects on the current board.
    pub connects: Option<String>,
}

/// The place of a path in a list of paths on several boards.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// The board.
    pub board_id: i64,
    /// The path.
    pub id: i64,
}

/// A part of a list of paths on several boards.
#[derive(Clone, Debug)]
pub struct PathsOnBoards {
    /// In the order of the list.
    pub paths: Vec<Path>,
    /// Whether there are no more.
    pub is_end: bool,
}

/// Finds and changes paths.
#[derive(Clone)]
pub struct Paths {
    db: Db,
    quota: Quota,
}

impl Paths {
    /// Paths in `db`. Each user may have `most` on a board.
    pub fn new(db: Db, most: u32) -> Self {
        let quota = Quota::new(most);
        Self { db, quota }
    }

    /// At most `limit` of the caller's own paths on a board, newest first, with ids below `before`.
    pub async fn list(
        &self,
        owner: &user::Model,
        board: &board::Model,
        limit: u64,
        before: Option<i64>,
    ) -> Result<Vec<Path>> {
        let mut query = path::Entity::find_own(owner.id).filter(path::Column::BoardId.eq(board.id));
        if let Some(before) = before {
            query = query.filter(path::Column::Id.lt(before));
        }
        let rows = query
            .order_by_desc(path::Column::Id)
            .limit(limit)
            .all(self.db.reader())
            .await?;
        let dots = Dots::of(&board.dots.0);
        Ok(rows.into_iter().map(|row| seen_among(&dots, row)).collect())
    }

    /// At most `limit` of the caller's own paths on these boards: by board, the largest id first, and on each the
    /// newest first; only those behind `place`.
    pub async fn list_on_boards(
        &self,
        owner: &user::Model,
        board_ids: &[i64],
        limit: u64,
        place: Option<Place>,
    ) -> Result<PathsOnBoards> {
        let left = board_ids
            .iter()
            .filter(|id| place.is_none_or(|place| **id <= place.board_id));
        // An index has them in this order, and no more of them are read than are returned.
        let mut query = path::Entity::find_own(owner.id)
            .filter(path::Column::BoardId.is_in(left.copied()))
            .order_by_desc(path::Column::BoardId)
            .order_by_desc(path::Column::Id)
            .limit(limit);
        if let Some(Place { board_id, id }) = place {
            let is_behind = path::Column::BoardId
                .ne(board_id)
                .or(path::Column::Id.lt(id));
            query = query.filter(is_behind);
        }
        let rows = query.all(self.db.reader()).await?;
        let is_end = (rows.len() as u64) < limit;

        let mut drawn_on: Vec<_> = rows.iter().map(|row| row.board_id).collect();
        drawn_on.dedup();
        let boards = board::Entity::find()
            .filter(board::Column::Id.is_in(drawn_on))
            .all(self.db.reader())
            .await?;
        let dots: HashMap<_, _> = boards
            .iter()
            .map(|board| (board.id, Dots::of(&board.dots.0)))
            .collect();
        let seen = rows.into_iter().filter_map(|row| {
            // Without its board it was deleted, together with it, after it was read.
            let dots = dots.get(&row.board_id)?;
            Some(seen_among(dots, row))
        });
        Ok(PathsOnBoards {
            paths: seen.collect(),
            is_end,
        })
    }

    /// One of the caller's own paths.
    ///
    /// # Errors
    /// [`Error::PathNotFound`], also if the path is somebody else's
    pub async fn get(&self, owner: &user::Model, id: i64) -> Result<Path> {
        let found = path::Entity::find_own(owner.id)
            .filter(path::Column::Id.eq(id))
            .find_also_related(board::Entity)
            .one(self.db.reader())
            .await?;
        match found {
            Some((row, Some(board))) => Ok(seen_among(&Dots::of(&board.dots.0), row)),
            _ => Err(Error::PathNotFound(id)),
        }
    }

    /// The board that the paths are on.
    ///
    /// # Errors
    /// [`Error::BoardNotFound`]
    pub async fn board(&self, board_id: i64) -> Result<board::Model> {
        boards::find(self.db.reader(), board_id).await
    }

    /// Saves a new path on anybody's board, unless an earlier attempt has saved it. Records it if the owner has
    /// thereby solved the board.
    ///
    /// # Errors
    /// [`Error::Invalid`], [`Error::BoardNotFound`], [`Error::IdempotencyMismatch`],
    /// [`Error::TooManyPaths`]
    pub async fn create(
        &self,
        owner: &user::Model,
        board_id: i64,
        draft: Draft,
        attempt: &Attempt,
    ) -> Result<Made<Path>> {
        let now = db::now();
        let txn = self.db.transaction().await?;
        let request = ("createPath", board_id, &draft.cells);
        let before = attempt.find(txn.connection(), owner.id, now, &request);
        if let Some(before) = before.await? {
            // The earlier attempt may be in the same commit, and must not be reported before that.
            txn.commit().await?;
            let row = path::Model {
                id: before.subject_id,
                board_id,
                user_id: owner.id,
                cells: Cells(draft.into_checked_cells()?),
                created_at: before.created_at,
            };
            let connects = before.connects.clone();
            return Ok(Made::before(Path { row, connects }, &before));
        }
        let board = boards::hold(&txn, board_id).await?;
        let cells = draft.into_cells(&board)?;
        let own = path::Entity::find_own(owner.id).filter(path::Column::BoardId.eq(board_id));
        let (key, id) = ((owner.id, board_id), path::Column::Id);
        if !self.quota.has_room(&txn, key, own, id).await? {
            return Err(Error::TooManyPaths(self.quota.most()));
        }
        let dots = Dots::of(&board.dots.0);
        let may_solve = dots.connects(&cells).is_some()
            && solution::is_wanted(txn.connection(), board_id, owner.id).await?;
        let row = path::ActiveModel {
            board_id: Set(board_id),
            user_id: Set(owner.id),
            cells: Set(Cells(cells)),
            created_at: Set(now),
            ..Default::default()
        }
        .insert(&txn.deferred())
        .await?;
        if may_solve {
            solution::note(txn.connection(), &board, owner.id, now).await?;
        }
        let path = seen_among(&dots, row);
        let connects = path.connects.as_deref();
        attempt
            .keep(&txn.deferred(), owner.id, path.row.id, connects)
            .await?;
        txn.commit().await?;
        Ok(attempt.made(path))
    }

    /// Deletes one of the caller's own paths.
    ///
    /// # Errors
    /// [`Error::PathNotFound`], also if the path is somebody else's
    pub async fn delete(&self, owner: &user::Model, id: i64) -> Result<()> {
        let txn = self.db.transaction().await?;
        path::Entity::find_own(owner.id)
            .filter(path::Column::Id.eq(id))
            .one(txn.connection())
            .await?
            .ok_or(Error::PathNotFound(id))?
            .into_active_model()
            .delete(txn.connection())
            .await?;
        Ok(txn.commit().await?)
    }
}

/// The path on the board that has these dots.
fn seen_among(dots: &Dots<'_>, row: path::Model) -> Path {
    let connects = dots.connects(&row.cells.0).map(str::to_owned);
    Path { row, connects }
}
