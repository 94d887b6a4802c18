//! Why following ended.

use crate::parser::TooLong;

/// Why a stream cannot be followed, or why following it ended.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The URL is not HTTP or HTTPS. Its password, if it has one, is left out.
    #[error("cannot follow {0}: expected an address that begins with http:// or https://")]
    Address(String),
    /// The HTTP client cannot be made, for example because the system's certificates cannot be read.
    #[error("cannot make an HTTP client")]
    Http(#[source] reqwest::Error),
    /// The first connection cannot be encrypted: the server's certificate is not trusted, or it speaks no TLS. The
    /// server is probably another one than was meant. Once there has been a stream, this is a failure like others and
    /// is retried.
    #[error("cannot connect securely: {0}")]
    Insecure(String),
    /// The server understood the request and refuses it, so another attempt would be refused as well.
    #[error("the server refuses the stream: {reason}")]
    Refused {
        /// The status of the answer; 401 where a session is missing or has ended.
        status: u16,
        /// The status in words, and what the server says about it.
        reason: String,
    },
    /// The server answered with something other than an event stream. The URL is shown without its password.
    #[error("{0} answers, but not with an event stream")]
    NoStream(String),
    /// The session under which the stream was open has ended.
    #[error("the session has ended")]
    SessionEnded,
    /// The server sent an event that is too long, and would send it again.
    #[error(transparent)]
    TooLong(#[from] TooLong),
}
