//! The errors of services, independent of HTTP.

use std::{fmt, time::Duration};

use sea_orm::{DbErr, RuntimeErr};

use crate::rates::limit::Limit;

/// The result of a service call.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why a service refused or failed a call.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The input breaks rules; all violations are listed.
    #[error("invalid input: {}", Violation::join(.0))]
    Invalid(Vec<Violation>),
    /// No board has this id.
    #[error("there is no board {0}")]
    BoardNotFound(i64),
    /// No path of this user has this id.
    #[error("there is no path {0}")]
    PathNotFound(i64),
    /// No user has this name.
    #[error("there is no user {0}")]
    UserNotFound(String),
    /// Only the creator or an administrator may do this.
    #[error("board {0} belongs to somebody else")]
    NotBoardOwner(i64),
    /// Only administrators may do this.
    #[error("only administrators may do this")]
    NotAdministrator,
    /// The board has changed since the version that the caller knows.
    #[error("the board is at version {current}")]
    StaleVersion {
        /// The board's current version.
        current: i64,
    },
    /// The key was used before, for a different request.
    #[error("the idempotency key belongs to another request")]
    IdempotencyMismatch,
    /// No open session of this user has this id.
    #[error("there is no session {0}")]
    SessionNotFound(i64),
    /// The operator has closed registration.
    #[error("registration is closed")]
    RegistrationClosed,
    /// The client does this too often.
    #[error("too often: {why}")]
    RateLimited {
        /// A whole sentence.
        why: &'static str,
        /// How long to wait before the next try.
        retry_after: Duration,
        /// The limit.
        limit: Limit,
    },
    /// The user has this many boards, which is the limit.
    #[error("the user has {0} boards")]
    TooManyBoards(u32),
    /// The user has this many paths on this board, which is the limit.
    #[error("the user has {0} paths on this board")]
    TooManyPaths(u32),
    /// No consumer of this user has this name.
    #[error("there is no consumer {0}")]
    ConsumerNotFound(String),
    /// The user has this many consumers, which is the limit.
    #[error("the user has {0} consumers")]
    TooManyConsumers(u32),
    /// Somebody has the consumer's events.
    #[error("the consumer is leased")]
    Leased {
        /// When the lease ends, at the latest.
        retry_after: Duration,
    },
    /// The lease is not the consumer's newest.
    #[error("the lease has ended")]
    LeaseLost,
    /// The username is taken, perhaps in another case.
    #[error("the username is taken")]
    UsernameTaken,
    /// The username or the password is wrong; which one is not said.
    #[error("wrong username or password")]
    WrongCredentials,
    /// The user may not log in. It is said only after the right password.
    #[error("the user is disabled")]
    UserDisabled,
    /// Nobody else administers this server, and the caller has not said that nobody has to.
    #[error("{0} is the last administrator")]
    LastAdministrator(String),
    /// A user who has boards is deleted only together with them.
    #[error("{name} has boards ({boards})")]
    HasBoards {
        /// The user.
        name: String,
        /// How many.
        boards: u64,
    },
    /// The token belongs to no open session.
    #[error("the session token is {0}")]
    Token(TokenFault),
    /// The server is overloaded; the caller may try again.
    #[error("overloaded: {0}")]
    Overloaded(&'static str),
    /// The database failed.
    #[error(transparent)]
    Database(#[from] DbErr),
    /// Something that cannot happen has happened.
    #[error("internal: {0}")]
    Internal(String),
}

/// Why a token belongs to no open session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TokenFault {
    /// No session was ever opened with it, or the session is so old that it was forgotten.
    #[error("unknown")]
    Unknown,
    /// The session has expired.
    #[error("expired")]
    Expired,
    /// The session was revoked.
    #[error("revoked")]
    Revoked,
}

/// A rule that a field breaks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// The field, such as `name` or `dots[3].color`; empty for the input as a whole.
    pub field: String,
    /// What has to change, phrased to follow the field's name.
    pub message: String,
}

impl Violation {
    /// A violation at `field`.
    pub fn new(field: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            field: field.into(),
            message: message.into(),
        }
    }

    fn join(all: &[Self]) -> String {
        let mut text = String::new();
        for Self { field, message } in all {
            if !text.is_empty() {
                text.push_str("; ");
            }
            text.push_str(field);
            text.push(' ');
            text.push_str(message);
        }
        text
    }
}

/// The violations of one input, up to [`MAX`](Self::MAX). Later ones are not even created, so that refusing an
/// input costs no more than what the refusal lists.
#[derive(Debug, Default)]
pub struct Violations(Vec<Violation>);

impl Violations {
    /// Upper bound on the violations that one answer lists.
    pub const MAX: usize = 100;

    /// Whether further violations would be dropped.
    pub fn is_full(&self) -> bool {
        self.0.len() >= Self::MAX
    }

    /// Adds a violation at `field`, unless the list is full.
    pub fn add(&mut self, field: impl fmt::Display, message: impl fmt::Display) {
        if !self.is_full() {
            let violation = Violation::new(field.to_string(), message.to_string());
            self.0.push(violation);
        }
    }

    /// The violations in the order in which they were added.
    pub fn into_vec(self) -> Vec<Violation> {
        self.0
    }
}

impl Error {
    /// `Ok` if there are no violations.
    pub fn check(violations: Vec<Violation>) -> Result<()> {
        if violations.is_empty() {
            Ok(())
        } else {
            Err(Self::Invalid(violations))
        }
    }

    /// Whether the same call may succeed shortly: the database is busy or unreachable.
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Overloaded(_) => true,
            Self::Database(error) => is_transient(error),
            _ => false,
        }
    }
}

/// Whether the database is busy or unreachable, so that the same call may succeed later.
pub fn is_transient(error: &DbErr) -> bool {
    match error {
        DbErr::ConnectionAcquire(_) | DbErr::Conn(_) => true,
        DbErr::Exec(RuntimeErr::SqlxError(error)) | DbErr::Query(RuntimeErr::SqlxError(error)) => {
            is_busy(error.as_ref())
        }
        _ => false,
    }
}

/// Whether the database was busy or went away, so that the same statement may succeed later.
fn is_busy(error: &sea_orm::SqlxError) -> bool {
    use sea_orm::SqlxError;
    match error {
        SqlxError::Database(error) => error.code().is_some_and(|code| is_busy_code(&code)),
        SqlxError::Io(_)
        | SqlxError::Tls(_)
        | SqlxError::PoolTimedOut
        | SqlxError::PoolClosed
        | SqlxError::WorkerCrashed => true,
        _ => false,
    }
}

/// SQLite's codes are numbers, PostgreSQL's are five letters and digits (its manual, appendix A).
fn is_busy_code(code: &str) -> bool {
    if code.len() == 5 {
        let class = &code[..2];
        return matches!(
            class,
            // Connection exceptions, insufficient resources, operator intervention (a shutdown, a
            // cancelled statement), and rollbacks by the server (such as after a deadlock).
            "08" | "53" | "57" | "40"
        ) || matches!(
            code,
            // A lock was not available, a transaction was idle for too long, the server has become a
            // standby.
            "55P03" | "25P03" | "25006"
        );
    }
    // `SQLITE_BUSY` and `SQLITE_LOCKED`; extended codes have these as their low byte.
    code.parse::<u32>()
        .is_ok_and(|code| matches!(code & 0xff, 5 | 6))
}
