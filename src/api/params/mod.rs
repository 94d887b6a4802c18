//! Path, query and header parameters.
//!
//! The framework gives up at the first parameter that it cannot read. Here a parameter that is
//! wrong is [`Given`] as what is wrong with it, so that the answer names all of them at once.

pub mod finding;
mod idempotency_key;
pub mod tags;

use std::borrow::Cow;

use dotcast_log::{EventId, cursor, filter::Filter};
use entity::event::EventType;
use poem::http::{HeaderMap, Uri};
use poem_openapi::{
    registry::{MetaSchema, MetaSchemaRef},
    types::{ParseFromParameter, ParseResult, Type},
};
use serde_json::json;
use url::form_urlencoded;

pub use self::tags::Tags;
use super::problem::{Code, Failure};
use crate::error::Violation;

/// A kind of parameter.
pub trait Parameter: Sized + Send + Sync {
    /// Whether a request must have it.
    const REQUIRED: bool = false;

    /// Whether an empty one is as good as none.
    const MAY_BE_EMPTY: bool = false;

    /// What is published of it.
    fn schema() -> MetaSchema;

    /// Reads it. The error goes on after the parameter's name: "must be …".
    fn parse(text: &str) -> Result<Self, String>;

    /// What several of them in one request are taken for.
    fn join(values: &[String]) -> Result<Cow<'_, str>, String> {
        match values {
            [one] => Ok(Cow::Borrowed(one)),
            _ => Err("must not be given more than once".to_owned()),
        }
    }
}

/// A parameter as it was given: absent, readable, or wrong.
#[derive(Debug)]
pub struct Given<T>(Result<Option<T>, String>);

impl<T: Parameter> Type for Given<T> {
    const IS_REQUIRED: bool = T::REQUIRED;
    type RawValueType = Self;
    type RawElementValueType = Self;

    fn name() -> Cow<'static, str> {
        Cow::Borrowed("parameter")
    }

    fn schema_ref() -> MetaSchemaRef {
        MetaSchemaRef::Inline(Box::new(T::schema()))
    }

    fn as_raw_value(&self) -> Option<&Self> {
        Some(self)
    }

    fn raw_element_iter<'a>(&'a self) -> Box<dyn Iterator<Item = &'a Self> + 'a> {
        Box::new(std::iter::empty())
    }
}

impl<T: Parameter> ParseFromParameter for Given<T> {
    fn parse_from_parameter(value: &str) -> ParseResult<Self> {
        Ok(Self(T::parse(value).map(Some)))
    }

    fn parse_from_parameters<I: IntoIterator<Item = A>, A: AsRef<str>>(
        values: I,
    ) -> ParseResult<Self> {
        let values: Vec<String> = values
            .into_iter()
            .map(|it| it.as_ref().to_owned())
            .collect();
        if values.is_empty() {
            return Ok(Self(if T::REQUIRED {
                Err("is missing".to_owned())
            } else {
                Ok(None)
            }));
        }
        Ok(Self(T::join(&values).and_then(|text| {
            if T::MAY_BE_EMPTY && text.is_empty() {
                return Ok(None);
            }
            T::parse(&text).map(Some)
        })))
    }
}

/// Takes parameters and gathers what is wrong with them.
#[derive(Debug, Default)]
pub struct Params {
    broken: Vec<Violation>,
}

impl Params {
    /// The parameter, or `None` when it is absent or wrong.
    pub fn take<T>(&mut self, name: &str, given: Given<T>) -> Option<T> {
        given.0.unwrap_or_else(|message| {
            self.broken.push(Violation::new(name, message));
            None
        })
    }

    /// Which events a client wants, by their types and their board.
    pub fn filter(&mut self, types: Given<Types>, board_id: Given<Bound>) -> Filter {
        let mut filter = Filter::default();
        if let Some(Types(types)) = self.take("types", types) {
            filter = filter.of_kinds(types.into_iter().map(EventType::as_str));
        }
        if let Some(Bound(id)) = self.take("board_id", board_id) {
            filter = filter.about(id);
        }
        filter
    }

    /// A parameter that is wrong beside the others.
    pub fn refuse(&mut self, name: &str, message: &str) {
        self.broken.push(Violation::new(name, message));
    }

    /// Fails when any of those taken was wrong.
    pub fn finish(self) -> Result<(), Failure> {
        if self.broken.is_empty() {
            return Ok(());
        }
        let names: Vec<_> = self.broken.iter().map(|it| it.field.as_str()).collect();
        let detail = format!("Look at {}; `errors` says what is wrong.", names.join(", "));
        Err(Failure::new(Code::InvalidParameter, detail).with_errors(self.broken))
    }
}

/// The id of a path parameter.
pub fn id(given: Given<Id>) -> Result<i64, Failure> {
    let mut params = Params::default();
    let id = params.take("id", given);
    params.finish()?;
    // Without a value the route would not have matched.
    id.map(|Id(id)| id)
        .ok_or_else(|| Failure::of_field(Code::InvalidParameter, "id", "is missing"))
}

