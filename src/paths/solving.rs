//! Whether paths solve a board: one of them can be chosen for each of its colours so that no two share a cell.
//!
//! A user may keep several paths for a colour, and any choice counts. In general that needs a search, so the search
//! is bounded. Nearly always there is nothing to search: a path is chosen at once if no other colour wants any of its
//! cells.

use std::collections::{BTreeMap, HashSet};

use entity::{board, path};

use super::rules::Dots;

/// Upper bound on the cells that one search visits, counted each time: about two milliseconds.
const MAX_STEPS: usize = 1_000_000;

/// The verdict on a board and a user's paths on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// They solve it.
    Solved,
    /// They do not.
    Unsolved,
    /// The search was too long to tell.
    Unknown,
}

/// The numbers of the cells of a path, in ascending order.
type Line = Vec<usize>;

/// A user's paths that each join a pair of a board.
#[derive(Debug)]
pub(super) struct Lines<'a> {
    dots: Dots<'a>,
    rows: usize,
    cols: usize,
    /// In the order in which they are tried.
    of_color: BTreeMap<&'a str, Vec<Line>>,
    known: HashSet<Line>,
}

impl<'a> Lines<'a> {
    /// None yet.
    pub(super) fn on(board: &'a board::Model) -> Self {
        let dots = Dots::of(&board.dots.0);
        let side = |side: i32| usize::try_from(side).unwrap_or_default();
        Self {
            of_color: dots.colors().iter().map(|it| (*it, vec![])).collect(),
            dots,
            rows: side(board.rows),
            cols: side(board.cols),
            known: HashSet::new(),
        }
    }

    /// How many colours the board has.
    pub(super) fn colors(&self) -> usize {
        self.of_color.len()
    }

    /// Adds a path, to be tried after those before it. It is ignored if it joins nothing, or leaves a grid that has
    /// become smaller.
    pub(super) fn add(&mut self, cells: &[path::Cell]) {
        let lines = self.dots.connects(cells);
        let Some(lines) = lines.and_then(|color| self.of_color.get_mut(color)) else {
            return;
        };
        let number = |cell: &path::Cell| {
            let row = usize::try_from(cell.row).ok().filter(|it| *it < self.rows);
            let col = usize::try_from(cell.col).ok().filter(|it| *it < self.cols);
            Some(row? * self.cols + col?)
        };
        let Some(mut line) = cells.iter().map(number).collect::<Option<Line>>() else {
            return;
        };
        line.sort_unstable();
        if self.known.insert(line.clone()) {
            lines.push(line);
        }
    }

    /// Whether they solve the board. A board without dots is never solved.
    pub(super) fn judge(&self) -> Verdict {
        self.judge_within(MAX_STEPS)
    }

    fn judge_within(&self, steps: usize) -> Verdict {
        if self.of_color.is_empty() {
            return Verdict::Unsolved;
        }
        let mut search = Search {
            cells: self.rows * self.cols,
            steps,
        };
        let open = self.of_color.values();
        let open = open.map(|lines| lines.iter().map(Vec::as_slice).collect());
        match search.fits(open.collect()) {
            Some(true) => Verdict::Solved,
            Some(false) => Verdict::Unsolved,
            None => Verdict::Unknown,
        }
    }
}

/// The lines of a colour that cross none of the chosen ones.
type Choice<'a> = Vec<&'a [usize]>;

struct Search {
    /// The cells of the grid.
    cells: usize,
    /// The visits that are left.
    steps: usize,
}

impl Search {
    /// Whether a line of each colour can be chosen so that no two share a cell; `None` if the visits are used up.
    fn fits(&mut self, mut open: Vec<Choice<'_>>) -> Option<bool> {
        loop {
            if open.iter().any(Vec::is_empty) {
                return Some(false);
            }
            let lengths = open.iter().flatten().map(|line| line.len());
            let effort = self.cells + lengths.sum::<usize>();
            self.steps = self.steps.checked_sub(effort)?;
            let wanted = self.wanted(&open);
            // A line in nobody's way can be chosen: no other choice would leave more room.
            let is_free = |line: &&[usize]| line.iter().all(|&cell| wanted[cell] == 1);
            let before = open.len();
            open.retain(|lines| !lines.iter().any(is_free));
            if open.len() < before {
                continue;
            }
            let numbers = open.iter().enumerate();
            let Some((fewest, _)) = numbers.min_by_key(|(_, lines)| lines.len()) else {
                return Some(true);
            };
            let lines = open.swap_remove(fewest);
            if let [only] = lines[..] {
                open = self.beside(only, &open);
                continue;
            }
            for line in lines {
                let rest = self.beside(line, &open);
                if self.fits(rest)? {
                    return Some(true);
                }
            }
            return Some(false);
        }
    }

    /// The number of colours that want each cell.
    fn wanted(&self, open: &[Choice<'_>]) -> Vec<usize> {
        let mut wanted = vec![0; self.cells];
        // The last colour that wanted it, from 1.
        let mut last = vec![0; self.cells];
        for (lines, color) in open.iter().zip(1..) {
            for &cell in lines.iter().copied().flatten() {
                if last[cell] != color {
                    last[cell] = color;
                    wanted[cell] += 1;
                }
            }
        }
        wanted
    }

    /// What is left of `open` once `chosen` is chosen.
    fn beside<'a>(&self, chosen: &[usize], open: &[Choice<'a>]) -> Vec<Choice<'a>> {
        let mut taken = vec![false; self.cells];
        for &cell in chosen {
            taken[cell] = true;
        }
        let is_beside = |line: &&[usize]| !line.iter().any(|&cell| taken[cell]);
        let left = |lines: &Choice<'a>| lines.iter().copied().filter(is_beside).collect();
        open.iter().map(left).collect()
    }
}

#[cfg(test)]
mod tests;
