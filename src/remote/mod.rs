//! Where a request comes from, as far as that can be trusted.
//!
//! A connection has one address, and behind a reverse proxy that address is the proxy's. The proxy names the client
//! in headers that anybody can write. They are trusted only if the connection comes from a network that the operator
//! has named.
//!
//! - [`proxies`]: the trusted networks
//! - [`forwarded`]: the headers
//! - [`unheard`]: proxies that are not trusted, and perhaps should be

pub mod forwarded;
pub mod proxies;
pub mod unheard;

use std::{
    fmt,
    net::{IpAddr, Ipv6Addr},
};

use poem::{
    Request,
    http::{HeaderMap, Uri, header::HOST, uri::Authority},
};

pub use self::proxies::Proxies;

/// Where one request comes from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Remote {
    /// The client that the request counts for. None for a request through a trusted proxy that names nobody: it
    /// counts only towards limits on all clients together.
    pub client: Option<Client>,
    /// The address that the log shows: the client's, or that of a trusted proxy that names nobody.
    pub address: Option<IpAddr>,
    /// Whether a trusted proxy has sent it.
    pub is_vouched: bool,
    /// Whether the client's own connection is encrypted: to us, or to a trusted proxy that says so.
    pub is_secure: bool,
    /// The host that the request is for, with its port unless that is the scheme's default: the authority of the
    /// target, or the field `Host` (RFC 9112, 3.2.2; RFC 9113, 8.3.1).
    pub authority: Option<String>,
}

/// The unit that limits per client count: an IPv4 address, or a /64 network, which a single host gets under IPv6 (RFC
/// 6177).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Client(IpAddr);

impl Client {
    /// The client with this address.
    pub fn at(address: IpAddr) -> Self {
        Self(match address.to_canonical() {
            IpAddr::V6(address) => {
                let network = address.to_bits() & (u128::MAX << 64);
                IpAddr::V6(Ipv6Addr::from_bits(network))
            }
            address @ IpAddr::V4(_) => address,
        })
    }
}

impl fmt::Display for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            IpAddr::V4(address) => address.fmt(f),
            IpAddr::V6(network) => write!(f, "{network}/64"),
        }
    }
}

impl Remote {
    /// The origin of a request that has arrived on a connection of `peer`, which we encrypt if it `is_secure`.
    pub fn new(
        peer: IpAddr,
        is_secure: bool,
        target: &Uri,
        headers: &HeaderMap,
        proxies: &Proxies,
    ) -> Self {
        let authority = target.authority().map(Authority::as_str);
        let host = || headers.get(HOST).and_then(|host| host.to_str().ok());
        let authority = authority.or_else(host).map(str::to_owned);
        if !proxies.trust(peer) {
            return Self {
                client: Some(Client::at(peer)),
                address: Some(peer.to_canonical()),
                is_vouched: false,
                is_secure,
                authority,
            };
        }
        let told = forwarded::origin(headers, proxies);
        Self {
            client: told.address.map(Client::at),
            address: Some(told.address.unwrap_or(peer).to_canonical()),
            is_vouched: true,
            is_secure: is_secure || told.is_secure,
            authority,
        }
    }

    /// The origin of a request; unknown if it came over no connection.
    pub fn of(request: &Request) -> &Self {
        static NOWHERE: Remote = Remote {
            client: None,
            address: None,
            is_vouched: false,
            is_secure: false,
            authority: None,
        };
        request.extensions().get().unwrap_or(&NOWHERE)
    }
}

/// The host of an authority, and its port if one is given. None if there is a user in front (RFC 9110, 4.2.4), no
/// host, or an invalid port; the type does not check these.
pub fn host_and_port(authority: &Authority) -> Option<(&str, Option<u16>)> {
    let (text, host) = (authority.as_str(), authority.host());
    if text.contains('@') || host.is_empty() {
        return None;
    }
    match text.strip_prefix(host)? {
        "" | ":" => Some((host, None)),
        _ => Some((host, Some(authority.port_u16()?))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn remote(peer: &str, target: &str, headers: &[(&'static str, &'static str)]) -> Remote {
        let headers = headers.iter().map(|&(name, value)| {
            let name = name.parse().expect("a header's name");
            (name, value.parse().expect("a header's value"))
        });
        let proxies = Proxies::new(["10.0.0.0/8".parse().expect("a network")]);
        Remote::new(
            peer.parse().expect("an address"),
            false,
            &target.parse().expect("a target"),
            &headers.collect(),
            &proxies,
        )
    }

    #[test]
    fn headers_count_only_when_a_trusted_proxy_sends_them() {
        let told = [
            ("x-forwarded-for", "203.0.113.7"),
            ("x-forwarded-proto", "https"),
        ];
        for (peer, client, is_secure) in [
            ("10.1.2.3", "203.0.113.7", true),
            ("::ffff:10.1.2.3", "203.0.113.7", true),
            ("192.0.2.1", "192.0.2.1", false),
            ("2001:db8::1:2:3:4", "2001:db8::/64", false),
        ] {
            let found = remote(peer, "/", &told);
            let counted = found.client.map(|it| it.to_string());
            assert_eq!(counted.as_deref(), Some(client), "{peer}");
            assert_eq!(found.is_secure, is_secure, "{peer}");
        }
        assert_eq!(remote("10.1.2.3", "/", &[]).client, None);
    }

    #[test]
    fn the_target_says_before_the_host_field_what_the_request_is_for() {
        let host = [("host", "b.example:81")];
        for (target, headers, authority) in [
            ("/", &host[..], Some("b.example:81")),
            ("http://a.example/", &host[..], Some("a.example")),
            ("https://a.example:8443/x", &[], Some("a.example:8443")),
            ("/", &[], None),
        ] {
            let found = remote("192.0.2.1", target, headers);
            assert_eq!(found.authority.as_deref(), authority, "{target}");
        }
    }

    #[test]
    fn an_ipv6_client_is_its_network() {
        let at = |text: &str| Client::at(text.parse().expect("an address"));
        assert_eq!(at("2001:db8:1:2::3"), at("2001:db8:1:2:ffff::"));
        assert_ne!(at("2001:db8:1:2::3"), at("2001:db8:1:3::3"));
        assert_eq!(at("::ffff:192.0.2.1"), at("192.0.2.1"));
        assert_ne!(at("192.0.2.1"), at("192.0.2.2"));
    }
}
