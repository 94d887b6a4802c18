//! What handlers call.

use std::sync::Arc;

use dotcast_log::{EventId, feed::Timing, hub::Hub, store::Store};
use poem::{FromRequest, Request, Result, web::Data};

use super::answer::page::PageQueue;
use crate::{
    boards::Boards,
    consumers::{Consumers, streams::StreamLeases},
    open_streams::OpenStreams,
    paths::Paths,
    places::Places,
    readiness::Readiness,
    users::{
        Users, accounts::Accounts, registrations::Registrations, sessions::Sessions,
        watch::SessionWatch,
    },
};

/// What handlers call.
#[derive(Clone)]
pub struct Services {
    /// Room for the bodies of requests, in bytes.
    pub bodies: Places,
    /// Users.
    pub users: Users,
    /// What administrators do to users.
    pub accounts: Accounts,
    /// Who may register.
    pub registrations: Registrations,
    /// Sessions of users.
    pub sessions: Sessions,
    /// Boards.
    pub boards: Boards,
    /// Paths.
    pub paths: Paths,
    /// Cursors that the server keeps.
    pub consumers: Consumers,
    /// The leases of streams that are open as a consumer.
    pub leases: StreamLeases,
    /// Turns to make pages of lists.
    pub pages: PageQueue,
    /// The event log, live and past.
    pub hub: Hub,
    /// The event log, to be trimmed.
    pub log: Arc<dyn Store>,
    /// How streams behave.
    pub stream: Timing,
    /// Room for streams.
    pub places: Places,
    /// The streams that are open.
    pub open_streams: OpenStreams,
    /// The sessions under which streams are open.
    pub watch: SessionWatch,
    /// Whether a client needs one to follow the log.
    pub needs_session: bool,
    /// Whether requests can be served.
    pub readiness: Readiness,
}

impl Services {
    /// The services that a request is served by.
    pub(super) async fn of(request: &Request) -> Result<&Self> {
        let Data(services) = ServicesRef::from_request_without_body(request).await?;
        Ok(services)
    }

    /// The cursor from which a stream misses no change to what is read after this call.
    pub(super) fn cursor(&self) -> EventId {
        self.hub.settled()
    }
}

/// The services, as handlers take them.
pub(super) type ServicesRef<'a> = Data<&'a Arc<Services>>;
