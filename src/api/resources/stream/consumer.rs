//! Streams that are opened as a consumer.

use dotcast_log::{cursor::Origin, feed::Start, filter::Filter, frame::Reset, right::Right};

use crate::{
    api::{
        problem::Failure,
        resources::consumers::batch::{ROUNDS, contended},
        services::Services,
    },
    consumers::leases::StreamLease,
};

/// Where a stream starts that is opened as a consumer.
pub(super) struct Place {
    pub start: Start,
    /// The consumer's.
    pub filter: Filter,
    /// `None` for who only looks.
    pub lease: Option<StreamLease>,
}

/// Takes a consumer's events for a stream under the right `session`. `is_look` takes nothing.
pub(super) async fn take(
    services: &Services,
    user_id: i64,
    name: &str,
    session: &Right,
    is_look: bool,
) -> Result<Place, Failure> {
    for _ in 0..ROUNDS {
        let free = services.consumers.free(user_id, name).await?;
        let cursor = free.cursor();
        let (start, found) = services.hub.locate(Origin::After(cursor)).await?;
        let extent = services.hub.extent().await?;
        let start = start.max(extent.trimmed_through);
        let found = found.map(|it| it.reason);
        let reason = free
            .reset(cursor, found, extent.trimmed_through)
            .or_else(|| free.untaken_reset());
        let place = |lease| Place {
            start: (start, reason.map(|it| Reset::new(it, cursor, extent))),
            filter: free.filter(),
            lease,
        };
        if is_look {
            return Ok(place(None));
        }
        let lease = services
            .consumers
            .hand_out_to_stream(&free, start, reason, session.clone())
            .await?;
        if lease.is_some() {
            return Ok(place(lease));
        }
    }
    Err(contended())
}
