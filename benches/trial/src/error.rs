//! Why nothing was measured.

/// Why nothing was measured.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The system reports an error.
    #[error(transparent)]
    Io(#[from] std::io::Error),
    /// The server answers wrongly although nobody attacks it.
    #[error("{0}")]
    Http(#[from] reqwest::Error),
    /// The server does not start.
    #[error("the server does not start; its log is {0}")]
    Start(String),
    /// The server has ended.
    #[error("the server has ended; its log is {0}")]
    Ended(String),
    /// The document has no markers for the table.
    #[error("{0} does not have the two lines `<!-- attack -->`")]
    Markers(String),
}
