//! How many connections the system lets one process hold.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use super::Connections;
use crate::config::limits::Limits;

/// How many descriptors a server needs besides those for clients and PostgreSQL: its threads, its log, a SQLite file,
/// and connections that are closing or refused.
const OWN_DESCRIPTORS: u64 = 90;
/// Connections that are allowed even if there are very few descriptors.
const MIN_CONNECTIONS: u64 = 16;

/// Seats for clients' connections: as many as requested, but no more than the limit on open files allows beside
/// `pool_size` connections to the database. Raises that limit as far as possible.
///
/// The limit that processes begin with, 1024, is for programs that use `select(2)`.
pub fn connections(limits: &Limits, pool_size: u32) -> Connections {
    let asked = limits.max_connections.map_or(u64::MAX, u64::from);
    let room = raise_open_files().map_or(u64::MAX, |limit| {
        let reserve = OWN_DESCRIPTORS + u64::from(pool_size);
        limit.saturating_sub(reserve).max(MIN_CONNECTIONS)
    });
    if asked != u64::MAX && asked > room {
        tracing::warn!(
            asked,
            connections = room,
            "the limit on open files allows fewer than --max-connections; raise it"
        );
    }
    let connections = asked.min(room);
    tracing::info!(connections, "upper bound on connections");
    Connections::new(
        usize::try_from(connections).unwrap_or(usize::MAX),
        limits.max_connections_per_client as usize,
    )
}

/// Raises the limit on open files as far as possible, and returns it; `None` if there is none.
fn raise_open_files() -> Option<u64> {
    let limit = getrlimit(Resource::Nofile);
    let raised = Rlimit {
        current: limit.maximum,
        ..limit
    };
    if let Err(error) = setrlimit(Resource::Nofile, raised) {
        tracing::warn!(%error, "cannot raise the limit on open files");
    }
    getrlimit(Resource::Nofile).current
}
