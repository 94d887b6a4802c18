//! Bounds on what clients may take, together and one by one.

use std::time::Duration;

use clap::Args;

use super::{HOUR, between};

/// What clients may take.
#[derive(Args, Clone, Debug)]
pub struct Limits {
    /// Answer 408 to a request whose answer has not begun so long after its head arrived (1s to 1h)
    #[arg(long, env = "DOTCAST_REQUEST_TIMEOUT", default_value = "30s", value_name = "DURATION", value_parser = request_timeout)]
    pub request_timeout: Duration,

    /// Work on this many requests at a time, and let others wait; streams that are open do not count (1 to 100000)
    #[arg(long, env = "DOTCAST_MAX_REQUESTS", default_value = "256", value_name = "NUMBER", value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub max_requests: u32,

    /// Work on this many requests of one client at a time, and let others wait (1 to 100000)
    #[arg(long, env = "DOTCAST_MAX_REQUESTS_PER_CLIENT", default_value = "32", value_name = "NUMBER", value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub max_requests_per_client: u32,

    /// Hold this many connections, streams included (1 to 10000000); without it, as many as the limit on open
    /// files allows
    #[arg(long, env = "DOTCAST_MAX_CONNECTIONS", value_name = "NUMBER", value_parser = clap::value_parser!(u32).range(1..=10_000_000))]
    pub max_connections: Option<u32>,

    /// Hold this many connections of one client, streams included (1 to 10000000); those of a trusted proxy count
    /// for nobody
    #[arg(long, env = "DOTCAST_MAX_CONNECTIONS_PER_CLIENT", default_value = "256", value_name = "NUMBER", value_parser = clap::value_parser!(u32).range(1..=10_000_000))]
    pub max_connections_per_client: u32,
}

fn request_timeout(text: &str) -> Result<Duration, String> {
    between(text, Duration::from_secs(1), HOUR)
}
