//! The reverse proxies that are trusted.

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

    /// Whether a connection from this address comes from a trusted proxy. An IPv4 address is the same when it is
    /// written as IPv6 (RFC 4291, 2.5.5.2).
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
            .map(|network| Self(Some(canonical(network))))
            .ok_or("expected a network such as 10.0.0.0/8 or 2001:db8::/32, an address, or `none`")
    }
}

/// Turns a network of IPv4 addresses written as IPv6 into one of IPv4, because that is how addresses are compared.
fn canonical(network: IpNet) -> IpNet {
    let mapped = || {
        let prefix = network.prefix_len().checked_sub(96)?;
        IpNet::new(network.addr().to_canonical(), prefix).ok()
    };
    match network.addr().to_canonical() {
        IpAddr::V4(_) if network.addr().is_ipv6() => mapped().unwrap_or(network),
        _ => network,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_network_is_the_same_however_it_is_written() {
        for (network, address, expected) in [
            ("10.0.0.0/8", "10.1.2.3", true),
            ("10.0.0.0/8", "::ffff:10.1.2.3", true),
            ("::ffff:10.0.0.0/104", "10.1.2.3", true),
            ("::ffff:10.0.0.0/104", "::ffff:10.1.2.3", true),
            ("::ffff:10.0.0.0/104", "11.1.2.3", false),
            ("::ffff:10.1.2.3", "10.1.2.3", true),
            ("::ffff:10.1.2.3", "10.1.2.4", false),
            ("2001:db8::/32", "2001:db8::1", true),
            ("::/0", "2001:db8::1", true),
            ("::/0", "10.1.2.3", false),
        ] {
            let TrustedProxy(found) = network.parse().expect("a network");
            let proxies = Proxies::new(found);
            let address = address.parse().expect("an address");
            assert_eq!(proxies.trust(address), expected, "{network} {address}");
        }
    }
}
