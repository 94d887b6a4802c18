//! What paths look like in requests and answers.

use entity::path;
use poem_openapi::{Object, types::Example};
use sea_orm::prelude::DateTimeUtc;
use serde::{Deserialize, Serialize};

use crate::{
    api::{
        answer::written::{Stored, time},
        examples,
        request::credentials::Caller,
    },
    paths,
};

/// A cell of the grid.
#[derive(Clone, Debug, Object, Deserialize)]
pub struct Cell {
    /// From 0, inside the grid.
    #[oai(validator(minimum(value = "0"), maximum(value = "49")))]
    pub row: i64,
    /// From 0, inside the grid.
    #[oai(validator(minimum(value = "0"), maximum(value = "49")))]
    pub col: i64,
}

/// A path to save.
#[derive(Clone, Debug, Object, Deserialize)]
#[oai(example)]
pub struct NewPath {
    /// Each right above, below, left or right of the one before it; none twice.
    #[oai(validator(min_items = 2, max_items = 2500))]
    pub cells: Vec<Cell>,
}

impl Example for NewPath {
    fn example() -> Self {
        Self {
            cells: (0..3).map(|col| Cell { row: 0, col }).collect(),
        }
    }
}

impl From<NewPath> for paths::Draft {
    fn from(NewPath { cells }: NewPath) -> Self {
        let cells = cells.into_iter();
        Self {
            cells: cells
                .map(|Cell { row, col }| paths::Cell { row, col })
                .collect(),
        }
    }
}

/// A path, as its owner sees it.
#[derive(Clone, Debug, Object, Serialize)]
#[oai(example)]
pub struct Path {
    pub id: i64,
    pub board_id: i64,
    /// The owner.
    pub user_username: String,
    /// In drawing order.
    pub cells: Stored<path::Cells, Vec<Cell>>,
    /// The colour whose two dots are the ends of the path, if it passes through no other dot of the
    /// board as it is now; otherwise null.
    #[oai(nullable)]
    pub connects: Option<String>,
    #[serde(serialize_with = "time")]
    pub created_at: DateTimeUtc,
}

impl Example for Path {
    fn example() -> Self {
        Self {
            id: 1,
            board_id: 1,
            user_username: "ada".to_owned(),
            cells: path::Cells((0..3).map(|col| path::Cell { row: 0, col }).collect()).into(),
            connects: Some("#ff0000".to_owned()),
            created_at: examples::time(),
        }
    }
}

impl Path {
    pub(super) fn new(path: paths::Path, caller: &Caller) -> Self {
        let paths::Path {
            row:
                path::Model {
                    id,
                    board_id,
                    user_id: _,
                    cells,
                    created_at,
                },
            connects,
        } = path;
        Self {
            id,
            board_id,
            user_username: caller.user.username.clone(),
            cells: cells.into(),
            connects,
            created_at,
        }
    }
}

/// A page of the caller's paths on a board.
#[derive(Clone, Debug, Object)]
#[oai(example)]
pub struct PathPage {
    /// Newest first.
    pub items: Vec<Path>,
    /// Ask for `before` this id to get the next page; null on the last one.
    #[oai(nullable)]
    pub next_before: Option<i64>,
}

impl Example for PathPage {
    fn example() -> Self {
        Self {
            items: vec![Path::example()],
            next_before: None,
        }
    }
}

/// A page of the caller's paths on several boards.
#[derive(Clone, Debug, Object)]
#[oai(example)]
pub struct PathsOnBoardsPage {
    /// By board, the largest id first; on each the newest first.
    pub items: Vec<Path>,
    /// Ask for this `page` to get the next one; null on the last one.
    #[oai(nullable)]
    pub next_page: Option<String>,
}

impl Example for PathsOnBoardsPage {
    fn example() -> Self {
        Self {
            items: vec![Path::example()],
            next_page: None,
        }
    }
}
