//! What the supervisor is told of this server.

use tokio_util::sync::CancellationToken;

use crate::{
    api::services::Services,
    config::ServeOptions,
    supervisor::{Pulse, Supervisor},
};

/// Tells the supervisor how the server is, until it stops. The server is alive while the poller looks at the log, even in
/// vain: a restart mends a poller that hangs, but no database.
pub(super) fn attend(
    supervisor: Supervisor,
    services: &Services,
    options: &ServeOptions,
    stop: CancellationToken,
) -> impl Future<Output = ()> + use<> {
    let readiness = services.readiness.clone();
    let hub = services.hub.clone();
    let turns = move || {
        let stats = hub.stats();
        stats.looks.count() + stats.failed_looks.count() + stats.rounds()
    };
    // A look has a few statements, each of them with a deadline.
    let patience = 3 * options.poll_interval + 10 * options.database.database_timeout;
    supervisor.attend(
        move || {
            let readiness = readiness.clone();
            async move { readiness.check().await.is_ok() }
        },
        Pulse::new(turns, patience),
        stop,
    )
}
