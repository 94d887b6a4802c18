//! `/api/v1/sessions`

use chrono::Utc;
use entity::session;
use poem::{Request, Result};
use poem_openapi::{ApiResponse, Object, OpenApi, param, types::Example};
use sea_orm::prelude::DateTimeUtc;
use serde::{Deserialize, Serialize};

use super::{Tag, users::User};
use crate::{
    api::{
        answer::written::{Written, time},
        examples,
        problem::{
            FailsWith, Failure,
            kind::{SessionNotFound, UserDisabled, WrongCredentials},
        },
        request::{
            credentials::{Caller, Tokens, cookie_name},
            json::Json,
            params::{self, Given, Id},
        },
        services::{Services, ServicesRef},
    },
    error::Error,
    remote::Remote,
    users::{Credentials, KnownSession, Origin},
};

/// The name and password of a registered user.
#[derive(Object, Deserialize)]
#[oai(example)]
pub struct NewSession {
    #[oai(validator(max_length = 256))]
    pub username: String,
    #[oai(validator(max_length = 256))]
    pub password: String,
}

impl Example for NewSession {
    fn example() -> Self {
        Self {
            username: "ada".to_owned(),
            password: "correct horse".to_owned(),
        }
    }
}

/// A session that was just opened.
#[derive(Clone, Debug, Object, Serialize)]
#[oai(example)]
pub struct Session {
    /// Send it as `Authorization: Bearer TOKEN`. It is shown only now.
    pub token: String,
    /// From when on it is refused.
    #[serde(serialize_with = "time")]
    pub expires_at: DateTimeUtc,
    pub user: User,
}

impl Example for Session {
    fn example() -> Self {
        Self {
            token: "5nGvEF8dP2iCkWtQh0uJrXbYzL7mAoS1w9NfK3eVgTc".to_owned(),
            expires_at: examples::time() + chrono::Duration::days(30),
            user: User::example(),
        }
    }
}

/// One of the caller's sessions. Its token is not told again.
#[derive(Clone, Debug, Object, Serialize)]
#[oai(example)]
pub struct OpenSession {
    pub id: i64,
    /// When the user logged in.
    #[serde(serialize_with = "time")]
    pub created_at: DateTimeUtc,
    /// When it ends by itself.
    #[serde(serialize_with = "time")]
    pub expires_at: DateTimeUtc,
    /// Whether it is the session of this very request.
    pub is_current: bool,
}

impl Example for OpenSession {
    fn example() -> Self {
        Self {
            id: 1,
            created_at: examples::time(),
            expires_at: examples::time() + chrono::Duration::days(30),
            is_current: true,
        }
    }
}

impl OpenSession {
    fn new(session: &session::Model, current: i64) -> Self {
        Self {
            id: session.id,
            created_at: session.created_at,
            expires_at: session.expires_at,
            is_current: session.id == current,
        }
    }
}

/// The caller's open sessions, newest first.
#[derive(Clone, Debug, Object, Serialize)]
#[oai(example)]
pub struct OpenSessions {
    pub items: Vec<OpenSession>,
}

impl Example for OpenSessions {
    fn example() -> Self {
        Self {
            items: vec![OpenSession::example()],
        }
    }
}

#[derive(ApiResponse)]
enum Ended {
    /// Its token opens nothing any more.
    #[oai(status = 204)]
    Done,
}

#[derive(ApiResponse)]
enum LoggedIn {
    /// The session.
    #[oai(status = 201)]
    Created(
        Written<Session>,
        /// The same token for browsers: `HttpOnly`, `SameSite=Strict`.
        #[oai(header = "Set-Cookie")]
        String,
    ),
}

#[derive(ApiResponse)]
enum LoggedOut {
    /// The token opens nothing any more.
    #[oai(status = 204)]
    Done(
        /// Makes browsers forget the cookie.
        #[oai(header = "Set-Cookie")]
        String,
    ),
}

/// The routes.
pub struct Api;

