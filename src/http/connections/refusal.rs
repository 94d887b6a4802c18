//! What a refused connection gets.

use std::net::IpAddr;

use poem::http::header;
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

async fn refuse(mut socket: TcpStream, refusal: Refusal) {
    let answer = answer(refusal).await;
    // A client that does not read it in time goes without.
    let _ = timeout(parting::PATIENCE, async {
        socket.write_all(answer.as_bytes()).await?;
        parting::end(socket).await
    })
    .await;
}

async fn answer(refusal: Refusal) -> String {
    let detail = match refusal {
        Refusal::OfClient => {
            "You have as many connections as the server holds for one client. Close some, or use HTTP/2."
        }
        Refusal::Full | Refusal::Changing => {
            "The server holds as many connections as it can. Try again in a moment."
        }
    };
    let response = Failure::new(Code::TooManyConnections, detail).response();
    let (status, content_type) = (response.status(), response.content_type());
    let head = format!(
        "HTTP/1.1 {status}\r\n{}: {}\r\n{}: 5\r\n{}: no-store\r\n{}: close\r\n{}: nosniff\r\n",
        header::CONTENT_TYPE,
        content_type.unwrap_or_default(),
        header::RETRY_AFTER,
        header::CACHE_CONTROL,
        header::CONNECTION,
        header::X_CONTENT_TYPE_OPTIONS,
    );
    let body = response.into_body().into_string().await.unwrap_or_default();
    format!(
        "{head}{}: {}\r\n\r\n{body}",
        header::CONTENT_LENGTH,
        body.len()
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
            refuse(socket, refusal).await;
            drop(permit);
        })
    }
}
