//! `/api/v1/consumers`

pub(in crate::api::resources) mod batch;
mod body;

use poem::{Request, Result, http::Uri};
use poem_openapi::{
    ApiResponse, OpenApi,
    param::{Path, Query},
};

use self::{
    batch::Wanted,
    body::{
        Acknowledgement, Consumer, ConsumerEvents, ConsumerMoved, ConsumerPage, ConsumerPosition,
        ConsumerSettings,
    },
};
use super::Tag;
use crate::{
    api::{
        answer::{waiting::Patient, written::Written},
        problem::{
            FailsWith, Failure,
            kind::{ConsumerNotFound, LeaseLost, Leased, TooManyConsumers, TooManyStreams},
        },
        request::{
            credentials::Caller,
            json::Json,
            params::{
                Bound, Given, Limit, Params, Patience,
                consumers::{ConsumerName, LeaseTime, name as consumer_name},
            },
        },
        services::ServicesRef,
    },
    consumers::{Draft, Put},
};

/// Rows that are read at a time.
const STEP: u64 = 101;

#[derive(ApiResponse)]
enum Kept {
    /// It was there, and is now like this.
    #[oai(status = 200)]
    Changed(Written<Consumer>),
    /// It is new.
    #[oai(status = 201)]
    Created(
        Written<Consumer>,
        /// Where it is.
        #[oai(header = "Location")]
        String,
    ),
}

#[derive(ApiResponse)]
enum Listed {
    /// The consumers.
    #[oai(status = 200)]
    Page(
        Written<ConsumerPage>,
        /// The next page, if there is one (RFC 8288).
        #[oai(header = "Link")]
        Option<String>,
    ),
}

#[derive(ApiResponse)]
enum Taken {
    /// The events.
    #[oai(status = 200)]
    Batch(Patient<Written<ConsumerEvents>>),
}

#[derive(ApiResponse)]
enum Deleted {
    /// It is gone.
    #[oai(status = 204)]
    Done,
}

/// The routes.
pub struct Api;

#[OpenApi(prefix_path = "/api/v1/consumers", tag = "Tag::Consumers")]
impl Api {
    /// List my consumers
    ///
    /// Newest first, a page at a time, with how far they are behind.
    #[oai(path = "/", method = "get", operation_id = "listConsumers")]
    async fn list(
        &self,
        services: ServicesRef<'_>,
        caller: Caller,
        uri: &Uri,
        /// How many at most.
        limit: Query<Given<Limit>>,
        /// Only consumers that are older: `next_before` of the page before.
        before: Query<Given<Bound>>,
    ) -> Result<Listed, Failure> {
        let mut params = Params::default();
        let Limit(limit) = params.take("limit", limit.0).unwrap_or_default();
        let before = params.take("before", before.0).map(|Bound(id)| id);
        params.finish()?;
        let mut before = before.unwrap_or(i64::MAX);
        let mut page = services.pages.begin(limit, STEP).await;
        while let Some(wanted) = page.wants() {
            let consumers = services.consumers.list(caller.user.id, before, wanted);
            let consumers = consumers.await?;
            let is_end = (consumers.len() as u64) < wanted;
            for consumer in consumers {
                before = consumer.row.id;
                if !page.push(before, &Consumer::from(consumer))? {
                    break;
                }
            }
            if is_end {
                break;
            }
        }
        let (page, link) = page.finish_newest_first(uri)?;
        Ok(Listed::Page(page, link))
    }

    /// Make or change a consumer
    ///
    /// A consumer is a cursor that the server keeps, for programs that must not keep state. A worker asks for the events
    /// past it and acknowledges them. The same request again changes nothing, so each worker may send it when it
    /// starts, without `after` and `now`. With another filter, or with a start, the consumer's lease ends.
    #[oai(path = "/:name", method = "put", operation_id = "putConsumer")]
    async fn put(
        &self,
        services: ServicesRef<'_>,
        caller: Caller,
        /// The consumer.
        name: Path<Given<ConsumerName>>,
        body: Json<ConsumerSettings>,
    ) -> Result<Kept, FailsWith<TooManyConsumers>> {
        let name = consumer_name(Params::default(), name.0)?;
        let draft = Draft::try_from(body.0)?;
        let Put { consumer, is_new } = services.consumers.put(&caller.user, &name, draft).await?;
        let consumer = Written::of(&Consumer::from(consumer))?;
        Ok(if is_new {
            Kept::Created(consumer, format!("/api/v1/consumers/{name}"))
        } else {
            Kept::Changed(consumer)
        })
    }

