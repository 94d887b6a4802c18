//! `/sse/notifications/`: the event log as Server-Sent Events.

use std::io;

use futures_util::StreamExt as _;
use poem::{Body, IntoResponse, Response, Result, http::HeaderMap};
use poem_openapi::{
    ApiResponse, Object, OpenApi,
    param::{Header, Query},
    payload::Payload,
    registry::{MetaSchema, MetaSchemaRef, Registry},
    types::Type,
};

use super::{
    Shared, Tag,
    events::EventData,
    params::{self, Bound, Given, LastEventId, Params, Types},
    problem::{Code, Failure},
};
use crate::events::{
    EventId,
    feed::Feed,
    filter::Filter,
    stream::{self, Unclaimed},
    tail::Tail,
};

/// `data` of a `cursor`: where the stream stands. Each stream opens with one.
#[derive(Object)]
pub struct CursorData {
    /// You have seen all events up to here that you asked for.
    pub id: EventId,
}

/// `data` of a `reset`: events between your cursor and what follows are missing. Read again what
/// you show.
#[derive(Object)]
pub struct ResetData {
    /// `expired`: older than what is kept; all that is kept follows. `ahead`: newer than the log; the
    /// stream goes on from the present. `restored`: your cursor was given out and then lost, by a restored
    /// backup or a failover; the stream goes on from before it.
    pub reason: String,
    /// Your cursor.
    pub requested_id: EventId,
    /// The oldest event that is kept.
    pub oldest_id: EventId,
    /// The newest event.
    pub newest_id: EventId,
}

/// A body of `text/event-stream`. The response carries the stream itself as an extension: a connection
/// that can send it by other means claims it there.
struct EventStream {
    tail: Tail,
    feed: Feed,
}

impl Payload for EventStream {
    const CONTENT_TYPE: &'static str = "text/event-stream";

    /// What `data` holds, by the type of event; the document makes of it what tools read.
    fn schema_ref() -> MetaSchemaRef {
        let mut properties = vec![("cursor", CursorData::schema_ref())];
        properties.extend(EventData::schemas());
        properties.push(("reset", ResetData::schema_ref()));
        MetaSchemaRef::Inline(Box::new(MetaSchema {
            properties,
            ..MetaSchema::new("object")
        }))
    }

    fn register(registry: &mut Registry) {
        CursorData::register(registry);
        EventData::register(registry);
        ResetData::register(registry);
    }
}

impl IntoResponse for EventStream {
    fn into_response(self) -> Response {
        let unclaimed = Unclaimed::new(self.feed);
        let bytes = stream::body(self.tail, unclaimed.clone());
        let bytes = bytes.map(|bytes| bytes.map_err(|never| -> io::Error { match never {} }));
        Response::builder()
            .content_type(Self::CONTENT_TYPE)
            .extension(unclaimed)
            .body(Body::from_bytes_stream(bytes))
    }
}

#[derive(ApiResponse)]
enum Opened {
    /// The stream. It ends only when the client closes it or the server stops.
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
    #[oai(status = 200)]
    Stream(
        EventStream,
        /// `no-cache, no-transform`
        #[oai(header = "Cache-Control")]
        String,
        /// `no`: proxies must not hold events back.
        #[oai(header = "X-Accel-Buffering")]
        String,
    ),
}

/// Where the stream is. The framework's route has no slash at the end.
pub const PATH: &str = "/sse/notifications/";

/// The routes.
pub struct Api;

#[OpenApi(tag = "Tag::Events")]
impl Api {
    /// Follow the log
    ///
    /// Server-Sent Events (WHATWG HTML, 9.2). The stream opens with a `cursor` event: where it
    /// starts, so that there is an id to resume from at once. Then come all events past the client's
    /// cursor, each exactly once and in order, and from then on each event as it happens. Without a
    /// cursor the stream starts at the present; with `0` it starts at the oldest event that is kept.
    ///
    /// After a cut, send the id of the last event as `Last-Event-ID`; a browser's `EventSource` does
    /// so by itself. Served without the trailing slash, too.
    #[oai(
        path = "/sse/notifications/",
        method = "get",
        operation_id = "followEvents"
    )]
    async fn follow(
        &self,
        services: Shared<'_>,
        headers: &HeaderMap,
        /// Resume after this event. Clients that cannot set headers send the query parameter
        /// `last_event_id` instead. The header wins.
        #[oai(name = "Last-Event-ID")]
        header: Header<Given<LastEventId>>,
        // The document leaves it to the header's description: generators fold both names into one.
        last_event_id: Query<Given<LastEventId>>,
        /// Only events of these types, separated by commas: `newBoard,newPath`.
        types: Query<Given<Types>>,
        /// Only events about this board.
        board_id: Query<Given<Bound>>,
    ) -> Result<Opened, Failure> {
        let mut cursor = params::header(headers, "Last-Event-ID", Code::InvalidCursor, header.0)?;
        if cursor.is_none() {
            cursor = params::cursor("last_event_id", last_event_id.0)?;
        }
        let mut params = Params::default();
        let filter = Filter {
            types: params.take("types", types.0).map(|Types(types)| types),
            board_id: params.take("board_id", board_id.0).map(|Bound(id)| id),
        };
        params.finish()?;

        let tail = services.tail.clone();
        let cursor = cursor.map(|LastEventId(id)| id);
        let feed = stream::open(&tail, services.stream, cursor, filter).await;
        Ok(Opened::Stream(
            EventStream { tail, feed },
            "no-cache, no-transform".to_owned(),
            "no".to_owned(),
        ))
    }
}
