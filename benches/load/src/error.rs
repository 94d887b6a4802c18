//! Why a figure does not count.

use std::{io, time::Duration};

/// A scenario that failed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The system refused something.
    #[error("{what}: {source}")]
    Io {
        /// What was attempted.
        what: String,
        /// What the system said.
        source: io::Error,
    },
    /// A server did not do what it should.
    #[error("{0}")]
    Server(String),
    /// Streams did not get every event once and in order.
    #[error("not exact: {0}")]
    Inexact(String),
    /// Something did not happen in time.
    #[error("{what}: not within {limit:?}")]
    TimedOut {
        /// What was waited for.
        what: String,
        /// How long it was waited for.
        limit: Duration,
    },
    /// Events could not be written to the log.
    #[error("the log: {0}")]
    Database(#[from] sea_orm::DbErr),
    /// A file of ours is not what it should be.
    #[error("{what}: {source}")]
    Json {
        /// Which one.
        what: String,
        /// What is wrong.
        source: serde_json::Error,
    },
    /// A chart could not be drawn.
    #[error("chart: {0}")]
    Chart(String),
}

/// The result of everything here that can fail.
pub type Result<T> = std::result::Result<T, Error>;

/// Adds what was attempted when the system refused it.
pub trait Context<T> {
    /// The error as one of ours.
    fn context(self, what: impl Into<String>) -> Result<T>;
}

impl<T, E: Into<io::Error>> Context<T> for std::result::Result<T, E> {
    fn context(self, what: impl Into<String>) -> Result<T> {
        self.map_err(|source| Error::Io {
            what: what.into(),
            source: source.into(),
        })
    }
}
