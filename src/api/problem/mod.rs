//! Problems: every answer that is an error (RFC 9457).
//!
//! What the client is told is decided here and nowhere else. Of a failure inside the server it
//! learns only that there was one; the log has the rest.

mod code;

use std::time::Duration;

use poem::{
    IntoResponse, Response,
    error::{MethodNotAllowedError, NotFoundError, ParsePathError},
    http::{HeaderName, HeaderValue, StatusCode, header},
};
use poem_openapi::{
    ApiResponse, Object,
    registry::{MetaMediaType, MetaResponse, MetaResponses, Registry},
    types::{ToJSON, Type},
};

pub use self::code::Code;
use crate::{
    error::{Error, TokenFault, Violation},
    rates::{self, notice::Notice},
};

/// Fields that `detail` names at most; `errors` has all of them.
const MAX_NAMED: usize = 10;

/// An error answer (RFC 9457). `code` is stable: programs decide by it. `detail` is for people.
#[derive(Clone, Debug, Object)]
#[oai(skip_serializing_if_is_none)]
pub struct Problem {
    /// Names the kind of problem: `/problems/` and the code.
    pub r#type: String,
    /// The kind of problem in a few words, always the same for one `code`.
    pub title: String,
    /// The HTTP status, once more.
    pub status: u16,
    /// What went wrong this time, and what to do about it.
    pub detail: String,
    /// The kind of problem, for programs. Later versions may have more: take one that you do not know
    /// by its `status`.
    pub code: String,
    /// All the fields that are wrong, where the input is.
    pub errors: Option<Vec<FieldError>>,
}

/// One thing that is wrong with one field.
#[derive(Clone, Debug, Object)]
pub struct FieldError {
    /// The field, parameter or header: `name`, `dots[3].color`; empty for the body as a whole.
    pub field: String,
    /// What is wrong with it.
    pub message: String,
}

/// A problem on its way to the client. Handlers return it as their error.
#[derive(Debug, thiserror::Error)]
#[error("{}: {detail}", code.as_str())]
pub struct Failure {
    code: Code,
    detail: String,
    errors: Vec<Violation>,
    headers: Vec<(HeaderName, HeaderValue)>,
}

impl Failure {
    /// A problem of this kind.
    pub fn new(code: Code, detail: impl Into<String>) -> Self {
        let headers = match code {
            // RFC 6750, 3: without credentials the challenge names no error.
            Code::MissingToken | Code::WrongCredentials => {
                vec![challenge("Bearer realm=\"dotcast\"")]
            }
            Code::InvalidToken | Code::ExpiredToken | Code::RevokedToken => {
                vec![challenge(
                    "Bearer realm=\"dotcast\", error=\"invalid_token\"",
                )]
            }
            Code::Unavailable | Code::TooManyConnections => {
                vec![(header::RETRY_AFTER, HeaderValue::from_static("1"))]
            }
            _ => Vec::new(),
        };
        Self {
            code,
            detail: detail.into(),
            errors: Vec::new(),
            headers,
        }
    }

    /// With the fields that are wrong.
    #[must_use]
    pub fn with_errors(mut self, errors: Vec<Violation>) -> Self {
        self.errors = errors;
        self
    }

    /// One parameter, header or cursor that is wrong.
    pub fn of_field(code: Code, field: &str, message: impl std::fmt::Display) -> Self {
        let message = message.to_string();
        Self::new(code, format!("`{field}` {message}."))
            .with_errors(vec![Violation::new(field, message)])
    }

    /// Fields that break rules.
    pub fn of_input(errors: Vec<Violation>) -> Self {
        let fields: Vec<_> = errors.iter().map(|error| error.field.as_str()).collect();
        let detail = match fields.as_slice() {
            [""] => "The body as a whole breaks a rule; see `errors`.".to_owned(),
            [first @ .., _] if first.len() >= MAX_NAMED => format!(
                "Look at {} and others; `errors` says what is wrong.",
                first[..MAX_NAMED].join(", ")
            ),
            _ => format!(
                "Look at {}; `errors` says what is wrong.",
                fields.join(", ")
            ),
        };
        Self::new(Code::ValidationFailed, detail).with_errors(errors)
    }

    /// The client does something too often, and may do it again after `retry_after`.
    pub fn rate_limited(why: &str, retry_after: Duration) -> Self {
        let seconds = rates::seconds(retry_after);
        let detail = format!("{why} Try again in {seconds} s.");
        let seconds = HeaderValue::from(seconds);
        Self::new(Code::RateLimited, detail).with_header(header::RETRY_AFTER, seconds)
    }

