//! `/api/v1/admin/log`, `/api/v1/admin/streams`

mod body;

use std::time::Duration;

use dotcast_log::retention;
use poem::{Result, http::Uri};
use poem_openapi::{ApiResponse, OpenApi, param::Query};

use self::body::{LogBreak, LogState, LogTrim, LogTrimmed, OpenStream, OpenStreamPage};
use super::{STEP, check};
use crate::api::{
    answer::written::Written,
    problem::{FailsWith, kind::NotAdministrator},
    request::{
        credentials::Caller,
        json::Json,
        params::{Bound, Given, Limit, Params},
    },
    resources::Tag,
    services::ServicesRef,
};

#[derive(ApiResponse)]
enum Streams {
    /// The streams.
    #[oai(status = 200)]
    Page(
        Written<OpenStreamPage>,
        /// The next page, if there is one (RFC 8288).
        #[oai(header = "Link")]
        Option<String>,
    ),
}

/// The routes.
pub struct Api;

#[OpenApi(prefix_path = "/api/v1/admin", tag = "Tag::Administration")]
impl Api {
    /// How is the log?
    ///
    /// Where it begins and ends, what is missing in it, and how many streams this server has open.
    #[oai(path = "/log", method = "get", operation_id = "getLogState")]
    async fn log(
        &self,
        services: ServicesRef<'_>,
        caller: Caller,
    ) -> Result<Written<LogState>, FailsWith<NotAdministrator>> {
        check(&caller)?;
        services.hub.own_writes().await;
        let extent = services.hub.extent().await?;
        let breaks = services.hub.breaks().into_iter().map(LogBreak::from);
        let open = services.open_streams.count();
        Ok(Written::of(&LogState {
            oldest_id: extent.oldest,
            newest_id: extent.newest,
            settled_id: services.hub.settled(),
            trimmed_through: extent.trimmed_through,
            breaks: breaks.collect(),
            open_streams: i64::try_from(open).unwrap_or(i64::MAX),
        })?)
    }

    /// List the streams that are open
    ///
    /// Those of the server that answers, newest first, a page at a time. Each is as it is at that moment.
    #[oai(path = "/streams", method = "get", operation_id = "listOpenStreams")]
    async fn streams(
        &self,
        services: ServicesRef<'_>,
        caller: Caller,
        uri: &Uri,
        /// How many at most.
        limit: Query<Given<Limit>>,
        /// Only streams with smaller ids: `next_before` of the page before.
        before: Query<Given<Bound>>,
    ) -> Result<Streams, FailsWith<NotAdministrator>> {
        check(&caller)?;
        let mut params = Params::default();
        let Limit(limit) = params.take("limit", limit.0).unwrap_or_default();
        let before = params.take("before", before.0).map(|Bound(id)| id);
        params.finish()?;
        let mut page = services.pages.begin(limit, STEP).await;
        // One more than the page has tells whether another follows.
        let most = usize::try_from(limit + 1).unwrap_or(usize::MAX);
        let streams = services.open_streams.list(before.unwrap_or(i64::MAX), most);
        let settled = services.hub.settled();
        let users = streams.iter().filter_map(|it| it.user);
        let names = services.accounts.names(users).await?;
        for stream in &streams {
            let username = stream.user.and_then(|id| names.get(&id)).cloned();
            if !page.push(stream.id, &OpenStream::new(stream, username, settled))? {
                break;
            }
        }
        let (page, link) = page.finish_newest_first(uri)?;
        Ok(Streams::Page(page, link))
    }

    /// Delete old events now
    ///
    /// As `dotcast trim` does. It ends with the request: after a timeout, some are deleted, and another request goes
    /// on.
    #[oai(path = "/log/trim", method = "post", operation_id = "trimLog")]
    async fn trim(
        &self,
        services: ServicesRef<'_>,
        caller: Caller,
        body: Json<LogTrim>,
    ) -> Result<Written<LogTrimmed>, FailsWith<NotAdministrator>> {
        check(&caller)?;
        let older_than = Duration::from_secs(body.0.older_than_seconds.unsigned_abs());
        services.hub.own_writes().await;
        let deleted = retention::trim(&services.log, older_than, services.hub.settled()).await?;
        Ok(Written::of(&LogTrimmed {
            deleted: i64::try_from(deleted).unwrap_or(i64::MAX),
        })?)
    }
}
