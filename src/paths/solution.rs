//! Records who has solved a board, in the transaction of the path that did it.

use entity::{board, path, solution, user};
use sea_orm::{
    ActiveModelTrait,
    ActiveValue::Set,
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder,
    QuerySelect, QueryTrait as _,
    prelude::DateTimeUtc,
    sea_query::{Expr, ExprTrait as _, LockType},
};

use super::solving::{Lines, Verdict};

/// Upper bound on the cells of the paths that are considered, newest first: four times the largest grid, about 200
/// KB. Older paths no longer count.
const MAX_CELLS: usize = 10_000;
/// Paths that are read first.
const FIRST_STEP: u64 = 16;
/// Upper bound on the paths that are read at a time, at most 60 KB each.
const MAX_STEP: usize = 36;

/// Whether the user has not yet solved the board. If so, no other transaction of theirs that calls this goes on until
/// this one has ended. Of two that each save one of the last paths, the second must see the first.
pub(super) async fn is_wanted<C: ConnectionTrait>(
    conn: &C,
    board_id: i64,
    user_id: i64,
) -> Result<bool, DbErr> {
    let solved = solution::Entity::find_by_id((board_id, user_id))
        .select_only()
        .column(solution::Column::BoardId)
        .into_query();
    let held = user::Entity::find_by_id(user_id)
        .select_only()
        .column(user::Column::Id)
        .filter(Expr::exists(solved).not())
        .lock(LockType::NoKeyUpdate)
        .into_tuple::<i64>();
    Ok(held.one(conn).await?.is_some())
}

/// Records, and so announces, that the user has solved the board, if their paths do and it has not been recorded.
/// Call it only if it [is wanted](is_wanted), and while the board is locked.
pub(super) async fn note<C: ConnectionTrait>(
    conn: &C,
    board: &board::Model,
    user_id: i64,
    now: DateTimeUtc,
) -> Result<(), DbErr> {
    match judge(conn, board, user_id).await? {
        Verdict::Unsolved => return Ok(()),
        Verdict::Unknown => {
            tracing::debug!(
                board.id,
                user_id,
                "too many paths to tell whether they solve the board"
            );
            return Ok(());
        }
        Verdict::Solved => {}
    }
    // Perhaps recorded while this transaction waited.
    if is_there(conn, board.id, user_id).await? {
        return Ok(());
    }
    solution::ActiveModel {
        board_id: Set(board.id),
        user_id: Set(user_id),
        solved_at: Set(now),
    }
    .insert(conn)
    .await?;
    Ok(())
}

async fn is_there<C: ConnectionTrait>(
    conn: &C,
    board_id: i64,
    user_id: i64,
) -> Result<bool, DbErr> {
    let found = solution::Entity::find_by_id((board_id, user_id));
    Ok(found.one(conn).await?.is_some())
}

/// Whether the user's paths solve the board.
async fn judge<C: ConnectionTrait>(
    conn: &C,
    board: &board::Model,
    user_id: i64,
) -> Result<Verdict, DbErr> {
    let own = path::Entity::find_own(user_id).filter(path::Column::BoardId.eq(board.id));
    let mut lines = Lines::on(board);
    // Counted in the index, before anything is read.
    let ids = own.clone().select_only().column(path::Column::Id);
    if ids.count(conn).await? < lines.colors() as u64 {
        return Ok(Verdict::Unsolved);
    }
    let mut before = i64::MAX;
    let mut step = FIRST_STEP;
    let (mut cells, mut longest) = (0, 1);
    loop {
        let paths: Vec<(i64, path::Cells)> = own
            .clone()
            .select_only()
            .columns([path::Column::Id, path::Column::Cells])
            .filter(path::Column::Id.lt(before))
            .order_by_desc(path::Column::Id)
            .limit(step)
            .into_tuple()
            .all(conn)
            .await?;
        let is_end = (paths.len() as u64) < step;
        for (id, path) in paths {
            cells += path.0.len();
            if cells > MAX_CELLS {
                return Ok(lines.judge());
            }
            longest = Ord::max(longest, path.0.len());
            lines.add(&path.0);
            before = id;
        }
        if is_end {
            return Ok(lines.judge());
        }
        step = ((MAX_CELLS - cells) / longest + 1).min(MAX_STEP) as u64;
    }
}