/// A header whose problem is its own kind. A value that is not even text is wrong, too: to take it
/// for absent would be a condition or a cursor that is silently dropped.
pub fn header<T>(
    headers: &HeaderMap,
    name: &str,
    code: Code,
    given: Given<T>,
) -> Result<Option<T>, Failure> {
    let mut values = headers.get_all(name).iter();
    if values.any(|value| value.to_str().is_err()) {
        return Err(Failure::of_field(code, name, "must be plain ASCII text"));
    }
    given
        .0
        .map_err(|message| Failure::of_field(code, name, message))
}

/// A query parameter that the document does not list.
pub fn unlisted<T: Parameter>(uri: &Uri, name: &str) -> Given<T> {
    let query = uri.query().unwrap_or_default();
    let pairs = form_urlencoded::parse(query.as_bytes());
    let values = pairs.filter_map(|(it, value)| (it == name).then_some(value));
    Given::parse_from_parameters(values).unwrap_or(Given(Ok(None)))
}

/// A cursor, whose problem is its own kind.
pub fn cursor(name: &str, given: Given<LastEventId>) -> Result<Option<LastEventId>, Failure> {
    given
        .0
        .map_err(|message| Failure::of_field(Code::InvalidCursor, name, message))
}

fn integer(text: &str, from: i64, to: i64) -> Result<i64, String> {
    // Digits only: no sign, no space.
    cursor::parse(text)
        .ok()
        .filter(|number| (from..=to).contains(number))
        .ok_or_else(|| format!("must be a whole number from {from} to {to}"))
}

fn integer_schema(from: i64, to: Option<i64>) -> MetaSchema {
    #[allow(clippy::cast_precision_loss, reason = "the limits are small")]
    MetaSchema {
        minimum: Some(from as f64),
        maximum: to.map(|to| to as f64),
        ..MetaSchema::new_with_format("integer", "int64")
    }
}

/// A board's or path's id in the path of the URL.
#[derive(Clone, Copy, Debug)]
pub struct Id(pub i64);

impl Parameter for Id {
    const REQUIRED: bool = true;

    fn schema() -> MetaSchema {
        MetaSchema {
            example: Some(json!(1)),
            ..integer_schema(0, None)
        }
    }

    fn parse(text: &str) -> Result<Self, String> {
        integer(text, 0, i64::MAX).map(Self)
    }
}

/// How many items a page has at most: 1 to 200, by default 50.
#[derive(Clone, Copy, Debug)]
pub struct Limit(pub u64);

impl Limit {
    const MAX: i64 = 200;
    const DEFAULT: u64 = 50;
}

impl Default for Limit {
    fn default() -> Self {
        Self(Self::DEFAULT)
    }
}

impl Parameter for Limit {
    fn schema() -> MetaSchema {
        MetaSchema {
            default: Some(json!(Self::DEFAULT)),
            ..integer_schema(1, Some(Self::MAX))
        }
    }

    fn parse(text: &str) -> Result<Self, String> {
        Ok(Self(integer(text, 1, Self::MAX)?.unsigned_abs()))
    }
}

/// An id that bounds a page, or that events are filtered by.
#[derive(Clone, Copy, Debug)]
pub struct Bound(pub i64);

impl Parameter for Bound {
    fn schema() -> MetaSchema {
        integer_schema(0, None)
    }

    fn parse(text: &str) -> Result<Self, String> {
        integer(text, 0, i64::MAX).map(Self)
    }
}

/// A user's name to look for.
#[derive(Clone, Debug)]
pub struct Username(pub String);

impl Parameter for Username {
    fn schema() -> MetaSchema {
        MetaSchema {
            min_length: Some(1),
            max_length: Some(32),
            ..MetaSchema::new("string")
        }
    }

    fn parse(text: &str) -> Result<Self, String> {
        if (1..=32).contains(&text.chars().count()) {
            Ok(Self(text.to_owned()))
        } else {
            Err("must be a username of 1 to 32 characters".to_owned())
        }
    }
}

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
    fn an_unknown_type_is_named_with_the_known_ones() {
        for text in ["", "newboard", "newBoard,", "newBoard, newPath", "nope"] {
            let error = Types::parse(text).expect_err(text);
            assert!(
                error.ends_with("newBoard, newPath, boardUpdated, boardDeleted, boardSolved"),
                "{error}"
            );
        }
    }

    #[test]
    fn a_parameter_given_twice_is_wrong() {
        let given = Given::<Limit>::parse_from_parameters(["1", "2"]).expect("never fails");
        assert!(given.0.is_err());
        let mut params = Params::default();
        assert!(params.take("limit", given).is_none());
        assert!(params.finish().is_err());
    }
}
