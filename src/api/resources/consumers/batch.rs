//! Hands out the events past a consumer's cursor, and waits for some.

use std::{future, time::Duration};

use dotcast_log::{EventId, right::Right};
use tokio::time::{Instant, sleep_until, timeout_at};

use super::body::{ConsumerEvents, Rest};
use crate::{
    api::{
        answer::{page::PageWriter, written::Written},
        problem::Failure,
        resources::events::Event,
        services::Services,
    },
    consumers::leases::{Batch, Free},
    error::{Error, TokenFault},
};

/// Upper bound on the events that are read at a time.
const STEP: u64 = 201;
/// How long to go on at once where a filter has found nothing and the log has more.
const SEARCH: Duration = Duration::from_secs(1);
/// How often to try again after others have changed the consumer at the same moment.
const ROUNDS: usize = 5;
/// After that, when to come again.
const CONTENTION: Duration = Duration::from_secs(1);

/// What a worker asks for.
pub(super) struct Wanted<'a> {
    pub user_id: i64,
    pub name: &'a str,
    /// Upper bound on the events.
    pub limit: u64,
    /// How long to wait for some.
    pub wait: Duration,
    /// How long others are kept from them; `None` only looks at them.
    pub lease: Option<Duration>,
    /// The right to follow the log, where not everybody has it.
    pub right: Option<Right>,
}

/// What was read of the log.
struct Read {
    page: PageWriter,
    batch: Batch,
    /// Whether this was all there is.
    is_end: bool,
}

/// A batch for a worker.
pub(super) async fn hand_out(
    services: &Services,
    wanted: &Wanted<'_>,
) -> Result<Written<ConsumerEvents>, Failure> {
    let began = Instant::now();
    services.hub.own_writes().await;
    for _ in 0..ROUNDS {
        let free = services.consumers.free(wanted.user_id, wanted.name).await?;
        let Read { page, batch, .. } = read_or_wait(services, wanted, &free, began).await?;
        let lease = match wanted.lease {
            Some(lease) => services.consumers.hand_out(&free, &batch, lease).await?,
            None => Some(free.unleased(&batch)),
        };
        if let Some(lease) = lease {
            return page.finish(&Rest {
                lease_id: lease.id,
                lease_until: lease.until,
                next_after: batch.through,
                reset: lease.reset,
            });
        }
    }
    let retry_after = CONTENTION;
    Err(Error::Leased { retry_after }.into())
}

/// Reads until there is something to tell, or it is time to answer.
async fn read_or_wait(
    services: &Services,
    wanted: &Wanted<'_>,
    free: &Free,
    began: Instant,
) -> Result<Read, Failure> {
    let mut deadline = began + wanted.wait;
    let mut settled = services.hub.subscribe();
    let mut from = free.cursor();
    loop {
        // What comes after this is news.
        settled.borrow_and_update();
        let read = read(services, free, from, wanted.limit).await?;
        let now = Instant::now();
        let goes_on = !read.is_end && now < deadline.max(began + SEARCH);
        if free.is_news(&read.batch) || !goes_on && now >= deadline {
            return Ok(read);
        }
        from = read.batch.through;
        // A turn to make pages is kept from nobody meanwhile.
        drop(read);
        if goes_on {
            continue;
        }
        tokio::select! {
            // In time or not: it is read once more.
            _ = timeout_at(deadline, settled.changed()) => {}
            () = services.hub.stop().cancelled() => deadline = now,
            () = is_over(wanted.right.as_ref()) => {
                return Err(Error::Token(TokenFault::Revoked).into());
            }
        }
    }
}

/// Completes when the right has ended.
async fn is_over(right: Option<&Right>) {
    match right {
        Some(right) => {
            tokio::select! {
                () = right.withdrawn.cancelled() => {}
                () = sleep_until(right.until.into()) => {}
            }
        }
        None => future::pending().await,
    }
}

/// Reads the events past `from` as `GET /api/v1/events` does.
async fn read(
    services: &Services,
    free: &Free,
    from: EventId,
    limit: u64,
) -> Result<Read, Failure> {
    let mut listing = services.hub.list(from, free.filter()).await?;
    let start = listing.through();
    let mut page = services.pages.begin(limit, STEP).await;
    let mut last = None;
    while let Some(wanted) = page.wants() {
        let Some(events) = listing.next(wanted).await? else {
            break;
        };
        for event in events {
            let id = event.id;
            if !page.push(id, &Event::from(event))? {
                break;
            }
            last = Some(id);
        }
    }
    let trimmed_through = listing.trimmed_through();
    let batch = Batch {
        base: start.max(trimmed_through),
        last,
        through: page
            .next()
            .unwrap_or(listing.through())
            .max(trimmed_through),
        reset: free.reset(from, listing.reset(), trimmed_through),
    };
    Ok(Read {
        is_end: page.next().is_some() || listing.is_end(),
        page,
        batch,
    })
}
