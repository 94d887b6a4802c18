//! The forms in which events are listed: a page as JSON, lines of JSON, or a batch of `CloudEvents`.

use std::marker::PhantomData;

use poem::{IntoResponse, Request, Response};
use poem_openapi::{
    Object, ResponseContent,
    payload::Payload,
    registry::{MetaSchemaRef, Registry},
    types::{Example, Type},
};
use sea_orm::prelude::{DateTimeUtc, Uuid};
use serde::Serialize;

use super::{Event, EventPage, data::EventData};
use crate::api::{
    answer::{
        page::{Around, PageQueue, PageWriter},
        written::{Written, time},
    },
    problem::Failure,
    request::accept::preferred,
};

/// An event as `CloudEvents` 1.0 has it.
#[derive(Clone, Debug, Object, Serialize)]
#[oai(example)]
pub struct CloudEvent {
    /// `1.0`
    pub specversion: String,
    /// The event's `uuid`.
    pub id: Uuid,
    /// Where the log is: `/api/v1/events`, on the server that was asked.
    pub source: String,
    pub r#type: String,
    /// The board that it is about: `boards/1`. Absent if it is about none.
    #[oai(skip_serializing_if_is_none)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    /// When it was appended.
    #[serde(serialize_with = "time")]
    pub time: DateTimeUtc,
    /// `application/json`
    pub datacontenttype: String,
    /// An extension: the event's id in the log, which is the cursor for what follows it.
    pub logid: String,
    pub data: EventData,
}

impl From<Event> for CloudEvent {
    fn from(event: Event) -> Self {
        Self {
            specversion: "1.0".to_owned(),
            id: event.uuid,
            source: "/api/v1/events".to_owned(),
            r#type: event.r#type,
            subject: match event.board_id {
                0 => None,
                id => Some(format!("boards/{id}")),
            },
            time: event.created_at,
            datacontenttype: "application/json".to_owned(),
            logid: event.id.to_string(),
            data: event.data,
        }
    }
}

impl Example for CloudEvent {
    fn example() -> Self {
        Event::example().into()
    }
}

/// Which form a client wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    Page,
    Lines,
    Batch,
}

impl Form {
    const OFFERED: [&str; 3] = [
        Written::<EventPage>::CONTENT_TYPE,
        Text::<Lines>::CONTENT_TYPE,
        Text::<Batch>::CONTENT_TYPE,
    ];

    /// The one that the client prefers.
    pub async fn of(request: &Request) -> Self {
        match preferred(request, &Self::OFFERED).await {
            Text::<Lines>::CONTENT_TYPE => Self::Lines,
            Text::<Batch>::CONTENT_TYPE => Self::Batch,
            _ => Self::Page,
        }
    }

    /// Begins an answer in it.
    pub async fn begin(self, queue: &PageQueue, limit: u64, step: u64) -> PageWriter {
        match self {
            Self::Page => queue.begin(limit, step).await,
            Self::Lines => queue.begin_with(LINES, limit, step).await,
            Self::Batch => queue.begin_with(BATCH, limit, step).await,
        }
    }

    /// Adds an event, unless the answer is full; then returns false.
    ///
    /// # Errors
    /// See [`PageWriter::push`].
    pub fn push(self, page: &mut PageWriter, event: Event) -> Result<bool, Failure> {
        match self {
            Self::Page | Self::Lines => page.push(event.id, &event),
            Self::Batch => page.push(event.id, &CloudEvent::from(event)),
        }
    }

    /// Ends an answer. What else a page has is in the headers otherwise.
    ///
    /// # Errors
    /// See [`PageWriter::finish`].
    pub fn end(self, page: PageWriter, rest: &impl Serialize) -> Result<InForm, Failure> {
        Ok(match self {
            Self::Page => InForm::Page(page.finish(rest)?),
            Self::Lines => {
                let end = if page.is_empty() { "" } else { "\n" };
                InForm::Lines(Text::new(page.end(end)))
            }
            Self::Batch => InForm::Batch(Text::new(page.end("]"))),
        })
    }
}

const LINES: Around = Around {
    begin: "",
    between: "\n",
};

const BATCH: Around = Around {
    begin: "[",
    between: ",",
};

/// The events in the form that the client prefers.
#[derive(ResponseContent)]
pub enum InForm {
    Page(Written<EventPage>),
    Lines(Text<Lines>),
    Batch(Text<Batch>),
}

/// Text of a form.
pub struct Text<F> {
    bytes: Vec<u8>,
    form: PhantomData<fn() -> F>,
}

impl<F> Text<F> {
    fn new(bytes: Vec<u8>) -> Self {
        Self {
            bytes,
            form: PhantomData,
        }
    }
}

/// Events as lines of JSON.
pub struct Lines;

/// Events as a batch of `CloudEvents` (JSON Event Format for `CloudEvents` 1.0, 4).
pub struct Batch;

impl Payload for Text<Lines> {
    const CONTENT_TYPE: &'static str = "application/x-ndjson";

    /// Of one line.
    fn schema_ref() -> MetaSchemaRef {
        Event::schema_ref()
    }

    fn register(registry: &mut Registry) {
        Event::register(registry);
    }
}

impl Payload for Text<Batch> {
    const CONTENT_TYPE: &'static str = "application/cloudevents-batch+json";

    fn schema_ref() -> MetaSchemaRef {
        Vec::<CloudEvent>::schema_ref()
    }

    fn register(registry: &mut Registry) {
        Vec::<CloudEvent>::register(registry);
    }
}

impl<F> IntoResponse for Text<F>
where
    Self: Payload,
    F: 'static,
{
    fn into_response(self) -> Response {
        Response::builder()
            .content_type(Self::CONTENT_TYPE)
            .body(self.bytes)
    }
}
