//! How those who wait for a thread of SQLite are woken.
//!
//! A task that another thread wakes goes through the queue that all of tokio's workers share. The worker that takes it
//! from there wakes another one, in case there is more to do. When only one request is under way, that is in vain. A task
//! that the event loop wakes stays on the worker that runs the loop, and another one is woken only if there are several
//! such tasks.
//!
//! So, while few wait, SQLite's threads leave wakers to a task, and write to a pipe that the event loop watches. When many
//! wait, workers are busy, and look at the shared queue more often than at the event loop: then the wakes go there.

use std::{
    future::poll_fn,
    io::{self, PipeWriter, Write as _},
    mem,
    os::fd::OwnedFd,
    pin::pin,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    task::{Context, Wake, Waker},
};

use dotcast_log::vital::{self, Vital};
use tokio::{io::AsyncReadExt as _, net::unix::pipe};

/// With no more than this under way, wakes take the event loop. A request alone has a transaction and a statement in it.
const FEW: usize = 2;

/// Wakes tasks that wait for SQLite's threads. Clones share what is under way.
#[derive(Clone, Debug)]
pub struct Wakes(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    /// How many transactions and statements are under way, or wait for their turn.
    under_way: AtomicUsize,
    due: Due,
    /// Has a byte whenever something is due.
    pipe: PipeWriter,
}

/// The tasks that are to be woken by the event loop.
#[derive(Clone, Debug, Default)]
struct Due(Arc<Mutex<Vec<Waker>>>);

/// Something that is under way, until this is dropped.
#[derive(Debug)]
pub struct UnderWay(Wakes);

/// The waker of one task, as SQLite's threads know it.
struct Detour {
    wakes: Wakes,
    task: Waker,
}

impl Wakes {
    /// Starts the task that wakes others. It ends with the last clone.
    ///
    /// # Errors
    /// If the system has no descriptors left.
    pub(super) fn open(vital: &Vital) -> io::Result<Self> {
        let (reader, pipe) = io::pipe()?;
        let reader = pipe::Receiver::from_owned_fd(OwnedFd::from(reader))?;
        let due = Due::default();
        let waking = Waking {
            reader,
            due: LastCall(due.clone()),
        };
        vital.spawn("the task that wakes others", waking.run());
        Ok(Self(Arc::new(Shared {
            under_way: AtomicUsize::new(0),
            due,
            pipe,
        })))
    }

    /// Something has been asked for.
    pub(super) fn begin(&self) -> UnderWay {
        self.0.under_way.fetch_add(1, Ordering::Relaxed);
        UnderWay(self.clone())
    }

    /// Waits for one of SQLite's threads.
    pub(super) async fn wait<F: Future>(&self, answer: F) -> F::Output {
        let _under_way = self.begin();
        let mut answer = pin!(answer);
        let mut known: Option<(Waker, Waker)> = None;
        poll_fn(|context| {
            let task = context.waker();
            let (_, detour) = match known.take() {
                Some(known) if known.0.will_wake(task) => known,
                _ => {
                    let (wakes, task) = (self.clone(), task.clone());
                    let detour = Arc::new(Detour {
                        wakes,
                        task: task.clone(),
                    });
                    (task, Waker::from(detour))
                }
            };
            let polled = answer.as_mut().poll(&mut Context::from_waker(&detour));
            known = Some((task.clone(), detour));
            polled
        })
        .await
    }

    fn wake(&self, task: &Waker) {
        if self.0.under_way.load(Ordering::Relaxed) > FEW {
            return task.wake_by_ref();
        }
        // Nobody reads when the runtime ends.
        if self.0.due.add(task) && (&self.0.pipe).write_all(&[0]).is_err() {
            self.0.due.wake_all();
        }
    }
}

impl Due {
    /// Returns whether it is the first, so that the event loop has to be told.
    fn add(&self, task: &Waker) -> bool {
        let mut due = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        due.push(task.clone());
        due.len() == 1
    }

    fn wake_all(&self) {
        let due = mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner));
        due.into_iter().for_each(Waker::wake);
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.0.0.under_way.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Wake for Detour {
    fn wake(self: Arc<Self>) {
        self.wakes.wake(&self.task);
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.wakes.wake(&self.task);
    }
}

