//! `/api/v1/users`

use entity::user;
use poem::{Request, Result};
use poem_openapi::{ApiResponse, Object, OpenApi, types::Example};
use sea_orm::prelude::DateTimeUtc;
use serde::{Deserialize, Serialize};

use super::Tag;
use crate::{
    api::{
        answer::written::{Written, time},
        examples,
        problem::{
            FailsWith, Failure,
            kind::{RegistrationClosed, UsernameTaken},
        },
        request::{credentials::Caller, json::Json},
        services::ServicesRef,
    },
    remote::Remote,
    users,
};

/// A user.
#[derive(Clone, Debug, Object, Serialize)]
#[oai(example)]
pub struct User {
    pub id: i64,
    /// Unique without regard to case.
    pub username: String,
    /// May change and delete everybody's boards.
    pub is_admin: bool,
    #[serde(serialize_with = "time")]
    pub created_at: DateTimeUtc,
}

impl Example for User {
    fn example() -> Self {
        Self {
            id: 1,
            username: "ada".to_owned(),
            is_admin: false,
            created_at: examples::time(),
        }
    }
}

impl From<user::Model> for User {
    fn from(user: user::Model) -> Self {
        let user::Model {
            id,
            username,
            password_hash: _,
            is_admin,
            disabled: _,
            created_at,
        } = user;
        Self {
            id,
            username,
            is_admin,
            created_at,
        }
    }
}

/// A name and a password.
#[derive(Object, Deserialize)]
#[oai(example)]
pub struct NewUser {
    /// Unique without regard to case.
    #[oai(validator(min_length = 3, max_length = 32, pattern = "^[A-Za-z0-9_-]+$"))]
    pub username: String,
    #[oai(validator(min_length = 8, max_length = 256))]
    pub password: String,
}

impl Example for NewUser {
    fn example() -> Self {
        Self {
            username: "ada".to_owned(),
            password: "correct horse".to_owned(),
        }
    }
}

impl From<NewUser> for users::Credentials {
    fn from(NewUser { username, password }: NewUser) -> Self {
        Self { username, password }
    }
}

/// A new password in place of the current one.
#[derive(Object, Deserialize)]
#[oai(example)]
pub struct PasswordChange {
    #[oai(validator(max_length = 256))]
    pub current_password: String,
    #[oai(validator(min_length = 8, max_length = 256))]
    pub new_password: String,
}

impl Example for PasswordChange {
    fn example() -> Self {
        Self {
            current_password: "correct horse".to_owned(),
            new_password: "battery staple".to_owned(),
        }
    }
}

impl From<PasswordChange> for users::NewPassword {
    fn from(passwords: PasswordChange) -> Self {
        let PasswordChange {
            current_password: current,
            new_password: new,
        } = passwords;
        Self { current, new }
    }
}

#[derive(ApiResponse)]
enum PasswordChanged {
    /// It is changed, and the other sessions have ended.
    #[oai(status = 204)]
    Done,
}

#[derive(ApiResponse)]
enum Registered {
    /// The user.
    #[oai(status = 201)]
    Created(
        Written<User>,
        /// Where the user is found, once logged in.
        #[oai(header = "Location")]
        String,
    ),
}

/// Who may register.
#[derive(Clone, Debug, Object, Serialize)]
#[oai(example)]
pub struct Registration {
    /// Whether anyone may; otherwise the operator makes the users.
    pub open: bool,
}

impl Example for Registration {
    fn example() -> Self {
        Self { open: true }
    }
}

/// The routes.
pub struct Api;

#[OpenApi(prefix_path = "/api/v1/users", tag = "Tag::Users")]
impl Api {
    /// Register
    ///
    /// Anyone may, unless the operator has closed registration, at a certain rate. Log in next, with
    /// `POST /api/v1/sessions`.
    #[oai(path = "/", method = "post", operation_id = "register")]
    async fn register(
        &self,
        services: ServicesRef<'_>,
        request: &Request,
        body: Json<NewUser>,
    ) -> Result<Registered, FailsWith<(RegistrationClosed, UsernameTaken)>> {
        let client = Remote::of(request).client;
        services.registrations.admit(client)?;
        let user = services.users.register(body.0.into(), false, client);
        let user = user.await?;
        Ok(Registered::Created(
            Written::of(&user.into())?,
            "/api/v1/users/me".to_owned(),
        ))
    }

    /// May I register?
    ///
    /// Whether `POST /api/v1/users` is open to anyone, so that a page offers it only where it is.
    #[oai(
        path = "/registration",
        method = "get",
        operation_id = "getRegistration"
    )]
    async fn registration(
        &self,
        services: ServicesRef<'_>,
    ) -> Result<Written<Registration>, Failure> {
        let open = services.registrations.is_open();
        Written::of(&Registration { open })
    }

    /// Who am I?
    ///
    /// The user whose session the request has.
    #[oai(path = "/me", method = "get", operation_id = "getMe")]
    async fn me(&self, caller: Caller) -> Result<Written<User>, Failure> {
        Written::of(&caller.user.into())
    }

    /// Change my password
    ///
    /// Ends my other sessions. The current password counts as one of a log-in: after too many wrong ones
    /// the next are refused for a while with `rate_limited`.
    #[oai(path = "/me/password", method = "put", operation_id = "changePassword")]
    async fn change_password(
        &self,
        services: ServicesRef<'_>,
        request: &Request,
        caller: Caller,
        body: Json<PasswordChange>,
    ) -> Result<PasswordChanged, Failure> {
        let client = Remote::of(request).client;
        services
            .users
            .change_password(&caller.user, caller.session.id, body.0.into(), client)
            .await?;
        services.sessions.have_ended();
        Ok(PasswordChanged::Done)
    }
}
