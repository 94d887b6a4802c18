//! Origins are the same where the URL standard says so.
//!
//! The first line is an origin, the second the host and port that a request is for.
#![no_main]

use dotcast::fuzzing::is_own;
use http::{HeaderMap, HeaderValue, header};
use libfuzzer_sys::fuzz_target;
use url::Url;

/// Whether the port is one, or left out.
fn has_port(authority: &str) -> bool {
    let after_host = &authority[authority.rfind(']').unwrap_or_default()..];
    match after_host.split_once(':') {
        Some((_, port)) => port.is_empty() || port.parse::<u16>().is_ok(),
        None => true,
    }
}

fuzz_target!(|lines: &str| {
    let Some((origin, authority)) = lines.split_once('\n') else {
        return;
    };
    let Ok(value) = HeaderValue::from_str(origin) else {
        return;
    };
    let mut headers = HeaderMap::new();
    headers.insert(header::ORIGIN, value);
    assert!(!is_own(&headers, None));
    let is_own = is_own(&headers, Some(authority));
    let Some((scheme, rest)) = origin.split_once("://") else {
        assert!(!is_own);
        return;
    };
    if is_own {
        assert!(["http", "https"].contains(&scheme));
        assert!(has_port(rest) && has_port(authority));
    }
    let there = Url::parse(origin);
    let here = Url::parse(&format!("{scheme}://{authority}"));
    let (Ok(there), Ok(here)) = (there, here) else {
        return;
    };
    let are_same = there.origin() == here.origin();
    if is_own {
        assert!(are_same);
    }
    // As browsers write them.
    let is_written = |url: &Url, text: &str| url.origin().ascii_serialization() == text;
    if ["http", "https"].contains(&scheme)
        && is_written(&there, origin)
        && is_written(&here, &format!("{scheme}://{authority}"))
    {
        assert_eq!(is_own, are_same);
    }
});
