//! `/api/v1/boards/{id}/paths` and `/api/v1/paths`

mod answers;
pub(crate) mod body;

use poem::{
    Result,
    http::{HeaderMap, Uri},
};
use poem_openapi::{
    OpenApi,
    param::{self, Query},
};
use serde::Serialize;

use self::{
    answers::{Created, Deleted, Listed, ListedOnBoards, Shown},
    body::{NewPath, Path},
};
use super::Tag;
use crate::{
    api::{
        answer::{page::next_link, written::Written},
        problem::{
            FailsWith, Failure,
            kind::{BoardNotFound, PathNotFound, TooManyPaths},
        },
        request::{
            credentials::Caller,
            json::Json,
            params::{
                self, Bound, Given, Id, Limit, Params,
                finding::{BoardIds, Token as _},
                idempotency_key,
            },
        },
        services::ServicesRef,
    },
    idempotency::IdempotencyKey,
    paths::Place,
};

/// What a page of paths on several boards has besides its items.
#[derive(Serialize)]
struct Rest {
    next_page: Option<String>,
}

/// Upper bound on the paths that are read at a time, 60 KB each at most.
const STEP: u64 = 36;

/// The routes.
pub struct Api;

#[OpenApi(prefix_path = "/api/v1", tag = "Tag::Paths")]
impl Api {
    /// List my paths on a board
    ///
    /// Newest first, a page at a time. A page ends early rather than to exceed 1 MiB. Those of others are
    /// theirs alone.
    #[oai(path = "/boards/:id/paths", method = "get", operation_id = "listPaths")]
    async fn list(
        &self,
        services: ServicesRef<'_>,
        caller: Caller,
        uri: &Uri,
        /// The board.
        id: param::Path<Given<Id>>,
        /// How many at most.
        limit: Query<Given<Limit>>,
        /// Only paths with smaller ids: `next_before` of the page before.
        before: Query<Given<Bound>>,
    ) -> Result<Listed, FailsWith<BoardNotFound>> {
        let board_id = params::id(id.0)?;
        let mut params = Params::default();
        let Limit(limit) = params.take("limit", limit.0).unwrap_or_default();
        let mut below = params.take("before", before.0).map(|Bound(id)| id);
        params.finish()?;

        let cursor = services.cursor();
        let board = services.paths.board(board_id).await?;
        let mut page = services.pages.begin(limit, STEP).await;
        while let Some(wanted) = page.wants() {
            let paths = services
                .paths
                .list(&caller.user, &board, wanted, below)
                .await?;
            let is_end = (paths.len() as u64) < wanted;
            for path in paths {
                let id = path.row.id;
                if !page.push(id, &Path::new(path, &caller))? {
                    break;
                }
                below = Some(id);
            }
            if is_end {
                break;
            }
        }
        let (page, link) = page.finish_newest_first(uri)?;
        Ok(Listed::Paths(page, link, cursor))
    }

    /// List my paths on several boards
    ///
    /// All of one board before those of the next: the boards by their ids, the largest first, and the paths on each
    /// newest first. A page at a time, which ends early rather than to exceed 1 MiB. A board that does not exist has no
    /// paths.
    #[oai(path = "/paths", method = "get", operation_id = "listPathsOnBoards")]
    async fn list_on_boards(
        &self,
        services: ServicesRef<'_>,
        caller: Caller,
        uri: &Uri,
        /// The ids of the boards, separated by commas, at most 50.
        boards: Query<Given<BoardIds>>,
        /// How many at most.
        limit: Query<Given<Limit>>,
        /// Go on behind the page before, whose `next_page` this is. All else must be as it was there.
        page: Query<Given<Place>>,
    ) -> Result<ListedOnBoards, Failure> {
        let mut params = Params::default();
        let boards = params.take("boards", boards.0);
        let Limit(limit) = params.take("limit", limit.0).unwrap_or_default();
        let mut place = params.take("page", page.0);
        params.finish()?;
        let BoardIds(boards) = boards.unwrap_or_default();

        let cursor = services.cursor();
        let mut page = services.pages.begin(limit, STEP).await;
        while let Some(wanted) = page.wants() {
            let found = services
                .paths
                .list_on_boards(&caller.user, &boards, wanted, place)
                .await?;
            for path in found.paths {
                let behind = Place {
                    board_id: path.row.board_id,
                    id: path.row.id,
                };
                if !page.push(behind.id, &Path::new(path, &caller))? {
                    break;
                }
                place = Some(behind);
            }
            if found.is_end {
                break;
            }
        }
        let next_page = place.filter(|_| page.next().is_some()).map(Place::token);
        let link = next_page
            .as_ref()
            .map(|token| next_link(uri, "page", token));
        let page = page.finish(&Rest { next_page })?;
        Ok(ListedOnBoards::Paths(page, link, cursor))
    }

    /// Save a path
    ///
    /// On anybody's board. Everybody who follows the stream gets a `newPath`, which does not tell
    /// the cells.
    ///
    /// If this path solves the board, a `boardSolved` follows. A board is solved when each colour is connected by a
    /// path of the caller's, and no two of these paths share a cell. Where the caller has several paths for a colour,
    /// any one of them will do. Only the newest paths count, up to 10,000 cells in total. A board is solved once by
    /// each user, whatever becomes of the paths, until it is given another size or other dots.
    #[oai(
        path = "/boards/:id/paths",
        method = "post",
        operation_id = "createPath"
    )]
    async fn create(
        &self,
        services: ServicesRef<'_>,
        caller: Caller,
        headers: &HeaderMap,
        /// The board.
        id: param::Path<Given<Id>>,
        /// Names this request. Sent again under the same key within 24 hours, it makes nothing new and gets the
        /// first answer again.
        #[oai(name = "Idempotency-Key")]
        key: param::Header<Given<IdempotencyKey>>,
        body: Json<NewPath>,
    ) -> Result<Created, FailsWith<(BoardNotFound, TooManyPaths)>> {
        let board_id = params::id(id.0)?;
        let attempt = idempotency_key::attempt(headers, key.0, services.cursor())?;
        let made = services
            .paths
            .create(&caller.user, board_id, body.0.into(), &attempt)
            .await?;
        let path = made.what;
        let location = format!("/api/v1/paths/{}", path.row.id);
        Ok(Created::Path(
            Written::of(&Path::new(path, &caller))?,
            location,
            made.cursor,
            made.is_replayed.then_some(true),
        ))
    }

    /// Show one of my paths
    ///
    /// A path of somebody else's is answered like one that does not exist.
    #[oai(path = "/paths/:id", method = "get", operation_id = "getPath")]
    async fn get(
        &self,
        services: ServicesRef<'_>,
        caller: Caller,
        /// The path.
        id: param::Path<Given<Id>>,
    ) -> Result<Shown, FailsWith<PathNotFound>> {
        let id = params::id(id.0)?;
        let cursor = services.cursor();
        let path = services.paths.get(&caller.user, id).await?;
        Ok(Shown::Path(Written::of(&Path::new(path, &caller))?, cursor))
    }

    /// Delete one of my paths
    ///
    /// Nobody else is told.
    #[oai(path = "/paths/:id", method = "delete", operation_id = "deletePath")]
    async fn delete(
        &self,
        services: ServicesRef<'_>,
        caller: Caller,
        /// The path.
        id: param::Path<Given<Id>>,
    ) -> Result<Deleted, FailsWith<PathNotFound>> {
        let id = params::id(id.0)?;
        services.paths.delete(&caller.user, id).await?;
        Ok(Deleted::Done)
    }
}
