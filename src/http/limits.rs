//! How many connections the system lets one process hold.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// What a server needs besides connections: its database, its threads, its log.
const OWN_DESCRIPTORS: u64 = 100;

/// Raises the limit on open files as far as it goes. Returns about how many streams fit below it; `None`
/// if there is no limit.
///
/// The limit that processes begin with, 1024, is for programs that use `select(2)`.
pub fn raise_open_files() -> Option<u64> {
    let limit = getrlimit(Resource::Nofile);
    let raised = Rlimit {
        current: limit.maximum,
        ..limit
    };
    if let Err(error) = setrlimit(Resource::Nofile, raised) {
        tracing::warn!(%error, "cannot raise the limit on open files");
    }
    let limit = getrlimit(Resource::Nofile).current?;
    Some(limit.saturating_sub(OWN_DESCRIPTORS))
}
