//! `/api/v1/events`, and what events look like.

use std::borrow::Cow;

use dotcast_log::{EventId, frame::ResetReason, listing::ListingBack};
use poem::{Result, http::Uri};
use poem_openapi::{
    ApiResponse, Object, OpenApi,
    param::Query,
    registry::{MetaSchema, MetaSchemaRef, Registry},
    types::{Example, ParseError, ParseFromJSON, ParseResult, ToJSON, Type},
};
use sea_orm::prelude::{DateTimeUtc, Uuid};
use serde::Serialize;
use serde_json::{Value, json};

use super::{
    Shared, Tag,
    admission::Admitted,
    page::{PageWriter, next_link},
    params::{self, Bound, Given, LastEventId, Limit, Params, Types},
    problem::Failure,
    written::{Written, time},
};
use dotcast_log::event as row;
use entity::event::EventType;

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

/// The `data` of an event of the log.
#[derive(Clone, Debug, Serialize)]
pub struct EventData(Value);

impl EventData {
    /// The types of event that dotcast appends, and the schemas of what their `data` holds.
    pub(super) const KINDS: &[(&str, &str)] = &[
        (EventType::NewBoard.as_str(), "NewBoardData"),
        (EventType::NewPath.as_str(), "NewPathData"),
        (EventType::BoardUpdated.as_str(), "BoardUpdatedData"),
        (EventType::BoardDeleted.as_str(), "BoardDeletedData"),
        (EventType::BoardSolved.as_str(), "BoardSolvedData"),
    ];

