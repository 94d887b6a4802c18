//! What a board may look like.

use std::collections::{BTreeMap, HashMap};

use entity::board;

use crate::error::{Error, Result, Violation};

/// Smallest and largest height and width of a grid.
const SIDE: std::ops::RangeInclusive<i64> = 2..=50;
/// Longest name, in characters.
const NAME: usize = 100;

/// What somebody wants a board to show, not yet checked.
#[derive(Clone, Debug)]
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
pub struct Dot {
    /// From 0, below `rows`.
    pub row: i64,
    /// From 0, below `cols`.
    pub col: i64,
    /// `#rrggbb`, in any case.
    pub color: String,
}

/// A draft that keeps all rules, in the form in which it is stored.
#[derive(Debug)]
pub(super) struct Content {
    pub(super) name: String,
    pub(super) rows: i32,
    pub(super) cols: i32,
    pub(super) dots: Vec<board::Dot>,
}

impl Draft {
    /// Every rule that it breaks.
    pub fn check(&self) -> Vec<Violation> {
        let mut broken = Vec::new();
        let name = self.name.trim();
        if !(1..=NAME).contains(&name.chars().count()) {
            broken.push(Violation::new(
                "name",
                "must be 1 to 100 characters long, not counting spaces around it",
            ));
        } else if name.chars().any(char::is_control) {
            broken.push(Violation::new("name", "must not hold control characters"));
        }
        for (field, side) in [("rows", self.rows), ("cols", self.cols)] {
            if !SIDE.contains(&side) {
                broken.push(Violation::new(field, "must be from 2 to 50"));
            }
        }
        self.check_dots(&mut broken);
        broken
    }

    fn check_dots(&self, broken: &mut Vec<Violation>) {
        let mut cells = HashMap::new();
        let mut colors: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for (index, dot) in self.dots.iter().enumerate() {
            for (field, at, side) in [("row", dot.row, self.rows), ("col", dot.col, self.cols)] {
                // Where the grid itself has no valid size, that is what is reported.
                let limit = if SIDE.contains(&side) {
                    side
                } else {
                    *SIDE.end()
                };
                if !(0..limit).contains(&at) {
                    broken.push(Violation::new(
                        format!("dots[{index}].{field}"),
                        format!("must be from 0 to {}, inside the grid", limit - 1),
                    ));
                }
            }
            if let Some(first) = cells.insert((dot.row, dot.col), index) {
                broken.push(Violation::new(
                    format!("dots[{index}]"),
                    format!("is in the same cell as dots[{first}]"),
                ));
            }
            if is_color(&dot.color) {
                let color = dot.color.to_ascii_lowercase();
                colors.entry(color).or_default().push(index);
            } else {
                broken.push(Violation::new(
                    format!("dots[{index}].color"),
                    "must be a colour such as #1e90ff",
                ));
            }
        }
        for (color, indices) in colors {
            if indices.len() != 2 {
                broken.push(Violation::new(
                    format!("dots[{}].color", indices[0]),
                    format!(
                        "must be on exactly two dots; {color} is on {}",
                        indices.len()
                    ),
                ));
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

    fn dot(row: i64, col: i64, color: &str) -> Dot {
        Dot {
            row,
            col,
            color: color.to_owned(),
        }
    }

    fn draft(dots: Vec<Dot>) -> Draft {
        Draft {
            name: " A board ".to_owned(),
            rows: 2,
            cols: 50,
            dots,
        }
    }

    fn fields(draft: &Draft) -> Vec<String> {
        draft.check().into_iter().map(|it| it.field).collect()
    }

    #[test]
    fn a_good_draft_is_stored_trimmed_and_in_lower_case() {
        let content = draft(vec![dot(0, 0, "#FF00aa"), dot(1, 49, "#ff00AA")])
            .into_content()
            .expect("it keeps the rules");
        assert_eq!(content.name, "A board");
        assert_eq!(content.dots[0].color, "#ff00aa");
        assert_eq!(content.dots[1].color, "#ff00aa");
    }

    #[test]
    fn a_board_may_have_no_dots() {
        assert_eq!(fields(&draft(vec![])), Vec::<String>::new());
    }

    #[test]
    fn all_broken_rules_are_named_at_once() {
        let bad = Draft {
            name: "  ".to_owned(),
            rows: 1,
            cols: 51,
            dots: vec![
                dot(-1, 50, "red"),
                dot(0, 0, "#000000"),
                dot(0, 0, "#00000"),
                dot(1, 1, "#ffffff"),
                dot(1, 2, "#ffffff"),
                dot(1, 3, "#FFFFFF"),
            ],
        };
        assert_eq!(
            fields(&bad),
            [
                "name",
                "rows",
                "cols",
                "dots[0].row",
                "dots[0].col",
                "dots[0].color",
                "dots[2]",
                "dots[2].color",
                "dots[1].color",
                "dots[3].color",
            ]
        );
    }

    #[test]
    fn names_have_limits_in_characters() {
        let named = |name: &str| Draft {
            name: name.to_owned(),
            ..draft(vec![])
        };
        assert!(fields(&named(&"é".repeat(100))).is_empty());
        assert_eq!(fields(&named(&"é".repeat(101))), ["name"]);
        assert_eq!(fields(&named("a\u{0}b")), ["name"]);
        assert_eq!(fields(&named("")), ["name"]);
    }
}
