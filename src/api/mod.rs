//! The HTTP API, one file per resource. A handler holds no query and no rule: it reads the request,
//! calls a service, and writes the answer.
//!
//! - `users`, `sessions`, `boards`, `paths`, `events`, `stream`, `health`: resources
//! - `admission`: who may follow the log
//! - `credentials`, `params`, [`body`], [`json`], [`schemas`]: reading requests
//! - `written`, `page`: answers that can be large, written once; lists
//! - [`problem`]: every answer that is an error
//! - [`document`]: the OpenAPI document

mod admission;
pub(crate) mod boards;
pub mod body;
pub(crate) mod credentials;
pub mod document;
mod events;
pub mod health;
pub mod json;
pub mod page;
pub(crate) mod params;
pub(crate) mod paths;
mod pictures;
pub mod problem;
pub mod schemas;
mod sessions;
pub mod stream;
mod users;
mod written;

use std::sync::Arc;

use dotcast_log::{EventId, feed::Timing, hub::Hub};
use poem::{FromRequest, Request, Result, http::HeaderMap, web::Data};
use poem_openapi::{OpenApiService, Tags};

use self::{
    page::PageQueue,
    params::Given,
    problem::{Code, Failure},
};
use crate::{
    boards::Boards,
    idempotency::{Attempt, Key},
    paths::Paths,
    places::Places,
    readiness::Readiness,
    users::{Users, registrations::Registrations, sessions::Sessions, watch::SessionWatch},
};

/// What handlers call.
#[derive(Clone)]
pub struct Services {
    /// Room for the bodies of requests, in bytes.
    pub bodies: Places,
    /// Users.
    pub users: Users,
    /// Who may become one.
    pub registrations: Registrations,
    /// Their sessions.
    pub sessions: Sessions,
    /// Boards.
    pub boards: Boards,
    /// Paths.
    pub paths: Paths,
    /// Pages of lists that are being made.
    pub pages: PageQueue,
    /// The event log, live and past.
    pub hub: Hub,
    /// How streams behave.
    pub stream: Timing,
    /// How many streams there can be.
    pub places: Places,
    /// The sessions that have streams, if streams need one.
    pub watch: Option<SessionWatch>,
    /// Whether requests can be served.
    pub readiness: Readiness,
}

impl Services {
    async fn of(request: &Request) -> Result<&Self> {
        let services = <Data<&Arc<Self>>>::from_request_without_body(request).await?;
        Ok(services.0)
    }

    /// A cursor from which a stream misses nothing that happens to what is read after this call.
    fn cursor(&self) -> EventId {
        self.hub.settled()
    }

    /// A request that makes something, and what its client calls it.
    fn attempt(&self, headers: &HeaderMap, key: Given<Key>) -> Result<Attempt, Failure> {
        let key = params::header(headers, "Idempotency-Key", Code::InvalidHeader, key)?;
        let cursor = self.cursor();
        Ok(Attempt { key, cursor })
    }
}

/// How handlers get at the services.
type Shared<'a> = Data<&'a Arc<Services>>;

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
            health::Api,
        ),
        "dotcast",
        env!("CARGO_PKG_VERSION"),
    )
    .description(include_str!("description.md"))
    .license("MIT OR Apache-2.0")
}
