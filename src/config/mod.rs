//! The server's settings, checked as they are read.

pub mod access;
#[cfg(feature = "otlp")]
pub mod collector;
pub mod limits;
pub mod listening;
pub mod log_filter;
pub mod origin;

use std::{net::SocketAddr, str::FromStr, time::Duration};

use chrono::{DateTime, TimeDelta, Utc};
use clap::Args;

use self::{access::Access, limits::Limits, listening::Listening};
use crate::db::{self, url::DatabaseUrl};

/// The options of `dotcast serve`.
#[derive(Args, Clone, Debug)]
pub struct ServeOptions {
    #[command(flatten)]
    /// Where to listen, and whether to encrypt.
    pub listening: Listening,

    #[command(flatten)]
    /// Where the database is.
    pub database: DatabaseOptions,

    /// Read the event log at this interval; events of other processes arrive within it (10ms to 1h)
    #[arg(long, env = "DOTCAST_POLL_INTERVAL", default_value = "1s", value_name = "DURATION", value_parser = poll_interval)]
    pub poll_interval: Duration,

    /// After sending an event, hold later ones for this long and send them together (0ms to 1s)
    #[arg(long, env = "DOTCAST_ROUND", default_value = "20ms", value_name = "DURATION", value_parser = round)]
    pub round: Duration,

    /// Send a keep-alive after this long without traffic (100ms to 1h)
    #[arg(long, env = "DOTCAST_KEEP_ALIVE", default_value = "15s", value_name = "DURATION", value_parser = keep_alive)]
    pub keep_alive: Duration,

    /// Disconnect a client that has accepted no data for this long (1s to 1h)
    #[arg(long, env = "DOTCAST_WRITE_TIMEOUT", default_value = "1m", value_name = "DURATION", value_parser = write_timeout)]
    pub write_timeout: Duration,

    /// Serve `/metrics` on this address and port instead of the one that clients use; port 0 picks a free one
    #[arg(long, env = "DOTCAST_METRICS_LISTEN", value_name = "ADDRESS:PORT")]
    pub metrics_listen: Option<SocketAddr>,

    /// Send traces of requests to this collector (OTLP over HTTP); if unset, there are none
    #[cfg(feature = "otlp")]
    #[arg(long, env = "OTEL_EXPORTER_OTLP_ENDPOINT", value_name = "URL")]
    pub otlp_endpoint: Option<collector::Collector>,

    /// Tell clients to wait this long before they reconnect (1ms to 1h)
    #[arg(long, env = "DOTCAST_RETRY", default_value = "2s", value_name = "DURATION", value_parser = retry)]
    pub retry: Duration,

    /// Keep events for this long, or `forever`
    #[arg(
        long,
        env = "DOTCAST_RETENTION",
        default_value = "30d",
        value_name = "DURATION"
    )]
    pub retention: Retention,

    /// Expire sessions this long after login (1s to 10years)
    #[arg(long, env = "DOTCAST_SESSION_LIFETIME", default_value = "30d", value_name = "DURATION", value_parser = session_lifetime)]
    pub session_lifetime: Duration,

    /// Do not migrate the database; refuse to start if migrations are pending
    #[arg(long, env = "DOTCAST_NO_MIGRATE")]
    pub no_migrate: bool,

    #[command(flatten)]
    /// Who may connect, and which proxies are trusted.
    pub access: Access,

    #[command(flatten)]
    /// Limits on what clients may use.
    pub limits: Limits,
}

/// Where the database is, and how to connect to it.
#[derive(Args, Clone, Debug)]
pub struct DatabaseOptions {
    /// Use this database: sqlite:// with a file, which `serve`, `migrate up` and `restore` create, or postgres://
    #[arg(
        long,
        env = "DATABASE_URL",
        default_value = "sqlite://dotcast.db",
        value_name = "URL",
        hide_env_values = true
    )]
    pub database_url: DatabaseUrl,

    /// Wait at most this long for the database: for a connection, or a read of the event log (100ms to 1h)
    #[arg(long, env = "DOTCAST_DATABASE_TIMEOUT", default_value = "5s", value_name = "DURATION", value_parser = database_timeout)]
    pub database_timeout: Duration,

    /// On SQLite, let up to this many write transactions share one fsync (1 to 1024); 1 turns group commit off
    #[arg(long, env = "DOTCAST_GROUP_COMMIT", default_value = "64", value_name = "NUMBER", value_parser = clap::value_parser!(u32).range(1..=1024))]
    pub group_commit: u32,

    /// Open at most this many PostgreSQL connections for requests, half of them for writes (2 to 1000); two more
    /// follow the log
    #[arg(long, env = "DOTCAST_POOL_SIZE", default_value = "16", value_name = "NUMBER", value_parser = clap::value_parser!(u32).range(2..=1000))]
    pub pool_size: u32,

    /// Have PostgreSQL cancel a statement after this long (100ms to 1h), or `off`
    #[arg(
        long,
        env = "DOTCAST_STATEMENT_TIMEOUT",
        default_value = "30s",
        value_name = "DURATION"
    )]
    pub statement_timeout: Timeout,

    /// Have PostgreSQL end a transaction that runs no statement for this long (100ms to 1h), or `off`
    #[arg(
        long,
        env = "DOTCAST_IDLE_IN_TRANSACTION_TIMEOUT",
        default_value = "10s",
        value_name = "DURATION"
    )]
    pub idle_in_transaction_timeout: Timeout,

    /// Show this application name for sessions in PostgreSQL, unless the URL sets one
    #[arg(
        long,
        env = "DOTCAST_APPLICATION_NAME",
        default_value = "dotcast",
        value_name = "NAME"
    )]
    pub application_name: String,
}

