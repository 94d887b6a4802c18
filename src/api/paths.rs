//! `/api/v1/boards/{id}/paths` and `/api/v1/paths`

use dotcast_log::EventId;
use poem::{
    Result,
    http::{HeaderMap, Uri},
};
use poem_openapi::{
    ApiResponse, Object, OpenApi,
    param::{self, Query},
    types::Example,
};
use sea_orm::prelude::DateTimeUtc;
use serde::{Deserialize, Serialize};

use super::{
    Shared, Tag,
    credentials::Caller,
    json::Json,
    page::next_link,
    params::{
        self, Bound, Given, Id, Limit, Params,
        finding::{BoardIds, PathPlace},
    },
    problem::Failure,
    written::{Stored, Written, time},
};
use crate::{error::Error, idempotency::Key, paths};
use entity::path;

/// A cell of the grid.
#[derive(Clone, Debug, Object, Deserialize)]
pub struct Cell {
    /// From 0, inside the grid.
    #[oai(validator(minimum(value = "0"), maximum(value = "49")))]
    pub row: i64,
    /// From 0, inside the grid.
    #[oai(validator(minimum(value = "0"), maximum(value = "49")))]
    pub col: i64,
}

/// A path to save.
#[derive(Clone, Debug, Object, Deserialize)]
#[oai(example)]
pub struct NewPath {
    /// Each right above, below, left or right of the one before it; none twice.
    #[oai(validator(min_items = 2, max_items = 2500))]
    pub cells: Vec<Cell>,
}

impl Example for NewPath {
    fn example() -> Self {
        Self {
            cells: (0..3).map(|col| Cell { row: 0, col }).collect(),
        }
    }
}

impl From<NewPath> for paths::Draft {
    fn from(NewPath { cells }: NewPath) -> Self {
        let cells = cells.into_iter();
        Self {
            cells: cells
                .map(|Cell { row, col }| paths::Cell { row, col })
                .collect(),
        }
    }
}

/// A path, as its owner sees it.
#[derive(Clone, Debug, Object, Serialize)]
#[oai(example)]
pub struct Path {
    pub id: i64,
    pub board_id: i64,
    /// The owner.
    pub user_username: String,
    /// In drawing order.
    pub cells: Stored<path::Cells, Vec<Cell>>,
    /// The colour whose two dots are the ends of the path, if it passes through no other dot of the
    /// board as it is now; otherwise null.
    #[oai(nullable)]
    pub connects: Option<String>,
    #[serde(serialize_with = "time")]
    pub created_at: DateTimeUtc,
}

impl Example for Path {
    fn example() -> Self {
        Self {
            id: 1,
            board_id: 1,
            user_username: "ada".to_owned(),
            cells: path::Cells((0..3).map(|col| path::Cell { row: 0, col }).collect()).into(),
            connects: Some("#ff0000".to_owned()),
            created_at: super::document::example_time(),
        }
    }
}

impl Path {
    fn new(path: paths::Path, caller: &Caller) -> Self {
        let paths::Path {
            row:
                path::Model {
                    id,
                    board_id,
                    user_id: _,
                    cells,
                    created_at,
                },
            connects,
        } = path;
        Self {
            id,
            board_id,
            user_username: caller.user.username.clone(),
            cells: cells.into(),
            connects,
            created_at,
        }
    }
}

/// A page of the caller's paths on a board.
#[derive(Clone, Debug, Object)]
#[oai(example)]
pub struct PathPage {
    /// Newest first.
    pub items: Vec<Path>,
    /// Ask for `before` this id to get the next page; null on the last one.
    #[oai(nullable)]
    pub next_before: Option<i64>,
}

impl Example for PathPage {
    fn example() -> Self {
        Self {
            items: vec![Path::example()],
            next_before: None,
        }
    }
}

/// A page of the caller's paths on several boards.
#[derive(Clone, Debug, Object)]
#[oai(example)]
pub struct PathsOnBoardsPage {
    /// By board, the largest id first; on each the newest first.
    pub items: Vec<Path>,
    /// Ask for this `page` to get the next one; null on the last one.
    #[oai(nullable)]
    pub next_page: Option<String>,
}

impl Example for PathsOnBoardsPage {
    fn example() -> Self {
        Self {
            items: vec![Path::example()],
            next_page: None,
        }
    }
}

/// What such a page has besides its items.
#[derive(Serialize)]
struct Rest {
    next_page: Option<String>,
}

/// Paths of a list that are read at a time, 60 KB each at most.
const STEP: u64 = 36;

