//! A content coding is used exactly when `Accept-Encoding` names it with a weight above 0.
#![no_main]

use std::sync::LazyLock;

use dotcast::fuzzing::accepts;
use http::{HeaderMap, HeaderValue, header};
use libfuzzer_sys::fuzz_target;
use regex::Regex;

/// RFC 9110, 12.4.2, without weights that are 0.
static WANTED: LazyLock<Regex> = LazyLock::new(|| {
    let pattern = r"^[ \t]*(?i:br)[ \t]*(;[ \t]*[qQ]=(1(\.0{0,3})?|0\.(\d{0,2}[1-9]|\d?[1-9]\d|[1-9]\d\d))[ \t]*)?$";
    Regex::new(pattern).expect("a regular expression")
});

fuzz_target!(|list: &str| {
    let Ok(value) = HeaderValue::from_str(list) else {
        return;
    };
    let headers = HeaderMap::from_iter([(header::ACCEPT_ENCODING, value)]);
    // A list that is not ASCII throughout names nothing.
    let is_wanted = list.is_ascii() && list.split(',').any(|item| WANTED.is_match(item));
    assert_eq!(accepts(&headers, "br"), is_wanted);
});
