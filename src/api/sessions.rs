//! `/api/v1/sessions`

use chrono::Utc;
use poem::{Request, Result};
use poem_openapi::{ApiResponse, Object, OpenApi, types::Example};
use sea_orm::prelude::DateTimeUtc;
use serde::Deserialize;

use super::{
    Shared, Tag,
    credentials::{COOKIE, Caller},
    json::Json,
    problem::Failure,
    users::User,
};
use crate::{remote::Remote, users::Credentials};

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
#[derive(Clone, Debug, Object)]
#[oai(example)]
pub struct Session {
    /// Send it as `Authorization: Bearer TOKEN`. It is shown only now.
    pub token: String,
    /// From when on it is refused.
    pub expires_at: DateTimeUtc,
    pub user: User,
}

impl Example for Session {
    fn example() -> Self {
        Self {
            token: "5nGvEF8dP2iCkWtQh0uJrXbYzL7mAoS1w9NfK3eVgTc".to_owned(),
            expires_at: super::document::example_time() + chrono::Duration::days(30),
            user: User::example(),
        }
    }
}

#[derive(ApiResponse)]
enum LoggedIn {
    /// The session.
    #[oai(status = 201)]
    Created(
        Json<Session>,
        /// The same token for browsers: `HttpOnly`, `SameSite=Strict`.
        #[oai(header = "Set-Cookie")]
        String,
        /// `no-store`
        #[oai(header = "Cache-Control")]
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
    /// Answers a token, and sets it as a cookie for browsers.
    #[oai(path = "/", method = "post", operation_id = "logIn")]
    async fn log_in(
        &self,
        services: Shared<'_>,
        request: &Request,
        body: Json<NewSession>,
    ) -> Result<LoggedIn, Failure> {
        let NewSession { username, password } = body.0;
        let user = services
            .users
            .authenticate(Credentials { username, password })
            .await?;
        let opened = services.sessions.open(&user).await?;
        let seconds = (opened.expires_at - Utc::now()).num_seconds();
        let cookie = cookie(request, &opened.token, seconds);
        let session = Session {
            token: opened.token,
            expires_at: opened.expires_at,
            user: user.into(),
        };
        Ok(LoggedIn::Created(
            Json(session),
            cookie,
            "no-store".to_owned(),
        ))
    }

    /// Log out
    ///
    /// The session's token stops working at once.
    #[oai(path = "/current", method = "delete", operation_id = "logOut")]
    async fn log_out(
        &self,
        services: Shared<'_>,
        request: &Request,
        caller: Caller,
    ) -> Result<LoggedOut, Failure> {
        services.sessions.revoke(&caller.token).await?;
        Ok(LoggedOut::Done(cookie(request, "", 0)))
    }
}

/// The session cookie. `Secure` where the browser came over TLS, to us or to a trusted proxy in front.
fn cookie(request: &Request, token: &str, max_age: i64) -> String {
    let secure = if Remote::of(request).is_secure {
        "; Secure"
    } else {
        ""
    };
    format!("{COOKIE}={token}; Path=/; Max-Age={max_age}; HttpOnly; SameSite=Strict{secure}")
}
