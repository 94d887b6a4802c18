//! A problem on its way to the client.

use std::time::Duration;

use poem::{
    IntoResponse, Response,
    error::{MethodNotAllowedError, NotFoundError, ParsePathError},
    http::{HeaderName, HeaderValue, StatusCode, header},
};
use poem_openapi::{
    ApiResponse,
    registry::{MetaMediaType, MetaResponse, MetaResponses, Registry},
    types::{ToJSON, Type},
};

use super::{Code, FieldError, Problem};
use crate::{
    error::Violation,
    rates::{self, limit::Limit},
};

/// Upper bound on the fields that `detail` names; `errors` has all of them.
const MAX_NAMED: usize = 10;

/// A problem on its way to the client. Handlers return it as their error.
#[derive(Debug, thiserror::Error)]
#[error("{}: {detail}", code.as_str())]
pub struct Failure {
    code: Code,
    detail: String,
    errors: Vec<Violation>,
    headers: Vec<(HeaderName, HeaderValue)>,
    limit: Option<Limit>,
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
            limit: None,
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

    /// The client does something too often, and may try again after `retry_after`.
    pub fn rate_limited(limit: Limit, why: &str, retry_after: Duration) -> Self {
        let seconds = rates::seconds(retry_after);
        let detail = format!("{why} Try again in {seconds} s.");
        let seconds = HeaderValue::from(seconds);
        Self::new(Code::RateLimited, detail)
            .with_header(header::RETRY_AFTER, seconds)
            .because_of(limit)
    }

    /// The client has hit this limit. The answer carries it as an extension, to be counted.
    #[must_use]
    pub fn because_of(mut self, limit: Limit) -> Self {
        self.limit = Some(limit);
        self
    }

    /// With one more header.
    #[must_use]
    pub fn with_header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.push((name, value));
        self
    }

    /// What an error of the framework means: in routing, or in reading a request.
    pub(crate) fn of_framework(error: &poem::Error) -> Self {
        // No route has a path that is not text, except in a parameter.
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

    pub(in crate::api) fn internal() -> Self {
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
        if let Some(limit) = self.limit {
            response.extensions_mut().insert(limit);
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
        let mut error = Self::from_response(failure.response());
        // The framework gives the answer the extensions of the error, and drops its own.
        if let Some(limit) = failure.limit {
            error.set_data(limit);
        }
        error
    }
}

/// In the framework's document a failure is any other status. `document` puts the problems in its place that the
/// operation really has: those of all operations, those that follow from what it takes, and its own
/// ([`FailsWith`](super::FailsWith)).
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
