//! The fact that a user has solved a board.

use sea_orm::{entity::prelude::*, prelude::async_trait};

use crate::event::{self, Announcement};

/// A row of `solutions`: paths of the user join all pairs of the board and do not cross each other.
///
/// It refers to the board's layout, which is its size and its dots. When the layout changes, a trigger deletes the
/// row, whichever program has changed it. The paths themselves may be deleted; the board was solved all the same.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "solutions")]
pub struct Model {
    /// The board.
    #[sea_orm(primary_key, auto_increment = false)]
    pub board_id: i64,
    /// The user who has solved it.
    #[sea_orm(primary_key, auto_increment = false)]
    pub user_id: i64,
    /// When the path that did it was saved.
    pub solved_at: DateTimeUtc,
}

#[async_trait::async_trait]
impl ActiveModelBehavior for ActiveModel {
    /// Announces the solution.
    async fn after_save<C: ConnectionTrait>(
        model: Model,
        db: &C,
        insert: bool,
    ) -> Result<Model, DbErr> {
        if insert {
            let announcement = Announcement::BoardSolved {
                board_id: model.board_id,
            };
            event::append(db, model.board_id, announcement, model.user_id).await?;
        }
        Ok(model)
    }
}
