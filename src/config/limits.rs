//! Bounds on what clients may take, together and one by one.

use clap::Args;

use crate::rates::MaybeRate;

/// What clients may take.
#[derive(Args, Clone, Debug)]
pub struct Limits {
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
