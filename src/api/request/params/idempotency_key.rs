//! What a client calls a request that makes something, so that it can send it again.

use dotcast_log::EventId;
use poem::http::HeaderMap;
use poem_openapi::registry::MetaSchema;

use super::{Given, Parameter};
use crate::{
    api::problem::{Code, Failure},
    idempotency::{Attempt, IdempotencyKey},
};

impl Parameter for IdempotencyKey {
    fn schema() -> MetaSchema {
        MetaSchema {
            min_length: Some(1),
            max_length: Some(255),
            pattern: Some("^[!-~]+$".to_owned()),
            ..MetaSchema::new("string")
        }
    }

    fn parse(text: &str) -> Result<Self, String> {
        Self::new(text).ok_or_else(|| "must be 1 to 255 visible ASCII characters".to_owned())
    }
}

/// A request that makes something, under its client's key if it has one. `cursor` is from before it made anything.
pub fn attempt(
    headers: &HeaderMap,
    key: Given<IdempotencyKey>,
    cursor: EventId,
) -> Result<Attempt, Failure> {
    let key = super::header(headers, "Idempotency-Key", Code::InvalidHeader, key)?;
    Ok(Attempt { key, cursor })
}