#[OpenApi(prefix_path = "/api/v1/sessions", tag = "Tag::Sessions")]
impl Api {
    /// Log in
    ///
    /// Answers a token, and sets it as a cookie for browsers. The oldest session ends when there are too
    /// many. After too many wrong passwords from one client, or for one name, the next are refused for a
    /// while with `rate_limited`, right or wrong. A user whom the operator has disabled is told so after the
    /// right password.
    #[oai(path = "/", method = "post", operation_id = "logIn")]
    async fn log_in(
        &self,
        services: ServicesRef<'_>,
        request: &Request,
        body: Json<NewSession>,
    ) -> Result<LoggedIn, FailsWith<(UserDisabled, WrongCredentials)>> {
        let NewSession { username, password } = body.0;
        let origin = Origin {
            client: Remote::of(request).client,
            session: known_session(&services, request).await?,
        };
        let credentials = Credentials { username, password };
        let user = services.users.authenticate(credentials, origin).await?;
        let opened = services.sessions.open(&user).await?;
        let seconds = (opened.expires_at - Utc::now()).num_seconds();
        let cookie = cookie(request, &opened.token, seconds);
        let session = Session {
            token: opened.token,
            expires_at: opened.expires_at,
            user: user.into(),
        };
        Ok(LoggedIn::Created(Written::of(&session)?, cookie))
    }

    /// Log out
    ///
    /// The session's token stops working at once. So do those of other session cookies that come with the
    /// request: a browser can have two, of HTTP and of HTTPS.
    #[oai(path = "/current", method = "delete", operation_id = "logOut")]
    async fn log_out(
        &self,
        services: ServicesRef<'_>,
        request: &Request,
        _caller: Caller,
    ) -> Result<LoggedOut, Failure> {
        for token in Tokens::of(request.headers())?.iter() {
            let Some(session) = services.sessions.known(token).await? else {
                continue;
            };
            match services.sessions.revoke(session.user_id, session.id).await {
                // It had ended before.
                Ok(()) | Err(Error::SessionNotFound(_)) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(LoggedOut::Done(cookie(request, "", 0)))
    }

    /// List my sessions
    ///
    /// Those that are open, newest first.
    #[oai(path = "/", method = "get", operation_id = "listSessions")]
    async fn list(
        &self,
        services: ServicesRef<'_>,
        caller: Caller,
    ) -> Result<Written<OpenSessions>, Failure> {
        let sessions = services.sessions.list(caller.user.id).await?;
        let items = sessions.iter();
        let items = items.map(|it| OpenSession::new(it, caller.session.id));
        Written::of(&OpenSessions {
            items: items.collect(),
        })
    }

    /// End one of my sessions
    ///
    /// Its token opens nothing any more. A session of somebody else's is answered like one that does not
    /// exist.
    #[oai(path = "/:id", method = "delete", operation_id = "endSession")]
    async fn end(
        &self,
        services: ServicesRef<'_>,
        caller: Caller,
        /// The session.
        id: param::Path<Given<Id>>,
    ) -> Result<Ended, FailsWith<SessionNotFound>> {
        let id = params::id(id.0)?;
        services.sessions.revoke(caller.user.id, id).await?;
        Ok(Ended::Done)
    }
}

/// A session whose token the request carries, even if it has ended: the client has logged in before.
async fn known_session(
    services: &Services,
    request: &Request,
) -> Result<Option<KnownSession>, Failure> {
    let Ok(tokens) = Tokens::of(request.headers()) else {
        return Ok(None);
    };
    for token in tokens.iter() {
        let known = services.sessions.known(token).await?;
        if known.is_some() {
            return Ok(known);
        }
    }
    Ok(None)
}

/// The session cookie. `Secure` where the browser came over TLS, to us or to a trusted proxy in front.
fn cookie(request: &Request, token: &str, max_age: i64) -> String {
    let is_secure = Remote::of(request).is_secure;
    let name = cookie_name(is_secure);
    let secure = if is_secure { "; Secure" } else { "" };
    format!("{name}={token}; Path=/; Max-Age={max_age}; HttpOnly; SameSite=Strict{secure}")
}
