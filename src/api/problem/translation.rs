//! What clients are told of a service's error.

use poem::http::{HeaderValue, header};

use super::{Code, Failure};
use crate::{
    error::{Error, TokenFault, Violation},
    rates::{self, limit::Limit, notice::Notice},
};

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        if error.is_transient() {
            return unavailable(&error);
        }
        match error {
            Error::Invalid(errors) => Self::of_input(errors),
            Error::RateLimited {
                why,
                retry_after,
                limit,
            } => Self::rate_limited(limit, why, retry_after),
            Error::RegistrationClosed => Self::new(
                Code::RegistrationClosed,
                "Nobody can register here by themselves. Ask whoever runs this server for an account.",
            ),
            Error::TooManyBoards(most) => Self::new(
                Code::TooManyBoards,
                format!("A user may have {most} boards here. Delete one first."),
            )
            .because_of(Limit::BoardsPerUser),
            Error::TooManyPaths(most) => Self::new(
                Code::TooManyPaths,
                format!("A user may have {most} paths on a board here. Delete one first."),
            )
            .because_of(Limit::PathsPerBoard),
            Error::ConsumerNotFound(_)
            | Error::TooManyConsumers(_)
            | Error::Leased { .. }
            | Error::LeaseLost => of_consumer(&error),
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
            Error::UserDisabled => Self::new(
                Code::UserDisabled,
                "This account is disabled. Ask whoever runs this server.",
            ),
            Error::Token(fault) => Self::new(
                match fault {
                    TokenFault::Unknown => Code::InvalidToken,
                    TokenFault::Expired => Code::ExpiredToken,
                    TokenFault::Revoked => Code::RevokedToken,
                },
                format!("The session token is {fault}. Log in again with POST /api/v1/sessions."),
            ),
            Error::NotAdministrator => Self::new(
                Code::NotAdministrator,
                "Only an administrator may do this. The operator makes administrators.",
            ),
            Error::UserNotFound(_) => {
                Self::new(Code::UserNotFound, "There is no user of this name.")
            }
            Error::LastAdministrator(_) => Self::new(
                Code::LastAdministrator,
                "Nobody else administers this server. Make somebody else an administrator first.",
            ),
            Error::HasBoards { name, boards } => Self::new(
                Code::HasBoards,
                format!(
                    "{name} has boards ({boards}). Ask for `with_boards=true` to delete them, too."
                ),
            ),
            Error::Overloaded(_) | Error::Database(_) | Error::Internal(_) => {
                tracing::error!(%error, "a request failed inside the server");
                Self::internal()
            }
        }
    }
}

/// What is told of an error of consumers.
fn of_consumer(error: &Error) -> Failure {
    match error {
        Error::ConsumerNotFound(name) => Failure::new(
            Code::ConsumerNotFound,
            format!("You have no consumer {name}. PUT makes one."),
        ),
        Error::TooManyConsumers(most) => Failure::new(
            Code::TooManyConsumers,
            format!("A user may have {most} consumers. Delete one first."),
        )
        .because_of(Limit::ConsumersPerUser),
        Error::Leased { retry_after } => {
            let seconds = rates::seconds(*retry_after);
            let detail = format!(
                "Another worker has the events of this consumer, until it acknowledges them, or for {seconds} s at most."
            );
            Failure::new(Code::Leased, detail)
                .with_header(header::RETRY_AFTER, HeaderValue::from(seconds))
        }
        _ => Failure::new(
            Code::LeaseLost,
            "Another worker was given these events meanwhile, or the consumer was changed. Ask for events again.",
        ),
    }
}

/// What is told of an error that may be gone in a moment.
fn unavailable(error: &Error) -> Failure {
    // Overload is logged once a minute, because clients can cause it as often as they like.
    static OVERLOADED: Notice = Notice::new();
    if !matches!(error, Error::Overloaded(_)) {
        tracing::warn!(%error, "a request must be tried again");
    } else if let Some(times) = OVERLOADED.due() {
        tracing::warn!(times, %error, "requests must be tried again");
    }
    Failure::new(
        Code::Unavailable,
        "The server is busy or its database is out of reach. Try again in a moment.",
    )
}

impl From<sea_orm::DbErr> for Failure {
    fn from(error: sea_orm::DbErr) -> Self {
        Error::from(error).into()
    }
}
