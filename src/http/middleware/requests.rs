//! Requests under way: which of them begin, and how long each may take.
//!
//! A request holds a place from its head until its answer has been handed out or has become a stream. It first needs
//! one of its client's places, then one of the server's. While it waits, its body is not read. So a client that sends
//! slowly or reads nothing holds up only its own requests, and bounded memory.
//!
//! Requests that have waited for news come back all at once when there is some. They have been let in
//! before, so none is refused, and they take only a part of the places, so that others need not wait for all of them.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use poem::{
    Endpoint, IntoResponse, Middleware, Request, Response, Result,
    http::{HeaderValue, Version, header},
};
use tokio::{
    sync::{AcquireError, OwnedSemaphorePermit, Semaphore},
    time::{Instant, timeout_at},
};

use super::host;
use crate::{
    api::{
        answer::waiting::Until,
        problem::{Code, Failure},
        resources::{health::PROBES, stream::Opening},
    },
    config::limits::Limits,
    rates::limit::Limit,
    remote::{Client, Remote},
};

/// How many of a client's requests may wait for each that may run; the same for all clients together.
const WAITING: usize = 8;

/// One place in so many is for requests that have waited for news.
const RETURNING: usize = 2;

/// Upper bound on the requests of one client that run or wait.
pub fn most_of_client(limits: &Limits) -> usize {
    limits.max_requests_per_client as usize * (1 + WAITING)
}

/// Lets requests begin, and ends those that take too long.
#[derive(Clone, Debug)]
pub struct Requests {
    timeout: Duration,
    turns: Arc<Turns>,
}

impl Requests {
    /// With these limits.
    pub fn new(limits: &Limits) -> Self {
        let (total, per_client) = (limits.max_requests, limits.max_requests_per_client);
        Self {
            timeout: limits.request_timeout,
            turns: Arc::new(Turns::new(total as usize, per_client as usize)),
        }
    }
}

impl<E: Endpoint<Output = Response>> Middleware<E> for Requests {
    type Output = InTurn<E>;

    fn transform(&self, endpoint: E) -> Self::Output {
        InTurn {
            endpoint,
            requests: self.clone(),
        }
    }
}

/// An endpoint whose requests begin when it is their turn.
#[derive(Debug)]
pub struct InTurn<E> {
    endpoint: E,
    requests: Requests,
}

impl<E: Endpoint<Output = Response>> Endpoint for InTurn<E> {
    type Output = Response;

    async fn call(&self, request: Request) -> Result<Response> {
        if let Err(failure) = host::check(&request) {
            return Ok(failure.into_response());
        }
        let Requests { timeout, turns } = &self.requests;
        let deadline = Instant::now() + *timeout;
        let client = Remote::of(&request).client;
        let returns = request.data::<Until>().is_some();
        let mut turn = None;
        // Probes read no body, so they need no place.
        if !PROBES.contains(&request.uri().path()) {
            match turns.enter(client, returns, deadline).await {
                Ok(begun) => turn = Some(Arc::new(begun)),
                Err(failure) => return Ok(failure.into_response()),
            }
        }
        let version = request.version();
        // A service that is dropped half way finishes what it has begun in tasks of its own, as when a client goes
        // away.
        let Ok(answer) = timeout_at(deadline, self.endpoint.call(request)).await else {
            return Ok(too_slow(*timeout, version).into_response());
        };
        let mut answer = answer?;
        if let Some(turn) = turn
            && answer.data::<Opening>().is_none()
        {
            answer.extensions_mut().insert(turn);
        }
        Ok(answer)
    }
}

fn too_slow(timeout: Duration, version: Version) -> Failure {
    let failure = Failure::new(
        Code::RequestTimeout,
        format!(
            "The request took longer than {}. Send its body faster, or try again.",
            humantime::format_duration(timeout),
        ),
    );
    // The rest of the body may still arrive and will not be read. An HTTP/2 stream is reset by itself.
    if version < Version::HTTP_2 {
        failure.with_header(header::CONNECTION, HeaderValue::from_static("close"))
    } else {
        failure
    }
}

/// Which requests are running, and which are waiting.
#[derive(Debug)]
struct Turns {
    total: usize,
    per_client: usize,
    free: Arc<Semaphore>,
    /// Those of them that may be taken by requests that have waited for news.
    returning: Arc<Semaphore>,
    present: Mutex<Present>,
}

