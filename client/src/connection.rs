//! One connection: its request, how the answer is judged, and the messages that arrive.

use std::time::Duration;

use bytes::Bytes;
use reqwest::{Response, StatusCode, header};
use tokio::time::timeout;

use crate::{
    endpoint::{Endpoint, without_password},
    error::Error,
    item::EventId,
    parser::{Message, Parser, TooLong},
    problem,
};

/// Why there is no stream.
pub(crate) enum Failure {
    /// The next attempt may get one.
    Temporary(String),
    /// The connection cannot be encrypted. The next attempt gets one only if somebody mends the server.
    Insecure(String),
    /// No attempt will.
    Final(Error),
}

/// An open stream.
pub(crate) struct Connection {
    answer: Response,
    /// What has arrived but is not parsed yet.
    piece: Bytes,
    parser: Parser,
    idle_timeout: Duration,
}

impl Connection {
    /// Asks for what comes after `cursor`.
    pub(crate) async fn open(
        endpoint: &Endpoint,
        cursor: Option<EventId>,
    ) -> Result<Self, Failure> {
        let mut request = endpoint
            .http
            .get(endpoint.url.clone())
            .header(header::ACCEPT, "text/event-stream")
            .header(header::CACHE_CONTROL, "no-store");
        if let Some(token) = &endpoint.token {
            request = request.bearer_auth(token.as_str());
        }
        if let Some(cursor) = cursor {
            request = request.header("Last-Event-ID", cursor);
        }
        let answer = match timeout(endpoint.idle_timeout, request.send()).await {
            Ok(Ok(answer)) => answer,
            Ok(Err(error)) => {
                let error = error.without_url();
                let reason = problem::with_causes(&error);
                return Err(if problem::is_of_tls(&error) {
                    Failure::Insecure(reason)
                } else {
                    Failure::Temporary(reason)
                });
            }
            Err(_) => return Err(Failure::Temporary("no answer".to_owned())),
        };
        let status = answer.status();
        if status != StatusCode::OK {
            let reason = problem::of_answer(answer).await;
            return Err(if is_temporary(status) {
                Failure::Temporary(reason)
            } else {
                let status = status.as_u16();
                Failure::Final(Error::Refused { status, reason })
            });
        }
        let content_type = answer.headers().get(header::CONTENT_TYPE);
        if !content_type.is_some_and(|it| is_event_stream(it.as_bytes())) {
            return Err(Failure::Final(Error::NoStream(without_password(
                &endpoint.url,
            ))));
        }
        Ok(Self {
            answer,
            piece: Bytes::new(),
            parser: Parser::default(),
            idle_timeout: endpoint.idle_timeout,
        })
    }

    /// The next message; `None` when the connection has ended, failed or fallen silent. In each case the caller
    /// reconnects.
    pub(crate) async fn next(&mut self) -> Result<Option<Message>, TooLong> {
        loop {
            let mut rest = &self.piece[..];
            let message = self.parser.next(&mut rest)?;
            self.piece = self.piece.slice_ref(rest);
            if message.is_some() {
                return Ok(message);
            }
            match timeout(self.idle_timeout, self.answer.chunk()).await {
                Ok(Ok(Some(piece))) => self.piece = piece,
                _ => return Ok(None),
            }
        }
    }

    /// The pause that the stream has asked for.
    pub(crate) fn retry(&self) -> Option<Duration> {
        self.parser.retry()
    }
}

/// Whether the same request may be answered with a stream later on.
fn is_temporary(status: StatusCode) -> bool {
    status.is_server_error()
        || matches!(
            status,
            StatusCode::REQUEST_TIMEOUT | StatusCode::TOO_MANY_REQUESTS
        )
}

/// Whether a `Content-Type` is that of an event stream. Case does not matter (RFC 9110, section 8.3.1).
fn is_event_stream(content_type: &[u8]) -> bool {
    let kind = content_type.split(|byte| *byte == b';').next();
    kind.is_some_and(|kind| kind.trim_ascii().eq_ignore_ascii_case(b"text/event-stream"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_type_is_read_as_http_says() {
        for (text, expected) in [
            ("text/event-stream", true),
            ("Text/Event-Stream;charset=utf-8", true),
            ("text/event-stream ; charset=utf-8", true),
            ("text/event-streams", false),
            ("text/html", false),
            ("", false),
        ] {
            assert_eq!(is_event_stream(text.as_bytes()), expected, "{text}");
        }
    }
}
