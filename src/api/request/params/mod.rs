//! Path, query and header parameters.
//!
//! The framework gives up at the first parameter that it cannot read. Here [`Given`] holds a parameter or
//! what is wrong with it, so that one answer names all wrong parameters.
//!
//! - `common`: ids, and how many items a page has
//! - [`consumers`]: of which consumer, and for how long
//! - `events`: which events, and from where on
//! - [`finding`]: which boards or paths a list has, and in which order
//! - [`etags`]: entity tags, of `If-Match` and `If-None-Match`
//! - [`idempotency_key`]: what a client calls a request that makes something

mod common;
pub mod consumers;
pub mod etags;
mod events;
pub mod finding;
pub mod idempotency_key;

use std::borrow::Cow;

use poem::http::{HeaderMap, Uri};
use poem_openapi::{
    registry::{MetaSchema, MetaSchemaRef},
    types::{ParseFromParameter, ParseResult, Type},
};
use url::form_urlencoded;

pub use self::{
    common::{Bound, Id, Limit, Name, Username, id, name},
    etags::ETags,
    events::{Boards, LastEventId, Patience, Since, Types, cursor, filter, origin},
};
use crate::{
    api::problem::{Code, Failure},
    error::Violation,
};

/// A kind of parameter.
pub trait Parameter: Sized + Send + Sync {
    /// Whether a request must have it.
    const REQUIRED: bool = false;

    /// Whether an empty one counts as absent.
    const MAY_BE_EMPTY: bool = false;

    /// Its schema in the document.
    fn schema() -> MetaSchema;

    /// Reads it. The error goes on after the parameter's name: "must be …".
    fn parse(text: &str) -> Result<Self, String>;

    /// The value of several in one request. By default there must be only one.
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

/// Takes parameters, and collects what is wrong with them.
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

    /// Notes that a parameter is wrong next to the others.
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

/// A header; when it is wrong, the problem is of the kind `code`. A value that is not text is wrong, too: treating
/// it as absent would silently drop a condition or a cursor.
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

/// Whether a query parameter was given, whatever its value.
pub fn is_given(uri: &Uri, name: &str) -> bool {
    let query = uri.query().unwrap_or_default();
    form_urlencoded::parse(query.as_bytes()).any(|(it, _)| it == name)
}

/// A query parameter that the document does not list.
pub fn unlisted<T: Parameter>(uri: &Uri, name: &str) -> Given<T> {
    let query = uri.query().unwrap_or_default();
    let pairs = form_urlencoded::parse(query.as_bytes());
    let values = pairs.filter_map(|(it, value)| (it == name).then_some(value));
    Given::parse_from_parameters(values).unwrap_or(Given(Ok(None)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_parameter_given_twice_is_wrong() {
        let given = Given::<Limit>::parse_from_parameters(["1", "2"]).expect("never fails");
        assert!(given.0.is_err());
        let mut params = Params::default();
        assert!(params.take("limit", given).is_none());
        assert!(params.finish().is_err());
    }
}
