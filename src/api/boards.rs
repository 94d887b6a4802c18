//! `/api/v1/boards`

use poem::{Result, http::HeaderMap};
use poem_openapi::{
    ApiResponse, Object, OpenApi,
    param::{Header, Path, Query},
    types::Example,
};
use sea_orm::prelude::DateTimeUtc;
use serde::Deserialize;

use super::{
    Shared, Tag,
    credentials::Caller,
    json::{Input, Json},
    params::{self, Bound, Given, Id, Limit, Params, Tags, Username},
    problem::{Code, Failure},
};
use crate::{
    boards::{self, Expected},
    error::Violation,
    events::EventId,
};
use entity::board;

/// A coloured dot.
#[derive(Clone, Debug, Object, Deserialize)]
pub struct Dot {
    /// From 0, inside the grid.
    #[oai(validator(minimum(value = "0"), maximum(value = "49")))]
    pub row: i64,
    /// From 0, inside the grid.
    #[oai(validator(minimum(value = "0"), maximum(value = "49")))]
    pub col: i64,
    /// `#rrggbb`; kept in lower case. Each colour is on exactly two dots.
    #[oai(validator(pattern = "^#[0-9A-Fa-f]{6}$"))]
    pub color: String,
}

/// What a board shows.
#[derive(Clone, Debug, Object, Deserialize)]
#[oai(example)]
pub struct NewBoard {
    /// 1 to 100 characters, not counting spaces around it; no control characters.
    #[oai(validator(min_length = 1))]
    pub name: String,
    /// Height of the grid.
    #[oai(validator(minimum(value = "2"), maximum(value = "50")))]
    pub rows: i64,
    /// Width of the grid.
    #[oai(validator(minimum(value = "2"), maximum(value = "50")))]
    pub cols: i64,
    /// No two in one cell; each colour twice.
    #[oai(validator(max_items = 2500))]
    pub dots: Vec<Dot>,
}

impl Example for NewBoard {
    fn example() -> Self {
        let dot = |row, col, color: &str| Dot {
            row,
            col,
            color: color.to_owned(),
        };
        Self {
            name: "First board".to_owned(),
            rows: 3,
            cols: 3,
            dots: vec![dot(0, 0, "#ff0000"), dot(0, 2, "#ff0000")],
        }
    }
}

impl From<NewBoard> for boards::Draft {
    fn from(body: NewBoard) -> Self {
        let NewBoard {
            name,
            rows,
            cols,
            dots,
        } = body;
        let dots = dots.into_iter();
        Self {
            name,
            rows,
            cols,
            dots: dots
                .map(|Dot { row, col, color }| boards::Dot { row, col, color })
                .collect(),
        }
    }
}

impl Input for NewBoard {
    fn check(&self) -> Vec<Violation> {
        boards::Draft::from(self.clone()).check()
    }
}

/// A board.
#[derive(Clone, Debug, Object)]
#[oai(example)]
pub struct Board {
    pub id: i64,
    pub name: String,
    pub creator_username: String,
    /// Height of the grid.
    pub rows: i64,
    /// Width of the grid.
    pub cols: i64,
    pub dots: Vec<Dot>,
    /// 1 for a new board, one more at each change; also its `ETag`.
    pub version: i64,
    pub created_at: DateTimeUtc,
    pub updated_at: DateTimeUtc,
}

impl Example for Board {
    fn example() -> Self {
        let NewBoard {
            name,
            rows,
            cols,
            dots,
        } = NewBoard::example();
        Self {
            id: 1,
            name,
            creator_username: "ada".to_owned(),
            rows,
            cols,
            dots,
            version: 1,
            created_at: super::document::example_time(),
            updated_at: super::document::example_time(),
        }
    }
}

impl From<boards::Board> for Board {
    fn from(board: boards::Board) -> Self {
        let boards::Board {
            row:
                board::Model {
                    id,
                    creator_id: _,
                    updated_by_id: _,
                    name,
                    rows,
                    cols,
                    dots,
                    version,
                    created_at,
                    updated_at,
                },
            creator_username,
        } = board;
        let dots = dots.0.into_iter();
        Self {
            id,
            name,
            creator_username,
            rows: rows.into(),
            cols: cols.into(),
            dots: dots
                .map(|board::Dot { row, col, color }| Dot {
                    row: row.into(),
                    col: col.into(),
                    color,
                })
                .collect(),
            version,
            created_at,
            updated_at,
        }
    }
}

