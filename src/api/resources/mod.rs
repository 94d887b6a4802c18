//! The operations, a room for each resource.
//!
//! - `users`, `sessions`: who draws, and logging in and out
//! - [`boards`], `pictures`: boards, and what they look like
//! - [`paths`]: what users draw on boards
//! - [`events`], [`stream`]: the event log, as it happened and as it happens
//! - `consumers`: cursors that the server keeps
//! - `admin`: users, the log and open streams, for administrators
//! - `full`: what a client is told that may open no further stream
//! - [`health`]: whether the server is well
//!
//! The types in an operation's signature say what the OpenAPI document says of it: who may call it, its parameters
//! and its body, its answers, and with [`FailsWith`](super::problem::FailsWith) the problems that are its own.

mod admin;
pub(crate) mod boards;
mod consumers;
pub(crate) mod events;
mod full;
pub mod health;
pub(crate) mod paths;
mod pictures;
mod sessions;
pub mod stream;
mod users;

use poem_openapi::{OpenApiService, Tags};

/// The groups of operations in the document.
#[derive(Tags)]
enum Tag {
    /// Who may draw.
    Users,
    /// Logging in and out.
    Sessions,
    /// Grids with pairs of coloured dots.
    Boards,
    /// What users draw on boards. Each user sees only their own.
    Paths,
    /// What happens to boards and paths: as it happens, and as it happened.
    Events,
    /// Cursors that the server keeps, for programs that must not keep state.
    Consumers,
    /// Users, the log and open streams, for administrators.
    Administration,
    /// Whether the server is well.
    Health,
}

type All = (
    users::Api,
    sessions::Api,
    boards::Api,
    paths::Api,
    pictures::Api,
    events::Api,
    stream::Api,
    consumers::Api,
    admin::accounts::Api,
    admin::log::Api,
    health::Api,
);

/// All operations.
pub(crate) fn service() -> OpenApiService<All, ()> {
    OpenApiService::new(
        (
            users::Api,
            sessions::Api,
            boards::Api,
            paths::Api,
            pictures::Api,
            events::Api,
            stream::Api,
            consumers::Api,
            admin::accounts::Api,
            admin::log::Api,
            health::Api,
        ),
        "dotcast",
        env!("CARGO_PKG_VERSION"),
    )
    .description(include_str!("description.md"))
    .license("MIT OR Apache-2.0")
}
