//! Limits on what clients may use, in total and per client.

use std::{str::FromStr, time::Duration};

use clap::{Args, value_parser};

use super::{HOUR, YEAR, between, between_or};
use crate::rates::MaybeRate;

/// Limits on what clients may use.
#[derive(Args, Clone, Debug)]
pub struct Limits {
    /// Hold at most this much of request bodies in memory at once; one client may use a quarter (4MiB to 64GiB)
    #[arg(long, env = "DOTCAST_MAX_BODY_MEMORY", default_value = "64MiB", value_name = "SIZE", value_parser = max_body_memory)]
    pub max_body_memory: usize,

    /// Accept this many requests from one client per time, in a burst or spread out (1/1day to 1000000/1s), or
    /// `off`
    #[arg(
        long,
        env = "DOTCAST_REQUEST_RATE",
        default_value = "500/5s",
        value_name = "NUMBER/DURATION"
    )]
    pub request_rate: MaybeRate,

    /// Let one client register this many users per time (1/1day to 1000000/1s), or `off`
    #[arg(
        long,
        env = "DOTCAST_REGISTRATION_RATE",
        default_value = "10/1h",
        value_name = "NUMBER/DURATION"
    )]
    pub registration_rate: MaybeRate,

    /// Allow each user this many open sessions (1 to 1000); one more ends the oldest
    #[arg(long, env = "DOTCAST_MAX_SESSIONS_PER_USER", default_value = "50", value_name = "NUMBER", value_parser = value_parser!(u32).range(1..=1000))]
    pub max_sessions_per_user: u32,

    /// Allow each user this many boards (1 to 1000000)
    #[arg(long, env = "DOTCAST_MAX_BOARDS_PER_USER", default_value = "10000", value_name = "NUMBER", value_parser = value_parser!(u32).range(1..=1_000_000))]
    pub max_boards_per_user: u32,

    /// Allow each user this many paths on one board (1 to 1000000)
    #[arg(long, env = "DOTCAST_MAX_PATHS_PER_BOARD", default_value = "1000", value_name = "NUMBER", value_parser = value_parser!(u32).range(1..=1_000_000))]
    pub max_paths_per_board: u32,

    /// Answer 408 if no response has begun this long after the request's head arrived (1s to 1h)
    #[arg(long, env = "DOTCAST_REQUEST_TIMEOUT", default_value = "30s", value_name = "DURATION", value_parser = request_timeout)]
    pub request_timeout: Duration,

    /// Process at most this many requests at a time and queue the rest; open streams do not count (1 to 100000)
    #[arg(long, env = "DOTCAST_MAX_REQUESTS", default_value = "256", value_name = "NUMBER", value_parser = value_parser!(u32).range(1..=100_000))]
    pub max_requests: u32,

    /// Process at most this many requests of one client at a time and queue the rest (1 to 100000)
    #[arg(long, env = "DOTCAST_MAX_REQUESTS_PER_CLIENT", default_value = "32", value_name = "NUMBER", value_parser = value_parser!(u32).range(1..=100_000))]
    pub max_requests_per_client: u32,

    /// Keep at most this many connections open, streams included (1 to 10000000); if unset, as many as the limit
    /// on open files allows
    #[arg(long, env = "DOTCAST_MAX_CONNECTIONS", value_name = "NUMBER", value_parser = value_parser!(u32).range(1..=10_000_000))]
    pub max_connections: Option<u32>,

    /// Keep at most this many connections of one client open, streams included (1 to 10000000); those of a
    /// trusted proxy are not counted
    #[arg(long, env = "DOTCAST_MAX_CONNECTIONS_PER_CLIENT", default_value = "256", value_name = "NUMBER", value_parser = value_parser!(u32).range(1..=10_000_000))]
    pub max_connections_per_client: u32,

    /// Allow at most this many open streams (1 to 10000000); if unset, as many as the limit on open files leaves
    /// room for, up to 100000
    #[arg(long, env = "DOTCAST_MAX_STREAMS", value_name = "NUMBER", value_parser = value_parser!(u32).range(1..=10_000_000))]
    pub max_streams: Option<u32>,

    /// Allow one client, an IPv4 address or an IPv6 /64 network, at most this many open streams (1 to 10000000)
    #[arg(long, env = "DOTCAST_MAX_STREAMS_PER_CLIENT", default_value = "256", value_name = "NUMBER", value_parser = value_parser!(u32).range(1..=10_000_000))]
    pub max_streams_per_client: u32,

    /// End each stream at this age (1s to 10years), or `off`; its client reconnects and misses nothing
    #[arg(
        long,
        env = "DOTCAST_MAX_STREAM_AGE",
        default_value = "off",
        value_name = "DURATION"
    )]
    pub max_stream_age: MaxAge,
}

/// A maximum age; `None` for no limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MaxAge(pub Option<Duration>);

impl FromStr for MaxAge {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        between_or("off", text, Duration::from_secs(1), YEAR * 10).map(Self)
    }
}

fn request_timeout(text: &str) -> Result<Duration, String> {
    between(text, Duration::from_secs(1), HOUR)
}

/// A quarter must hold the largest possible body.
fn max_body_memory(text: &str) -> Result<usize, String> {
    let size = size(text)?;
    if (4 << 20..=64 << 30).contains(&size) {
        usize::try_from(size).map_err(|_| "is more than this machine can address".to_owned())
    } else {
        Err("must be from 4MiB to 64GiB".to_owned())
    }
}

/// Parses a size such as `512KiB`, `64MiB` or `1GiB` into bytes.
fn size(text: &str) -> Result<u64, String> {
    let units = [("KiB", 10), ("MiB", 20), ("GiB", 30)];
    let parsed = units.iter().find_map(|(unit, shift)| {
        let number: u32 = text.strip_suffix(unit)?.trim_end().parse().ok()?;
        Some(u64::from(number) << shift)
    });
    parsed.ok_or_else(|| "expected a size such as 512KiB, 64MiB or 1GiB".to_owned())
}
