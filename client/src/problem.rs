//! What an answer or an error says, in words.

use std::{error::Error, io, time::Duration};

use reqwest::Response;
use serde_json::Value;
use tokio::time::timeout;

/// Upper bound on how much of an answer is read, in bytes.
const MAX_PROBLEM: usize = 64 * 1024;
/// How long to wait for each piece of the answer.
const PIECE_TIMEOUT: Duration = Duration::from_secs(5);

/// The status in words, and what a problem document (RFC 9457) says: each of its errors, or its detail if there are
/// none. An answer that is no such document, or too long a one, adds nothing.
pub(crate) async fn of_answer(mut answer: Response) -> String {
    let mut text = answer.status().to_string();
    let mut body = Vec::new();
    while let Ok(Ok(Some(piece))) = timeout(PIECE_TIMEOUT, answer.chunk()).await {
        body.extend_from_slice(&piece);
        if body.len() > MAX_PROBLEM {
            break;
        }
    }
    let detail = detail(&serde_json::from_slice(&body).unwrap_or_default());
    if !detail.is_empty() {
        text.push_str(": ");
        text.push_str(&detail);
    }
    text
}

fn detail(problem: &Value) -> String {
    let errors: Vec<_> = problem["errors"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|error| {
            let (field, message) = (error["field"].as_str()?, error["message"].as_str()?);
            Some(format!("{field} {message}"))
        })
        .collect();
    if errors.is_empty() {
        return problem["detail"].as_str().unwrap_or_default().to_owned();
    }
    errors.join("; ")
}

/// An error and its causes. The outermost one often says only that a request failed.
pub(crate) fn with_causes(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    text
}

/// Whether encryption is what failed: the certificate is not trusted, or what came is no TLS.
pub(crate) fn is_of_tls(error: &(dyn Error + 'static)) -> bool {
    let mut cause = Some(error);
    while let Some(error) = cause {
        if let Some(error) = error.downcast_ref::<rustls::Error>() {
            return matches!(
                error,
                rustls::Error::InvalidCertificate(_) | rustls::Error::InvalidMessage(_)
            );
        }
        // An I/O error names the cause of what it wraps, and not that itself.
        let wrapped = error
            .downcast_ref::<io::Error>()
            .and_then(io::Error::get_ref);
        cause = match wrapped {
            Some(wrapped) => Some(wrapped),
            None => error.source(),
        };
    }
    false
}
