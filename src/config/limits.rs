//! Bounds on what clients may take, together and one by one.

use clap::Args;

use crate::rates::MaybeRate;

/// What clients may take.
#[derive(Args, Clone, Debug)]
pub struct Limits {
    /// Upper bound on the bytes of request bodies held in memory at once; one client may hold a quarter
    /// (4MiB to 64GiB)
    #[arg(long, env = "DOTCAST_MAX_BODY_MEMORY", default_value = "64MiB", value_name = "SIZE", value_parser = max_body_memory)]
    pub max_body_memory: usize,

    /// How many requests one client may send within a time, all at once or spread out (1/1day to 1000000/1s),
    /// or `off`
    #[arg(
        long,
        env = "DOTCAST_REQUEST_RATE",
        default_value = "500/5s",
        value_name = "NUMBER/DURATION"
    )]
    pub request_rate: MaybeRate,

    /// How many users one client may register within a time (1/1day to 1000000/1s), or `off`
    #[arg(
        long,
        env = "DOTCAST_REGISTRATION_RATE",
        default_value = "10/1h",
        value_name = "NUMBER/DURATION"
    )]
    pub registration_rate: MaybeRate,

    /// How many open sessions a user may have (1 to 1000); the oldest ends when one more begins
    #[arg(long, env = "DOTCAST_MAX_SESSIONS_PER_USER", default_value = "50", value_name = "NUMBER", value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub max_sessions_per_user: u32,

    /// How many boards a user may have (1 to 1000000)
    #[arg(long, env = "DOTCAST_MAX_BOARDS_PER_USER", default_value = "10000", value_name = "NUMBER", value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub max_boards_per_user: u32,

    /// How many paths a user may have on one board (1 to 1000000)
    #[arg(long, env = "DOTCAST_MAX_PATHS_PER_BOARD", default_value = "1000", value_name = "NUMBER", value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub max_paths_per_board: u32,
}

/// A quarter must hold the largest body.
fn max_body_memory(text: &str) -> Result<usize, String> {
    let size = size(text)?;
    if (4 << 20..=64 << 30).contains(&size) {
        usize::try_from(size).map_err(|_| "is more than this machine can address".to_owned())
    } else {
        Err("must be from 4MiB to 64GiB".to_owned())
    }
}

/// Parses `512KiB`, `64MiB`, `1GiB`; bytes.
fn size(text: &str) -> Result<u64, String> {
    let units = [("KiB", 10), ("MiB", 20), ("GiB", 30)];
    let parsed = units.iter().find_map(|(unit, shift)| {
        let number: u32 = text.strip_suffix(unit)?.trim_end().parse().ok()?;
        Some(u64::from(number) << shift)
    });
    parsed.ok_or_else(|| "expected a size such as 512KiB, 64MiB or 1GiB".to_owned())
}
