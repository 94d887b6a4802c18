//! `/api/v1/admin/users`

mod body;

use poem::{Result, http::Uri};
use poem_openapi::{
    ApiResponse, OpenApi,
    param::{Path, Query},
};

use self::body::{Account, AccountChange, AccountPage, AccountPassword};
use super::{STEP, check};
use crate::{
    api::{
        answer::written::Written,
        problem::{
            FailsWith,
            kind::{HasBoards, LastAdministrator, NotAdministrator, UserNotFound},
        },
        request::{
            credentials::Caller,
            json::Json,
            params::{self, Bound, Given, Limit, Name, Params, Username, finding::Flag},
        },
        resources::Tag,
        services::ServicesRef,
    },
    users::accounts::Last,
};

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
enum Ended {
    /// They are ended.
    #[oai(status = 204)]
    Done,
}

#[derive(ApiResponse)]
enum PasswordSet {
    /// It is set, and the user's sessions have ended.
    #[oai(status = 204)]
    Done,
}

#[derive(ApiResponse)]
enum Deleted {
    /// The user is gone.
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

    /// Set a user's password
    ///
    /// In place of one that they have forgotten. It ends all of their sessions.
    #[oai(
        path = "/users/:name/password",
        method = "put",
        operation_id = "setPasswordOfAccount"
    )]
    async fn set_password(
        &self,
        services: ServicesRef<'_>,
        caller: Caller,
        /// The user.
        name: Path<Given<Name>>,
        body: Json<AccountPassword>,
    ) -> Result<PasswordSet, FailsWith<(NotAdministrator, UserNotFound)>> {
        check(&caller)?;
        let name = params::name(name.0)?;
        services.users.set_password(&name, body.0.password).await?;
        services.sessions.have_ended();
        Ok(PasswordSet::Done)
    }

    /// Delete a user
    ///
    /// With their sessions, consumers, paths and solutions, and if it is asked for with their boards, too. Their names stay in events
    /// that are kept. It disables the user first: after a timeout, another request goes on.
    #[oai(
        path = "/users/:name",
        method = "delete",
        operation_id = "deleteAccount"
    )]
    async fn delete(
        &self,
        services: ServicesRef<'_>,
        caller: Caller,
        /// The user.
        name: Path<Given<Name>>,
        /// Delete their boards as well, each with its event; otherwise a user who has some stays.
        with_boards: Query<Given<Flag>>,
    ) -> Result<
        Deleted,
        FailsWith<(
            (NotAdministrator, UserNotFound),
            (LastAdministrator, HasBoards),
        )>,
    > {
        check(&caller)?;
        let name = params::name(name.0)?;
        let mut params = Params::default();
        let with_boards = params.take("with_boards", with_boards.0);
        params.finish()?;
        let with_boards = with_boards.is_some_and(|Flag(is_asked)| is_asked);
        let deleted = services.accounts.delete(&name, with_boards, Last::Kept);
        // Its first step ends the sessions, even if the rest fails.
        let deleted = deleted.await;
        services.sessions.have_ended();
        deleted?;
        Ok(Deleted::Done)
    }
}
