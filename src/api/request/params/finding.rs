//! Which boards or paths a list has, and in which order.

use dotcast_log::cursor;
use poem_openapi::registry::MetaSchema;
use serde_json::json;

use super::Parameter;
use crate::{
    boards::{self, Sort},
    paths,
};

/// A part of a board's name: 1 to 100 characters, the length of names.
#[derive(Clone, Debug)]
pub struct PartOfName(pub String);

impl Parameter for PartOfName {
    fn schema() -> MetaSchema {
        MetaSchema {
            min_length: Some(1),
            max_length: Some(100),
            ..MetaSchema::new("string")
        }
    }

    fn parse(text: &str) -> Result<Self, String> {
        if (1..=100).contains(&text.chars().count()) {
            Ok(Self(text.to_owned()))
        } else {
            Err("must be a text of 1 to 100 characters".to_owned())
        }
    }
}

/// `true` or `false`.
#[derive(Clone, Copy, Debug)]
pub struct Flag(pub bool);

impl Parameter for Flag {
    fn schema() -> MetaSchema {
        MetaSchema::new("boolean")
    }

    fn parse(text: &str) -> Result<Self, String> {
        let flag = text.parse().map(Self);
        flag.map_err(|_| "must be `true` or `false`".to_owned())
    }
}

const SORTS: [(&str, Sort); 2] = [("newest", Sort::Newest), ("most_solved", Sort::MostSolved)];

impl Parameter for Sort {
    fn schema() -> MetaSchema {
        MetaSchema {
            enum_items: SORTS.map(|(name, _)| json!(name)).into(),
            default: Some(json!(SORTS[0].0)),
            ..MetaSchema::new("string")
        }
    }

    fn parse(text: &str) -> Result<Self, String> {
        let found = SORTS.into_iter().find(|(name, _)| *name == text);
        found.map(|(_, sort)| sort).ok_or_else(|| {
            let names = SORTS.map(|(name, _)| format!("`{name}`"));
            format!("must be {}", names.join(" or "))
        })
    }
}

/// The schema of a token that names a place in a list.
fn token_schema(pattern: &str) -> MetaSchema {
    MetaSchema {
        pattern: Some(pattern.to_owned()),
        ..MetaSchema::new("string")
    }
}

/// What is said of a token that is wrong, after its name.
const TOKEN: &str = "must be `next_page` of the page before";

fn numbers(text: &str) -> Result<Vec<i64>, String> {
    let numbers: Option<_> = text.split('.').map(number).collect();
    numbers.ok_or_else(|| TOKEN.to_owned())
}

/// A number of at most 18 digits: a bound that a pattern can express.
fn number(text: &str) -> Option<i64> {
    cursor::parse(text).ok().filter(|_| text.len() <= 18)
}

/// A place in a list, which a token names in URLs.
pub trait Token {
    /// Its token.
    fn token(self) -> String;
}

/// `7` in one order, `12.7` in the other.
impl Token for boards::Place {
    fn token(self) -> String {
        match self {
            Self::Newest { id } => id.to_string(),
            Self::MostSolved { solved_count, id } => format!("{solved_count}.{id}"),
        }
    }
}

impl Parameter for boards::Place {
    fn schema() -> MetaSchema {
        token_schema(r"^[0-9]{1,18}(\.[0-9]{1,18})?$")
    }

    fn parse(text: &str) -> Result<Self, String> {
        match numbers(text)?[..] {
            [id] => Ok(Self::Newest { id }),
            [solved_count, id] => Ok(Self::MostSolved { solved_count, id }),
            _ => Err(TOKEN.to_owned()),
        }
    }
}

/// Upper bound on the boards whose paths one request may list.
pub const MOST_BOARDS: usize = 50;

/// The ids of several boards, separated by commas.
#[derive(Clone, Debug, Default)]
pub struct BoardIds(pub Vec<i64>);

impl Parameter for BoardIds {
    const REQUIRED: bool = true;

    fn schema() -> MetaSchema {
        MetaSchema {
            pattern: Some(format!(
                "^[0-9]{{1,18}}(,[0-9]{{1,18}}){{0,{}}}$",
                MOST_BOARDS - 1
            )),
            example: Some(json!("1,2,3")),
            ..MetaSchema::new("string")
        }
    }

    fn parse(text: &str) -> Result<Self, String> {
        let ids: Option<Vec<_>> = text.split(',').map(number).collect();
        let ids = ids.filter(|ids| ids.len() <= MOST_BOARDS).map(Self);
        ids.ok_or_else(|| format!("must be 1 to {MOST_BOARDS} ids of boards, separated by commas"))
    }
}

/// The board, then the path: `3.7`.
impl Token for paths::Place {
    fn token(self) -> String {
        format!("{}.{}", self.board_id, self.id)
    }
}

impl Parameter for paths::Place {
    fn schema() -> MetaSchema {
        token_schema(r"^[0-9]{1,18}\.[0-9]{1,18}$")
    }

    fn parse(text: &str) -> Result<Self, String> {
        match numbers(text)?[..] {
            [board_id, id] => Ok(Self { board_id, id }),
            _ => Err(TOKEN.to_owned()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::boards::Place;

    #[test]
    fn a_token_names_the_place_that_it_was_made_of() {
        for place in [
            Place::Newest { id: 7 },
            Place::MostSolved {
                solved_count: 0,
                id: 7,
            },
            Place::MostSolved {
                solved_count: 12,
                id: 999_999_999_999_999_999,
            },
        ] {
            assert_eq!(Place::parse(&place.token()), Ok(place));
        }
        for text in [
            "",
            ".",
            "1.",
            ".1",
            "1.2.3",
            "-1",
            "1.-1",
            "x",
            "1000000000000000000",
        ] {
            assert!(Place::parse(text).is_err(), "{text}");
            assert!(paths::Place::parse(text).is_err(), "{text}");
        }
        assert!(paths::Place::parse("1").is_err());
    }

    #[test]
    fn the_number_of_boards_is_bounded() {
        let ids = |count: usize| vec!["7"; count].join(",");
        assert!(BoardIds::parse(&ids(1)).is_ok());
        assert!(BoardIds::parse(&ids(MOST_BOARDS)).is_ok());
        for text in [&ids(MOST_BOARDS + 1), "", ",", "1,", "1, 2", "x"] {
            assert!(BoardIds::parse(text).is_err(), "{text}");
        }
    }
}
