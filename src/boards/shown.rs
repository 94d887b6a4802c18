//! Boards as somebody sees them.

use entity::{board, solution, user};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, ExprTrait, FromQueryResult, QueryFilter,
    QuerySelect, QueryTrait, Select, sea_query::Expr,
};

/// A board, and what is known besides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Board {
    /// The row.
    pub row: board::Model,
    /// The name of who defined it.
    pub creator_username: String,
    /// How many users have solved it as it is now.
    pub solved_count: i64,
    /// Whether the user who looks at it has; `None` for a guest.
    pub solved: Option<bool>,
}

impl Board {
    /// A new one, as its creator sees it.
    pub(super) fn unsolved(row: board::Model, creator: &user::Model) -> Self {
        Self {
            row,
            creator_username: creator.username.clone(),
            solved_count: 0,
            solved: Some(false),
        }
    }
}

#[derive(FromQueryResult)]
struct Row {
    #[sea_orm(nested)]
    board: board::Model,
    creator_username: String,
    solved_count: i64,
    own: i64,
}

/// The boards that `query` finds, as the user `viewer` sees them, or a guest. It is one statement, so what it tells
/// of a board belongs together.
pub(super) async fn all<C: ConnectionTrait>(
    conn: &C,
    query: Select<board::Entity>,
    viewer: Option<i64>,
) -> Result<Vec<Board>, DbErr> {
    let solutions = solution::Entity::find()
        .select_only()
        .column_as(Expr::cust("COUNT(*)"), "number")
        .filter(
            Expr::col((solution::Entity, solution::Column::BoardId))
                .equals((board::Entity, board::Column::Id)),
        );
    let own = solutions
        .clone()
        .filter(solution::Column::UserId.eq(viewer));
    let counted = |solutions: Select<solution::Entity>| {
        Expr::SubQuery(None, Box::new(solutions.into_query().into()))
    };
    let rows = query
        // Left, so that SQLite does not begin with the users, although each board has one.
        .left_join(user::Entity)
        .column_as(user::Column::Username, "creator_username")
        .column_as(counted(solutions), "solved_count")
        .column_as(counted(own), "own")
        .into_model::<Row>()
        .all(conn)
        .await?;
    let boards = rows.into_iter().map(|row| Board {
        row: row.board,
        creator_username: row.creator_username,
        solved_count: row.solved_count,
        solved: viewer.map(|_| row.own > 0),
    });
    Ok(boards.collect())
}
