//! What proxies say about the client: `X-Forwarded-For`, `X-Forwarded-Proto`, and `Forwarded` (RFC 7239).
//!
//! Each proxy of a chain appends the address that *it* saw to the list. Whatever stands before the first address that
//! no trusted proxy could have added may have been made up by the client. So lists are read from the end: past the
//! trusted proxies, to the first address that is not one of theirs.

use std::net::IpAddr;

use poem::http::{
    HeaderMap,
    header::{FORWARDED, HeaderName},
};

use super::Proxies;

const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const X_FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");

/// What a chain of proxies says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Origin {
    /// The client's address, if one is named. `unknown`, an obfuscated name, or an invalid address names none.
    pub address: Option<IpAddr>,
    /// Whether the client's connection is encrypted.
    pub is_secure: bool,
}

/// Whether a request names clients on whose behalf it was sent.
pub fn is_present(headers: &HeaderMap) -> bool {
    headers.contains_key(X_FORWARDED_FOR) || headers.contains_key(FORWARDED)
}

/// The client of a request that a trusted proxy has sent.
///
/// `X-Forwarded-For` takes precedence over `Forwarded`. Nearly every proxy writes it, and a proxy passes on the field
/// that it does not know as the client has sent it.
pub fn origin(headers: &HeaderMap, proxies: &Proxies) -> Origin {
    let hops: Vec<Hop> = if headers.contains_key(X_FORWARDED_FOR) {
        hops_of_x_forwarded(headers)
    } else if headers.contains_key(FORWARDED) {
        let elements = list(headers, &FORWARDED);
        elements.iter().map(|it| Hop::of_element(it)).collect()
    } else {
        // Only the scheme is given.
        let schemes = list(headers, &X_FORWARDED_PROTO);
        return Origin {
            address: None,
            is_secure: schemes.first().is_some_and(|it| is_https(it)),
        };
    };
    let is_proxy = |hop: &&Hop| hop.address.is_some_and(|it| proxies.trust(it));
    match hops.iter().rev().find(|hop| !is_proxy(hop)) {
        Some(hop) => Origin {
            address: hop.address,
            is_secure: hop.is_secure,
        },
        // There are only proxies: the first of them has sent the request for itself.
        None => Origin {
            address: None,
            is_secure: hops.first().is_some_and(|hop| hop.is_secure),
        },
    }
}

/// One hop, as seen by the proxy that received the request from there.
#[derive(Default)]
struct Hop {
    address: Option<IpAddr>,
    is_secure: bool,
}

impl Hop {
    /// `for=192.0.2.60;proto=http;by=203.0.113.43` (RFC 7239, 4). Names are case-insensitive, in any order.
    fn of_element(element: &str) -> Self {
        let mut hop = Self::default();
        for pair in split(element, ';') {
            let Some((name, value)) = pair.split_once('=') else {
                continue;
            };
            let value = unquote(value.trim());
            match name.trim().to_ascii_lowercase().as_str() {
                "for" => hop.address = address(&value),
                "proto" => hop.is_secure = is_https(&value),
                _ => {}
            }
        }
        hop
    }
}

/// Proxies agree less on `X-Forwarded-Proto`: some append to it, most write one value for the whole chain. So if
/// there are as many schemes as addresses they belong together; otherwise the first is the client's.
fn hops_of_x_forwarded(headers: &HeaderMap) -> Vec<Hop> {
    let addresses = list(headers, &X_FORWARDED_FOR);
    let schemes = list(headers, &X_FORWARDED_PROTO);
    let is_paired = schemes.len() == addresses.len();
    let hop = |(index, text): (usize, &String)| {
        let scheme = schemes.get(if is_paired { index } else { 0 });
        Hop {
            address: address(&unquote(text)),
            is_secure: scheme.is_some_and(|it| is_https(it)),
        }
    };
    addresses.iter().enumerate().map(hop).collect()
}

/// The elements of a list that may span several lines (RFC 9110, 5.3); empty ones are ignored (5.6.1).
fn list(headers: &HeaderMap, name: &HeaderName) -> Vec<String> {
    let lines = headers.get_all(name).into_iter();
    lines
        .flat_map(|line| {
            let line = String::from_utf8_lossy(line.as_bytes()).into_owned();
            let elements: Vec<_> = split(&line, ',').map(str::to_owned).collect();
            elements
        })
        .filter(|element| !element.is_empty())
        .collect()
}

/// The trimmed parts between separators outside of quotes. An unclosed quote ends with the text.
fn split(text: &str, separator: char) -> impl Iterator<Item = &str> {
    let (mut is_quoted, mut is_escaped) = (false, false);
    text.split(move |it| {
        if is_escaped {
            is_escaped = false;
            return false;
        }
        match it {
            '\\' => is_escaped = is_quoted,
            '"' => is_quoted = !is_quoted,
            _ => {}
        }
        !is_quoted && it == separator
    })
    .map(str::trim)
}

/// A value without its quotes (RFC 9110, 5.6.4).
fn unquote(text: &str) -> String {
    let Some(quoted) = text.strip_prefix('"').and_then(|it| it.strip_suffix('"')) else {
        return text.to_owned();
    };
    let mut is_escaped = false;
    let keep = |it: &char| {
        is_escaped = *it == '\\' && !is_escaped;
        !is_escaped
    };
    quoted.chars().filter(keep).collect()
}

