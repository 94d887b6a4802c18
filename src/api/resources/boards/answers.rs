//! The answers of the operations on boards, with their headers.

use dotcast_log::EventId;
use poem_openapi::ApiResponse;

use super::body::{Board, BoardPage};
use crate::api::answer::written::Written;

#[derive(ApiResponse)]
pub(super) enum Listed {
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
pub(super) enum Created {
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
pub(super) enum Shown {
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
pub(super) enum Replaced {
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
pub(super) enum Deleted {
    /// It is gone.
    #[oai(status = 204)]
    Done,
}
