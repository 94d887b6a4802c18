//! The services that handlers call, assembled from the options.

use dotcast_log::{feed::Timing, hub::Hub, vital::Vital};
use tokio_util::task::TaskTracker;

use crate::{
    api::{answer::page::PageQueue, request::bytes, services::Services},
    boards::Boards,
    config::{ServeOptions, access::StreamAccess, limits::Limits},
    consumers::{
        Consumers,
        streams::{self, StreamLeases},
    },
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

/// The services, and the tasks that they need. `connections` is the number of connections that the server accepts.
pub(super) fn assemble(
    options: &ServeOptions,
    db: &Db,
    hub: Hub,
    connections: usize,
    vital: &Vital,
    background: &TaskTracker,
) -> Services {
    let needs_session = options.access.stream_access == StreamAccess::Users;
    let withdrawn = {
        let hub = hub.clone();
        move || hub.rights_withdrawn()
    };
    let watch = SessionWatch::new(db.clone(), withdrawn.clone());
    // Where everybody may follow, a session only keeps a consumer from others.
    let interval = if needs_session {
        options.poll_interval
    } else {
        streams::RENEWAL
    };
    let watching = watch.clone().run(interval, vital.stop().clone());
    vital.spawn("the session watch", background.track_future(watching));
    let leases = StreamLeases::new(db.clone(), withdrawn);
    let renewing = leases.clone().run(vital.stop().clone());
    vital.spawn("the renewal of leases", background.track_future(renewing));
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
            Some(watch.clone()),
            vital,
        ),
        boards: Boards::new(db.clone(), options.limits.max_boards_per_user),
        paths: Paths::new(db.clone(), options.limits.max_paths_per_board),
        consumers: Consumers::new(db.clone(), hub.clone(), leases.clone()),
        leases,
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
        needs_session,
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
