//! Follows a server's stream, reconnects and resumes by itself, and prints each event once.

use std::{
    io::{self, Write},
    time::Duration,
};

use clap::Args;
use dotcast_log::{EventId, cursor};
use futures_util::StreamExt as _;
use reqwest::{StatusCode, Url, header};
use serde_json::{Value, json};
use tokio::time::{sleep, timeout};

use super::{
    parser::{Message, Parser},
    token::Token,
};
use crate::config;

/// Longest pause between two attempts to connect.
const MAX_PAUSE: Duration = Duration::from_secs(30);
/// How much of an error answer is read, in bytes.
const MAX_PROBLEM: usize = 64 * 1024;

/// The options of `dotcast tail`.
#[derive(Args, Clone, Debug)]
pub struct TailOptions {
    /// The server
    #[arg(
        long,
        env = "DOTCAST_URL",
        hide_env_values = true,
        default_value = "http://127.0.0.1:8000",
        value_name = "URL"
    )]
    pub url: Url,

    /// Begin after this event; 0 for all that are kept. Without it, begin now
    #[arg(long, env = "DOTCAST_AFTER", value_name = "ID", value_parser = |text: &str| cursor::parse(text))]
    pub after: Option<EventId>,

    /// Only events of these types, separated by commas
    #[arg(long, env = "DOTCAST_TYPES", value_name = "TYPES")]
    pub types: Option<String>,

    /// Only events about this board
    #[arg(long, env = "DOTCAST_BOARD", value_name = "ID")]
    pub board: Option<i64>,

    /// Follow with this session's token, where the server admits users only; other users of the machine see a
    /// command line, but not the variable
    #[arg(
        long,
        env = "DOTCAST_TOKEN",
        hide_env_values = true,
        value_name = "TOKEN"
    )]
    pub token: Option<Token>,

    /// A connection that is silent for so long is taken for dead; above the server's keep-alive
    #[arg(long, env = "DOTCAST_IDLE_TIMEOUT", default_value = "60s", value_name = "DURATION", value_parser = config::duration)]
    pub idle_timeout: Duration,
}

