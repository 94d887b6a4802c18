//! The reverse proxies whose word counts.

use std::{net::IpAddr, str::FromStr};

use ipnet::IpNet;

/// Networks of trusted proxies.
#[derive(Clone, Debug, Default)]
pub struct Proxies(Vec<IpNet>);

impl Proxies {
    /// Trusts these networks.
    pub fn new(networks: impl IntoIterator<Item = IpNet>) -> Self {
        Self(networks.into_iter().collect())
    }

    /// Whether a connection from this address is a trusted proxy's. An IPv4 address is the same when it
    /// is written as IPv6 (RFC 4291, 2.5.5.2).
    pub fn trust(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.0.iter().any(|network| network.contains(&address))
    }
}

/// A value of `--trusted-proxy`: a network, a single address, or `none`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TrustedProxy(pub Option<IpNet>);

impl FromStr for TrustedProxy {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text == "none" {
            return Ok(Self(None));
        }
        let address = || text.parse::<IpAddr>().ok().map(IpNet::from);
        let network = text.parse().ok().or_else(address);
        network
            .map(|network| Self(Some(network)))
            .ok_or("expected a network such as 10.0.0.0/8 or 2001:db8::/32, an address, or `none`")
    }
}
