//! `/api/v1/admin`, for administrators: users, the log, and this server's streams.

mod body;

use std::time::Duration;

use dotcast_log::retention;
use poem::{Result, http::Uri};
use poem_openapi::{
    ApiResponse, OpenApi,
    param::{Path, Query},
};

use self::body::{
    Account, AccountChange, AccountPage, LogBreak, LogState, LogTrim, LogTrimmed, OpenStream,
    OpenStreamPage,
};
use super::Tag;
use crate::{
    api::{
        answer::written::Written,
        problem::{
            FailsWith,
            kind::{LastAdministrator, NotAdministrator, UserNotFound},
        },
        request::{
            credentials::Caller,
            json::Json,
            params::{self, Bound, Given, Limit, Name, Params, Username},
        },
        services::ServicesRef,
    },
    error::Error,
    users::accounts::Last,
};

/// Rows that are read at a time.
const STEP: u64 = 201;

#[derive(ApiResponse)]
enum Listed {
    /// The users.
    #[oai(status = 200)]
    Page(
        Written<AccountPage>,
        /// The next page, if there is one (RFC 8288).
        #[oai(header = "Link")]
        Option<String>,
    ),
}

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

#[derive(ApiResponse)]
enum Ended {
    /// They are ended.
    #[oai(status = 204)]
    Done,
}

/// The routes.
pub struct Api;

#[OpenApi(prefix_path = "/api/v1/admin", tag = "Tag::Administration")]
impl Api {
    /// List all users
    ///
    /// Newest first, a page at a time.
    #[oai(path = "/users", method = "get", operation_id = "listAccounts")]
    #[allow(clippy::too_many_arguments, reason = "each is a part of the request")]
    async fn list(
        &self,
        services: ServicesRef<'_>,
        caller: Caller,
        uri: &Uri,
        /// How many at most.
        limit: Query<Given<Limit>>,
        /// Only users whose names contain this, without regard to case.
        q: Query<Given<Username>>,
        /// Only users with smaller ids: `next_before` of the page before.
        before: Query<Given<Bound>>,
    ) -> Result<Listed, FailsWith<NotAdministrator>> {
        check(&caller)?;
        let mut params = Params::default();
        let Limit(limit) = params.take("limit", limit.0).unwrap_or_default();
        let part = params.take("q", q.0).map(|Username(part)| part);
        let before = params.take("before", before.0).map(|Bound(id)| id);
        params.finish()?;
        let mut before = before.unwrap_or(i64::MAX);
        let mut page = services.pages.begin(limit, STEP).await;
        while let Some(wanted) = page.wants() {
            let accounts = services.accounts.search(part.as_deref(), before, wanted);
            let accounts = accounts.await?;
            let is_end = (accounts.len() as u64) < wanted;
            for account in accounts {
                before = account.user.id;
                if !page.push(before, &Account::from(account))? {
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

    /// Change a user
    ///
    /// Makes an administrator of them, or no longer; keeps them from logging in and ends their sessions, or lets them
    /// again. The last administrator who can log in stays: only the operator may take that one away.
    #[oai(
        path = "/users/:name",
        method = "patch",
        operation_id = "changeAccount"
    )]
    async fn change(
        &self,
        services: ServicesRef<'_>,
        caller: Caller,
        /// The user.
        name: Path<Given<Name>>,
        body: Json<AccountChange>,
    ) -> Result<Written<Account>, FailsWith<(NotAdministrator, (UserNotFound, LastAdministrator))>>
    {
        check(&caller)?;
        let name = params::name(name.0)?;
        let changed = services.accounts.set(&name, body.0.into(), Last::Kept);
        changed.await?;
        services.sessions.have_ended();
        let account = services.accounts.get(&name).await?;
        Ok(Written::of(&account.into())?)
    }

    /// End a user's sessions
    ///
    /// All of them. The user can log in again.
    #[oai(
        path = "/users/:name/sessions",
        method = "delete",
        operation_id = "endSessionsOfAccount"
    )]
    async fn end_sessions(
        &self,
        services: ServicesRef<'_>,
        caller: Caller,
        /// The user.
        name: Path<Given<Name>>,
    ) -> Result<Ended, FailsWith<(NotAdministrator, UserNotFound)>> {
        check(&caller)?;
        let name = params::name(name.0)?;
        services.accounts.end_sessions(&name).await?;
        services.sessions.have_ended();
        Ok(Ended::Done)
    }

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

fn check(caller: &Caller) -> Result<(), Error> {
    if caller.user.is_admin {
        Ok(())
    } else {
        Err(Error::NotAdministrator)
    }
}