    /// With one more header.
    #[must_use]
    pub fn with_header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.push((name, value));
        self
    }

    /// What an error of the framework means: routing, and what could not be read.
    pub(crate) fn of_framework(error: &poem::Error) -> Self {
        // A path whose bytes are no text is none of ours, unless a parameter is in it.
        if error.is::<NotFoundError>() || error.is::<ParsePathError>() {
            return Self::new(
                Code::NotFound,
                "No route has this path. The routes are listed at /docs.",
            );
        }
        if error.is::<MethodNotAllowedError>() {
            return Self::new(
                Code::MethodNotAllowed,
                "The path exists, but not with this method. The header `Allow` lists those it has.",
            );
        }
        if error.status().is_client_error() {
            return Self::new(Code::InvalidParameter, error.to_string());
        }
        tracing::error!(%error, "a request failed inside the server");
        Self::internal()
    }

    pub(super) fn internal() -> Self {
        Self::new(
            Code::Internal,
            "The server could not answer. Its log has the cause, under this answer's X-Request-Id.",
        )
    }

    fn problem(&self) -> Problem {
        Problem {
            r#type: format!("/problems/{}", self.code.as_str()),
            title: self.code.title().to_owned(),
            status: self.code.status(),
            detail: self.detail.clone(),
            code: self.code.as_str().to_owned(),
            errors: (!self.errors.is_empty()).then(|| {
                let errors = self.errors.iter();
                errors
                    .map(|Violation { field, message }| FieldError {
                        field: field.clone(),
                        message: message.clone(),
                    })
                    .collect()
            }),
        }
    }

    /// The answer.
    pub(crate) fn response(&self) -> Response {
        let status =
            StatusCode::from_u16(self.code.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = Response::builder()
            .status(status)
            .content_type("application/problem+json")
            .body(self.problem().to_json_string());
        for (name, value) in &self.headers {
            response.headers_mut().insert(name, value.clone());
        }
        response
    }
}

fn challenge(text: &'static str) -> (HeaderName, HeaderValue) {
    (header::WWW_AUTHENTICATE, HeaderValue::from_static(text))
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        self.response()
    }
}

impl From<Failure> for poem::Error {
    fn from(failure: Failure) -> Self {
        Self::from_response(failure.response())
    }
}

/// What the client is told of a service's error.
impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        if error.is_transient() {
            // That there is too much to do is told once a minute: clients can see to it that it always is.
            static OVERLOADED: Notice = Notice::new();
            if !matches!(error, Error::Overloaded(_)) {
                tracing::warn!(%error, "a request must be tried again");
            } else if let Some(times) = OVERLOADED.due() {
                tracing::warn!(times, %error, "requests must be tried again");
            }
            return Self::new(
                Code::Unavailable,
                "The server is busy or its database is out of reach. Try again in a moment.",
            );
        }
        match error {
            Error::Invalid(errors) => Self::of_input(errors),
            Error::RateLimited { why, retry_after } => Self::rate_limited(why, retry_after),
            Error::RegistrationClosed => Self::new(
                Code::RegistrationClosed,
                "Nobody can register here by themselves. Ask whoever runs this server for an account.",
            ),
            Error::TooManyBoards(most) => Self::new(
                Code::TooManyBoards,
                format!("A user may have {most} boards here. Delete one first."),
            ),
            Error::TooManyPaths(most) => Self::new(
                Code::TooManyPaths,
                format!("A user may have {most} paths on a board here. Delete one first."),
            ),
            Error::SessionNotFound(id) => Self::new(
                Code::SessionNotFound,
                format!("You have no open session {id}."),
            ),
            Error::BoardNotFound(id) => Self::new(
                Code::BoardNotFound,
                format!("There is no board {id}. It may have been deleted."),
            ),
            Error::PathNotFound(id) => Self::new(
                Code::PathNotFound,
                format!("You have no path {id}. Paths of others cannot be seen."),
            ),
            Error::NotBoardOwner(id) => Self::new(
                Code::NotBoardOwner,
                format!("Only the creator of board {id} or an administrator may change it."),
            ),
            Error::StaleVersion { current } => Self::new(
                Code::StaleVersion,
                format!(
                    "The board is at version {current} now. Read it again and repeat the change on that."
                ),
            ),
            Error::IdempotencyMismatch => Self::new(
                Code::IdempotencyMismatch,
                "You have sent another request with this Idempotency-Key within the last 24 hours. \
                 Give each request a key of its own, and use it again only to send the same one again.",
            ),
            Error::UsernameTaken => Self::new(
                Code::UsernameTaken,
                "Somebody has this username, perhaps in another case. Choose another.",
            )
            .with_errors(vec![Violation::new("username", "is taken")]),
            Error::WrongCredentials => Self::new(
                Code::WrongCredentials,
                "No user has this username and password.",
            ),
            Error::Token(fault) => Self::new(
                match fault {
                    TokenFault::Unknown => Code::InvalidToken,
                    TokenFault::Expired => Code::ExpiredToken,
                    TokenFault::Revoked => Code::RevokedToken,
                },
                format!("The session token is {fault}. Log in again with POST /api/v1/sessions."),
            ),
            Error::UserNotFound(_)
            | Error::Overloaded(_)
            | Error::Database(_)
            | Error::Internal(_) => {
                tracing::error!(%error, "a request failed inside the server");
                Self::internal()
            }
        }
    }
}

impl From<sea_orm::DbErr> for Failure {
    fn from(error: sea_orm::DbErr) -> Self {
        Error::from(error).into()
    }
}

/// In the framework's document a failure is any status; [`document`](super::document) puts the
/// problems in its place that the operation really has.
impl ApiResponse for Failure {
    fn meta() -> MetaResponses {
        MetaResponses {
            responses: vec![MetaResponse {
                description: "",
                status: None,
                status_range: None,
                content: vec![MetaMediaType {
                    content_type: "application/problem+json",
                    schema: Problem::schema_ref(),
                }],
                headers: vec![],
            }],
        }
    }

    fn register(registry: &mut Registry) {
        Problem::register(registry);
    }
}
