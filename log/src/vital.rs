//! Tasks and threads that the server cannot do without.

use std::{
    future::Future,
    sync::{Arc, OnceLock},
    thread,
};

use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

/// A task or a thread has ended because of a defect. The log has its panic.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0} panicked")]
pub struct Panicked(pub &'static str);

/// Watches over tasks and threads: if one panics, the server is told to stop. Otherwise it would go on as if nothing
/// had happened, with streams that get no news or writes that all fail. Clones share what they watch.
#[derive(Clone, Debug, Default)]
pub struct Vital {
    stop: CancellationToken,
    broken: Arc<OnceLock<Panicked>>,
}

/// Held by a task or a thread while it works.
#[derive(Debug)]
pub struct Guard {
    name: &'static str,
    vital: Vital,
}

impl Vital {
    /// Cancelled when the server stops, or has to stop.
    pub fn stop(&self) -> &CancellationToken {
        &self.stop
    }

    /// A guard for a thread, which holds it as long as it runs.
    pub fn guard(&self, name: &'static str) -> Guard {
        Guard {
            name,
            vital: self.clone(),
        }
    }

    /// Runs a task under a guard.
    pub fn spawn(
        &self,
        name: &'static str,
        task: impl Future<Output = ()> + Send + 'static,
    ) -> JoinHandle<()> {
        let guard = self.guard(name);
        tokio::spawn(async move {
            let _guard = guard;
            task.await;
        })
    }

    /// # Errors
    /// If one has panicked: the first of them.
    pub fn check(&self) -> Result<(), Panicked> {
        self.broken.get().map_or(Ok(()), |&panicked| Err(panicked))
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        if thread::panicking() {
            let _ = self.vital.broken.set(Panicked(self.name));
            self.vital.stop.cancel();
        }
    }
}

/// Where tests can cause a panic. A build without debug assertions does nothing here.
///
/// # Panics
/// If `DOTCAST_TEST_PANIC` in the environment has this name.
pub fn test_panic(name: &str) {
    #[cfg(debug_assertions)]
    assert!(
        std::env::var_os("DOTCAST_TEST_PANIC").is_none_or(|named| named != name),
        "DOTCAST_TEST_PANIC={name}"
    );
    #[cfg(not(debug_assertions))]
    let _ = name;
}