    /// Show a consumer
    ///
    /// With how far it is behind. A consumer of somebody else's is answered like one that does not exist.
    #[oai(path = "/:name", method = "get", operation_id = "getConsumer")]
    async fn get(
        &self,
        services: ServicesRef<'_>,
        caller: Caller,
        /// The consumer.
        name: Path<Given<ConsumerName>>,
    ) -> Result<Written<Consumer>, FailsWith<ConsumerNotFound>> {
        let name = consumer_name(Params::default(), name.0)?;
        let consumer = services.consumers.get(caller.user.id, &name).await?;
        Ok(Written::of(&Consumer::from(consumer))?)
    }

    /// Delete a consumer
    ///
    /// Its cursor is forgotten.
    #[oai(path = "/:name", method = "delete", operation_id = "deleteConsumer")]
    async fn delete(
        &self,
        services: ServicesRef<'_>,
        caller: Caller,
        /// The consumer.
        name: Path<Given<ConsumerName>>,
    ) -> Result<Deleted, FailsWith<ConsumerNotFound>> {
        let name = consumer_name(Params::default(), name.0)?;
        services.consumers.delete(caller.user.id, &name).await?;
        Ok(Deleted::Done)
    }

    /// Take events of a consumer
    ///
    /// The events past its cursor, oldest first, under a lease. Nobody else gets events of this consumer until they are
    /// acknowledged, or the lease has ended; then they are handed out again. So each event is handed out at least once.
    ///
    /// HEAD takes nothing. A stream can be opened as a consumer instead: `followEvents` with `consumer`.
    #[oai(
        path = "/:name/events",
        method = "get",
        operation_id = "takeConsumerEvents"
    )]
    #[allow(clippy::too_many_arguments, reason = "each is a part of the request")]
    async fn events(
        &self,
        services: ServicesRef<'_>,
        request: &Request,
        caller: Caller,
        /// The consumer.
        name: Path<Given<ConsumerName>>,
        /// How many at most.
        limit: Query<Given<Limit>>,
        /// If there are none, wait for so long (1 ms to 60 s), and answer as soon as there are some. It counts as a stream
        /// meanwhile.
        wait: Query<Given<Patience>>,
        /// How long others are kept from them, from 1 second to 12 hours: `30s`.
        lease: Query<Given<LeaseTime>>,
    ) -> Result<Taken, FailsWith<((ConsumerNotFound, Leased), TooManyStreams)>> {
        let mut params = Params::default();
        let Limit(limit) = params.take("limit", limit.0).unwrap_or_default();
        let wait = params.take("wait", wait.0).map(|Patience(it)| it);
        let LeaseTime(lease) = params.take("lease", lease.0).unwrap_or_default();
        let name = consumer_name(params, name.0)?;
        let right = services
            .needs_session
            .then(|| services.watch.right(&caller.session));
        let wanted = Wanted {
            user_id: caller.user.id,
            name: &name,
            limit,
            wait,
            lease,
            right,
        };
        let batch = batch::hand_out(&services, request, wanted).await?;
        Ok(Taken::Batch(batch))
    }

    /// Acknowledge events of a consumer
    ///
    /// Moves the cursor to this event, and never backwards: for one that was acknowledged before, nothing changes. The
    /// lease ends with the last event of its batch. As long as nobody else was given the events, a lease that is over
    /// still acknowledges them.
    #[oai(
        path = "/:name/ack",
        method = "post",
        operation_id = "acknowledgeConsumerEvents"
    )]
    async fn ack(
        &self,
        services: ServicesRef<'_>,
        caller: Caller,
        /// The consumer.
        name: Path<Given<ConsumerName>>,
        body: Json<Acknowledgement>,
    ) -> Result<Written<ConsumerMoved>, FailsWith<(ConsumerNotFound, LeaseLost)>> {
        let name = consumer_name(Params::default(), name.0)?;
        let Acknowledgement { id, lease_id } = body.0;
        let moved = services
            .consumers
            .ack(caller.user.id, &name, id, lease_id.as_deref())
            .await?;
        Ok(Written::of(&moved.into())?)
    }

    /// Move a consumer
    ///
    /// Puts its cursor anywhere, forwards or backwards, and ends its lease. What lies between is not handed out, or handed
    /// out again.
    #[oai(path = "/:name/seek", method = "post", operation_id = "seekConsumer")]
    async fn seek(
        &self,
        services: ServicesRef<'_>,
        caller: Caller,
        /// The consumer.
        name: Path<Given<ConsumerName>>,
        body: Json<ConsumerPosition>,
    ) -> Result<Written<ConsumerMoved>, FailsWith<ConsumerNotFound>> {
        let name = consumer_name(Params::default(), name.0)?;
        let ConsumerPosition { after } = body.0;
        let moved = services
            .consumers
            .seek(caller.user.id, &name, after)
            .await?;
        Ok(Written::of(&moved.into())?)
    }
}
