//! A path that a user drew on a board.

use sea_orm::{FromJsonQueryResult, entity::prelude::*, prelude::async_trait};
use serde::{Deserialize, Serialize};

use crate::event::{self, Announcement};

/// A row of `paths`.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "paths")]
pub struct Model {
    /// Primary key; never reused after the path is deleted.
    #[sea_orm(primary_key)]
    pub id: i64,
    /// The board that it is drawn on.
    pub board_id: i64,
    /// The board.
    #[sea_orm(belongs_to, from = "board_id", to = "id")]
    pub board: BelongsTo<super::board::Entity>,
    /// Who drew it, and the only one who may see its cells.
    pub user_id: i64,
    /// The owner.
    #[sea_orm(belongs_to, from = "user_id", to = "id")]
    pub user: BelongsTo<super::user::Entity>,
    /// At least two cells, each next to the one before it.
    #[sea_orm(column_type = "JsonBinary")]
    pub cells: Cells,
    /// When it was saved.
    pub created_at: DateTimeUtc,
}

/// One cell of the grid.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Cell {
    /// Row, from 0.
    pub row: i32,
    /// Column, from 0.
    pub col: i32,
}

/// The cells of a path in drawing order, kept as JSON.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, FromJsonQueryResult)]
pub struct Cells(pub Vec<Cell>);

impl Entity {
    /// The paths that `user_id` drew. Paths are private: no finder leaves the owner out.
    pub fn find_own(user_id: i64) -> Select<Self> {
        Self::find().filter(Column::UserId.eq(user_id))
    }
}

#[async_trait::async_trait]
impl ActiveModelBehavior for ActiveModel {
    /// Announces a new path: who drew on which board, never the cells.
    async fn after_save<C: ConnectionTrait>(
        model: Model,
        db: &C,
        insert: bool,
    ) -> Result<Model, DbErr> {
        if insert {
            let announcement = Announcement::NewPath {
                path_id: model.id,
                board_id: model.board_id,
            };
            event::append(db, model.board_id, announcement, model.user_id).await?;
        }
        Ok(model)
    }
}
