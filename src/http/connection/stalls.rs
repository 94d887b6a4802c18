//! HTTP/2 streams whose clients do not read their answers.
//!
//! A socket shows when a whole connection is not being read, but not when a single stream is: its window is shut while
//! the others go on. hyper holds such an answer for as long as the connection lasts. So each stream runs in a task of
//! ours. The body of its answer notes each frame that it hands out, and is polled for the next one as soon as the
//! window has room again. If that does not happen in time, the task is dropped. h2 then discards what it has buffered
//! and resets the stream (RFC 9113, 5.4.2).

use std::{
    future,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    task::Poll,
    time::Duration,
};

use hyper::rt::Executor;
use tokio::time::{Instant, Sleep, sleep};

tokio::task_local! {
    static PROGRESS: Progress;
}

/// No frame has this number.
const STALLED: u64 = u64::MAX;

/// How far the client of an HTTP/2 stream has read the answer.
#[derive(Clone, Debug, Default)]
pub struct Progress(Arc<AtomicU64>);

impl Progress {
    /// The progress of the stream in whose task this is called; `None` with HTTP/1.x.
    pub fn current() -> Option<Self> {
        PROGRESS.try_with(Clone::clone).ok()
    }

    /// Records that frame number `count`, counted from 1, was handed out.
    pub fn handed(&self, count: u64) {
        self.0.store(count, Ordering::Relaxed);
    }

    /// Records that there is room for another frame.
    pub fn taken(&self) {
        self.0.store(0, Ordering::Relaxed);
    }

    /// Whether a frame has waited for too long.
    pub fn has_stalled(&self) -> bool {
        self.0.load(Ordering::Relaxed) == STALLED
    }

    /// Completes when a frame has waited for `patience`. Must be polled after each poll of the stream, and by
    /// the same task.
    async fn stalled(&self, patience: Duration) {
        let mut waiting: Option<(u64, std::pin::Pin<Box<Sleep>>)> = None;
        future::poll_fn(|context| {
            let frame = self.0.load(Ordering::Relaxed);
            if frame == 0 {
                waiting = None;
                return Poll::Pending;
            }
            let (since, timer) = waiting.get_or_insert_with(|| (frame, Box::pin(sleep(patience))));
            if *since != frame {
                *since = frame;
                timer.as_mut().reset(Instant::now() + patience);
            }
            timer.as_mut().poll(context)
        })
        .await;
        self.0.store(STALLED, Ordering::Relaxed);
    }
}

/// Runs each stream of an HTTP/2 connection in a task, and resets those that stall.
#[derive(Clone, Copy, Debug)]
pub struct StreamExecutor {
    /// How long a client may read nothing.
    pub write_timeout: Duration,
}

impl<F> Executor<F> for StreamExecutor
where
    F: Future<Output = ()> + Send + 'static,
{
    fn execute(&self, stream: F) {
        let write_timeout = self.write_timeout;
        let progress = Progress::default();
        tokio::spawn(PROGRESS.scope(progress.clone(), async move {
            tokio::select! {
                biased;
                () = stream => {}
                () = progress.stalled(write_timeout) => {
                    tracing::debug!("resetting an HTTP/2 stream whose client takes nothing");
                }
            }
        }));
    }
}
