//! A cursor is the number that its digits say.
#![no_main]

use dotcast_log::cursor;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let is_number = !text.is_empty() && text.bytes().all(|it| it.is_ascii_digit());
    let digits = text.trim_start_matches('0');
    match cursor::parse(text) {
        Ok(id) => {
            assert!(is_number && id >= 0);
            assert_eq!(id.to_string().trim_start_matches('0'), digits);
        }
        // 19 digits hold every row id.
        Err(_) => assert!(!is_number || digits.len() >= 19),
    }
});
