//! What a board may look like.

use std::collections::{BTreeMap, HashMap};

use entity::board;
use serde::Serialize;

use crate::error::{Error, Result, Violation, Violations};

/// Smallest and largest height and width of a grid.
const SIDE: std::ops::RangeInclusive<i64> = 2..=50;
/// Longest name, in characters.
const NAME: usize = 100;

/// The content that somebody wants for a board, not yet checked.
#[derive(Clone, Debug)]
#[cfg_attr(test, derive(serde::Deserialize))]
pub struct Draft {
    /// 1 to 100 characters after trimming, none of them a control character.
    pub name: String,
    /// 2 to 50.
    pub rows: i64,
    /// 2 to 50.
    pub cols: i64,
    /// Inside the grid, no two in one cell, each colour twice.
    pub dots: Vec<Dot>,
}

/// One dot of a [`Draft`].
#[derive(Clone, Debug)]
#[cfg_attr(test, derive(serde::Deserialize))]
pub struct Dot {
    /// From 0, below `rows`.
    pub row: i64,
    /// From 0, below `cols`.
    pub col: i64,
    /// `#rrggbb`, in any case.
    pub color: String,
}

/// A valid draft, in the form in which it is stored.
#[derive(Debug, Serialize)]
pub(super) struct Content {
    pub(super) name: String,
    pub(super) rows: i32,
    pub(super) cols: i32,
    pub(super) dots: Vec<board::Dot>,
}

impl Draft {
    /// The rules that it breaks, the first hundred of them.
    pub fn check(&self) -> Vec<Violation> {
        let mut broken = Violations::default();
        let name = self.name.trim();
        if !(1..=NAME).contains(&name.chars().count()) {
            broken.add(
                "name",
                "must be 1 to 100 characters long, not counting spaces around it",
            );
        } else if name.chars().any(char::is_control) {
            broken.add("name", "must not hold control characters");
        }
        for (field, side) in [("rows", self.rows), ("cols", self.cols)] {
            if !SIDE.contains(&side) {
                broken.add(field, "must be from 2 to 50");
            }
        }
        self.check_dots(&mut broken);
        broken.into_vec()
    }

    fn check_dots(&self, broken: &mut Violations) {
        let mut cells = HashMap::new();
        let mut colors: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for (index, dot) in self.dots.iter().enumerate() {
            if broken.is_full() {
                return;
            }
            for (field, at, side) in [("row", dot.row, self.rows), ("col", dot.col, self.cols)] {
                // If the grid itself has an invalid size, that is what is reported.
                let limit = if SIDE.contains(&side) {
                    side
                } else {
                    *SIDE.end()
                };
                if !(0..limit).contains(&at) {
                    broken.add(
                        format_args!("dots[{index}].{field}"),
                        format_args!("must be from 0 to {}, inside the grid", limit - 1),
                    );
                }
            }
            if let Some(first) = cells.insert((dot.row, dot.col), index) {
                broken.add(
                    format_args!("dots[{index}]"),
                    format_args!("is in the same cell as dots[{first}]"),
                );
            }
            if is_color(&dot.color) {
                let color = dot.color.to_ascii_lowercase();
                colors.entry(color).or_default().push(index);
            } else {
                broken.add(
                    format_args!("dots[{index}].color"),
                    "must be a colour such as #1e90ff",
                );
            }
        }
        for (color, indices) in colors {
            if indices.len() != 2 {
                broken.add(
                    format_args!("dots[{}].color", indices[0]),
                    format_args!(
                        "must be on exactly two dots; {color} is on {}",
                        indices.len()
                    ),
                );
            }
        }
    }

    pub(super) fn into_content(self) -> Result<Content> {
        Error::check(self.check())?;
        let small = |number: i64| {
            i32::try_from(number).map_err(|_| Error::Internal("unchecked number".to_owned()))
        };
        Ok(Content {
            name: self.name.trim().to_owned(),
            rows: small(self.rows)?,
            cols: small(self.cols)?,
            dots: self
                .dots
                .into_iter()
                .map(|dot| {
                    Ok(board::Dot {
                        row: small(dot.row)?,
                        col: small(dot.col)?,
                        color: dot.color.to_ascii_lowercase(),
                    })
                })
                .collect::<Result<_>>()?,
        })
    }
}

/// `#rrggbb`.
fn is_color(text: &str) -> bool {
    text.strip_prefix('#')
        .is_some_and(|hex| hex.len() == 6 && hex.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The web page's rules are tested against the same table.
    #[derive(serde::Deserialize)]
    struct Table {
        boards: Vec<Case>,
    }

    #[derive(serde::Deserialize)]
    struct Case {
        title: String,
        draft: Draft,
        broken: Vec<(String, String)>,
    }

    #[test]
    fn drafts_are_judged_as_the_table_says() {
        let table = include_str!("../../tests/rules/cases.json");
        let table: Table = serde_json::from_str(table).expect("a table of cases");
        for Case {
            title,
            draft,
            broken,
        } in table.boards
        {
            let found: Vec<_> = draft
                .check()
                .into_iter()
                .map(|it| (it.field, it.message))
                .collect();
            assert_eq!(found, broken, "{title}");
        }
    }

    #[test]
    fn no_more_is_made_than_is_told() {
        let dot = |index: i64| Dot {
            row: index / 50,
            col: index % 50,
            color: format!("#{index:06x}"),
        };
        let bad = |index| Dot {
            color: "red".to_owned(),
            ..dot(index)
        };
        for dots in [
            (0..2500).map(dot).collect::<Vec<_>>(),
            (0..2500).map(bad).collect(),
            (0..2500).map(|_| dot(0)).collect(),
            (0..2500).map(|index| bad(-index)).collect(),
        ] {
            let draft = Draft {
                name: String::new(),
                rows: 50,
                cols: 50,
                dots,
            };
            assert_eq!(draft.check().len(), Violations::MAX);
        }
    }

    #[test]
    fn a_good_draft_is_stored_trimmed_and_in_lower_case() {
        let dot = |row, col, color: &str| Dot {
            row,
            col,
            color: color.to_owned(),
        };
        let draft = Draft {
            name: " A board ".to_owned(),
            rows: 2,
            cols: 50,
            dots: vec![dot(0, 0, "#FF00aa"), dot(1, 49, "#ff00AA")],
        };
        let content = draft.into_content().expect("it keeps the rules");
        assert_eq!(content.name, "A board");
        assert_eq!(content.dots[0].color, "#ff00aa");
        assert_eq!(content.dots[1].color, "#ff00aa");
    }
}
