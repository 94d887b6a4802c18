//! `/api/v1/boards`

mod answers;
pub(crate) mod body;

use poem::{
    Result,
    http::{HeaderMap, Uri},
};
use poem_openapi::{
    OpenApi,
    param::{Header, Path, Query},
};
use serde::Serialize;

use self::{
    answers::{Created, Deleted, Listed, Replaced, Shown},
    body::{Board, NewBoard},
};
use super::Tag;
use crate::{
    api::{
        answer::{page::next_link, written::Written},
        problem::{
            Code, FailsWith, Failure,
            kind::{BoardNotFound, MissingToken, NotBoardOwner, TooManyBoards},
        },
        request::{
            credentials::{Caller, Viewer},
            json::Json,
            params::{
                self, Bound, ETags, Given, Id, Limit, Params, Username, etags,
                finding::{Flag, PartOfName, Token as _},
                idempotency_key,
            },
        },
        services::ServicesRef,
    },
    boards::{self, Expected, Place, Sort},
    idempotency::IdempotencyKey,
};

/// Upper bound on the boards that are read at a time, 100 KB each at most.
const STEP: u64 = 36;

/// What a page of boards has besides its items.
#[derive(Serialize)]
struct Rest {
    next_page: Option<String>,
    next_before: Option<i64>,
}

/// The routes.
pub struct Api;

#[OpenApi(prefix_path = "/api/v1/boards", tag = "Tag::Boards")]
impl Api {
    /// List boards
    ///
    /// A page at a time. A page ends early rather than to exceed 1 MiB. With `name` or `solved`, or another order than
    /// `newest`, one request looks at no more than 20,000 boards: a page may have few items or none, and still a next
    /// page. With a session, `solved` tells which of the boards the caller has solved. Credentials that open no
    /// session are ignored.
    ///
    /// With `sort=most_solved`, a board that is solved, or gets another layout, while its list is read moves to
    /// another place, and may be listed twice or not at all. All others are listed exactly once.
    #[oai(path = "/", method = "get", operation_id = "listBoards")]
    #[allow(clippy::too_many_arguments, reason = "each is a part of the request")]
    async fn list(
        &self,
        services: ServicesRef<'_>,
        viewer: Viewer,
        uri: &Uri,
        /// How many at most.
        limit: Query<Given<Limit>>,
        /// Only boards whose names contain this, without regard to case and accents: `lodz` finds `Łódź`.
        name: Query<Given<PartOfName>>,
        /// Only boards that this user defined.
        creator: Query<Given<Username>>,
        /// Only boards that the caller has solved, or has not. Needs a session.
        solved: Query<Given<Flag>>,
        /// Newest first; or those first that most users have solved, and of equals the newest.
        sort: Query<Given<Sort>>,
        /// Go on behind the page before, whose `next_page` this is. All else must be as it was there.
        page: Query<Given<Place>>,
        /// Only boards with smaller ids: `next_before` of the page before. Not with `sort=most_solved`.
        before: Query<Given<Bound>>,
    ) -> Result<Listed, FailsWith<MissingToken>> {
        let mut params = Params::default();
        let Limit(limit) = params.take("limit", limit.0).unwrap_or_default();
        let page = params.take("page", page.0);
        let before = params.take("before", before.0);
        let search = boards::Search {
            name: params.take("name", name.0).map(|PartOfName(name)| name),
            creator: params.take("creator", creator.0).map(|Username(name)| name),
            solved: params.take("solved", solved.0).map(|Flag(solved)| solved),
            sort: params.take("sort", sort.0).unwrap_or_default(),
        };
        if page.is_some() && before.is_some() {
            params.refuse("before", "must not be given with `page`");
        } else if page.is_some_and(|place| place.sort() != search.sort) {
            params.refuse("page", "must be of the same `sort`");
        } else if before.is_some() && search.sort != Sort::Newest {
            params.refuse("before", "is for `sort=newest` only; take `page`");
        }
        params.finish()?;
        if search.solved.is_some() && viewer.id().is_none() {
            let refused = Failure::of_field(Code::MissingToken, "solved", "needs a session");
            return Err(refused.into());
        }
        let place = page.or(before.map(|Bound(id)| Place::Newest { id }));

        let cursor = services.cursor();
        let mut page = services.pages.begin(limit, STEP).await;
        let mut listing = services.boards.list(search, place, viewer.id()).await?;
        let mut last = None;
        while let Some(wanted) = page.wants() {
            let Some(found) = listing.next(wanted).await? else {
                break;
            };
            for (place, board) in found {
                if !page.push(board.row.id, &Board::from(board))? {
                    break;
                }
                last = Some(place);
            }
        }
        let next = if page.next().is_some() {
            last
        } else {
            listing.rest()
        };
        let next_page = next.map(Place::token);
        let next_before = match next {
            Some(Place::Newest { id }) => Some(id),
            _ => None,
        };
        let link = match (next_before, &next_page) {
            (Some(id), _) => Some(next_link(uri, "before", id)),
            (None, Some(token)) => Some(next_link(uri, "page", token)),
            (None, None) => None,
        };
        let rest = Rest {
            next_page,
            next_before,
        };
        Ok(Listed::Page(page.finish(&rest)?, link, cursor))
    }

