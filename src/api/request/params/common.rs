//! Parameters that many operations have: ids, and how many items.

use dotcast_log::cursor;
use poem_openapi::registry::MetaSchema;
use serde_json::json;

use super::{Given, Parameter, Params};
use crate::api::problem::{Code, Failure};

/// The id of a path parameter.
pub fn id(given: Given<Id>) -> Result<i64, Failure> {
    let mut params = Params::default();
    let id = params.take("id", given);
    params.finish()?;
    // Without an id the route would not have matched.
    id.map(|Id(id)| id)
        .ok_or_else(|| Failure::of_field(Code::InvalidParameter, "id", "is missing"))
}

fn integer(text: &str, from: i64, to: i64) -> Result<i64, String> {
    // Digits only: no sign, no space.
    cursor::parse(text)
        .ok()
        .filter(|number| (from..=to).contains(number))
        .ok_or_else(|| format!("must be a whole number from {from} to {to}"))
}

pub(super) fn integer_schema(from: i64, to: Option<i64>) -> MetaSchema {
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

/// The name of a path parameter.
pub fn name(given: Given<Name>) -> Result<String, Failure> {
    let mut params = Params::default();
    let name = params.take("name", given);
    params.finish()?;
    // Without a name the route would not have matched.
    name.map(|Name(name)| name)
        .ok_or_else(|| Failure::of_field(Code::InvalidParameter, "name", "is missing"))
}

/// A user's name in the path of the URL.
#[derive(Clone, Debug)]
pub struct Name(pub String);

impl Parameter for Name {
    const REQUIRED: bool = true;

    fn schema() -> MetaSchema {
        MetaSchema {
            example: Some(json!("ada")),
            pattern: Some("^[A-Za-z0-9_-]{1,32}$".to_owned()),
            ..MetaSchema::new("string")
        }
    }

    fn parse(text: &str) -> Result<Self, String> {
        let is_plain = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
        if (1..=32).contains(&text.len()) && text.chars().all(is_plain) {
            Ok(Self(text.to_owned()))
        } else {
            Err("must be a username of 1 to 32 of a-z, A-Z, 0-9, _ and -".to_owned())
        }
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
