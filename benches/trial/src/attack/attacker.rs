//! What all attacks have in common.

use std::{net::Ipv4Addr, time::Duration};

/// The attacker's address.
pub const ADDRESS: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 66);
/// Largest body that the server takes, in bytes.
pub const BODY: usize = 1 << 20;
/// A connection or a request that was refused is tried again after this.
pub const PAUSE: Duration = Duration::from_millis(100);
