//! The client is the last address of a chain that is no trusted proxy's, whatever stands before it.
//!
//! Each line is a field: `Forwarded` after an `F`, `X-Forwarded-For` after an `X`, `X-Forwarded-Proto` after a `P`.
#![no_main]

use std::net::{IpAddr, SocketAddr};

use dotcast::remote::{Proxies, forwarded::origin};
use http::{HeaderMap, HeaderValue};
use libfuzzer_sys::fuzz_target;

fn headers(lines: &[(&'static str, &str)]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for &(name, value) in lines {
        if let Ok(value) = HeaderValue::from_bytes(value.as_bytes()) {
            headers.append(name, value);
        }
    }
    headers
}

/// An address with a zone is one of the proxy's own, and tells us nothing.
fn address(text: &str) -> Option<IpAddr> {
    if text.contains('%') {
        return None;
    }
    let address = text.parse().ok();
    let address = address.or_else(|| Some(text.parse::<SocketAddr>().ok()?.ip()));
    address.map(|it: IpAddr| it.to_canonical())
}

fuzz_target!(|text: &str| {
    let proxies = ["10.0.0.0/8", "2001:db8:aaaa::/48"].map(|it| it.parse().expect("a network"));
    let proxies = Proxies::new(proxies);
    let lines: Vec<_> = text
        .lines()
        .filter_map(|line| match line.as_bytes().first()? {
            b'F' => Some(("forwarded", &line[1..])),
            b'X' => Some(("x-forwarded-for", &line[1..])),
            b'P' => Some(("x-forwarded-proto", &line[1..])),
            _ => None,
        })
        .collect();
    let given = headers(&lines);
    let told = origin(&given, &proxies);
    if let Some(address) = told.address {
        assert!(!proxies.trust(address));
        assert_eq!(address, address.to_canonical());
    }
    let (name, made_up, of_proxy) = if given.contains_key("x-forwarded-for") {
        ("x-forwarded-for", "198.51.100.66", "10.0.0.1")
    } else if given.contains_key("forwarded") {
        ("forwarded", "for=198.51.100.66", "for=10.0.0.1")
    } else {
        assert_eq!(told.address, None);
        return;
    };
    let longer = [&lines[..], &[(name, of_proxy)]].concat();
    assert_eq!(origin(&headers(&longer), &proxies).address, told.address);
    if told.address.is_some() {
        let forged = [&[(name, made_up)], &lines[..]].concat();
        assert_eq!(origin(&headers(&forged), &proxies).address, told.address);
    }
    if name == "forwarded" || text.contains('"') {
        return;
    }
    // Plain addresses, read once more from the end.
    let fields = given.get_all(name).iter();
    let list: Vec<_> = fields
        .map(|it| String::from_utf8_lossy(it.as_bytes()))
        .collect();
    let list = list.join(",");
    let mut hops = list.rsplit(',').map(str::trim).filter(|it| !it.is_empty());
    let client = hops.find(|it| !address(it).is_some_and(|it| proxies.trust(it)));
    if let Some(client) = client.and_then(address) {
        assert_eq!(told.address, Some(client));
    }
});