#[derive(ApiResponse)]
enum Listed {
    /// The caller's paths.
    #[oai(status = 200)]
    Paths(
        Written<PathPage>,
        /// The next page, if there is one (RFC 8288).
        #[oai(header = "Link")]
        Option<String>,
        /// A stream from here misses nothing that happens after this answer.
        #[oai(header = "Last-Event-ID")]
        EventId,
    ),
}

#[derive(ApiResponse)]
enum ListedOnBoards {
    /// The caller's paths.
    #[oai(status = 200)]
    Paths(
        Written<PathsOnBoardsPage>,
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
    /// The path.
    #[oai(status = 201)]
    Path(
        Written<Path>,
        /// Where it is.
        #[oai(header = "Location")]
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
    /// The path.
    #[oai(status = 200)]
    Path(
        Written<Path>,
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

#[OpenApi(prefix_path = "/api/v1", tag = "Tag::Paths")]
impl Api {
    /// List my paths on a board
    ///
    /// Newest first, a page at a time. A page ends early rather than to exceed 1 MiB. Those of others are
    /// theirs alone.
    #[oai(path = "/boards/:id/paths", method = "get", operation_id = "listPaths")]
    async fn list(
        &self,
        services: Shared<'_>,
        caller: Caller,
        uri: &Uri,
        /// The board.
        id: param::Path<Given<Id>>,
        /// How many at most.
        limit: Query<Given<Limit>>,
        /// Only paths with smaller ids: `next_before` of the page before.
        before: Query<Given<Bound>>,
    ) -> Result<Listed, Failure> {
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
        services: Shared<'_>,
        caller: Caller,
        uri: &Uri,
        /// The ids of the boards, separated by commas, at most 50.
        boards: Query<Given<BoardIds>>,
        /// How many at most.
        limit: Query<Given<Limit>>,
        /// Go on behind the page before, whose `next_page` this is. All else must be as it was there.
        page: Query<Given<PathPlace>>,
    ) -> Result<ListedOnBoards, Failure> {
        let mut params = Params::default();
        let boards = params.take("boards", boards.0);
        let Limit(limit) = params.take("limit", limit.0).unwrap_or_default();
        let place = params.take("page", page.0);
        params.finish()?;
        let BoardIds(mut boards) = boards.unwrap_or_default();
        if let Some(PathPlace(board, _)) = place {
            boards.retain(|id| *id <= board);
        }

        let cursor = services.cursor();
        let mut page = services.pages.begin(limit, STEP).await;
        let mut last = None;
        let drawn_on = services.paths.boards_drawn_on(&caller.user, boards).await?;
        'boards: for id in drawn_on {
            let board = match services.paths.board(id).await {
                // It was deleted meanwhile, and the paths with it.
                Err(Error::BoardNotFound(_)) => continue,
                board => board?,
            };
            let mut below = place.and_then(|PathPlace(board, path)| (board == id).then_some(path));
            while let Some(wanted) = page.wants() {
                let paths = services
                    .paths
                    .list(&caller.user, &board, wanted, below)
                    .await?;
                let is_end = (paths.len() as u64) < wanted;
                for path in paths {
                    let path_id = path.row.id;
                    if !page.push(path_id, &Path::new(path, &caller))? {
                        break 'boards;
                    }
                    below = Some(path_id);
                    last = Some(PathPlace(id, path_id));
                }
                if is_end {
                    break;
                }
            }
        }
        let next_page = last.filter(|_| page.next().is_some()).map(PathPlace::token);
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
        services: Shared<'_>,
        caller: Caller,
        headers: &HeaderMap,
        /// The board.
        id: param::Path<Given<Id>>,
        /// Names this request. Sent again under the same key within 24 hours, it makes nothing new and gets the
        /// first answer again.
        #[oai(name = "Idempotency-Key")]
        idempotency_key: param::Header<Given<Key>>,
        body: Json<NewPath>,
    ) -> Result<Created, Failure> {
        let board_id = params::id(id.0)?;
        let attempt = services.attempt(headers, idempotency_key.0)?;
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
        services: Shared<'_>,
        caller: Caller,
        /// The path.
        id: param::Path<Given<Id>>,
    ) -> Result<Shown, Failure> {
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
        services: Shared<'_>,
        caller: Caller,
        /// The path.
        id: param::Path<Given<Id>>,
    ) -> Result<Deleted, Failure> {
        let id = params::id(id.0)?;
        services.paths.delete(&caller.user, id).await?;
        Ok(Deleted::Done)
    }
}
