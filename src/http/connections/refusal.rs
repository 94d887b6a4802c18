//! What a refused connection gets.

use std::net::IpAddr;

use poem::http::{HeaderValue, header};
use tokio::{io::AsyncWriteExt as _, net::TcpStream, time::timeout};

use super::{
    Refusal,
    parting::{self, Partings},
};
use crate::{
    api::problem::{Code, Failure},
    rates::notice::Notice,
};

/// How many refused clients are told why at the same time. Others are cut without an answer.
const MAX_ANSWERS: usize = 16;

/// Tells a client on a plain connection why it is not served, and ends the connection. A client that does not read it in
/// time goes without.
pub async fn tell(mut socket: TcpStream, failure: Failure) {
    let answer = answer(&failure).await;
    let _ = timeout(parting::PATIENCE, async {
        socket.write_all(answer.as_bytes()).await?;
        parting::end(socket).await
    })
    .await;
}

async fn answer(failure: &Failure) -> String {
    let mut response = failure.response();
    let status = response.status();
    let body = response.take_body().into_string().await.unwrap_or_default();
    let headers = response.headers_mut();
    for (name, value) in [
        (header::CACHE_CONTROL, "no-store"),
        (header::CONNECTION, "close"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    headers.insert(header::CONTENT_LENGTH, body.len().into());
    let fields = headers.iter().flat_map(|(name, value)| {
        [
            name.as_str(),
            ": ",
            value.to_str().unwrap_or_default(),
            "\r\n",
        ]
    });
    let fields: String = fields.collect();
    format!("HTTP/1.1 {status}\r\n{fields}\r\n{body}")
}

fn failure(refusal: Refusal) -> Failure {
    let detail = match refusal {
        Refusal::OfClient => {
            "You have as many connections as the server holds for one client. Close some, or use HTTP/2."
        }
        Refusal::Full | Refusal::Changing => {
            "The server holds as many connections as it can. Try again in a moment."
        }
    };
    Failure::new(Code::TooManyConnections, detail)
        .with_header(header::RETRY_AFTER, HeaderValue::from_static("5"))
}

/// What a client gets that begins with plain HTTP where connections are encrypted.
pub fn unencrypted() -> Failure {
    Failure::new(
        Code::TlsRequired,
        "This address takes encrypted connections only. Begin it with https:// instead of http://.",
    )
}

/// Connections that are refused.
#[derive(Debug)]
pub struct Refusals {
    answers: Partings,
    notice: Notice,
}

impl Default for Refusals {
    fn default() -> Self {
        Self {
            answers: Partings::new(MAX_ANSWERS),
            notice: Notice::new(),
        }
    }
}

impl Refusals {
    /// Logs that connections are refused, at most once a minute. `open` is the number of open ones.
    pub fn note(&self, refusal: Refusal, client: IpAddr, open: usize) {
        if let Some(refused) = self.notice.due() {
            tracing::warn!(refused, open, %client, "{refusal}");
        }
    }

    /// The answer that tells a client on a plain connection why it is not served. None if enough clients are being
    /// told.
    pub fn answer(
        &self,
        socket: TcpStream,
        refusal: Refusal,
    ) -> Option<impl Future<Output = ()> + Send + use<>> {
        let permit = self.answers.begin()?;
        Some(async move {
            tell(socket, failure(refusal)).await;
            drop(permit);
        })
    }
}
