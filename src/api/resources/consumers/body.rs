//! What consumers look like in requests and answers.

use chrono::Utc;
use dotcast_log::EventId;
use entity::consumer;
use poem_openapi::{Object, types::Example};
use sea_orm::prelude::DateTimeUtc;
use serde::{Deserialize, Serialize, Serializer};

use crate::{
    api::{answer::written::time, examples, resources::events::Event},
    config,
    consumers::{Draft, Start, leases, shown},
    error::{Error, Violation},
};

/// What a consumer should be like.
#[derive(Object, Deserialize)]
#[oai(example, skip_serializing_if_is_none)]
pub struct ConsumerSettings {
    /// Only events of these types; all if it is null or left out.
    #[oai(
        nullable,
        validator(
            min_items = 1,
            max_items = 100,
            pattern = "^(newBoard|newPath|boardUpdated|boardDeleted|boardSolved|userErased)$"
        )
    )]
    pub types: Option<Vec<String>>,
    /// Only events about these boards; about all if it is null or left out.
    #[oai(
        nullable,
        validator(min_items = 1, max_items = 100, minimum(value = "0"))
    )]
    pub board_ids: Option<Vec<i64>>,
    /// Put the cursor behind this event; with 0 before the oldest that is kept. One of `after`, `since` and `now` may be
    /// given. Without any, a new consumer begins at the present, and another keeps its cursor.
    #[oai(validator(minimum(value = "0")))]
    pub after: Option<i64>,
    /// Put the cursor before the first event that is kept and not older than this: a while ago such as `10m`, or a time
    /// (RFC 3339).
    #[oai(validator(min_length = 1, max_length = 64))]
    pub since: Option<String>,
    /// Put the cursor at the present.
    pub now: Option<bool>,
}

impl Example for ConsumerSettings {
    fn example() -> Self {
        Self {
            types: Some(vec!["newBoard".to_owned(), "newPath".to_owned()]),
            board_ids: None,
            after: Some(0),
            since: None,
            now: None,
        }
    }
}

impl TryFrom<ConsumerSettings> for Draft {
    type Error = Error;

    fn try_from(body: ConsumerSettings) -> Result<Self, Error> {
        let ConsumerSettings {
            types,
            board_ids,
            after,
            since,
            now,
        } = body;
        let mut violations = Vec::new();
        let mut starts = after.map(Start::After).into_iter().collect::<Vec<_>>();
        if let Some(since) = since {
            match config::since(&since, Utc::now()) {
                Ok(time) => starts.push(Start::Since(time)),
                Err(message) => violations.push(Violation::new("since", message)),
            }
        }
        starts.extend(now.unwrap_or_default().then_some(Start::Now));
        if starts.len() > 1 {
            let field = if now.unwrap_or_default() {
                "now"
            } else {
                "since"
            };
            let message = "must not be given together with another start";
            violations.push(Violation::new(field, message));
        }
        Error::check(violations)?;
        let start = starts.pop();
        Ok(Self {
            types,
            board_ids,
            start,
        })
    }
}

/// A cursor that the server keeps, and how far it is behind.
#[derive(Clone, Debug, Object, Serialize)]
#[oai(example)]
pub struct Consumer {
    pub name: String,
    /// Only events of these types; null for all.
    #[oai(nullable)]
    pub types: Option<Vec<String>>,
    /// Only events about these boards; null for all.
    #[oai(nullable)]
    pub board_ids: Option<Vec<i64>>,
    /// Everything that is wanted up to here is acknowledged.
    pub cursor: EventId,
    /// Why an earlier cursor could not be honoured: `expired`, `ahead` or `restored`. Absent once that is
    /// acknowledged, and until events are asked for.
    #[oai(skip_serializing_if_is_none)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reset: Option<String>,
    /// Upper bound on the events that are not acknowledged: ids between the cursor and the end of the log, whether they
    /// are wanted or not. Absent when it is unknown.
    #[oai(skip_serializing_if_is_none)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lag_events: Option<i64>,
    /// Age of the oldest event past the cursor, whether it is wanted or not. Absent when there is none.
    #[oai(skip_serializing_if_is_none)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lag_seconds: Option<i64>,
    /// Until when a worker has its events; null if none does.
    #[oai(nullable)]
    #[serde(serialize_with = "time_or_null")]
    pub lease_until: Option<DateTimeUtc>,
    #[serde(serialize_with = "time")]
    pub created_at: DateTimeUtc,
}

impl Example for Consumer {
    fn example() -> Self {
        Self {
            name: "mailer".to_owned(),
            types: Some(vec!["newBoard".to_owned(), "newPath".to_owned()]),
            board_ids: None,
            cursor: 42,
            reset: None,
            lag_events: Some(3),
            lag_seconds: Some(1),
            lease_until: None,
            created_at: examples::time(),
        }
    }
}

impl From<shown::Consumer> for Consumer {
    fn from(consumer: shown::Consumer) -> Self {
        let (lag_events, lag_seconds) = (consumer.lag_events(), consumer.lag_seconds());
        let lease_until = consumer.lease_until();
        let consumer::Model {
            id: _,
            user_id: _,
            name,
            types,
            board_ids,
            cursor,
            reset,
            known_break: _,
            revision: _,
            lease_id: _,
            lease_until: _,
            lease_last: _,
            lease_through: _,
            created_at,
        } = consumer.row;
        Self {
            name,
            types: types.map(|it| it.0),
            board_ids: board_ids.map(|it| it.0),
            cursor,
            reset,
            lag_events,
            lag_seconds,
            lease_until,
            created_at,
        }
    }
}

