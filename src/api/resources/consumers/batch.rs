//! Hands out the events past a consumer's cursor.

use std::time::Duration;

use dotcast_log::{EventId, right::Right};
use poem::Request;
use tokio::time::Instant;

use super::body::{ConsumerEvents, Rest};
use crate::{
    api::{
        answer::{
            page::PageWriter,
            waiting::{Patient, Until, Wait, Waiting},
            written::Written,
        },
        problem::Failure,
        request::head,
        resources::{events::Event, full::too_many},
        services::Services,
    },
    consumers::leases::{Batch, Free, Lease},
    error::Error,
    remote::Remote,
};

/// Upper bound on the events that are read at a time.
const STEP: u64 = 201;
/// How long to go on at once where a filter has found nothing and the log has more.
const SEARCH: Duration = Duration::from_secs(1);
/// How often to try again after others have changed the consumer at the same moment.
pub(in crate::api::resources) const ROUNDS: usize = 5;
/// After that, when to come again.
const CONTENTION: Duration = Duration::from_secs(1);

/// What a worker asks for.
pub(super) struct Wanted<'a> {
    pub user_id: i64,
    pub name: &'a str,
    /// Upper bound on the events.
    pub limit: u64,
    /// How long to wait for some, if at all.
    pub wait: Option<Duration>,
    /// How long others are kept from them.
    pub lease: Duration,
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

/// Others have the consumer again and again before this request does.
pub(in crate::api::resources) fn contended() -> Failure {
    let retry_after = CONTENTION;
    Error::Leased { retry_after }.into()
}

/// A batch for a worker.
pub(super) async fn hand_out(
    services: &Services,
    request: &Request,
    wanted: Wanted<'_>,
) -> Result<Patient<Written<ConsumerEvents>>, Failure> {
    services.hub.own_writes().await;
    for _ in 0..ROUNDS {
        let free = services.consumers.free(wanted.user_id, wanted.name).await?;
        let Read {
            page,
            batch,
            is_end,
        } = search(services, &free, wanted.limit).await?;
        let is_look = head::is_asked(request);
        let is_vain = is_end && !free.is_news(&batch);
        let until = wanted
            .wait
            .filter(|_| is_vain && !is_look && !services.hub.is_stopping())
            .and_then(|patience| Until::of(request, patience));
        if let Some(until) = until {
            let client = Remote::of(request).client;
            let wait = Wait {
                hub: services.hub.clone(),
                cursor: batch.through,
                filter: free.filter(),
                until,
                right: wanted.right,
                place: services.places.take(client).map_err(too_many)?,
            };
            return Ok(Patient {
                content: written(page, &batch, Lease::default())?,
                waiting: Some(Waiting::new(wait)),
            });
        }
        let lease = if is_look {
            Some(free.unleased(&batch))
        } else {
            let consumers = &services.consumers;
            consumers.hand_out(&free, &batch, wanted.lease).await?
        };
        if let Some(lease) = lease {
            return Ok(Patient {
                content: written(page, &batch, lease)?,
                waiting: None,
            });
        }
    }
    Err(contended())
}

fn written(
    page: PageWriter,
    batch: &Batch,
    lease: Lease,
) -> Result<Written<ConsumerEvents>, Failure> {
    page.finish(&Rest {
        lease_id: lease.id,
        lease_until: lease.until,
        next_after: batch.through,
        reset: lease.reset,
    })
}

/// Reads until there is something to tell, or has been nothing for a while.
async fn search(services: &Services, free: &Free, limit: u64) -> Result<Read, Failure> {
    let began = Instant::now();
    let mut from = free.cursor();
    loop {
        let read = read(services, free, from, limit).await?;
        if read.is_end || free.is_news(&read.batch) || began.elapsed() >= SEARCH {
            return Ok(read);
        }
        from = read.batch.through;
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