/// A page of boards.
#[derive(Clone, Debug, Object)]
#[oai(example)]
pub struct BoardPage {
    /// Newest first.
    pub items: Vec<Board>,
    /// Ask for `before` this id to get the next page; null on the last one.
    #[oai(nullable)]
    pub next_before: Option<i64>,
}

impl Example for BoardPage {
    fn example() -> Self {
        Self {
            items: vec![Board::example()],
            next_before: None,
        }
    }
}

#[derive(ApiResponse)]
enum Listed {
    /// The boards.
    #[oai(status = 200)]
    Page(
        Json<BoardPage>,
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
        Json<Board>,
        /// Where it is.
        #[oai(header = "Location")]
        String,
        /// Its version.
        #[oai(header = "ETag")]
        String,
        /// A stream from here misses nothing that happens after this answer.
        #[oai(header = "Last-Event-ID")]
        EventId,
    ),
}

#[derive(ApiResponse)]
enum Shown {
    /// The board.
    #[oai(status = 200)]
    Board(
        Json<Board>,
        /// Its version, for `If-Match` and `If-None-Match`.
        #[oai(header = "ETag")]
        String,
        /// A stream from here misses nothing that happens after this answer.
        #[oai(header = "Last-Event-ID")]
        EventId,
    ),
    /// It is still at a version that `If-None-Match` lists.
    #[oai(status = 304)]
    NotModified(
        /// Its version.
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
        Json<Board>,
        /// Its version.
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
    /// Newest first, a page at a time.
    #[oai(path = "/", method = "get", operation_id = "listBoards")]
    async fn list(
        &self,
        services: Shared<'_>,
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
        // One more than asked for tells whether there is a next page.
        let mut boards = services
            .boards
            .list(limit + 1, before, creator.as_deref())
            .await?;
        let more = boards.len() as u64 > limit;
        if more {
            boards.pop();
        }
        let next_before = boards.last().filter(|_| more).map(|board| board.row.id);
        let items = boards.into_iter().map(Board::from).collect();
        Ok(Listed::Page(Json(BoardPage { items, next_before }), cursor))
    }

    /// Create a board
    ///
    /// Everybody who follows the stream gets a `newBoard`.
    #[oai(path = "/", method = "post", operation_id = "createBoard")]
    async fn create(
        &self,
        services: Shared<'_>,
        caller: Caller,
        body: Json<NewBoard>,
    ) -> Result<Created, Failure> {
        let cursor = services.cursor();
        let board = services.boards.create(&caller.user, body.0.into()).await?;
        let (location, tag) = (location(board.row.id), etag(&board));
        Ok(Created::Board(Json(board.into()), location, tag, cursor))
    }

    /// Show a board
    #[oai(path = "/:id", method = "get", operation_id = "getBoard")]
    async fn get(
        &self,
        services: Shared<'_>,
        headers: &HeaderMap,
        /// The board.
        id: Path<Given<Id>>,
        /// Entity tags that the client knows.
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
        let board = services.boards.get(id).await?;
        let tag = etag(&board);
        if known.is_some_and(|tags| tags.know(board.row.version)) {
            return Ok(Shown::NotModified(tag, cursor));
        }
        Ok(Shown::Board(Json(board.into()), tag, cursor))
    }

    /// Replace a board
    ///
    /// For its creator and administrators. Paths that were drawn on it stay. Followers get a
    /// `boardUpdated`, unless nothing has changed.
    #[oai(path = "/:id", method = "put", operation_id = "replaceBoard")]
    #[allow(clippy::too_many_arguments, reason = "each is a part of the request")]
    async fn replace(
        &self,
        services: Shared<'_>,
        caller: Caller,
        headers: &HeaderMap,
        /// The board.
        id: Path<Given<Id>>,
        /// Replace it only if it is at this version.
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
        Ok(Replaced::Board(Json(board.into()), tag, cursor))
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
        /// Delete it only if it is at this version.
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
    format!("\"{}\"", board.row.version)
}
