//! `/api/v1/boards`

pub(crate) mod body;

use dotcast_log::EventId;
use poem::{
    Result,
    http::{HeaderMap, Uri},
};
use poem_openapi::{
    ApiResponse, OpenApi,
    param::{Header, Path, Query},
};

use self::body::{Board, BoardPage, NewBoard};
use super::{
    Shared, Tag,
    credentials::{Caller, Viewer},
    json::Json,
    params::{self, Bound, Given, Id, Limit, Params, Tags, Username, tags},
    problem::{Code, Failure},
    written::Written,
};
use crate::{
    boards::{self, Expected},
    idempotency::Key,
};

/// Boards of a list that are read at a time, 100 KB each at most.
const STEP: u64 = 36;

#[derive(ApiResponse)]
enum Listed {
    /// The boards.
    #[oai(status = 200)]
    Page(
        Written<BoardPage>,
        /// The next page, if there is one (RFC 8288).
        #[oai(header = "Link")]
        Option<String>,
        /// A stream from here misses nothing that happens after this answer.
        #[oai(header = "Last-Event-ID")]
        EventId,
    ),
}

#[derive(ApiResponse)]
enum Created {
    /// The board.
    #[oai(status = 201)]
    Board(
        Written<Board>,
        /// Where it is.
        #[oai(header = "Location")]
        String,
        /// Its version, and how often it was solved.
        #[oai(header = "ETag")]
        String,
        /// A stream from here misses nothing that happens after this answer.
        #[oai(header = "Last-Event-ID")]
        EventId,
        /// `true` when an earlier request with the same `Idempotency-Key` made it.
        #[oai(header = "Idempotent-Replayed")]
        Option<bool>,
    ),
}

#[derive(ApiResponse)]
enum Shown {
    /// The board.
    #[oai(status = 200)]
    Board(
        Written<Board>,
        /// For `If-None-Match`, and for `If-Match`, which looks at the version alone.
        #[oai(header = "ETag")]
        String,
        /// A stream from here misses nothing that happens after this answer.
        #[oai(header = "Last-Event-ID")]
        EventId,
    ),
    /// It is still what `If-None-Match` lists.
    #[oai(status = 304)]
    NotModified(
        /// The one of those listed that it is.
        #[oai(header = "ETag")]
        String,
        /// A stream from here misses nothing that happens after this answer.
        #[oai(header = "Last-Event-ID")]
        EventId,
    ),
}

#[derive(ApiResponse)]
enum Replaced {
    /// The board as it is now.
    #[oai(status = 200)]
    Board(
        Written<Board>,
        /// Its version, and how often it was solved.
        #[oai(header = "ETag")]
        String,
        /// A stream from here misses nothing that happens after this answer.
        #[oai(header = "Last-Event-ID")]
        EventId,
    ),
}

#[derive(ApiResponse)]
enum Deleted {
    /// It is gone.
    #[oai(status = 204)]
    Done,
}

/// The routes.
pub struct Api;

#[OpenApi(prefix_path = "/api/v1/boards", tag = "Tag::Boards")]
impl Api {
    /// List boards
    ///
    /// Newest first, a page at a time. A page ends early rather than to exceed 1 MiB. With a session, `solved` tells
    /// which of them the caller has solved. Credentials that open no session are ignored.
    #[oai(path = "/", method = "get", operation_id = "listBoards")]
    async fn list(
        &self,
        services: Shared<'_>,
        viewer: Viewer,
        uri: &Uri,
        /// How many at most.
        limit: Query<Given<Limit>>,
        /// Only boards with smaller ids: `next_before` of the page before.
        before: Query<Given<Bound>>,
        /// Only boards that this user defined.
        creator: Query<Given<Username>>,
    ) -> Result<Listed, Failure> {
        let mut params = Params::default();
        let Limit(limit) = params.take("limit", limit.0).unwrap_or_default();
        let before = params.take("before", before.0).map(|Bound(id)| id);
        let creator = params.take("creator", creator.0).map(|Username(name)| name);
        params.finish()?;

        let cursor = services.cursor();
        let mut page = services.pages.begin(limit, STEP).await;
        let mut below = before;
        while let Some(wanted) = page.wants() {
            let boards = services
                .boards
                .list(wanted, below, creator.as_deref(), viewer.id())
                .await?;
            let is_end = (boards.len() as u64) < wanted;
            for board in boards {
                let id = board.row.id;
                if !page.push(id, &Board::from(board))? {
                    break;
                }
                below = Some(id);
            }
            if is_end {
                break;
            }
        }
        let (page, link) = page.finish_newest_first(uri)?;
        Ok(Listed::Page(page, link, cursor))
    }