impl DatabaseOptions {
    /// The settings of each connection.
    pub fn settings(&self) -> db::Settings {
        db::Settings {
            database_timeout: self.database_timeout,
            group_commit: self.group_commit,
            pool_size: self.pool_size,
            statement_timeout: self.statement_timeout.0,
            idle_in_transaction_timeout: self.idle_in_transaction_timeout.0,
            application_name: self.application_name.clone(),
        }
    }
}

/// A timeout that PostgreSQL enforces; `None` leaves it to PostgreSQL's own settings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timeout(pub Option<Duration>);

impl FromStr for Timeout {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        between_or("off", text, Duration::from_millis(100), HOUR).map(Self)
    }
}

/// How long to keep events.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Retention {
    /// Trim nothing.
    Forever,
    /// Trim events older than this.
    For(Duration),
}

impl FromStr for Retention {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let duration = between_or("forever", text, Duration::from_secs(1), YEAR * 100)?;
        Ok(duration.map_or(Self::Forever, Self::For))
    }
}

/// One hour.
pub(crate) const HOUR: Duration = Duration::from_hours(1);
/// 365.25 days, as `humantime` defines a year.
const YEAR: Duration = Duration::from_hours(8766);

/// Parses a duration such as `30d`, `1h 30m` or `250ms`, without bounds.
pub fn duration(text: &str) -> Result<Duration, String> {
    humantime::parse_duration(text)
        .map_err(|_| "expected a duration such as 250ms, 15s, 10m or 30d".to_owned())
}

/// Parses a time, or how long ago it was `now`.
pub fn since(text: &str, now: DateTime<Utc>) -> Result<DateTime<Utc>, String> {
    if let Ok(time) = DateTime::parse_from_rfc3339(text) {
        return Ok(time.to_utc());
    }
    // A bare 0 passes for a duration elsewhere.
    let ago = duration(text)
        .ok()
        .filter(|_| text.ends_with(|it: char| it.is_ascii_alphabetic()))
        .and_then(|ago| TimeDelta::from_std(ago).ok());
    ago.and_then(|ago| now.checked_sub_signed(ago)).ok_or_else(|| {
        "must be a duration such as 10m, or a time such as 2026-11-27T12:00:00Z (RFC 3339; in a URL + is %2B)"
            .to_owned()
    })
}

/// Parses a duration within these bounds.
pub(crate) fn between(text: &str, from: Duration, to: Duration) -> Result<Duration, String> {
    let duration = duration(text)?;
    if (from..=to).contains(&duration) {
        return Ok(duration);
    }
    let (from, to) = (
        humantime::format_duration(from),
        humantime::format_duration(to),
    );
    Err(format!("must be from {from} to {to}"))
}

/// Like [`between`], but also takes `word`, which means `None`.
fn between_or(
    word: &str,
    text: &str,
    from: Duration,
    to: Duration,
) -> Result<Option<Duration>, String> {
    if text == word {
        return Ok(None);
    }
    between(text, from, to)
        .map(Some)
        .map_err(|error| format!("{error}, or `{word}`"))
}

fn database_timeout(text: &str) -> Result<Duration, String> {
    between(text, Duration::from_millis(100), HOUR)
}

fn poll_interval(text: &str) -> Result<Duration, String> {
    between(text, Duration::from_millis(10), HOUR)
}

fn round(text: &str) -> Result<Duration, String> {
    between(text, Duration::ZERO, Duration::from_secs(1))
}

fn keep_alive(text: &str) -> Result<Duration, String> {
    between(text, Duration::from_millis(100), HOUR)
}

fn write_timeout(text: &str) -> Result<Duration, String> {
    between(text, Duration::from_secs(1), HOUR)
}

fn retry(text: &str) -> Result<Duration, String> {
    between(text, Duration::from_millis(1), HOUR)
}

fn session_lifetime(text: &str) -> Result<Duration, String> {
    between(text, Duration::from_secs(1), YEAR * 10)
}
