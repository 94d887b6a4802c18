//! The answers of the operations on paths, with their headers.

use dotcast_log::EventId;
use poem_openapi::ApiResponse;

use super::body::{Path, PathPage, PathsOnBoardsPage};
use crate::api::answer::written::Written;

#[derive(ApiResponse)]
pub(super) enum Listed {
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
pub(super) enum ListedOnBoards {
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
pub(super) enum Created {
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
pub(super) enum Shown {
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
pub(super) enum Deleted {
    /// It is gone.
    #[oai(status = 204)]
    Done,
}