    /// The same for the framework.
    pub(super) fn schemas() -> impl Iterator<Item = (&'static str, MetaSchemaRef)> {
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

/// An event of the log.
#[derive(Clone, Debug, Object, Serialize)]
#[oai(example)]
pub struct Event {
    /// Its place in the log, and the cursor for what follows it.
    pub id: EventId,
    /// Its name for other systems.
    pub uuid: Uuid,
    /// The document lists the known ones, and lets others be.
    pub r#type: String,
    pub board_id: i64,
    pub data: EventData,
    /// When it was appended. It orders nothing; the id does.
    #[serde(serialize_with = "time")]
    pub created_at: DateTimeUtc,
}

impl Example for Event {
    fn example() -> Self {
        Self {
            id: 42,
            uuid: Uuid::from_u128(0x6d1f_4b0e_9c1a_4c55_8d3e_2f60_7a8b_9c0d),
            r#type: "newBoard".to_owned(),
            board_id: 1,
            data: EventData(json!({
                "board_id": 1,
                "board_name": "First board",
                "creator_username": "ada",
            })),
            created_at: super::document::example_time(),
        }
    }
}

impl From<row::Model> for Event {
    fn from(event: row::Model) -> Self {
        let row::Model {
            id,
            uuid,
            kind,
            topic,
            payload,
            created_at,
        } = event;
        Self {
            id,
            uuid,
            r#type: kind,
            board_id: topic,
            data: EventData(payload),
            created_at,
        }
    }
}

/// A page of the log.
#[derive(Clone, Debug, Object)]
#[oai(example)]
pub struct EventPage {
    /// Oldest first; with `before`, newest first.
    pub items: Vec<Event>,
    /// Ask for what is `after` this id next. When it grows no more, this is the end: ask again later.
    /// With a filter, a page before the end may be short or empty.
    pub next_after: EventId,
    /// With `before`: ask for what is `before` this id next. Absent when nothing older is left. With a
    /// filter, a page before the end may be short or empty.
    #[oai(skip_serializing_if_is_none)]
    pub next_before: Option<EventId>,
    /// The newest event that retention has deleted. Above the `after` that was asked for, events
    /// between them are missing from this page.
    pub trimmed_through: EventId,
    /// Why `after` could not be honoured, as a stream's `reset` says it: `expired`, `ahead` or `restored`.
    /// Read again what you show.
    #[oai(skip_serializing_if_is_none)]
    pub reset: Option<String>,
}

impl Example for EventPage {
    fn example() -> Self {
        Self {
            items: vec![Event::example()],
            next_after: 42,
            next_before: None,
            trimmed_through: 0,
            reset: None,
        }
    }
}

#[derive(ApiResponse)]
enum Listed {
    /// The events.
    #[oai(status = 200)]
    Page(
        Written<EventPage>,
        /// The next page, unless this is the end for now (RFC 8288).
        #[oai(header = "Link")]
        Option<String>,
        /// `next_after` once more: a stream from here goes on where this page ends.
        #[oai(header = "Last-Event-ID")]
        EventId,
    ),
}

/// Events of a page that are read at a time. Ours weigh a few hundred bytes; what other programs append is
/// as large as they make it.
const STEP: u64 = 201;

/// What a page has besides its events.
#[derive(Serialize)]
struct Rest {
    next_after: EventId,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_before: Option<EventId>,
    trimmed_through: EventId,
    #[serde(skip_serializing_if = "Option::is_none")]
    reset: Option<&'static str>,
}

/// The routes.
pub struct Api;

#[OpenApi(prefix_path = "/api/v1/events", tag = "Tag::Events")]
impl Api {
    /// Read the log
    ///
    /// For clients that cannot stream: the same events in the same order, or with `before` newest first, a
    /// page at a time, of 1 MiB at most. What was answered with 201 or 204 is there for whoever asks the same server after that.
    ///
    /// Everybody may read it, with credentials or without, unless the server was started with
    /// `--stream-access users`. Then it needs a session.
    #[oai(path = "/", method = "get", operation_id = "listEvents")]
    #[allow(clippy::too_many_arguments, reason = "each is a part of the request")]
    async fn list(
        &self,
        services: Shared<'_>,
        uri: &Uri,
        _admitted: Admitted,
        /// Only events past this id; 0 for all that are kept.
        after: Query<Given<LastEventId>>,
        /// Only events with smaller ids, newest first. `next_before` of the page before; for the newest
        /// events, a number above all ids.
        before: Query<Given<Bound>>,
        /// How many at most.
        limit: Query<Given<Limit>>,
        /// Only events of these types, separated by commas: `newBoard,newPath`.
        types: Query<Given<Types>>,
        /// Only events about this board.
        board_id: Query<Given<Bound>>,
    ) -> Result<Listed, Failure> {
        let after = params::cursor("after", after.0)?.map_or(0, |LastEventId(id)| id);
        let mut params = Params::default();
        let before = params.take("before", before.0).map(|Bound(id)| id);
        let Limit(limit) = params.take("limit", limit.0).unwrap_or_default();
        let filter = params.filter(types.0, board_id.0);
        params.finish()?;

        services.hub.own_writes().await;
        if let Some(before) = before {
            let listing = services.hub.list_back(after, before, filter);
            return newest_first(services.pages.begin(limit, STEP).await, listing, uri).await;
        }
        let mut listing = services.hub.list(after, filter).await?;
        let mut page = services.pages.begin(limit, STEP).await;
        while let Some(wanted) = page.wants() {
            let Some(events) = listing.next(wanted).await? else {
                break;
            };
            for event in events {
                if !page.push(event.id, &Event::from(event))? {
                    break;
                }
            }
        }
        let next = page.next();
        let next_after = next.unwrap_or(listing.through());
        let link =
            (next.is_some() || !listing.is_end()).then(|| next_link(uri, "after", next_after));
        let page = page.finish(&Rest {
            next_after,
            next_before: None,
            trimmed_through: listing.trimmed_through(),
            reset: listing.reset().map(ResetReason::as_str),
        })?;
        Ok(Listed::Page(page, link, next_after))
    }
}

/// The page of a listing from the newer end of the log.
async fn newest_first(
    mut page: PageWriter,
    mut listing: ListingBack,
    uri: &Uri,
) -> Result<Listed, Failure> {
    while let Some(wanted) = page.wants() {
        let Some(events) = listing.next(wanted).await? else {
            break;
        };
        for event in events {
            if !page.push(event.id, &Event::from(event))? {
                break;
            }
        }
    }
    let next_before = page.next().or(listing.next_before());
    let link = next_before.map(|id| next_link(uri, "before", id));
    let next_after = listing.newest();
    let page = page.finish(&Rest {
        next_after,
        next_before,
        trimmed_through: listing.trimmed_through(),
        reset: None,
    })?;
    Ok(Listed::Page(page, link, next_after))
}