    /// Create a board
    ///
    /// Everybody who follows the stream gets a `newBoard`.
    #[oai(path = "/", method = "post", operation_id = "createBoard")]
    async fn create(
        &self,
        services: Shared<'_>,
        caller: Caller,
        headers: &HeaderMap,
        /// Names this request. Sent again under the same key within 24 hours, it makes nothing new and gets the
        /// first answer again.
        #[oai(name = "Idempotency-Key")]
        idempotency_key: Header<Given<Key>>,
        body: Json<NewBoard>,
    ) -> Result<Created, Failure> {
        let attempt = services.attempt(headers, idempotency_key.0)?;
        let made = services
            .boards
            .create(&caller.user, body.0.into(), &attempt)
            .await?;
        let board = made.what;
        let (location, tag) = (location(board.row.id), etag(&board));
        Ok(Created::Board(
            Written::of(&board.into())?,
            location,
            tag,
            made.cursor,
            made.is_replayed.then_some(true),
        ))
    }

    /// Show a board
    ///
    /// With an `ETag`. Ask with it in `If-None-Match`, and the board is not sent again unless somebody has changed
    /// or solved it. With a session, `solved` tells whether the caller has solved it. Credentials that open no
    /// session are ignored.
    #[oai(path = "/:id", method = "get", operation_id = "getBoard")]
    async fn get(
        &self,
        services: Shared<'_>,
        viewer: Viewer,
        headers: &HeaderMap,
        /// The board.
        id: Path<Given<Id>>,
        /// Entity tags that the client knows: `"3.17"`, with the quotes.
        #[oai(name = "If-None-Match")]
        if_none_match: Header<Given<Tags>>,
    ) -> Result<Shown, Failure> {
        let id = params::id(id.0)?;
        let known = params::header(
            headers,
            "If-None-Match",
            Code::InvalidHeader,
            if_none_match.0,
        )?;
        let cursor = services.cursor();
        let board = services.boards.get(id, viewer.id()).await?;
        let tag = etag(&board);
        if known.is_some_and(|tags| tags.know(&tag)) {
            return Ok(Shown::NotModified(tag, cursor));
        }
        Ok(Shown::Board(Written::of(&board.into())?, tag, cursor))
    }

    /// Replace a board
    ///
    /// For its creator and administrators. Paths that were drawn on it stay. Followers get a
    /// `boardUpdated`, unless nothing has changed. When `rows`, `cols` or `dots` change, nobody has solved the
    /// board any more.
    #[oai(path = "/:id", method = "put", operation_id = "replaceBoard")]
    #[allow(clippy::too_many_arguments, reason = "each is a part of the request")]
    async fn replace(
        &self,
        services: Shared<'_>,
        caller: Caller,
        headers: &HeaderMap,
        /// The board.
        id: Path<Given<Id>>,
        /// Replace it only if it is at this version: its `ETag`, or `"3"` for version 3.
        #[oai(name = "If-Match")]
        if_match: Header<Given<Tags>>,
        body: Json<NewBoard>,
    ) -> Result<Replaced, Failure> {
        let id = params::id(id.0)?;
        let expected = expected(headers, if_match.0)?;
        let cursor = services.cursor();
        let board = services
            .boards
            .replace(&caller.user, id, &expected, body.0.into())
            .await?;
        let tag = etag(&board);
        Ok(Replaced::Board(Written::of(&board.into())?, tag, cursor))
    }

    /// Delete a board
    ///
    /// For its creator and administrators. The paths on it go, too. Followers get a `boardDeleted`.
    #[oai(path = "/:id", method = "delete", operation_id = "deleteBoard")]
    async fn delete(
        &self,
        services: Shared<'_>,
        caller: Caller,
        headers: &HeaderMap,
        /// The board.
        id: Path<Given<Id>>,
        /// Delete it only if it is at this version: its `ETag`, or `"3"` for version 3.
        #[oai(name = "If-Match")]
        if_match: Header<Given<Tags>>,
    ) -> Result<Deleted, Failure> {
        let id = params::id(id.0)?;
        let expected = expected(headers, if_match.0)?;
        services.boards.delete(&caller.user, id, &expected).await?;
        Ok(Deleted::Done)
    }
}

fn expected(headers: &HeaderMap, if_match: Given<Tags>) -> Result<Expected, Failure> {
    let tags = params::header(headers, "If-Match", Code::InvalidHeader, if_match)?;
    Ok(tags.map_or(Expected::Any, |tags| tags.expected()))
}

fn location(id: i64) -> String {
    format!("/api/v1/boards/{id}")
}

fn etag(board: &boards::Board) -> String {
    tags::of(board.row.version, board.solved_count, board.solved)
}
