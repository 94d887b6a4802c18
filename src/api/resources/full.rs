//! What a client is told that may open no further stream.

use std::time::Duration;

use poem::http::header;

use crate::{
    api::problem::{Code, Failure},
    places::Full,
    rates::limit::Limit,
};

/// How long a refused client should wait. There is no telling when a stream ends.
const PAUSE: Duration = Duration::from_secs(10);

/// A client has to try again by itself after an error status: an `EventSource` does not.
pub(super) fn too_many(full: Full) -> Failure {
    match full {
        Full::All => {
            let detail = "As many streams are open as this server allows. Try again later.";
            Failure::new(Code::TooManyStreams, detail)
                .with_header(header::RETRY_AFTER, PAUSE.as_secs().into())
                .because_of(Limit::Streams)
        }
        Full::Client => {
            let why = "This client has as many streams open as it may. Close one first.";
            Failure::rate_limited(Limit::StreamsPerClient, why, PAUSE)
        }
    }
}
