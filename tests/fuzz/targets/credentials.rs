//! Tokens come from the fields that carry them, a bearer token before all cookies.
//!
//! Each line is a field: `Authorization` after an `A`, `Cookie` after a `C`.
#![no_main]

use dotcast::fuzzing::{Tokens, cookie_name};
use http::{HeaderMap, HeaderValue, header};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|lines: &[u8]| {
    let mut headers = HeaderMap::new();
    for line in lines.split(|&it| it == b'\n') {
        let name = match line.first() {
            Some(b'A') => header::AUTHORIZATION,
            Some(b'C') => header::COOKIE,
            _ => continue,
        };
        if let Ok(value) = HeaderValue::from_bytes(&line[1..]) {
            headers.append(name, value);
        }
    }
    let bearers: Vec<_> = headers
        .get_all(header::AUTHORIZATION)
        .iter()
        .filter_map(|it| it.to_str().ok())
        .filter(|it| it.len() >= 6 && it.as_bytes()[..6].eq_ignore_ascii_case(b"bearer"))
        .filter(|it| it.len() == 6 || it.as_bytes()[6] == b' ')
        .collect();
    let cookies: Vec<_> = headers
        .get_all(header::COOKIE)
        .iter()
        .flat_map(|it| it.as_bytes().split(|&it| it == b';'))
        .filter_map(|pair| {
            let at = pair.iter().position(|&it| it == b'=')?;
            let name = str::from_utf8(pair[..at].trim_ascii()).ok()?;
            let value = str::from_utf8(pair[at + 1..].trim_ascii()).ok()?;
            let is_host = name == cookie_name(true);
            (is_host || name == cookie_name(false)).then_some((is_host, value))
        })
        .collect();
    let Ok(tokens) = Tokens::of(&headers) else {
        assert!(bearers.iter().all(|it| !it.contains(' ')) || bearers.len() > 1);
        assert!(cookies.is_empty() || !bearers.is_empty());
        return;
    };
    let all: Vec<_> = tokens.iter().collect();
    if let Some(bearer) = bearers.first() {
        assert!(!tokens.are_ambient());
        assert_eq!(all, [bearer[6..].trim()]);
        return;
    }
    assert!(tokens.are_ambient());
    assert!((1..=4).contains(&all.len()));
    for (index, token) in all.iter().enumerate() {
        assert!(!all[..index].contains(token), "twice: {token}");
        assert!(cookies.iter().any(|(_, value)| value == token));
    }
    // Only this host can have set it.
    let of_host = cookies.iter().find(|(is_host, _)| *is_host);
    assert_eq!(all[0], of_host.unwrap_or(&cookies[0]).1);
});
