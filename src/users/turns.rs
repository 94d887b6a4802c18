//! Turns for work that is expensive by design, shared fairly between clients.
//!
//! A few have a turn at a time. Waiting callers stand in a queue per client, and the queues take turns: each request
//! of a client with a hundred connections waits as long as that of a client with one.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use tokio::sync::oneshot;

use crate::{
    error::{Error, Result},
    rates::limit::Limit,
    remote::Client,
};

/// Upper bound on the waiting callers of one client.
const PER_CLIENT: usize = 16;
/// Upper bound on the waiting callers whose client is unknown; they may come from many.
const UNKNOWN: usize = 64;
/// Upper bound on all waiting callers.
const IN_ALL: usize = 256;
/// When a client whose queue is full may retry.
const COME_AGAIN: Duration = Duration::from_secs(1);

/// Hands out turns. Clones share them.
#[derive(Clone, Debug)]
pub(super) struct Turns(Arc<Mutex<State>>);

#[derive(Debug)]
struct State {
    free: usize,
    /// The next in turn first. No queue is empty.
    lines: VecDeque<Line>,
}

#[derive(Debug)]
struct Line {
    client: Option<Client>,
    waiting: VecDeque<oneshot::Sender<Turn>>,
}

/// A turn. It ends when it is dropped.
#[derive(Debug)]
pub(super) struct Turn(Turns);

impl Turns {
    /// This many turns at a time.
    pub(super) fn new(free: usize) -> Self {
        let lines = VecDeque::new();
        Self(Arc::new(Mutex::new(State { free, lines })))
    }

