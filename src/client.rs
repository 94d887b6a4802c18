//! `dotcast tail`: follows a server's stream, and prints each event once.

use std::{
    future,
    io::{self, Write},
    os::fd::AsFd,
    thread,
    time::Duration,
};

use chrono::Utc;
use clap::Args;
use dotcast_client::{Authorities, Client, Item, Token, Url};
use dotcast_log::{EventId, cursor};
use futures_util::TryStreamExt as _;
use rustix::{
    event::{PollFd, PollFlags, poll},
    io::Errno,
};
use serde_json::{Value, json};
use tokio::sync::oneshot;

use crate::config;

/// The options of `dotcast tail`.
#[derive(Args, Clone, Debug)]
pub struct TailOptions {
    /// Follow this server
    #[arg(
        long,
        env = "DOTCAST_URL",
        hide_env_values = true,
        default_value = "http://127.0.0.1:8000",
        value_name = "URL",
        value_parser = server
    )]
    pub url: Url,

    /// Print the events after this one, or all that are kept with 0; if unset, print those that happen from now on
    #[arg(long, env = "DOTCAST_AFTER", value_name = "ID", value_parser = |text: &str| cursor::parse(text))]
    pub after: Option<EventId>,

    /// Print the events from the first one on that is not older than this: a while ago such as 10m, or a time (RFC 3339)
    #[arg(
        long,
        env = "DOTCAST_SINCE",
        value_name = "TIME",
        conflicts_with = "after",
        value_parser = since
    )]
    pub since: Option<String>,

    /// Print only events of these types, separated by commas
    #[arg(long, env = "DOTCAST_TYPES", value_name = "TYPES")]
    pub types: Option<String>,

    /// Print only events about these boards, up to 100, separated by commas
    #[arg(long, env = "DOTCAST_BOARD", value_delimiter = ',', value_name = "IDS")]
    pub board: Vec<i64>,

    /// Follow with this session's token, where the server admits users only; prefer the variable, because other users
    /// of the machine can read command lines
    #[arg(
        long,
        env = "DOTCAST_TOKEN",
        hide_env_values = true,
        value_name = "TOKEN"
    )]
    pub token: Option<Token>,

    /// Trust the certificates in this file, PEM, besides those that the system trusts
    #[arg(long, env = "DOTCAST_CACERT", value_name = "FILE", value_parser = authorities)]
    pub cacert: Option<Authorities>,

    /// Reconnect after this long without traffic; must be longer than the server's `--keep-alive`
    #[arg(long, env = "DOTCAST_IDLE_TIMEOUT", default_value = "60s", value_name = "DURATION", value_parser = config::duration)]
    pub idle_timeout: Duration,
}

/// Parses the address of a server.
pub(crate) fn server(text: &str) -> Result<Url, &'static str> {
    // `localhost:8000` is a URL as well, whose scheme is `localhost`.
    let is_http = |url: &Url| matches!(url.scheme(), "http" | "https");
    let url = text.parse().ok().filter(is_http);
    url.ok_or("expected an address that begins with http:// or https://")
}

/// Checks a time. The server reads it, by its own clock.
fn since(text: &str) -> Result<String, String> {
    config::since(text, Utc::now()).map(|_| text.to_owned())
}

pub(crate) fn authorities(path: &str) -> Result<Authorities, String> {
    let pem = std::fs::read(path).map_err(|error| format!("cannot read it: {error}"))?;
    Authorities::from_pem(&pem).map_err(|error| error.to_string())
}

/// Why following ended.
#[derive(Debug, thiserror::Error)]
pub enum TailError {
    /// The session has ended by which the stream was open.
    #[error("{0}; log in again and follow with the new token (DOTCAST_TOKEN)")]
    SessionEnded(#[source] dotcast_client::Error),
    /// The stream cannot be followed.
    #[error(transparent)]
    Stream(dotcast_client::Error),
    /// The events cannot be written.
    #[error("cannot write: {0}")]
    Output(#[from] io::Error),
}

impl From<dotcast_client::Error> for TailError {
    fn from(error: dotcast_client::Error) -> Self {
        match error {
            dotcast_client::Error::SessionEnded => Self::SessionEnded(error),
            _ => Self::Stream(error),
        }
    }
}

/// Follows the stream for ever, and prints a line of JSON for each event to `output`, and for each `reset`, after which
/// whoever keeps a copy has to begin anew.
///
/// # Errors
/// See [`TailError`]. A connection that fails is not an error but a reason to connect again.
pub async fn run(options: TailOptions, mut output: impl Write) -> Result<(), TailError> {
    let mut client = Client::builder(options.url)
        .after(options.after)
        .since(options.since)
        .boards(options.board)
        .token(options.token)
        .authorities(options.cacert)
        .idle_timeout(options.idle_timeout);
    if let Some(types) = options.types {
        client = client.types([types]);
    }
    let mut print = |line: &Value| {
        writeln!(output, "{line}")?;
        output.flush()
    };
    let mut items = client.build()?.follow();
    while let Some(item) = items.try_next().await? {
        match item {
            Item::Event(event) => {
                let data = event
                    .json()
                    .unwrap_or_else(|_| Value::String(event.payload.clone()));
                print(&json!({ "id": event.id, "type": event.kind, "data": data }))?;
            }
            Item::Position(_) => {}
            Item::Reset(reset) => {
                tracing::warn!(
                    reason = %reset.reason,
                    reset.requested_id,
                    reset.oldest_id,
                    reset.newest_id,
                    "events are missing here"
                );
                // Like the message on the wire, it has no id of its own.
                print(&json!({ "type": "reset", "data": reset }))?;
            }
        }
    }
    Ok(())
}

/// Completes when whoever reads `output` has closed it, also while nothing is written. Never completes for what cannot be
/// closed at its other end, such as a file.
pub async fn reader_gone(output: impl AsFd + Send + 'static) {
    let (gone, told) = oneshot::channel();
    // A thread of its own, which ends with the process: nothing else ends this wait.
    let watch = move || {
        // Asked for nothing, it reports errors and hang-ups only.
        let mut output = [PollFd::new(&output, PollFlags::empty())];
        while poll(&mut output, None) == Err(Errno::INTR) {}
        let closed = PollFlags::ERR | PollFlags::HUP;
        if output[0].revents().intersects(closed) {
            let _ = gone.send(());
        }
    };
    let watched = thread::Builder::new()
        .name("output".to_owned())
        .spawn(watch);
    if watched.is_err() || told.await.is_err() {
        // Then the next write tells.
        future::pending::<()>().await;
    }
}
