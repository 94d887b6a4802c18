//! Of which consumer events are wanted, and for how long.

use std::time::Duration;

use poem_openapi::registry::MetaSchema;
use serde_json::json;

use super::{Given, Parameter, Params};
use crate::{
    api::problem::{Code, Failure},
    config,
};

/// The name of a consumer in the path of the URL.
#[derive(Clone, Debug)]
pub struct ConsumerName(pub String);

impl Parameter for ConsumerName {
    const REQUIRED: bool = true;

    fn schema() -> MetaSchema {
        MetaSchema {
            example: Some(json!("mailer")),
            ..AsConsumer::schema()
        }
    }

    fn parse(text: &str) -> Result<Self, String> {
        AsConsumer::parse(text).map(|AsConsumer(name)| Self(name))
    }
}

/// The consumer as which a client follows.
#[derive(Clone, Debug)]
pub struct AsConsumer(pub String);

impl Parameter for AsConsumer {
    /// Without an example: Swagger UI sends those of all parameters, and this one excludes others.
    fn schema() -> MetaSchema {
        MetaSchema {
            pattern: Some("^[A-Za-z0-9_-]{1,64}$".to_owned()),
            ..MetaSchema::new("string")
        }
    }

    fn parse(text: &str) -> Result<Self, String> {
        let is_plain = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
        if (1..=64).contains(&text.len()) && text.chars().all(is_plain) {
            Ok(Self(text.to_owned()))
        } else {
            Err("must be 1 to 64 of a-z, A-Z, 0-9, _ and -".to_owned())
        }
    }
}

/// The name, alone or together with other parameters.
pub fn name(mut params: Params, given: Given<ConsumerName>) -> Result<String, Failure> {
    let name = params.take("name", given);
    params.finish()?;
    // Without a name the route would not have matched.
    name.map(|ConsumerName(name)| name)
        .ok_or_else(|| Failure::of_field(Code::InvalidParameter, "name", "is missing"))
}

/// How long others are kept from the events: a second to twelve hours.
#[derive(Clone, Copy, Debug)]
pub struct LeaseTime(pub Duration);

impl Default for LeaseTime {
    fn default() -> Self {
        Self(Duration::from_secs(30))
    }
}

impl Parameter for LeaseTime {
    fn schema() -> MetaSchema {
        MetaSchema {
            default: Some(json!("30s")),
            pattern: Some("^[0-9]{1,8}(ms|s|m|h)$".to_owned()),
            ..MetaSchema::new("string")
        }
    }

    fn parse(text: &str) -> Result<Self, String> {
        let bounds = (Duration::from_secs(1), Duration::from_hours(12));
        config::between(text, bounds.0, bounds.1)
            .map(Self)
            .map_err(|_| {
                "must be a duration such as 1500ms, 30s, 10m or 2h, from 1s to 12h".to_owned()
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_have_a_unit_and_bounds() {
        let seconds = |text| LeaseTime::parse(text).map(|it| it.0.as_secs_f64());
        assert_eq!(seconds("30s"), Ok(30.0));
        assert_eq!(seconds("1500ms"), Ok(1.5));
        assert_eq!(seconds("12h"), Ok(43_200.0));
        for text in [
            "",
            "30",
            "0",
            "999ms",
            "13h",
            "-1s",
            "+1s",
            "s",
            "99999999999999999s",
            "٣s",
        ] {
            let error = seconds(text).expect_err(text);
            assert!(error.ends_with("from 1s to 12h"), "{error}");
        }
    }

    #[test]
    fn names_are_plain() {
        let long = "x".repeat(65);
        for text in ["", "a b", "a/b", "ä", &long] {
            assert!(ConsumerName::parse(text).is_err(), "{text}");
        }
        assert!(ConsumerName::parse(&long[1..]).is_ok());
        assert!(ConsumerName::parse("A-b_9").is_ok());
    }
}
