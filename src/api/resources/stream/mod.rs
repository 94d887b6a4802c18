//! `/sse/notifications/`: the event log as Server-Sent Events.

mod consumer;
mod data;

use std::sync::{Arc, Mutex, PoisonError};

use dotcast_log::{
    feed::{Admission, Feed},
    hub::Hub,
    standing::Standing,
    stream,
    view::{Format, View},
};
use poem::{
    IntoResponse, Request, Response, Result,
    http::{HeaderValue, Version, header, uri::Scheme},
};
use poem_openapi::{
    ApiResponse, OpenApi, ResponseContent,
    param::{Header, Query},
    payload::Payload,
    registry::{MetaSchema, MetaSchemaRef, Registry},
    types::Type,
};

use self::data::{ByeData, CursorData, ResetData, StreamLine};
use super::{Tag, events::data::EventData, full::too_many};
use crate::{
    api::{
        problem::{
            Code, FailsWith, NoSession,
            kind::{ConsumerNotFound, Leased, TooManyStreams},
        },
        request::{
            accept::preferred,
            admission::{Admitted, CONSUMER},
            head,
            id::RequestId,
            params::{
                self, Boards, Given, LastEventId, Params, Since, Types, consumers::AsConsumer,
            },
        },
        services::ServicesRef,
    },
    consumers::leases::StreamLease,
    open_streams::{Opened, Transport},
    remote::Remote,
};

/// An open stream that nothing sends yet. The answer has no body and carries it as an extension: the connection
/// decides how it is sent.
#[derive(Clone)]
pub struct Opening(Arc<Mutex<Option<(Hub, Feed)>>>);

impl Opening {
    /// The stream, for the first that asks.
    pub fn take(&self) -> Option<(Hub, Feed)> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

/// An answer of `text/event-stream`.
struct EventStream {
    hub: Hub,
    feed: Feed,
}

impl Payload for EventStream {
    const CONTENT_TYPE: &'static str = "text/event-stream";

    /// What `data` holds, by the type of event; the document makes of it what tools read.
    fn schema_ref() -> MetaSchemaRef {
        let mut properties = vec![("cursor", CursorData::schema_ref())];
        properties.extend(EventData::schemas());
        properties.push(("reset", ResetData::schema_ref()));
        properties.push(("bye", ByeData::schema_ref()));
        MetaSchemaRef::Inline(Box::new(MetaSchema {
            properties,
            ..MetaSchema::new("object")
        }))
    }

    fn register(registry: &mut Registry) {
        CursorData::register(registry);
        EventData::register(registry);
        ResetData::register(registry);
        ByeData::register(registry);
    }
}

impl IntoResponse for EventStream {
    fn into_response(self) -> Response {
        let Self { hub, feed } = self;
        Response::builder()
            .content_type(Self::CONTENT_TYPE)
            .extension(Opening(Arc::new(Mutex::new(Some((hub, feed))))))
            .finish()
    }
}

/// An answer of `application/x-ndjson`.
struct LineStream(EventStream);

impl Payload for LineStream {
    const CONTENT_TYPE: &'static str = "application/x-ndjson";

    fn schema_ref() -> MetaSchemaRef {
        StreamLine::schema_ref()
    }

