//! The name that a client gives a request, so that it can send it again.

use poem_openapi::registry::MetaSchema;

use super::Parameter;
use crate::idempotency::Key;

impl Parameter for Key {
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
