//! `/api/v1/boards/{id}/paths` and `/api/v1/paths`

use poem::{Result, http::HeaderMap};
use poem_openapi::{ApiResponse, Object, OpenApi, param, types::Example};
use sea_orm::prelude::DateTimeUtc;
use serde::Deserialize;

use super::{
    Shared, Tag,
    credentials::Caller,
    json::Json,
    params::{self, Given, Id},
    problem::Failure,
};
use crate::{events::EventId, idempotency::Key, paths};
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
#[derive(Clone, Debug, Object)]
#[oai(example)]
pub struct Path {
    pub id: i64,
    pub board_id: i64,
    /// The owner.
    pub user_username: String,
    /// In drawing order.
    pub cells: Vec<Cell>,
    /// The colour whose two dots are the ends of the path, if it passes through no other dot of the
    /// board as it is now; otherwise null.
    #[oai(nullable)]
    pub connects: Option<String>,
    pub created_at: DateTimeUtc,
}

impl Example for Path {
    fn example() -> Self {
        Self {
            id: 1,
            board_id: 1,
            user_username: "ada".to_owned(),
            cells: NewPath::example().cells,
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
        let cells = cells.0.into_iter();
        Self {
            id,
            board_id,
            user_username: caller.user.username.clone(),
            cells: cells
                .map(|path::Cell { row, col }| Cell {
                    row: row.into(),
                    col: col.into(),
                })
                .collect(),
            connects,
            created_at,
        }
    }
}

/// The caller's paths on a board.
#[derive(Clone, Debug, Object)]
#[oai(example)]
pub struct PathList {
    /// Oldest first.
    pub items: Vec<Path>,
}

impl Example for PathList {
    fn example() -> Self {
        Self {
            items: vec![Path::example()],
        }
    }
}

#[derive(ApiResponse)]
enum Listed {
    /// The caller's paths.
    #[oai(status = 200)]
    Paths(
        Json<PathList>,
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
        Json<Path>,
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
        Json<Path>,
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
    /// Those of others are theirs alone.
    #[oai(path = "/boards/:id/paths", method = "get", operation_id = "listPaths")]
    async fn list(
        &self,
        services: Shared<'_>,
        caller: Caller,
        /// The board.
        id: param::Path<Given<Id>>,
    ) -> Result<Listed, Failure> {
        let board_id = params::id(id.0)?;
        let cursor = services.cursor();
        let paths = services.paths.list(&caller.user, board_id).await?;
        let items = paths.into_iter().map(|path| Path::new(path, &caller));
        let list = PathList {
            items: items.collect(),
        };
        Ok(Listed::Paths(Json(list), cursor))
    }

    /// Save a path
    ///
    /// On anybody's board. Everybody who follows the stream gets a `newPath`, which does not tell
    /// the cells.
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
            Json(Path::new(path, &caller)),
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
        Ok(Shown::Path(Json(Path::new(path, &caller)), cursor))
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
