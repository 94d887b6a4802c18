//! Bounds on what clients may take, together and one by one.

use std::{str::FromStr, time::Duration};

use clap::{Args, value_parser};

/// What clients may take.
#[derive(Args, Clone, Debug)]
pub struct Limits {
    /// Upper bound on open streams (1 to 10000000); without it as many as the limit on open files leaves room
    /// for, 100000 at most
    #[arg(long, env = "DOTCAST_MAX_STREAMS", value_name = "NUMBER", value_parser = value_parser!(u32).range(1..=10_000_000))]
    pub max_streams: Option<u32>,

    /// Upper bound on the open streams of one client, an IPv4 address or an IPv6 network of 64 bits (1 to
    /// 10000000)
    #[arg(long, env = "DOTCAST_MAX_STREAMS_PER_CLIENT", default_value = "256", value_name = "NUMBER", value_parser = value_parser!(u32).range(1..=10_000_000))]
    pub max_streams_per_client: u32,

    /// End a stream at this age (1s to 10years), or `off`; its client reconnects and misses nothing
    #[arg(
        long,
        env = "DOTCAST_MAX_STREAM_AGE",
        default_value = "off",
        value_name = "DURATION"
    )]
    pub max_stream_age: MaxAge,
}

/// How old something may get; `None` for any age.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MaxAge(pub Option<Duration>);

impl FromStr for MaxAge {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text == "off" {
            return Ok(Self(None));
        }
        super::between(text, Duration::from_secs(1), super::YEAR * 10)
            .map(|age| Self(Some(age)))
            .map_err(|error| format!("{error}, or `off`"))
    }
}