/// A page of consumers.
#[derive(Clone, Debug, Object)]
#[oai(example)]
pub struct ConsumerPage {
    /// Newest first.
    pub items: Vec<Consumer>,
    /// Ask for consumers `before` this id next; null on the last page.
    #[oai(nullable)]
    pub next_before: Option<i64>,
}

impl Example for ConsumerPage {
    fn example() -> Self {
        Self {
            items: vec![Consumer::example()],
            next_before: None,
        }
    }
}

/// Events past a consumer's cursor.
#[derive(Clone, Debug, Object)]
#[oai(example)]
pub struct ConsumerEvents {
    /// Oldest first.
    pub items: Vec<Event>,
    /// What acknowledges them. Null if there is nothing to acknowledge.
    #[oai(nullable)]
    pub lease_id: Option<String>,
    /// Until when nobody else gets them; null if there are none.
    #[oai(nullable)]
    pub lease_until: Option<DateTimeUtc>,
    /// Everything that is wanted up to here is in this batch or comes before it. It may be acknowledged in place of the
    /// last event.
    pub next_after: EventId,
    /// Why the cursor could not be honoured: `expired`, `ahead` or `restored`. Each batch says so until one is
    /// acknowledged. Read again what you have derived from events.
    #[oai(skip_serializing_if_is_none)]
    pub reset: Option<String>,
}

impl Example for ConsumerEvents {
    fn example() -> Self {
        Self {
            items: vec![Event::example()],
            lease_id: Some("0d9b7c3e1f5a4c0a8e2d6b4f7a9c1e3d".to_owned()),
            lease_until: Some(examples::time() + chrono::Duration::seconds(30)),
            next_after: 42,
            reset: None,
        }
    }
}

/// What of a batch comes after its events.
#[derive(Debug, Serialize)]
pub(super) struct Rest {
    pub lease_id: Option<String>,
    #[serde(serialize_with = "time_or_null")]
    pub lease_until: Option<DateTimeUtc>,
    pub next_after: EventId,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reset: Option<String>,
}

/// That events were processed.
#[derive(Object, Deserialize)]
#[oai(example)]
pub struct Acknowledgement {
    /// Everything up to this event was processed.
    #[oai(validator(minimum(value = "0")))]
    pub id: i64,
    /// The `lease_id` of the batch, or of the stream's first `cursor`.
    #[oai(nullable, validator(max_length = 64))]
    pub lease_id: Option<String>,
}

impl Example for Acknowledgement {
    fn example() -> Self {
        Self {
            id: 42,
            lease_id: Some("0d9b7c3e1f5a4c0a8e2d6b4f7a9c1e3d".to_owned()),
        }
    }
}

/// Where a cursor should be.
#[derive(Object, Deserialize)]
#[oai(example)]
pub struct ConsumerPosition {
    /// Behind this event; 0 for before the oldest that is kept.
    #[oai(validator(minimum(value = "0")))]
    pub after: i64,
}

impl Example for ConsumerPosition {
    fn example() -> Self {
        Self { after: 0 }
    }
}

/// Where a cursor is after it was moved.
#[derive(Clone, Debug, Object, Serialize)]
#[oai(example)]
pub struct ConsumerMoved {
    /// Everything that is wanted up to here is acknowledged.
    pub cursor: EventId,
    /// When the rest of the batch is given to others; null if there is no rest.
    #[oai(nullable)]
    #[serde(serialize_with = "time_or_null")]
    pub lease_until: Option<DateTimeUtc>,
}

impl Example for ConsumerMoved {
    fn example() -> Self {
        Self {
            cursor: 42,
            lease_until: None,
        }
    }
}

impl From<leases::Moved> for ConsumerMoved {
    fn from(moved: leases::Moved) -> Self {
        let leases::Moved {
            cursor,
            lease_until,
            ..
        } = moved;
        Self {
            cursor,
            lease_until,
        }
    }
}

#[allow(clippy::ref_option, reason = "serde passes it like this")]
fn time_or_null<S: Serializer>(
    given: &Option<DateTimeUtc>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    match given {
        Some(given) => time(given, serializer),
        None => serializer.serialize_none(),
    }
}

#[cfg(test)]
mod tests {
    use entity::event::EventType;
    use poem_openapi::{registry::Registry, types::Type};

    use super::*;

    #[test]
    fn all_types_of_events_may_be_named() {
        let mut registry = Registry::new();
        ConsumerSettings::register(&mut registry);
        let schema = &registry.schemas["ConsumerSettings"];
        let (_, types) = schema
            .properties
            .iter()
            .find(|(name, _)| *name == "types")
            .expect("a property");
        let pattern = types.unwrap_inline().items.as_ref().expect("items");
        let pattern = pattern.unwrap_inline().pattern.clone().expect("a pattern");
        let all = EventType::ALL.map(EventType::as_str).join("|");
        assert_eq!(pattern, format!("^({all})$"));
    }
}
