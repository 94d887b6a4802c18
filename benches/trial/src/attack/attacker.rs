//! What all attacks have in common.

use std::{net::Ipv4Addr, time::Duration};

/// The attacker's address.
pub const ADDRESS: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 66);
/// Largest body that the server accepts, in bytes.
pub const BODY: usize = 1 << 20;
/// Pause before a refused attacker retries.
pub const PAUSE: Duration = Duration::from_millis(100);