    /// Waits for a turn.
    ///
    /// # Errors
    /// [`Error::RateLimited`], if too many callers of the same client are waiting; [`Error::Overloaded`], if too many
    /// are waiting in total
    pub(super) async fn take(&self, client: Option<Client>) -> Result<Turn> {
        let waiting = {
            let mut state = self.state();
            if state.free > 0 {
                state.free -= 1;
                drop(state);
                return Ok(Turn(self.clone()));
            }
            state.enqueue(client)?
        };
        // A caller that is displaced learns it from the closed channel.
        waiting.await.map_err(|_| overloaded())
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn enqueue(&mut self, client: Option<Client>) -> Result<oneshot::Receiver<Turn>> {
        // Callers that are gone take up no place.
        for line in &mut self.lines {
            line.waiting.retain(|it| !it.is_closed());
        }
        self.lines.retain(|line| !line.waiting.is_empty());
        let own = self.lines.iter().position(|it| it.client == client);
        let ahead = own.map_or(0, |own| self.lines[own].waiting.len());
        if client.is_some() && ahead >= PER_CLIENT {
            return Err(Error::RateLimited {
                why: "Too many passwords of this client are waiting to be checked.",
                retry_after: COME_AGAIN,
                limit: Limit::PasswordsPerClient,
            });
        }
        if client.is_none() && ahead >= UNKNOWN {
            return Err(overloaded());
        }
        if self.lines.iter().map(|it| it.waiting.len()).sum::<usize>() >= IN_ALL {
            self.send_away(ahead)?;
        }
        let (sender, receiver) = oneshot::channel();
        match own {
            Some(own) => self.lines[own].waiting.push_back(sender),
            None => self.lines.push_back(Line {
                client,
                waiting: VecDeque::from([sender]),
            }),
        }
        Ok(receiver)
    }

    /// Displaces the last of the longest queue, if that leaves the queue longer than `ahead`.
    fn send_away(&mut self, ahead: usize) -> Result<()> {
        let longest = self.lines.iter_mut().max_by_key(|it| it.waiting.len());
        match longest {
            Some(line) if line.waiting.len() > ahead + 1 => {
                line.waiting.pop_back();
                Ok(())
            }
            _ => Err(overloaded()),
        }
    }

    /// The next caller.
    fn next(&mut self) -> Option<oneshot::Sender<Turn>> {
        let mut line = self.lines.pop_front()?;
        let next = line.waiting.pop_front();
        if !line.waiting.is_empty() {
            self.lines.push_back(line);
        }
        next
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        let next = {
            let mut state = self.0.state();
            let next = state.next();
            state.free += usize::from(next.is_none());
            next
        };
        if let Some(next) = next {
            // A caller that is gone drops the turn at once, which then goes to the next. There are at most `IN_ALL`
            // of them.
            let _ = next.send(Self(self.0.clone()));
        }
    }
}

fn overloaded() -> Error {
    Error::Overloaded("too many passwords are being checked")
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;

    #[expect(clippy::unnecessary_wraps, reason = "so it is asked for")]
    fn client(number: u8) -> Option<Client> {
        Some(Client::at([203, 0, 113, number].into()))
    }

    /// Starts waiting as `client`.
    fn wait(turns: &Turns, client: Option<Client>) -> impl Future<Output = Result<Turn>> + Unpin {
        let turns = turns.clone();
        let mut taken = Box::pin(async move { turns.take(client).await });
        let first = (&mut taken).now_or_never();
        assert!(first.is_none(), "{first:?}");
        taken
    }

    async fn refused(turns: &Turns, client: Option<Client>) -> Error {
        let taken = turns
            .take(client)
            .now_or_never()
            .expect("an answer at once");
        taken.expect_err("no turn")
    }

    #[tokio::test]
    async fn clients_take_turns_however_many_of_each_wait() {
        let turns = Turns::new(1);
        let mut turn = turns.take(client(1)).await.expect("a turn");
        let mut greedy: VecDeque<_> = (0..PER_CLIENT).map(|_| wait(&turns, client(1))).collect();
        let mut honest = wait(&turns, client(2));
        for _ in 0..2 {
            drop(turn);
            let mut next = greedy.pop_front().expect("one that waits");
            turn = match (&mut next).now_or_never() {
                Some(turn) => turn.expect("a turn"),
                None => return drop(honest.await.expect("a turn after one of the other client")),
            };
            assert!((&mut honest).now_or_never().is_none());
        }
        panic!("two of the other client came before it");
    }

    #[tokio::test]
    async fn a_client_whose_line_is_full_is_told_to_come_again() {
        let turns = Turns::new(1);
        let turn = turns.take(client(1)).await.expect("a turn");
        let mut waiting: VecDeque<_> = (0..PER_CLIENT).map(|_| wait(&turns, client(1))).collect();
        assert!(matches!(
            refused(&turns, client(1)).await,
            Error::RateLimited { .. }
        ));
        // A caller that gives up frees its place.
        waiting.pop_back();
        waiting.push_back(wait(&turns, client(1)));
        assert!(matches!(
            refused(&turns, client(1)).await,
            Error::RateLimited { .. }
        ));
        drop(turn);
        for waiting in waiting {
            drop(waiting.await.expect("a turn"));
        }
        assert_eq!(turns.state().free, 1);
        assert!(turns.state().lines.is_empty());
    }

    #[tokio::test]
    async fn one_more_client_takes_the_place_of_the_last_in_the_longest_line() {
        let turns = Turns::new(1);
        let turn = turns.take(None).await.expect("a turn");
        let lines = IN_ALL / PER_CLIENT;
        let mut waiting: Vec<_> = (0..lines)
            .flat_map(|line| {
                std::iter::repeat_n(client(u8::try_from(line).expect("few")), PER_CLIENT)
            })
            .map(|client| wait(&turns, client))
            .collect();
        let honest = wait(&turns, client(255));
        let count = turns
            .state()
            .lines
            .iter()
            .map(|it| it.waiting.len())
            .sum::<usize>();
        assert_eq!(count, IN_ALL);
        let sent_away = waiting.iter_mut().filter_map(FutureExt::now_or_never);
        let sent_away: Vec<_> = sent_away.collect();
        assert!(
            matches!(&sent_away[..], [Err(Error::Overloaded(_))]),
            "{sent_away:?}"
        );
        drop((turn, waiting));
        drop(honest.await.expect("a turn"));
    }

    #[tokio::test]
    async fn those_that_have_gone_do_not_keep_the_turn() {
        let turns = Turns::new(2);
        let held = [turns.take(None).await, turns.take(None).await];
        let gone: Vec<_> = (0..UNKNOWN).map(|_| wait(&turns, None)).collect();
        assert!(matches!(refused(&turns, None).await, Error::Overloaded(_)));
        drop(gone);
        let waits = wait(&turns, None);
        drop(held);
        drop(waits.await.expect("a turn"));
        assert_eq!(turns.state().free, 2);
    }
}
