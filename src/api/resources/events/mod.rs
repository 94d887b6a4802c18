//! `/api/v1/events`, and what events look like.

pub(in crate::api) mod data;
mod forms;

use dotcast_log::{
    EventId, cursor::Origin, event as row, frame::ResetReason, listing::ListingBack,
};
use poem::{Request, Result, http::Uri};
use poem_openapi::{ApiResponse, Object, OpenApi, param::Query, types::Example};
use sea_orm::prelude::{DateTimeUtc, Uuid};
use serde::Serialize;
use serde_json::json;

use self::{
    data::EventData,
    forms::{Form, InForm},
};
use super::{Tag, full::too_many};
use crate::{
    api::{
        answer::{
            page::{PageWriter, next_link},
            waiting::{Patient, Until, Wait, Waiting},
            written::time,
        },
        examples,
        problem::{FailsWith, Failure, NoSession, kind::TooManyStreams},
        request::{
            admission::Admitted,
            head,
            params::{
                self, Boards, Bound, Given, LastEventId, Limit, Params, Patience, Since, Types,
            },
        },
        services::ServicesRef,
    },
    remote::Remote,
};

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
    /// The board that it is about; 0 if it is about none.
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
            created_at: examples::time(),
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
    /// The events. `Accept` chooses the form: a page, lines of JSON, or a batch of `CloudEvents` 1.0.
    #[oai(status = 200)]
    Events(
        Patient<InForm>,
        /// The next page, unless this is the end for now (RFC 8288).
        #[oai(header = "Link")]
        Option<String>,
        /// `next_after` once more: a stream from here goes on where this page ends.
        #[oai(header = "Last-Event-ID")]
        EventId,
        /// `reset` once more, for forms that have no place for it.
        #[oai(header = "Log-Reset")]
        Option<String>,
        /// `Accept`
        #[oai(header = "Vary")]
        String,
    ),
}

/// Upper bound on the events that are read at a time. Ours weigh a few hundred bytes; those of other programs have
/// any size.
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
        services: ServicesRef<'_>,
        request: &Request,
        admitted: Admitted,
        /// Only events past this id; 0 for all that are kept.
        after: Query<Given<LastEventId>>,
        /// Begin at the first event that is kept and not older than this: a while ago such as `10m`, or a
        /// time (RFC 3339). `after` wins over it, so the next page does not go back.
        since: Query<Given<Since>>,
        /// Only events with smaller ids, newest first. `next_before` of the page before; for the newest
        /// events, a number above all ids.
        before: Query<Given<Bound>>,
        /// If there is nothing, wait for an event for so long (1 ms to 60 s), and answer as soon as there is one. It counts
        /// as a stream meanwhile. Not with `before`.
        wait: Query<Given<Patience>>,
        /// How many at most.
        limit: Query<Given<Limit>>,
        /// Only events of these types, separated by commas: `newBoard,newPath`.
        types: Query<Given<Types>>,
        /// Only events about these boards, up to 100, separated by commas: `1,2`.
        board_id: Query<Given<Boards>>,
    ) -> Result<Listed, FailsWith<(TooManyStreams, NoSession)>> {
        let after = params::cursor("after", after.0)?;
        let mut params = Params::default();
        let origin = params::origin(&mut params, after, since.0).unwrap_or(Origin::After(0));
        let before = params.take("before", before.0).map(|Bound(id)| id);
        let wait = params.take("wait", wait.0);
        if before.is_some() && wait.is_some() {
            params.refuse("wait", "must not be given together with `before`");
        }
        let Limit(limit) = params.take("limit", limit.0).unwrap_or_default();
        let filter = params::filter(&mut params, types.0, board_id.0);
        params.finish()?;

        let form = Form::of(request).await;
        services.hub.own_writes().await;
        let after = match origin {
            Origin::After(id) => id,
            Origin::Since(_) => services.hub.locate(origin).await?.0,
        };
        if let Some(before) = before {
            let listing = services.hub.list_back(after, before, filter);
            let page = form.begin(&services.pages, limit, STEP).await;
            return Ok(newest_first(form, page, listing, request.uri()).await?);
        }
        let mut listing = services.hub.list(after, filter.clone()).await?;
        let mut page = form.begin(&services.pages, limit, STEP).await;
        while let Some(wanted) = page.wants() {
            let Some(events) = listing.next(wanted).await? else {
                break;
            };
            for event in events {
                if !form.push(&mut page, event.into())? {
                    break;
                }
            }
        }
        let reset = listing.reset().map(ResetReason::as_str);
        let until = wait
            .filter(|_| page.is_empty() && listing.is_end() && reset.is_none())
            .filter(|_| !head::is_asked(request))
            .and_then(|Patience(patience)| Until::of(request, patience));
        let waiting = match until {
            Some(until) if !services.hub.is_stopping() => Some(Wait {
                hub: services.hub.clone(),
                cursor: listing.through(),
                filter,
                until,
                right: admitted.right,
                place: services
                    .places
                    .take(Remote::of(request).client)
                    .map_err(too_many)?,
            }),
            _ => None,
        };
        let next = page.next();
        let next_after = next.unwrap_or(listing.through());
        let link = (next.is_some() || !listing.is_end())
            .then(|| next_link(request.uri(), "after", next_after));
        let content = form.end(
            page,
            &Rest {
                next_after,
                next_before: None,
                trimmed_through: listing.trimmed_through(),
                reset,
            },
        )?;
        let reset = reset.map(str::to_owned);
        let page = Patient {
            content,
            waiting: waiting.map(Waiting::new),
        };
        Ok(Listed::Events(
            page,
            link,
            next_after,
            reset,
            "Accept".to_owned(),
        ))
    }
}

/// The page of a listing from the newer end of the log.
async fn newest_first(
    form: Form,
    mut page: PageWriter,
    mut listing: ListingBack,
    uri: &Uri,
) -> Result<Listed, Failure> {
    while let Some(wanted) = page.wants() {
        let Some(events) = listing.next(wanted).await? else {
            break;
        };
        for event in events {
            if !form.push(&mut page, event.into())? {
                break;
            }
        }
    }
    let next_before = page.next().or(listing.next_before());
    let link = next_before.map(|id| next_link(uri, "before", id));
    let next_after = listing.newest();
    let content = form.end(
        page,
        &Rest {
            next_after,
            next_before,
            trimmed_through: listing.trimmed_through(),
            reset: None,
        },
    )?;
    let page = Patient {
        content,
        waiting: None,
    };
    Ok(Listed::Events(
        page,
        link,
        next_after,
        None,
        "Accept".to_owned(),
    ))
}
