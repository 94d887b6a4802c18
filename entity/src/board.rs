//! A board: a grid with pairs of coloured dots.

use sea_orm::{
    ActiveValue::{self, Set},
    FromJsonQueryResult, IntoActiveModel,
    entity::prelude::*,
    prelude::async_trait,
};
use serde::{Deserialize, Serialize};

use crate::event::{self, Announcement};

/// A row of `boards`.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "boards")]
pub struct Model {
    /// Primary key; never reused after the board is deleted.
    #[sea_orm(primary_key)]
    pub id: i64,
    /// Who defined the board.
    pub creator_id: i64,
    /// The creator.
    #[sea_orm(belongs_to, from = "creator_id", to = "id")]
    pub creator: BelongsTo<super::user::Entity>,
    /// The user who last wrote the row. Set it also on a model that is deleted: the event names that user.
    pub updated_by_id: i64,
    /// 1 to 100 characters.
    pub name: String,
    /// Height of the grid, 2 to 50.
    pub rows: i32,
    /// Width of the grid, 2 to 50.
    pub cols: i32,
    /// The coloured dots.
    #[sea_orm(column_type = "JsonBinary")]
    pub dots: Dots,
    /// 1 for a new board, one more after each change. The hook maintains it.
    pub version: i64,
    /// When the board was defined.
    pub created_at: DateTimeUtc,
    /// When the board was last changed.
    pub updated_at: DateTimeUtc,
}

/// One coloured dot.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dot {
    /// Row of the cell, from 0.
    pub row: i32,
    /// Column of the cell, from 0.
    pub col: i32,
    /// `#rrggbb` in lower case.
    pub color: String,
}

/// The dots of a board, kept as JSON.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, FromJsonQueryResult)]
pub struct Dots(pub Vec<Dot>);

#[async_trait::async_trait]
impl ActiveModelBehavior for ActiveModel {
    /// Maintains `version`, and announces a change.
    ///
    /// The change is announced here and not in `after_save`, because only here can the new row be compared with the
    /// old one. `update` calls `after_save` even if nothing has changed, and that must make no event. For readers it
    /// is the same: the event appears when the row does.
    async fn before_save<C: ConnectionTrait>(
        mut self,
        db: &C,
        insert: bool,
    ) -> Result<Self, DbErr> {
        if insert {
            self.version = Set(1);
            return Ok(self);
        }
        let id = *needed(&self.id, "id")?;
        let old = Entity::find_by_id(id)
            .one(db)
            .await?
            .ok_or(DbErr::RecordNotUpdated)?;
        let changed = differs(&self.name, &old.name)
            || differs(&self.rows, &old.rows)
            || differs(&self.cols, &old.cols)
            || differs(&self.dots, &old.dots);
        if !changed {
            return Ok(old.into_active_model());
        }
        self.version = Set(old.version + 1);
        let by = *needed(&self.updated_by_id, "updated_by_id")?;
        event::append(
            db,
            id,
            Announcement::BoardUpdated {
                board_id: id,
                board_name: self.name.try_as_ref().unwrap_or(&old.name).clone(),
            },
            by,
        )
        .await?;
        Ok(self)
    }

    async fn after_save<C: ConnectionTrait>(
        model: Model,
        db: &C,
        insert: bool,
    ) -> Result<Model, DbErr> {
        if insert {
            event::append(
                db,
                model.id,
                Announcement::NewBoard {
                    board_id: model.id,
                    board_name: model.name.clone(),
                },
                model.creator_id,
            )
            .await?;
        }
        Ok(model)
    }

    async fn after_delete<C: ConnectionTrait>(self, db: &C) -> Result<Self, DbErr> {
        let id = *needed(&self.id, "id")?;
        let name = needed(&self.name, "name")?;
        let by = *needed(&self.updated_by_id, "updated_by_id")?;
        event::append(
            db,
            id,
            Announcement::BoardDeleted {
                board_id: id,
                board_name: name.clone(),
            },
            by,
        )
        .await?;
        Ok(self)
    }
}

/// Whether saving `new` would change `old`. A column that is not set stays as it is.
fn differs<T: Into<Value> + PartialEq>(new: &ActiveValue<T>, old: &T) -> bool {
    new.try_as_ref().is_some_and(|new| new != old)
}

/// A column that a hook needs, set or as it was loaded.
fn needed<'a, T: Into<Value>>(value: &'a ActiveValue<T>, column: &str) -> Result<&'a T, DbErr> {
    value
        .try_as_ref()
        .ok_or_else(|| DbErr::AttrNotSet(format!("boards.{column}")))
}
