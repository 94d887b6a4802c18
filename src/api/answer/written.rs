//! JSON answers, written straight into the bytes that go out.
//!
//! The framework makes a tree of values of each answer, and text of that tree. For a board with 2,500 dots
//! this takes thirty times the memory of the text. So serde writes the answers, and the framework's types only
//! describe them.

use std::{borrow::Cow, marker::PhantomData};

use chrono::{DateTime, Utc};
use poem::{IntoResponse, Response};
use poem_openapi::{
    ApiResponse,
    payload::Payload,
    registry::{MetaMediaType, MetaResponse, MetaResponses, MetaSchemaRef, Registry},
    types::{ParseFromJSON, ParseResult, ToJSON, Type},
};
use serde::{Serialize, Serializer, de::DeserializeOwned};
use serde_json::Value;

use crate::{api::problem::Failure, error::Error};

/// An answer of `application/json` that has the schema of `T`, as bytes.
#[derive(Debug)]
pub struct Written<T> {
    bytes: Vec<u8>,
    schema: PhantomData<fn() -> T>,
}

impl<T: Type + Serialize> Written<T> {
    /// Writes an answer.
    ///
    /// # Errors
    /// None that the types of the API can cause.
    pub fn of(value: &T) -> Result<Self, Failure> {
        let mut bytes = Vec::new();
        write(&mut bytes, value)?;
        Ok(Self::from_bytes(bytes))
    }
}

impl<T> Written<T> {
    /// An answer that was written piece by piece.
    pub(super) fn from_bytes(bytes: Vec<u8>) -> Self {
        Self {
            bytes,
            schema: PhantomData,
        }
    }
}

/// Appends a value as JSON.
pub(super) fn write(bytes: &mut Vec<u8>, value: &impl Serialize) -> Result<(), Failure> {
    serde_json::to_writer(bytes, value)
        .map_err(|error| Error::Internal(format!("an answer cannot be written: {error}")).into())
}

impl<T: Type> Payload for Written<T> {
    const CONTENT_TYPE: &'static str = "application/json";

    fn schema_ref() -> MetaSchemaRef {
        T::schema_ref()
    }

    fn register(registry: &mut Registry) {
        T::register(registry);
    }
}

impl<T: Type> IntoResponse for Written<T> {
    fn into_response(self) -> Response {
        Response::builder()
            .content_type(Self::CONTENT_TYPE)
            .body(self.bytes)
    }
}

impl<T: Type> ApiResponse for Written<T> {
    fn meta() -> MetaResponses {
        MetaResponses {
            responses: vec![MetaResponse {
                description: "What was asked for.",
                status: Some(200),
                status_range: None,
                content: vec![MetaMediaType {
                    content_type: Self::CONTENT_TYPE,
                    schema: T::schema_ref(),
                }],
                headers: vec![],
            }],
        }
    }

    fn register(registry: &mut Registry) {
        T::register(registry);
    }
}

/// A value as it is stored, described as `S`. It goes into an answer without being copied.
#[derive(Clone, Debug, Serialize)]
#[serde(transparent)]
pub struct Stored<T, S> {
    value: T,
    #[serde(skip)]
    schema: PhantomData<fn() -> S>,
}

impl<T, S> From<T> for Stored<T, S> {
    fn from(value: T) -> Self {
        Self {
            value,
            schema: PhantomData,
        }
    }
}

impl<T: Send + Sync, S: Type> Type for Stored<T, S> {
    const IS_REQUIRED: bool = S::IS_REQUIRED;
    type RawValueType = Self;
    type RawElementValueType = Self;

    fn name() -> Cow<'static, str> {
        S::name()
    }

    fn schema_ref() -> MetaSchemaRef {
        S::schema_ref()
    }

    fn register(registry: &mut Registry) {
        S::register(registry);
    }

    fn as_raw_value(&self) -> Option<&Self> {
        Some(self)
    }

    fn raw_element_iter<'a>(&'a self) -> Box<dyn Iterator<Item = &'a Self> + 'a> {
        Box::new(std::iter::empty())
    }
}

/// For the examples in the document.
impl<T: Send + Sync + Serialize, S: Type> ToJSON for Stored<T, S> {
    fn to_json(&self) -> Option<Value> {
        serde_json::to_value(&self.value).ok()
    }
}

/// The framework asks for it of everything that it describes, although no client sends this.
impl<T: Send + Sync + DeserializeOwned, S: Type> ParseFromJSON for Stored<T, S> {
    fn parse_from_json(value: Option<Value>) -> ParseResult<Self> {
        Ok(serde_json::from_value::<T>(value.unwrap_or_default())?.into())
    }
}

/// Writes a time as RFC 3339, as the framework does.
pub(in crate::api) fn time<S: Serializer>(
    time: &DateTime<Utc>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&time.to_rfc3339())
}
