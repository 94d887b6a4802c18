//! Work that finishes even if nobody waits for it any more.
//!
//! A task for each statement would do as well, but its answer wakes the task, and then the task its caller, often on
//! another thread.

use std::{
    pin::Pin,
    task::{Context, Poll},
};

use tokio::runtime::Handle;

/// Runs where it is awaited. If it is dropped before its end, a task of the runtime takes it over from there; without
/// a runtime it is dropped.
pub(super) struct Finishing<T: Send + 'static> {
    /// None once it has ended.
    work: Option<Pin<Box<dyn Future<Output = T> + Send>>>,
}

impl<T: Send + 'static> Finishing<T> {
    pub(super) fn new(work: impl Future<Output = T> + Send + 'static) -> Self {
        let work = Some(Box::pin(work) as _);
        Self { work }
    }
}

impl<T: Send + 'static> Future for Finishing<T> {
    type Output = T;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<T> {
        // Taken out, so that work that panics is not taken over.
        let Some(mut work) = self.work.take() else {
            return Poll::Pending;
        };
        let outcome = work.as_mut().poll(context);
        if outcome.is_pending() {
            self.work = Some(work);
        }
        outcome
    }
}

impl<T: Send + 'static> Drop for Finishing<T> {
    fn drop(&mut self) {
        if let Some(work) = self.work.take()
            && let Ok(runtime) = Handle::try_current()
        {
            runtime.spawn(work);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{
        Arc,
        atomic::{AtomicBool, Ordering::Relaxed},
    };

    use tokio::sync::oneshot;

    use super::*;

    #[tokio::test]
    async fn work_finishes_after_its_caller_has_gone() {
        let (go, gone) = oneshot::channel::<()>();
        let (done, end) = oneshot::channel();
        let began = Arc::<AtomicBool>::default();
        let mut work = {
            let began = Arc::clone(&began);
            Finishing::new(async move {
                began.store(true, Relaxed);
                gone.await.expect("a word");
                done.send(()).expect("somebody listens");
            })
        };
        tokio::select! {
            biased;
            () = &mut work => unreachable!("it waits"),
            () = std::future::ready(()) => {}
        }
        assert!(began.load(Relaxed), "it runs where it is awaited");
        drop(work);
        go.send(()).expect("it is still there");
        end.await.expect("its end");
    }
}
