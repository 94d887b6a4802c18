//! Which events a client wants, and from where on.

use std::time::Duration;

use chrono::{DateTime, Utc};
use dotcast_log::{
    EventId,
    cursor::{self, Origin},
    filter::{Filter, MAX_TOPICS},
};
use entity::event::EventType;
use poem_openapi::registry::MetaSchema;
use serde_json::json;

use super::{Given, Parameter, Params, common::integer_schema};
use crate::{
    api::problem::{Code, Failure},
    config,
};

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

impl Parameter for Boards {
    fn schema() -> MetaSchema {
        MetaSchema {
            pattern: Some(format!(
                "^[0-9]{{1,18}}(,[0-9]{{1,18}}){{0,{}}}$",
                MAX_TOPICS - 1
            )),
            example: Some(json!("1,2")),
            ..MetaSchema::new("string")
        }
    }

    fn parse(text: &str) -> Result<Self, String> {
        let ids: Option<Vec<i64>> = text.split(',').map(|it| cursor::parse(it).ok()).collect();
        ids.filter(|it| it.len() <= MAX_TOPICS)
            .map(Self)
            .ok_or_else(|| {
                format!("must be ids of boards separated by commas, {MAX_TOPICS} at most")
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

/// A time at which a client wants to begin, or how long ago that is.
#[derive(Clone, Copy, Debug)]
pub struct Since(pub DateTime<Utc>);

impl Parameter for Since {
    fn schema() -> MetaSchema {
        // A part of what is understood: of RFC 3339 without other offsets than `Z`.
        let time = "(19[7-9][0-9]|20[0-9]{2})-(0[1-9]|1[0-2])-(0[1-9]|1[0-9]|2[0-8])\
                    T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\\.[0-9]{1,6})?Z";
        MetaSchema {
            pattern: Some(format!("^([0-9]{{1,4}}(ms|s|m|h|d)|{time})$")),
            example: Some(json!("10m")),
            ..MetaSchema::new("string")
        }
    }

    fn parse(text: &str) -> Result<Self, String> {
        config::since(text, Utc::now()).map(Self)
    }
}

/// How long a client waits for news.
#[derive(Clone, Copy, Debug)]
pub struct Patience(pub Duration);

impl Patience {
    const MAX: Duration = Duration::from_mins(1);
}

impl Parameter for Patience {
    fn schema() -> MetaSchema {
        MetaSchema {
            pattern: Some("^([1-9][0-9]{0,3}ms|([1-9]|[1-5][0-9]|60)s)$".to_owned()),
            example: Some(json!("30s")),
            ..MetaSchema::new("string")
        }
    }

    fn parse(text: &str) -> Result<Self, String> {
        let patience = config::between(text, Duration::from_millis(1), Self::MAX).ok();
        patience
            .map(Self)
            .ok_or_else(|| "must be a duration from 1ms to 60s".to_owned())
    }
}

/// Where a client wants to begin: a cursor wins over a time, so that a client that reconnects does not go back.
pub fn origin(
    params: &mut Params,
    cursor: Option<LastEventId>,
    since: Given<Since>,
) -> Option<Origin> {
    let since = params.take("since", since);
    match cursor {
        Some(LastEventId(id)) => Some(Origin::After(id)),
        None => since.map(|Since(time)| Origin::Since(time)),
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
    fn a_time_is_a_time_or_a_while_ago() {
        let since = |text| Since::parse(text).map(|Since(time)| time);
        let time = DateTime::from_timestamp_millis(1_795_780_800_250).expect("a time");
        assert_eq!(since("2026-11-27T12:00:00.25Z"), Ok(time));
        assert_eq!(since("2026-11-27T14:00:00.25+02:00"), Ok(time));
        let time = since("1h 30m").expect("a time");
        let ago = Utc::now() - time;
        assert_eq!(ago.num_minutes(), 90);
        for text in [
            "",
            "0",
            "10",
            "-10m",
            "yesterday",
            "2026-11-27",
            "2026-11-27T12:00:00 02:00",
            "99999999y",
        ] {
            assert!(since(text).is_err(), "{text}");
        }
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