/// Wakes tasks from the event loop.
struct Waking {
    // Dropped first: nobody adds to what is due after the last call.
    reader: pipe::Receiver,
    due: LastCall,
}

impl Waking {
    /// Wakes what is due whenever there is a byte, until no more can come.
    async fn run(mut self) {
        let mut bytes = [0; 16];
        while self
            .reader
            .read(&mut bytes)
            .await
            .is_ok_and(|count| count > 0)
        {
            vital::test_panic("wakes");
            self.due.0.wake_all();
        }
    }
}

/// Wakes what is still due in the end, whatever ends it.
struct LastCall(Due);

impl Drop for LastCall {
    fn drop(&mut self) {
        self.0.wake_all();
    }
}

#[cfg(test)]
mod tests {
    use std::{task::Poll, thread};

    use futures_util::task::noop_waker_ref;
    use tokio::{runtime, task::yield_now};

    use super::*;

    /// Counts how often it was woken.
    #[derive(Default)]
    struct Task(AtomicUsize);

    impl Task {
        fn wakes(&self) -> usize {
            self.0.load(Ordering::Relaxed)
        }
    }

    impl Wake for Task {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }

    fn event_loop() -> runtime::Runtime {
        let runtime = runtime::Builder::new_current_thread().enable_io().build();
        runtime.expect("a runtime")
    }

    /// A task that waits is woken by another thread, which is as far as this goes.
    fn woken(wakes: &Wakes) -> Arc<Task> {
        let task = Arc::new(Task::default());
        let mut known = None;
        let mut waiting = Box::pin(wakes.wait(poll_fn(|context| {
            known = Some(context.waker().clone());
            Poll::<()>::Pending
        })));
        let polled = waiting
            .as_mut()
            .poll(&mut Context::from_waker(&Arc::clone(&task).into()));
        assert!(polled.is_pending());
        drop(waiting);
        let known = known.expect("a waker");
        thread::spawn(move || known.wake()).join().expect("a wake");
        task
    }

    #[test]
    fn a_task_that_waits_alone_is_woken_by_the_event_loop() {
        event_loop().block_on(async {
            let wakes = Wakes::open(&Vital::default()).expect("a pipe");
            let _transaction = wakes.begin();
            let tasks: Vec<_> = (0..100).map(|_| woken(&wakes)).collect();
            assert!(tasks.iter().all(|task| task.wakes() == 0));
            while tasks.iter().any(|task| task.wakes() == 0) {
                yield_now().await;
            }
            let later = woken(&wakes);
            while later.wakes() == 0 {
                yield_now().await;
            }
            assert!(tasks.iter().all(|task| task.wakes() == 1));
        });
    }

    #[test]
    fn one_of_many_is_woken_at_once() {
        event_loop().block_on(async {
            let wakes = Wakes::open(&Vital::default()).expect("a pipe");
            let _others: Vec<_> = (0..=FEW).map(|_| wakes.begin()).collect();
            assert_eq!(woken(&wakes).wakes(), 1);
        });
    }

    #[test]
    fn nobody_waits_for_an_event_loop_that_has_ended() {
        let runtime = event_loop();
        let wakes = runtime.block_on(async { Wakes::open(&Vital::default()) });
        let wakes = wakes.expect("a pipe");
        let earlier = woken(&wakes);
        assert_eq!(earlier.wakes(), 0);
        drop(runtime);
        assert_eq!(earlier.wakes(), 1);
        assert_eq!(woken(&wakes).wakes(), 1);
    }

    #[test]
    fn what_moves_to_another_task_wakes_that_one() {
        event_loop().block_on(async {
            let wakes = Wakes::open(&Vital::default()).expect("a pipe");
            let (answer, answered) = tokio::sync::oneshot::channel();
            let mut waiting = Box::pin(async move { wakes.wait(answered).await });
            let polled = waiting
                .as_mut()
                .poll(&mut Context::from_waker(noop_waker_ref()));
            assert!(polled.is_pending());
            let waiting = tokio::spawn(waiting);
            yield_now().await;
            thread::spawn(move || answer.send(1))
                .join()
                .expect("sent")
                .expect("awaited");
            assert_eq!(waiting.await.expect("a task"), Ok(1));
        });
    }
}
