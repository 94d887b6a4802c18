//! Bounds on what clients may take, together and one by one.

use clap::Args;

/// What clients may take.
#[derive(Args, Clone, Debug)]
pub struct Limits {
    /// Upper bound on the bytes of request bodies held in memory at once; one client may hold a quarter
    /// (4MiB to 64GiB)
    #[arg(long, env = "DOTCAST_MAX_BODY_MEMORY", default_value = "64MiB", value_name = "SIZE", value_parser = max_body_memory)]
    pub max_body_memory: usize,
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
