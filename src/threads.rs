//! Threads that the server cannot do without.

use std::thread;

use tokio_util::sync::CancellationToken;

/// A thread has ended by a defect; its panic is in the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0} panicked")]
pub struct Panicked(pub &'static str);

/// Held by a thread: stops the server if it panics. Without it the server would go on as if nothing had
/// happened, with streams that hear of nothing.
#[derive(Debug)]
pub struct StopOnPanic(pub CancellationToken);

impl Drop for StopOnPanic {
    fn drop(&mut self) {
        if thread::panicking() {
            self.0.cancel();
        }
    }
}
