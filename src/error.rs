//! What can go wrong in a service, in words that know nothing of HTTP.

use std::{fmt, time::Duration};

use sea_orm::{DbErr, RuntimeErr};

/// The result of a service call.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why a service did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The input breaks rules; every rule that it breaks is named.
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
    /// The board has been changed since the version that the caller knows.
    #[error("the board is at version {current}")]
    StaleVersion {
        /// The version that the board has now.
        current: i64,
    },
    /// The key was given to another request before.
    #[error("the idempotency key is another request's")]
    IdempotencyMismatch,
    /// No open session of this user has this id.
    #[error("there is no session {0}")]
    SessionNotFound(i64),
    /// The operator lets nobody register.
    #[error("registration is closed")]
    RegistrationClosed,
    /// The client does this too often.
    #[error("too often: {why}")]
    RateLimited {
        /// In a sentence.
        why: &'static str,
        /// When it may be tried again.
        retry_after: Duration,
    },
    /// The user has so many boards, and may have no more.
    #[error("the user has {0} boards")]
    TooManyBoards(u32),
    /// The user has so many paths on this board, and may have no more.
    #[error("the user has {0} paths on this board")]
    TooManyPaths(u32),
    /// The username is in use, perhaps in another case.
    #[error("the username is taken")]
    UsernameTaken,
    /// Username or password is wrong; which of them is not told.
    #[error("wrong username or password")]
    WrongCredentials,
    /// The token opens no session.
    #[error("the session token is {0}")]
    Token(TokenFault),
    /// The server has more to do than it can; the caller may try again.
    #[error("overloaded: {0}")]
    Overloaded(&'static str),
    /// The database failed.
    #[error(transparent)]
    Database(#[from] DbErr),
    /// Something that cannot happen did.
    #[error("internal: {0}")]
    Internal(String),
}

/// Why a token opens no session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TokenFault {
    /// No session was ever opened with it, or it was so long ago that nothing is known of it.
    #[error("unknown")]
    Unknown,
    /// The session's time is over.
    #[error("expired")]
    Expired,
    /// The session was ended.
    #[error("revoked")]
    Revoked,
}

/// One rule that one field breaks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// Where: `name`, `dots[3].color`; empty for the input as a whole.
    pub field: String,
    /// What has to be different, as a sentence part that follows the field's name.
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

/// The rules that one input breaks, as far as they are told: the first [`MAX`](Self::MAX). Beyond that nothing
/// is made, so that an input costs no more to refuse than the refusal says.
#[derive(Debug, Default)]
pub struct Violations(Vec<Violation>);

impl Violations {
    /// How many one answer lists at most.
    pub const MAX: usize = 100;

    /// Whether more would not be told.
    pub fn is_full(&self) -> bool {
        self.0.len() >= Self::MAX
    }

    /// Notes a violation at `field`, unless it would not be told.
    pub fn add(&mut self, field: impl fmt::Display, message: impl fmt::Display) {
        if !self.is_full() {
            let violation = Violation::new(field.to_string(), message.to_string());
            self.0.push(violation);
        }
    }

    /// In the order in which they were noted.
    pub fn into_vec(self) -> Vec<Violation> {
        self.0
    }
}

impl Error {
    /// `Ok` when no rule is broken.
    pub fn check(violations: Vec<Violation>) -> Result<()> {
        if violations.is_empty() {
            Ok(())
        } else {
            Err(Self::Invalid(violations))
        }
    }

    /// Whether the same call may succeed a little later: the database is busy or out of reach.
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Overloaded(_) => true,
            Self::Database(error) => is_transient(error),
            _ => false,
        }
    }
}

/// Whether the database is busy or out of reach, so that the same call may succeed later.
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

/// A code of SQLite is a number, of PostgreSQL it is five letters and digits (its manual, appendix A).
fn is_busy_code(code: &str) -> bool {
    if code.len() == 5 {
        let class = &code[..2];
        return matches!(
            class,
            // Connection exceptions, insufficient resources, operator intervention (shut down, a
            // statement broken off), and roll-backs by the server (a deadlock, say).
            "08" | "53" | "57" | "40"
        ) || matches!(
            code,
            // A lock was not to be had, a transaction was idle for too long, the server has become a
            // standby.
            "55P03" | "25P03" | "25006"
        );
    }
    // `SQLITE_BUSY` and `SQLITE_LOCKED`, also in their extended forms, whose low byte they are.
    code.parse::<u32>()
        .is_ok_and(|code| matches!(code & 0xff, 5 | 6))
}
