//! What a path may look like, and what it connects.

use std::collections::{HashMap, HashSet};

use entity::{board, path};
use serde::Serialize;

use crate::error::{Error, Result, Violation, Violations};

/// A path that somebody wants to save, not yet checked.
#[derive(Clone, Debug)]
pub struct Draft {
    /// At least two, each next to the one before it, none twice.
    pub cells: Vec<Cell>,
}

/// One cell of a [`Draft`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[cfg_attr(test, derive(serde::Deserialize))]
pub struct Cell {
    /// From 0.
    pub row: i64,
    /// From 0.
    pub col: i64,
}

impl Draft {
    /// The rules that it breaks on a board of this height and width, the first hundred of them.
    pub fn check(&self, (rows, cols): (i64, i64)) -> Vec<Violation> {
        let mut broken = Violations::default();
        if self.cells.len() < 2 {
            broken.add("cells", "must be at least two cells");
        }
        let mut seen = HashMap::new();
        for (index, cell) in self.cells.iter().enumerate() {
            if broken.is_full() {
                break;
            }
            for (field, at, side) in [("row", cell.row, rows), ("col", cell.col, cols)] {
                if !(0..side).contains(&at) {
                    broken.add(
                        format_args!("cells[{index}].{field}"),
                        format_args!("must be from 0 to {}, inside the grid", side - 1),
                    );
                }
            }
            if let Some(first) = seen.insert(*cell, index) {
                broken.add(
                    format_args!("cells[{index}]"),
                    format_args!("is the same cell as cells[{first}]"),
                );
            } else if index > 0 && !self.cells[index - 1].is_next_to(*cell) {
                broken.add(
                    format_args!("cells[{index}]"),
                    "must be right above, below, left or right of the cell before it",
                );
            }
        }
        broken.into_vec()
    }

    /// The cells, if they are valid on this board.
    pub(super) fn into_cells(self, board: &board::Model) -> Result<Vec<path::Cell>> {
        Error::check(self.check((board.rows.into(), board.cols.into())))?;
        self.into_checked_cells()
    }

    /// The cells, which are known to be valid.
    pub(super) fn into_checked_cells(self) -> Result<Vec<path::Cell>> {
        let small = |number: i64| {
            i32::try_from(number).map_err(|_| Error::Internal("unchecked number".to_owned()))
        };
        self.cells
            .into_iter()
            .map(|cell| {
                Ok(path::Cell {
                    row: small(cell.row)?,
                    col: small(cell.col)?,
                })
            })
            .collect()
    }
}

impl Cell {
    fn is_next_to(self, other: Self) -> bool {
        self.row
            .abs_diff(other.row)
            .saturating_add(self.col.abs_diff(other.col))
            == 1
    }
}

/// The dots of a board, by cell.
#[derive(Debug)]
pub(super) struct Dots<'a>(HashMap<(i32, i32), &'a str>);

impl<'a> Dots<'a> {
    /// The dots of a board.
    pub(super) fn of(dots: &'a [board::Dot]) -> Self {
        let by_cell = dots
            .iter()
            .map(|dot| ((dot.row, dot.col), dot.color.as_str()));
        Self(by_cell.collect())
    }

    /// Their colours, each once.
    pub(super) fn colors(&self) -> HashSet<&'a str> {
        self.0.values().copied().collect()
    }

    /// The colour whose two dots are the ends of the path, if it passes through no other dot.
    pub(super) fn connects(&self, cells: &[path::Cell]) -> Option<&'a str> {
        let dot_at = |cell: &path::Cell| self.0.get(&(cell.row, cell.col)).copied();
        let [first, between @ .., last] = cells else {
            return None;
        };
        let color = dot_at(first)?;
        let connected =
            dot_at(last) == Some(color) && !between.iter().any(|cell| dot_at(cell).is_some());
        connected.then_some(color)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The web page's rules are tested against the same table.
    #[derive(serde::Deserialize)]
    struct Table {
        paths: Vec<Case>,
        connects: Vec<Connection>,
    }

    #[derive(serde::Deserialize)]
    struct Case {
        title: String,
        rows: i64,
        cols: i64,
        cells: Vec<Cell>,
        broken: Vec<(String, String)>,
    }

    #[derive(serde::Deserialize)]
    struct Connection {
        title: String,
        dots: Vec<board::Dot>,
        cells: Vec<path::Cell>,
        color: Option<String>,
    }

    fn table() -> Table {
        let table = include_str!("../../tests/rules/cases.json");
        serde_json::from_str(table).expect("a table of cases")
    }

    #[test]
    fn paths_are_judged_as_the_table_says() {
        for it in table().paths {
            let draft = Draft { cells: it.cells };
            let found: Vec<_> = draft
                .check((it.rows, it.cols))
                .into_iter()
                .map(|it| (it.field, it.message))
                .collect();
            assert_eq!(found, it.broken, "{}", it.title);
        }
    }

    #[test]
    fn paths_connect_what_the_table_says() {
        for it in table().connects {
            let color = Dots::of(&it.dots).connects(&it.cells);
            assert_eq!(color, it.color.as_deref(), "{}", it.title);
        }
    }

    #[test]
    fn no_more_is_made_than_is_told() {
        for step in [0, 2, 100] {
            let cells = (0..2500).map(|index| Cell {
                row: index * step,
                col: 0,
            });
            let draft = Draft {
                cells: cells.collect(),
            };
            assert_eq!(draft.check((50, 50)).len(), Violations::MAX, "{step}");
        }
    }

    #[test]
    fn cells_may_be_as_far_apart_as_numbers_go() {
        let cells = [i64::MIN, i64::MAX].map(|row| Cell { row, col: 0 });
        let draft = Draft {
            cells: cells.to_vec(),
        };
        let fields: Vec<_> = draft.check((5, 5)).into_iter().map(|it| it.field).collect();
        assert_eq!(fields, ["cells[0].row", "cells[1].row", "cells[1]"]);
    }
}