/// An address, with or without a port: `192.0.2.1`, `192.0.2.1:80`, `2001:db8::1`, `[2001:db8::1]:80`.
fn address(text: &str) -> Option<IpAddr> {
    let text = text.trim();
    // The port may also be an obfuscated name (RFC 7239, 6.3).
    let bare = match text.strip_prefix('[') {
        Some(rest) => rest.split_once(']')?.0,
        None => text,
    };
    let v4 = || bare.split_once(':').map_or(bare, |(address, _)| address);
    let address: Option<IpAddr> = bare.parse().ok();
    let address = address.or_else(|| v4().parse().ok().filter(IpAddr::is_ipv4));
    address.map(|it| it.to_canonical())
}

fn is_https(text: &str) -> bool {
    text.trim().eq_ignore_ascii_case("https")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(lines: &[(&'static str, &'static str)]) -> (Option<String>, bool) {
        let mut headers = HeaderMap::new();
        for &(name, value) in lines {
            headers.append(name, value.parse().expect("a header's value"));
        }
        let networks = ["10.0.0.0/8", "2001:db8:aaaa::/48"];
        let proxies = Proxies::new(networks.map(|it| it.parse().expect("a network")));
        let origin = origin(&headers, &proxies);
        (origin.address.map(|it| it.to_string()), origin.is_secure)
    }

    fn client(lines: &[(&'static str, &'static str)]) -> Option<String> {
        told(lines).0
    }

    #[test]
    fn lists_are_read_from_the_end_past_trusted_proxies() {
        for (list, expected) in [
            ("203.0.113.7", Some("203.0.113.7")),
            ("198.51.100.1, 203.0.113.7", Some("203.0.113.7")),
            (
                "198.51.100.1,203.0.113.7,10.0.0.1 , 10.0.0.2",
                Some("203.0.113.7"),
            ),
            ("203.0.113.7:4711", Some("203.0.113.7")),
            ("2001:db8::1", Some("2001:db8::1")),
            ("[2001:db8::1]", Some("2001:db8::1")),
            ("[2001:db8::1]:4711, 2001:db8:aaaa::5", Some("2001:db8::1")),
            ("::ffff:203.0.113.7, ::ffff:10.0.0.1", Some("203.0.113.7")),
            (", 203.0.113.7, ,", Some("203.0.113.7")),
            ("203.0.113.7, unknown", None),
            ("203.0.113.7, unknown, 10.0.0.1", None),
            ("203.0.113.7, fe80::1%eth0", None),
            ("203.0.113.7, 300.1.1.1", None),
            ("10.0.0.3, 10.0.0.1", None),
            ("", None),
        ] {
            let found = client(&[("x-forwarded-for", list)]);
            assert_eq!(found.as_deref(), expected, "{list}");
        }
    }

    #[test]
    fn a_list_may_stand_on_several_lines() {
        let lines = [
            ("x-forwarded-for", "198.51.100.1"),
            ("x-forwarded-for", "203.0.113.7, 10.0.0.1"),
            ("x-forwarded-for", "10.0.0.2"),
        ];
        assert_eq!(client(&lines).as_deref(), Some("203.0.113.7"));
    }

    #[test]
    fn forwarded_is_read_as_its_grammar_has_it() {
        for (list, expected) in [
            ("for=203.0.113.7", (Some("203.0.113.7"), false)),
            (
                "For=\"203.0.113.7:47\" ; PROTO=https;by=x",
                (Some("203.0.113.7"), true),
            ),
            (
                "proto=https;for=\"[2001:db8::1]:47\"",
                (Some("2001:db8::1"), true),
            ),
            (
                "for=198.51.100.1;proto=http, for=203.0.113.7;proto=https",
                (Some("203.0.113.7"), true),
            ),
            (
                "for=203.0.113.7;proto=https, for=10.0.0.1;proto=http",
                (Some("203.0.113.7"), true),
            ),
            (
                "for=\"a,b;c\\\",d\", for=203.0.113.7",
                (Some("203.0.113.7"), false),
            ),
            ("for=203.0.113.7, for=\"_hidden\"", (None, false)),
            ("for=203.0.113.7, for=unknown;proto=https", (None, true)),
            ("for=203.0.113.7, by=10.0.0.1", (None, false)),
            ("for=\"203.0.113.7", (None, false)),
            ("203.0.113.7", (None, false)),
        ] {
            let (address, is_secure) = told(&[("forwarded", list)]);
            assert_eq!((address.as_deref(), is_secure), expected, "{list}");
        }
    }

    #[test]
    fn the_field_that_proxies_write_goes_before_the_one_that_they_hand_on() {
        let both = [
            ("forwarded", "for=192.0.2.66;proto=https"),
            ("x-forwarded-for", "203.0.113.7"),
        ];
        assert_eq!(told(&both), (Some("203.0.113.7".to_owned()), false));
    }

    #[test]
    fn schemes_belong_to_addresses_where_there_are_as_many() {
        let with = |addresses, schemes| {
            told(&[
                ("x-forwarded-for", addresses),
                ("x-forwarded-proto", schemes),
            ])
            .1
        };
        assert!(with("203.0.113.7", "https"));
        assert!(with("203.0.113.7, 10.0.0.1", "HTTPS"));
        assert!(with("203.0.113.7, 10.0.0.1", "https, http"));
        assert!(!with("198.51.100.1, 203.0.113.7", "https, http"));
        assert!(!with("203.0.113.7", "http"));
        assert!(told(&[("x-forwarded-proto", "https")]).1);
        assert!(!told(&[]).1);
    }
}
