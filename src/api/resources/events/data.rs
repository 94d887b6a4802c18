//! What the `data` of the log's events holds.

use std::borrow::Cow;

use entity::event::EventType;
use poem_openapi::{
    Object,
    registry::{MetaSchema, MetaSchemaRef, Registry},
    types::{ParseError, ParseFromJSON, ParseResult, ToJSON, Type},
};
use serde::Serialize;
use serde_json::Value;

/// `data` of a `newBoard`: somebody defined a board.
#[derive(Object)]
pub struct NewBoardData {
    pub board_id: i64,
    pub board_name: String,
    pub creator_username: String,
}

/// `data` of a `newPath`: somebody saved a path on a board.
#[derive(Object)]
pub struct NewPathData {
    pub path_id: i64,
    pub board_id: i64,
    pub board_name: String,
    pub user_username: String,
}

/// `data` of a `boardUpdated`: somebody changed a board.
#[derive(Object)]
pub struct BoardUpdatedData {
    pub board_id: i64,
    /// Its name now.
    pub board_name: String,
    /// Who changed it.
    pub user_username: String,
}

/// `data` of a `boardDeleted`: somebody deleted a board and the paths on it.
#[derive(Object)]
pub struct BoardDeletedData {
    pub board_id: i64,
    pub board_name: String,
    /// Who deleted it.
    pub user_username: String,
}

/// `data` of a `boardSolved`: a user has solved a board. Once for each user and board, unless the board is given
/// another size or other dots.
#[derive(Object)]
pub struct BoardSolvedData {
    pub board_id: i64,
    pub board_name: String,
    /// Who solved it.
    pub user_username: String,
}

/// `data` of a `userErased`: a user's name was replaced by a pseudonym, and the log was rewritten. Whoever keeps a copy
/// of it does the same. There are several if it concerns very many events.
#[derive(Object)]
pub struct UserErasedData {
    pub user_id: i64,
    /// The user's name from now on.
    pub pseudonym: String,
    /// The earlier events that name the user. `creator_username` and `user_username` are the pseudonym now.
    pub event_ids: Vec<i64>,
}

/// The `data` of an event of the log.
#[derive(Clone, Debug, Serialize)]
pub struct EventData(pub(super) Value);

impl EventData {
    /// The types of event that dotcast appends, and the schemas of what their `data` holds.
    pub(in crate::api) const KINDS: &[(&str, &str)] = &[
        (EventType::NewBoard.as_str(), "NewBoardData"),
        (EventType::NewPath.as_str(), "NewPathData"),
        (EventType::BoardUpdated.as_str(), "BoardUpdatedData"),
        (EventType::BoardDeleted.as_str(), "BoardDeletedData"),
        (EventType::BoardSolved.as_str(), "BoardSolvedData"),
        (EventType::UserErased.as_str(), "UserErasedData"),
    ];

    /// The same for the framework.
    pub(in crate::api) fn schemas() -> impl Iterator<Item = (&'static str, MetaSchemaRef)> {
        let reference = |name: &str| MetaSchemaRef::Reference(name.to_owned());
        Self::KINDS
            .iter()
            .map(move |(kind, name)| (*kind, reference(name)))
    }
}

impl Type for EventData {
    const IS_REQUIRED: bool = true;
    type RawValueType = Self;
    type RawElementValueType = Self;

    fn name() -> Cow<'static, str> {
        Cow::Borrowed("EventData")
    }

    fn schema_ref() -> MetaSchemaRef {
        MetaSchemaRef::Reference(Self::name().into_owned())
    }

    fn register(registry: &mut Registry) {
        registry.create_schema::<Self, _>(Self::name().into_owned(), |registry| {
            NewBoardData::register(registry);
            NewPathData::register(registry);
            BoardUpdatedData::register(registry);
            BoardDeletedData::register(registry);
            BoardSolvedData::register(registry);
            UserErasedData::register(registry);
            MetaSchema {
                any_of: Self::schemas().map(|(_, schema)| schema).collect(),
                ..MetaSchema::ANY
            }
        });
    }

    fn as_raw_value(&self) -> Option<&Self> {
        Some(self)
    }

    fn raw_element_iter<'a>(&'a self) -> Box<dyn Iterator<Item = &'a Self> + 'a> {
        Box::new(std::iter::empty())
    }
}

impl ParseFromJSON for EventData {
    fn parse_from_json(value: Option<Value>) -> ParseResult<Self> {
        value.map(Self).ok_or_else(ParseError::expected_input)
    }
}

impl ToJSON for EventData {
    fn to_json(&self) -> Option<Value> {
        Some(self.0.clone())
    }
}