    fn register(registry: &mut Registry) {
        StreamLine::register(registry);
    }
}

impl IntoResponse for LineStream {
    fn into_response(self) -> Response {
        let mut response = self.0.into_response();
        let lines = HeaderValue::from_static(Self::CONTENT_TYPE);
        response.headers_mut().insert(header::CONTENT_TYPE, lines);
        response
    }
}

/// The stream in the form that the client prefers.
#[derive(ResponseContent)]
enum InForm {
    Frames(EventStream),
    Lines(LineStream),
}

#[derive(ApiResponse)]
enum Followed {
    /// The stream. It ends only when the client closes it, the server stops, or the client's session ends by
    /// which it is open.
    ///
    /// ```text
    /// : dotcast
    /// retry: 2000
    /// id: 41
    /// event: cursor
    /// data: {"id":41}
    ///
    /// id: 42
    /// event: newBoard
    /// data: {"board_id":1,"board_name":"First board","creator_username":"ada"}
    ///
    /// : keep-alive
    ///
    /// id: 43
    /// event: newPath
    /// data: {"path_id":1,"board_id":1,"board_name":"First board","user_username":"grace"}
    /// ```
    ///
    /// The same for `Accept: application/x-ndjson`, with an empty line for the keep-alive:
    ///
    /// ```text
    /// {"id":41,"type":"cursor","data":{"id":41}}
    /// {"id":42,"type":"newBoard","data":{"board_id":1,"board_name":"First board","creator_username":"ada"}}
    ///
    /// {"id":43,"type":"newPath","data":{"path_id":1,"board_id":1,"board_name":"First board","user_username":"grace"}}
    /// ```
    #[oai(status = 200)]
    Stream(
        InForm,
        /// `no-cache, no-transform`
        #[oai(header = "Cache-Control")]
        String,
        /// `no`: proxies must not hold events back.
        #[oai(header = "X-Accel-Buffering")]
        String,
    ),
}

/// Where the stream is. It is served without the slash, too.
pub const PATH: &str = "/sse/notifications/";

/// Gives the path of a request for the stream its slash, where that was left out. No redirect: not every client of a
/// stream follows one.
pub fn add_slash(request: &mut Request) {
    if PATH.strip_suffix('/') != Some(request.uri().path()) {
        return;
    }
    let query = request.uri().query();
    let query = query.map_or(String::new(), |query| format!("?{query}"));
    if let Ok(uri) = format!("{PATH}{query}").parse() {
        *request.uri_mut() = uri;
    }
}

/// Query parameters that hold a cursor; the first that does decides. The document leaves them to the header's
/// description, because generators make one name of all three. `event-source-polyfill` sets the first
/// when it reconnects, with what it saw last, and leaves the second in the URL as the page wrote it.
pub const CURSORS: [&str; 2] = ["lastEventId", "last_event_id"];

/// How a stream is refused.
type Failed = FailsWith<((TooManyStreams, NoSession), (ConsumerNotFound, Leased))>;

/// The routes.
pub struct Api;

#[OpenApi(prefix_path = PATH, tag = "Tag::Events")]
impl Api {
    /// Follow the log
    ///
    /// Server-Sent Events (WHATWG HTML, 9.2). The stream opens with a `cursor` event: where it
    /// starts, so that there is an id to resume from at once. Then come all events past the client's
    /// cursor, each exactly once and in order, and from then on each event as it happens. Without a
    /// cursor the stream starts at the present, or at the time that `since` says; with `0` it starts at
    /// the oldest event that is kept.
    ///
    /// After a cut, send the id of the last event as `Last-Event-ID`; a browser's `EventSource` does
    /// so by itself. Served without the trailing slash, too.
    ///
    /// Everybody may follow, with credentials or without, unless the server was started with
    /// `--stream-access users`. Then it needs a session, and ends with it: the last event is `bye`.
    ///
    /// With `consumer`, the stream starts at the cursor of one of the caller's consumers, and has its filter. Nobody else
    /// gets events of this consumer as long as the stream is open. Its first `cursor` has the `lease_id` with which
    /// to acknowledge the ids of events, also of `cursor`. It needs a session. `Last-Event-ID` counts for nothing.
    #[oai(path = "/", method = "get", operation_id = "followEvents")]
    #[allow(clippy::too_many_arguments, reason = "each is a part of the request")]
    async fn follow(
        &self,
        services: ServicesRef<'_>,
        request: &Request,
        admitted: Admitted,
        /// Resume after this event. Clients that cannot set headers send the query parameter
        /// `last_event_id` instead. The header wins.
        #[oai(name = "Last-Event-ID")]
        header: Header<Given<LastEventId>>,
        /// Begin at the first event that is kept and not older than this: a while ago such as `10m`, or a
        /// time (RFC 3339). A cursor wins over it, so a client that reconnects does not go back.
        since: Query<Given<Since>>,
        /// Only events of these types, separated by commas: `newBoard,newPath`.
        types: Query<Given<Types>>,
        /// Only events about these boards, up to 100, separated by commas: `1,2`.
        board_id: Query<Given<Boards>>,
        /// Follow as this consumer. Not with `since`, `types` and `board_id`.
        consumer: Query<Given<AsConsumer>>,
    ) -> Result<Followed, Failed> {
        let headers = request.headers();
        let mut cursor = params::header(headers, "Last-Event-ID", Code::InvalidCursor, header.0)?;
        for name in CURSORS {
            if cursor.is_none() {
                cursor = params::cursor(name, params::unlisted(request.uri(), name))?;
            }
        }
        let mut params = Params::default();
        let origin = params::origin(&mut params, cursor, since.0);
        let filter = params::filter(&mut params, types.0, board_id.0);
        let consumer = params.take(CONSUMER, consumer.0);
        if consumer.is_some() {
            for name in ["since", "types", "board_id"] {
                if params::is_given(request.uri(), name) {
                    params.refuse(name, "must not be given together with `consumer`");
                }
            }
        }
        params.finish()?;

        let offered = [EventStream::CONTENT_TYPE, LineStream::CONTENT_TYPE];
        let format = match preferred(request, &offered).await {
            LineStream::CONTENT_TYPE => Format::Lines,
            _ => Format::EventStream,
        };

        let Remote {
            client, address, ..
        } = *Remote::of(request);
        let place = services.places.take(client).map_err(too_many)?;
        let is_look = head::is_asked(request);
        let consumer = match (consumer, admitted.user, &admitted.right) {
            (Some(AsConsumer(name)), Some(user), Some(session)) => {
                Some(consumer::take(&services, user, &name, session, is_look).await?)
            }
            _ => None,
        };
        let filter = consumer.as_ref().map_or(filter, |it| it.filter.clone());
        let standing = Arc::<Standing>::default();
        // The answer to HEAD has no body, so it opens no stream.
        let open = (!is_look).then(|| {
            let opened = Opened {
                transport: Transport::new(
                    request.version() >= Version::HTTP_2,
                    *request.scheme() == Scheme::HTTPS,
                ),
                client: address,
                user: admitted.user,
                filter: &filter,
                request: RequestId::of(request),
            };
            services.open_streams.open(&opened, Arc::clone(&standing))
        });
        let mut admission = Admission {
            right: admitted.right,
            lease_id: None,
            place: Some(Box::new((place, open))),
            standing,
        };
        let hub = services.hub.clone();
        let view = View { filter, format };
        let feed = match consumer {
            None => stream::open(&hub, services.stream, origin, view, admission).await,
            Some(consumer::Place { start, lease, .. }) => {
                if let Some(StreamLease { id, right }) = lease {
                    admission.lease_id = Some(id);
                    admission.right = Some(right);
                }
                stream::open_at(services.stream, start, view, admission)
            }
        };
        let stream = EventStream { hub, feed };
        Ok(Followed::Stream(
            match format {
                Format::EventStream => InForm::Frames(stream),
                Format::Lines => InForm::Lines(LineStream(stream)),
            },
            "no-cache, no-transform".to_owned(),
            "no".to_owned(),
        ))
    }
}