/// Why following ended.
#[derive(Debug, thiserror::Error)]
pub enum TailError {
    /// The server understood the request and refuses it, so that trying again is no use.
    #[error("the server refuses the stream: {0}")]
    Refused(String),
    /// The session has ended by which the stream was open.
    #[error("the session has ended; log in again and follow with the new token (DOTCAST_TOKEN)")]
    SessionEnded,
    /// What answers there is no dotcast server.
    #[error("{0} answers, but not with an event stream")]
    NoStream(Url),
    /// The events cannot be written.
    #[error("cannot write: {0}")]
    Output(#[from] io::Error),
    /// The URL or the client cannot be used.
    #[error(transparent)]
    Client(#[from] reqwest::Error),
}

/// Follows the stream for ever, printing to `output`.
///
/// # Errors
/// See [`TailError`]. A connection that fails is not an error but a reason to connect again.
pub async fn run(options: TailOptions, output: impl Write) -> Result<(), TailError> {
    // Fails only when there is a provider already, which then does as well.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let client = reqwest::Client::builder()
        .connect_timeout(Duration::from_secs(10))
        .user_agent(concat!("dotcast/", env!("CARGO_PKG_VERSION")))
        .build()?;
    let mut follower = Follower {
        url: stream_url(&options),
        client,
        idle_timeout: options.idle_timeout,
        token: options.token,
        cursor: options.after,
        retry: Duration::from_secs(2),
        output,
    };
    let mut failures = 0;
    loop {
        match follower.follow().await? {
            Cut::Served => failures = 0,
            Cut::Failed(reason) => {
                failures += 1;
                tracing::warn!(reason, "no stream");
            }
        }
        let pause = pause(follower.retry, failures);
        tracing::info!(after = follower.cursor, ?pause, "reconnecting");
        sleep(pause).await;
    }
}

fn stream_url(options: &TailOptions) -> Url {
    let mut url = options.url.clone();
    let base = url.path().trim_end_matches('/').to_owned();
    url.set_path(&format!("{base}/sse/notifications/"));
    if options.types.is_some() || options.board.is_some() {
        let mut query = url.query_pairs_mut();
        if let Some(types) = &options.types {
            query.append_pair("types", types);
        }
        if let Some(board) = options.board {
            query.append_pair("board_id", &board.to_string());
        }
    }
    url
}

/// The server's pause after a good connection, doubled at each failure, with some chance in it.
fn pause(retry: Duration, failures: u32) -> Duration {
    let random = getrandom::u32().unwrap_or(u32::MAX);
    let share = 0.75 + 0.25 * f64::from(random) / f64::from(u32::MAX);
    let longest = MAX_PAUSE.max(retry);
    retry
        .saturating_mul(1 << failures.min(8))
        .min(longest)
        .mul_f64(share)
}

/// How a connection ended.
enum Cut {
    /// It had been a stream.
    Served,
    /// It had not, for this reason.
    Failed(String),
}

struct Follower<W> {
    client: reqwest::Client,
    url: Url,
    idle_timeout: Duration,
    token: Option<Token>,
    /// Everything up to here has been printed.
    cursor: Option<EventId>,
    retry: Duration,
    output: W,
}

impl<W: Write> Follower<W> {
    async fn follow(&mut self) -> Result<Cut, TailError> {
        let mut request = self
            .client
            .get(self.url.clone())
            .header(header::ACCEPT, "text/event-stream")
            .header(header::CACHE_CONTROL, "no-store");
        if let Some(token) = &self.token {
            request = request.bearer_auth(token.as_str());
        }
        if let Some(cursor) = self.cursor {
            request = request.header("Last-Event-ID", cursor);
        }
        let answer = match timeout(self.idle_timeout, request.send()).await {
            Ok(Ok(answer)) => answer,
            Ok(Err(error)) => return Ok(Cut::Failed(with_causes(&error.without_url()))),
            Err(_) => return Ok(Cut::Failed("no answer".to_owned())),
        };
        let status = answer.status();
        if status != StatusCode::OK {
            let temporary = status.is_server_error()
                || matches!(
                    status,
                    StatusCode::REQUEST_TIMEOUT | StatusCode::TOO_MANY_REQUESTS
                );
            let text = format!("{status}: {}", problem_detail(answer).await);
            return if temporary {
                Ok(Cut::Failed(text))
            } else {
                Err(TailError::Refused(text))
            };
        }
        let content_type = answer.headers().get(header::CONTENT_TYPE);
        if !content_type.is_some_and(|it| it.as_bytes().starts_with(b"text/event-stream")) {
            return Err(TailError::NoStream(without_password(&self.url)));
        }
        self.read(answer).await?;
        Ok(Cut::Served)
    }

    /// Reads until the connection ends, fails or falls silent; all three mean: connect again.
    async fn read(&mut self, answer: reqwest::Response) -> Result<(), TailError> {
        let mut parser = Parser::default();
        let mut messages = Vec::new();
        let mut bytes = answer.bytes_stream();
        while let Ok(Some(Ok(piece))) = timeout(self.idle_timeout, bytes.next()).await {
            parser.feed(&piece, &mut messages);
            self.retry = parser.retry().unwrap_or(self.retry);
            for message in messages.drain(..) {
                self.take(&message)?;
            }
            self.output.flush()?;
        }
        Ok(())
    }

    fn take(&mut self, message: &Message) -> Result<(), TailError> {
        if message.event == "reset" {
            tracing::warn!(data = message.data, "events are missing here");
            return Ok(());
        }
        if message.event == "bye" {
            return Err(TailError::SessionEnded);
        }
        let Ok(id) = cursor::parse(&message.last_event_id) else {
            tracing::warn!(event = message.event, "an event without an id");
            return Ok(());
        };
        if message.event == "cursor" {
            // Also backwards, when the log itself went back: a restored backup.
            self.cursor = Some(id);
            return Ok(());
        }
        if self.cursor.is_some_and(|cursor| id <= cursor) {
            return Ok(());
        }
        let data: Value = serde_json::from_str(&message.data)
            .unwrap_or_else(|_| Value::String(message.data.clone()));
        let line = json!({ "id": id, "type": message.event, "data": data });
        writeln!(self.output, "{line}")?;
        self.cursor = Some(id);
        Ok(())
    }
}

/// What a problem says for people: each error, or the detail where there are none; otherwise nothing.
async fn problem_detail(answer: reqwest::Response) -> String {
    let mut text = Vec::new();
    let mut bytes = answer.bytes_stream();
    while let Ok(Some(Ok(piece))) = timeout(Duration::from_secs(5), bytes.next()).await {
        text.extend_from_slice(&piece);
        if text.len() > MAX_PROBLEM {
            break;
        }
    }
    let problem: Value = serde_json::from_slice(&text).unwrap_or_default();
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

fn without_password(url: &Url) -> Url {
    let mut url = url.clone();
    // Fails only for URLs that cannot have one.
    let _ = url.set_password(None);
    url
}

/// An error and what caused it: the outermost one often says only that a request failed.
fn with_causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    text
}