/// Requests that run or wait.
#[derive(Debug, Default)]
struct Present {
    /// Without those that return.
    total: usize,
    /// Clients that have no requests are left out.
    clients: HashMap<Client, Share>,
}

/// The requests of one client.
#[derive(Debug)]
struct Share {
    present: usize,
    returning: usize,
    free: Arc<Semaphore>,
}

/// The right to work on a request. When it is dropped, other requests get it.
#[derive(Debug)]
pub struct Turn {
    _own: Option<OwnedSemaphorePermit>,
    _returning: Option<OwnedSemaphorePermit>,
    _of_all: OwnedSemaphorePermit,
    _presence: Presence,
}

/// Counts a request while it runs or waits.
#[derive(Debug)]
struct Presence {
    turns: Arc<Turns>,
    client: Option<Client>,
    returns: bool,
}

impl Turns {
    fn new(total: usize, per_client: usize) -> Self {
        Self {
            total,
            per_client,
            free: Arc::new(Semaphore::new(total)),
            returning: Arc::new(Semaphore::new(total.div_ceil(RETURNING))),
            present: Mutex::default(),
        }
    }

    /// Waits for a place for a request of this client. One that `returns` was let in before.
    ///
    /// # Errors
    /// If none is free by `deadline`, or if too many requests are waiting already.
    async fn enter(
        self: &Arc<Self>,
        client: Option<Client>,
        returns: bool,
        deadline: Instant,
    ) -> Result<Turn, Failure> {
        let (presence, share) = self.arrive(client, returns)?;
        let turn = async {
            let own = permit(share).await?;
            let returning = permit(returns.then(|| Arc::clone(&self.returning))).await?;
            let of_all = Arc::clone(&self.free).acquire_owned().await?;
            Ok::<_, AcquireError>(Turn {
                _own: own,
                _returning: returning,
                _of_all: of_all,
                _presence: presence,
            })
        };
        match timeout_at(deadline, turn).await {
            Ok(Ok(turn)) => Ok(turn),
            // Semaphores here are never closed.
            Ok(Err(_)) | Err(_) => Err(busy()),
        }
    }

    fn arrive(
        self: &Arc<Self>,
        client: Option<Client>,
        returns: bool,
    ) -> Result<(Presence, Option<Arc<Semaphore>>), Failure> {
        let mut present = self.present();
        if !returns && present.total >= self.total * (1 + WAITING) {
            return Err(busy());
        }
        let mut free = None;
        if let Some(client) = client {
            let share = present.clients.entry(client).or_insert_with(|| Share {
                present: 0,
                returning: 0,
                free: Arc::new(Semaphore::new(self.per_client)),
            });
            if !returns && share.present >= self.per_client * (1 + WAITING) {
                return Err(too_many(self.per_client));
            }
            *share.count(returns) += 1;
            free = Some(Arc::clone(&share.free));
        }
        present.total += usize::from(!returns);
        let presence = Presence {
            turns: Arc::clone(self),
            client,
            returns,
        };
        Ok((presence, free))
    }

    fn present(&self) -> MutexGuard<'_, Present> {
        self.present.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Share {
    fn count(&mut self, returns: bool) -> &mut usize {
        if returns {
            &mut self.returning
        } else {
            &mut self.present
        }
    }
}

/// A permit of a semaphore, where there is one.
async fn permit(
    semaphore: Option<Arc<Semaphore>>,
) -> Result<Option<OwnedSemaphorePermit>, AcquireError> {
    match semaphore {
        Some(semaphore) => semaphore.acquire_owned().await.map(Some),
        None => Ok(None),
    }
}

impl Drop for Presence {
    fn drop(&mut self) {
        let mut present = self.turns.present();
        present.total -= usize::from(!self.returns);
        if let Some(client) = self.client
            && let Some(share) = present.clients.get_mut(&client)
        {
            *share.count(self.returns) -= 1;
            if share.present + share.returning == 0 {
                present.clients.remove(&client);
            }
        }
    }
}

fn busy() -> Failure {
    Failure::new(
        Code::Unavailable,
        "The server is busy with other requests. Try again in a moment.",
    )
    .because_of(Limit::Requests)
}

fn too_many(per_client: usize) -> Failure {
    let detail = format!(
        "The server works on {per_client} requests of one client at a time, and too many of yours wait already."
    );
    Failure::rate_limited(Limit::RequestsPerClient, &detail, Duration::from_secs(1))
}

#[cfg(test)]
mod tests;
