//! What boards look like in requests and answers.

use entity::board;
use poem_openapi::{Object, types::Example};
use sea_orm::prelude::DateTimeUtc;
use serde::{Deserialize, Serialize};

use crate::{
    api::{
        answer::written::{Stored, time},
        examples,
    },
    boards,
};

/// A coloured dot.
#[derive(Clone, Debug, Object, Deserialize)]
pub struct Dot {
    /// From 0, inside the grid.
    #[oai(validator(minimum(value = "0"), maximum(value = "49")))]
    pub row: i64,
    /// From 0, inside the grid.
    #[oai(validator(minimum(value = "0"), maximum(value = "49")))]
    pub col: i64,
    /// `#rrggbb`; kept in lower case. Each colour is on exactly two dots.
    #[oai(validator(pattern = "^#[0-9A-Fa-f]{6}$"))]
    pub color: String,
}

/// What a board shows.
#[derive(Clone, Debug, Object, Deserialize)]
#[oai(example)]
pub struct NewBoard {
    /// 1 to 100 characters, not counting spaces around it; no control characters.
    #[oai(validator(min_length = 1))]
    pub name: String,
    /// Height of the grid.
    #[oai(validator(minimum(value = "2"), maximum(value = "50")))]
    pub rows: i64,
    /// Width of the grid.
    #[oai(validator(minimum(value = "2"), maximum(value = "50")))]
    pub cols: i64,
    /// No two in one cell; each colour twice.
    #[oai(validator(max_items = 2500))]
    pub dots: Vec<Dot>,
}

impl Example for NewBoard {
    fn example() -> Self {
        let dot = |row, col, color: &str| Dot {
            row,
            col,
            color: color.to_owned(),
        };
        Self {
            name: "First board".to_owned(),
            rows: 3,
            cols: 3,
            dots: vec![dot(0, 0, "#ff0000"), dot(0, 2, "#ff0000")],
        }
    }
}

impl From<NewBoard> for boards::Draft {
    fn from(body: NewBoard) -> Self {
        let NewBoard {
            name,
            rows,
            cols,
            dots,
        } = body;
        let dots = dots.into_iter();
        Self {
            name,
            rows,
            cols,
            dots: dots
                .map(|Dot { row, col, color }| boards::Dot { row, col, color })
                .collect(),
        }
    }
}

/// A board.
#[derive(Clone, Debug, Object, Serialize)]
#[oai(example)]
pub struct Board {
    pub id: i64,
    pub name: String,
    pub creator_username: String,
    /// Height of the grid.
    pub rows: i64,
    /// Width of the grid.
    pub cols: i64,
    pub dots: Stored<board::Dots, Vec<Dot>>,
    /// 1 for a new board, one more at each change.
    pub version: i64,
    /// How many users have solved the board as it is now: one path of theirs joins each pair of dots, and no two of
    /// these paths share a cell. It begins anew when `rows`, `cols` or `dots` change.
    pub solved_count: i64,
    /// Whether the caller has solved it; null without a session.
    #[oai(nullable)]
    pub solved: Option<bool>,
    #[serde(serialize_with = "time")]
    pub created_at: DateTimeUtc,
    #[serde(serialize_with = "time")]
    pub updated_at: DateTimeUtc,
}

impl Example for Board {
    fn example() -> Self {
        let NewBoard {
            name,
            rows,
            cols,
            dots: _,
        } = NewBoard::example();
        let dot = |row, col, color: &str| board::Dot {
            row,
            col,
            color: color.to_owned(),
        };
        Self {
            id: 1,
            name,
            creator_username: "ada".to_owned(),
            rows,
            cols,
            dots: board::Dots(vec![dot(0, 0, "#ff0000"), dot(0, 2, "#ff0000")]).into(),
            version: 1,
            solved_count: 0,
            solved: Some(false),
            created_at: examples::time(),
            updated_at: examples::time(),
        }
    }
}

impl From<boards::Board> for Board {
    fn from(board: boards::Board) -> Self {
        let boards::Board {
            row:
                board::Model {
                    id,
                    creator_id: _,
                    updated_by_id: _,
                    name,
                    rows,
                    cols,
                    dots,
                    version,
                    created_at,
                    updated_at,
                },
            creator_username,
            solved_count,
            solved,
        } = board;
        Self {
            id,
            name,
            creator_username,
            rows: rows.into(),
            cols: cols.into(),
            dots: dots.into(),
            version,
            solved_count,
            solved,
            created_at,
            updated_at,
        }
    }
}

/// A page of boards.
#[derive(Clone, Debug, Object)]
#[oai(example)]
pub struct BoardPage {
    /// In the order that was asked for.
    pub items: Vec<Board>,
    /// Ask for this `page` to get the next one; null on the last one.
    #[oai(nullable)]
    pub next_page: Option<String>,
    /// With `sort=newest` the same as an id: ask for boards `before` it. Null on the last page, and with another
    /// `sort`.
    #[oai(nullable)]
    pub next_before: Option<i64>,
}

impl Example for BoardPage {
    fn example() -> Self {
        Self {
            items: vec![Board::example()],
            next_page: None,
            next_before: None,
        }
    }
}
