//! What a path may look like, and what it connects.

use std::collections::HashMap;

use entity::{board, path};

use crate::error::{Error, Result, Violation};

/// A path that somebody wants to save, not yet checked.
#[derive(Clone, Debug)]
pub struct Draft {
    /// At least two, each next to the one before it, none twice.
    pub cells: Vec<Cell>,
}

/// One cell of a [`Draft`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Cell {
    /// From 0.
    pub row: i64,
    /// From 0.
    pub col: i64,
}

impl Draft {
    /// Every rule that it breaks on a board of this height and width.
    pub fn check(&self, (rows, cols): (i64, i64)) -> Vec<Violation> {
        let mut broken = Vec::new();
        if self.cells.len() < 2 {
            broken.push(Violation::new("cells", "must be at least two cells"));
        }
        let mut seen = HashMap::new();
        for (index, cell) in self.cells.iter().enumerate() {
            for (field, at, side) in [("row", cell.row, rows), ("col", cell.col, cols)] {
                if !(0..side).contains(&at) {
                    broken.push(Violation::new(
                        format!("cells[{index}].{field}"),
                        format!("must be from 0 to {}, inside the grid", side - 1),
                    ));
                }
            }
            if let Some(first) = seen.insert(*cell, index) {
                broken.push(Violation::new(
                    format!("cells[{index}]"),
                    format!("is the same cell as cells[{first}]"),
                ));
            } else if index > 0 && !self.cells[index - 1].is_next_to(*cell) {
                broken.push(Violation::new(
                    format!("cells[{index}]"),
                    "must be right above, below, left or right of the cell before it",
                ));
            }
        }
        broken
    }

    pub(super) fn into_cells(self, board: &board::Model) -> Result<Vec<path::Cell>> {
        Error::check(self.check((board.rows.into(), board.cols.into())))?;
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

/// The colour whose two dots are the ends of the path, if it passes through no other dot.
pub(super) fn connects(dots: &[board::Dot], cells: &[path::Cell]) -> Option<String> {
    let colors: HashMap<(i32, i32), &str> = dots
        .iter()
        .map(|dot| ((dot.row, dot.col), dot.color.as_str()))
        .collect();
    let dot_at = |cell: &path::Cell| colors.get(&(cell.row, cell.col)).copied();
    let [first, between @ .., last] = cells else {
        return None;
    };
    let color = dot_at(first)?;
    let connected =
        dot_at(last) == Some(color) && !between.iter().any(|cell| dot_at(cell).is_some());
    connected.then(|| color.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draft(cells: &[(i64, i64)]) -> Draft {
        Draft {
            cells: cells.iter().map(|&(row, col)| Cell { row, col }).collect(),
        }
    }

    fn fields(cells: &[(i64, i64)], grid: (i64, i64)) -> Vec<String> {
        let broken = draft(cells).check(grid);
        broken.into_iter().map(|it| it.field).collect()
    }

    #[test]
    fn steps_go_to_neighbours() {
        let good = [(0, 0), (0, 1), (1, 1), (1, 0)];
        assert_eq!(fields(&good, (2, 2)), Vec::<String>::new());
        assert_eq!(fields(&[(0, 0), (1, 1)], (9, 9)), ["cells[1]"]);
        assert_eq!(fields(&[(0, 0), (0, 2)], (9, 9)), ["cells[1]"]);
    }

    #[test]
    fn all_broken_rules_are_named_at_once() {
        let bad = [(0, 0), (0, 1), (0, 0), (-1, 0), (5, 9)];
        assert_eq!(
            fields(&bad, (5, 5)),
            [
                "cells[2]",
                "cells[3].row",
                "cells[4].row",
                "cells[4].col",
                "cells[4]"
            ]
        );
        assert_eq!(fields(&[(0, 0)], (5, 5)), ["cells"]);
        let far = [(i64::MIN, 0), (i64::MAX, 0)];
        assert_eq!(
            fields(&far, (5, 5)),
            ["cells[0].row", "cells[1].row", "cells[1]"]
        );
    }

    #[test]
    fn a_path_connects_the_dots_at_its_ends() {
        let dot = |row, col, color: &str| board::Dot {
            row,
            col,
            color: color.to_owned(),
        };
        let dots = [
            dot(0, 0, "#ff0000"),
            dot(0, 2, "#ff0000"),
            dot(1, 0, "#00ff00"),
            dot(1, 1, "#00ff00"),
        ];
        let path = |cells: &[(i32, i32)]| {
            let cells: Vec<_> = cells
                .iter()
                .map(|&(row, col)| path::Cell { row, col })
                .collect();
            connects(&dots, &cells)
        };
        assert_eq!(path(&[(0, 0), (0, 1), (0, 2)]).as_deref(), Some("#ff0000"));
        assert_eq!(path(&[(1, 1), (1, 0)]).as_deref(), Some("#00ff00"));
        // Other colours at the ends, an end without a dot, a dot on the way.
        assert_eq!(path(&[(0, 0), (1, 0)]), None);
        assert_eq!(path(&[(0, 0), (0, 1)]), None);
        assert_eq!(path(&[(0, 0), (1, 0), (1, 1), (1, 2), (0, 2)]), None);
    }
}
