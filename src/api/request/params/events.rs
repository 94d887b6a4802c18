//! Which events a client wants, and from where on.

use dotcast_log::{EventId, cursor, filter::Filter};
use entity::event::EventType;
use poem_openapi::registry::MetaSchema;
use serde_json::json;

use super::{Given, Parameter, Params, common::integer_schema};
use crate::api::problem::{Code, Failure};

/// Event types, separated by commas, each once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Types(pub Vec<EventType>);

impl Parameter for Types {
    fn schema() -> MetaSchema {
        let one = EventType::ALL.map(EventType::as_str).join("|");
        MetaSchema {
            pattern: Some(format!("^({one})(,({one}))*$")),
            ..MetaSchema::new("string")
        }
    }

    fn parse(text: &str) -> Result<Self, String> {
        let mut types = Vec::new();
        for name in text.split(',') {
            let found = EventType::ALL
                .into_iter()
                .find(|known| known.as_str() == name);
            let Some(found) = found else {
                let known = EventType::ALL.map(EventType::as_str).join(", ");
                return Err(format!(
                    "must be a list of event types separated by commas; `{name}` is none, the known types are {known}"
                ));
            };
            if !types.contains(&found) {
                types.push(found);
            }
        }
        Ok(Self(types))
    }
}

/// Boards that events are filtered by, separated by commas.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Boards(pub Vec<i64>);

impl Boards {
    /// Upper bound on their number. Each is looked for in the log.
    const MAX: usize = 100;
}

impl Parameter for Boards {
    fn schema() -> MetaSchema {
        MetaSchema {
            pattern: Some(format!(
                "^[0-9]{{1,18}}(,[0-9]{{1,18}}){{0,{}}}$",
                Self::MAX - 1
            )),
            example: Some(json!("1,2")),
            ..MetaSchema::new("string")
        }
    }

    fn parse(text: &str) -> Result<Self, String> {
        let ids: Option<Vec<i64>> = text.split(',').map(|it| cursor::parse(it).ok()).collect();
        ids.filter(|it| it.len() <= Self::MAX)
            .map(Self)
            .ok_or_else(|| {
                format!(
                    "must be ids of boards separated by commas, {} at most",
                    Self::MAX
                )
            })
    }
}

/// A client's `Last-Event-ID`. Clients that have none yet may send an empty one.
#[derive(Clone, Copy, Debug)]
pub struct LastEventId(pub EventId);

impl Parameter for LastEventId {
    const MAY_BE_EMPTY: bool = true;

    fn schema() -> MetaSchema {
        integer_schema(0, None)
    }

    fn parse(text: &str) -> Result<Self, String> {
        cursor::parse(text)
            .map(Self)
            .map_err(|error| error.to_string())
    }
}

/// Which events a client wants, by their types and their boards.
pub fn filter(params: &mut Params, types: Given<Types>, board_id: Given<Boards>) -> Filter {
    let mut filter = Filter::default();
    if let Some(Types(types)) = params.take("types", types) {
        filter = filter.of_kinds(types.into_iter().map(EventType::as_str));
    }
    if let Some(Boards(ids)) = params.take("board_id", board_id) {
        filter = filter.about(ids);
    }
    filter
}

/// A cursor; when it is wrong, the problem is [`Code::InvalidCursor`].
pub fn cursor(name: &str, given: Given<LastEventId>) -> Result<Option<LastEventId>, Failure> {
    given
        .0
        .map_err(|message| Failure::of_field(Code::InvalidCursor, name, message))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_are_parsed_and_counted_once() {
        let types = |text| Types::parse(text).map(|Types(types)| types);
        assert_eq!(types("newBoard"), Ok(vec![EventType::NewBoard]));
        assert_eq!(
            types("newPath,newBoard,newPath"),
            Ok(vec![EventType::NewPath, EventType::NewBoard])
        );
    }

    #[test]
    fn a_hundred_boards_are_as_many_as_there_may_be() {
        let boards = |text: &str| Boards::parse(text).map(|Boards(ids)| ids);
        assert_eq!(boards("7"), Ok(vec![7]));
        assert_eq!(boards("3,1,3"), Ok(vec![3, 1, 3]));
        let many = |count: usize| vec!["1"; count].join(",");
        assert_eq!(boards(&many(100)).map(|it| it.len()), Ok(100));
        for text in ["", ",", "1,", "1, 2", "x", "-1", &many(101)] {
            let error = boards(text).expect_err(text);
            assert!(error.ends_with("100 at most"), "{error}");
        }
    }

    #[test]
    fn an_unknown_type_is_named_with_the_known_ones() {
        for text in ["", "newboard", "newBoard,", "newBoard, newPath", "nope"] {
            let error = Types::parse(text).expect_err(text);
            assert!(
                error.ends_with(
                    "newBoard, newPath, boardUpdated, boardDeleted, boardSolved, userErased"
                ),
                "{error}"
            );
        }
    }
}
