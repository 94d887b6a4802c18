//! Boards as a user sees them.

use entity::{board, solution, solved_count, user};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, FromQueryResult, QuerySelect, Select,
    sea_query::{Expr, ExprTrait, Query, SelectStatement},
};

/// A board, and what else is shown of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Board {
    /// The row.
    pub row: board::Model,
    /// The creator's username.
    pub creator_username: String,
    /// How many users have solved it in its current layout.
    pub solved_count: i64,
    /// Whether the user who looks at it has solved it; `None` for a guest.
    pub solved: Option<bool>,
}

impl Board {
    /// A new board, as its creator sees it.
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

/// The boards that `query` finds, as the user `viewer` sees them, or a guest. It is one statement, so everything it
/// says of a board is consistent.
pub(super) async fn all<C: ConnectionTrait>(
    conn: &C,
    query: Select<board::Entity>,
    viewer: Option<i64>,
) -> Result<Vec<Board>, DbErr> {
    let mut number = Query::select();
    number
        .column(solved_count::Column::Number)
        .from(solved_count::Entity)
        .and_where(of_board((
            solved_count::Entity,
            solved_count::Column::BoardId,
        )));
    let rows = query
        // A left join, so that SQLite does not begin with the users, although each board has one.
        .left_join(user::Entity)
        .column_as(user::Column::Username, "creator_username")
        .column_as(scalar(number).if_null(0), "solved_count")
        .column_as(own(viewer), "own")
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

/// How often the user has solved the board of the row: 1 or 0, and 0 for a guest.
pub(super) fn own(viewer: Option<i64>) -> Expr {
    let mut solutions = Query::select();
    solutions
        .expr(Expr::cust("COUNT(*)"))
        .from(solution::Entity)
        .and_where(of_board((solution::Entity, solution::Column::BoardId)))
        .and_where(solution::Column::UserId.eq(viewer));
    scalar(solutions)
}

fn of_board<T, C>((table, column): (T, C)) -> Expr
where
    (T, C): sea_orm::sea_query::IntoColumnRef,
{
    Expr::col((table, column)).equals((board::Entity, board::Column::Id))
}

fn scalar(query: SelectStatement) -> Expr {
    Expr::SubQuery(None, Box::new(query.into()))
}