    /// Create a board
    ///
    /// Everybody who follows the stream gets a `newBoard`.
    #[oai(path = "/", method = "post", operation_id = "createBoard")]
    async fn create(
        &self,
        services: ServicesRef<'_>,
        caller: Caller,
        headers: &HeaderMap,
        /// Names this request. Sent again under the same key within 24 hours, it makes nothing new and gets the
        /// first answer again.
        #[oai(name = "Idempotency-Key")]
        key: Header<Given<IdempotencyKey>>,
        body: Json<NewBoard>,
    ) -> Result<Created, FailsWith<TooManyBoards>> {
        let attempt = idempotency_key::attempt(headers, key.0, services.cursor())?;
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
        services: ServicesRef<'_>,
        viewer: Viewer,
        headers: &HeaderMap,
        /// The board.
        id: Path<Given<Id>>,
        /// Entity tags that the client knows: `"3.17"`, with the quotes.
        #[oai(name = "If-None-Match")]
        if_none_match: Header<Given<ETags>>,
    ) -> Result<Shown, FailsWith<BoardNotFound>> {
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
        services: ServicesRef<'_>,
        caller: Caller,
        headers: &HeaderMap,
        /// The board.
        id: Path<Given<Id>>,
        /// Replace it only if it is at this version: its `ETag`, or `"3"` for version 3.
        #[oai(name = "If-Match")]
        if_match: Header<Given<ETags>>,
        body: Json<NewBoard>,
    ) -> Result<Replaced, FailsWith<(BoardNotFound, NotBoardOwner)>> {
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
        services: ServicesRef<'_>,
        caller: Caller,
        headers: &HeaderMap,
        /// The board.
        id: Path<Given<Id>>,
        /// Delete it only if it is at this version: its `ETag`, or `"3"` for version 3.
        #[oai(name = "If-Match")]
        if_match: Header<Given<ETags>>,
    ) -> Result<Deleted, FailsWith<(BoardNotFound, NotBoardOwner)>> {
        let id = params::id(id.0)?;
        let expected = expected(headers, if_match.0)?;
        services.boards.delete(&caller.user, id, &expected).await?;
        Ok(Deleted::Done)
    }
}

fn expected(headers: &HeaderMap, if_match: Given<ETags>) -> Result<Expected, Failure> {
    let tags = params::header(headers, "If-Match", Code::InvalidHeader, if_match)?;
    Ok(tags.map_or(Expected::Any, |tags| tags.expected()))
}

fn location(id: i64) -> String {
    format!("/api/v1/boards/{id}")
}

fn etag(board: &boards::Board) -> String {
    etags::of(board.row.version, board.solved_count, board.solved)
}
