//! The services that handlers call, assembled from the options.

use std::time::Duration;

use dotcast_log::{feed::Timing, hub::Hub, vital::Vital};
use tokio_util::task::TaskTracker;

use crate::{
    api::{answer::page::PageQueue, request::bytes, services::Services},
    boards::Boards,
    config::{ServeOptions, access::StreamAccess, limits::Limits},
    consumers::Consumers,
    db::Db,
    open_streams::OpenStreams,
    paths::Paths,
    places::{Bounds, Places},
    readiness::Readiness,
    users::{
        Users, accounts::Accounts, registrations::Registrations, sessions::Sessions,
        watch::SessionWatch,
    },
};

/// Upper bound on open streams, unless the operator sets another.
const MAX_STREAMS: usize = 100_000;

/// How long before `--request-timeout` a request stops waiting for events, so that there is time to answer it.
const ANSWERING: Duration = Duration::from_secs(5);

/// The services, and the tasks that they need. `connections` is the number of connections that the server accepts.
pub(super) fn assemble(
    options: &ServeOptions,
    db: &Db,
    hub: Hub,
    connections: usize,
    vital: &Vital,
    background: &TaskTracker,
) -> Services {
    let watch = (options.access.stream_access == StreamAccess::Users).then(|| {
        let streams = hub.clone();
        SessionWatch::new(db.clone(), move || streams.rights_withdrawn())
    });
    if let Some(watch) = watch.clone() {
        let watching = watch.run(options.poll_interval, vital.stop().clone());
        vital.spawn("the session watch", background.track_future(watching));
    }
    Services {
        bodies: bytes::room(options.limits.max_body_memory),
        users: Users::new(db.clone()),
        accounts: Accounts::new(db.clone()),
        registrations: Registrations::new(
            options.access.registration,
            options.limits.registration_rate.0,
        ),
        sessions: Sessions::new(
            db.clone(),
            options.session_lifetime,
            options.limits.max_sessions_per_user,
            watch.clone(),
            vital,
        ),
        boards: Boards::new(db.clone(), options.limits.max_boards_per_user),
        paths: Paths::new(db.clone(), options.limits.max_paths_per_board),
        consumers: Consumers::new(db.clone(), hub.clone()),
        waiting: Places::new(waiting(&options.limits)),
        longest_wait: options.limits.request_timeout.saturating_sub(ANSWERING),
        stream: Timing {
            keep_alive: options.keep_alive,
            retry: options.retry,
            max_age: options.limits.max_stream_age.0,
        },
        places: Places::new(bounds(&options.limits, connections)),
        open_streams: OpenStreams::default(),
        pages: PageQueue::default(),
        readiness: Readiness::new(db.clone(), hub.clone(), options.poll_interval),
        watch,
        log: db.log_store(),
        hub,
    }
}

fn bounds(limits: &Limits, connections: usize) -> Bounds {
    Bounds {
        all: limits
            .max_streams
            .map_or(connections.min(MAX_STREAMS), |it| it as usize),
        per_client: limits.max_streams_per_client as usize,
    }
}

/// Requests that wait for events take places of `--max-requests`. Others must find some.
fn waiting(limits: &Limits) -> Bounds {
    Bounds {
        all: limits.max_requests as usize / 2,
        per_client: limits.max_requests_per_client as usize / 2,
    }
}
