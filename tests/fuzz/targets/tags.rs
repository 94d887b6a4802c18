//! What the document says of entity tags is read; and a version is named by its own digits.
#![no_main]

use std::sync::LazyLock;

use dotcast::{
    boards::Expected,
    fuzzing::{ETags, Parameter},
};
use libfuzzer_sys::fuzz_target;
use regex::Regex;

static PATTERN: LazyLock<Regex> = LazyLock::new(|| {
    let pattern = ETags::schema().pattern.expect("a pattern");
    Regex::new(&pattern).expect("a regular expression")
});

fuzz_target!(|text: &str| {
    let Ok(tags) = ETags::parse(text) else {
        assert!(!PATTERN.is_match(text));
        return;
    };
    assert_eq!(ETags::parse(&tags.to_string()), Ok(tags.clone()));
    if let Expected::OneOf(versions) = tags.expected() {
        for version in versions {
            // How often it was solved may follow, and what proxies append.
            let mut forms = ["\"", ".", "-", ";"].iter();
            assert!(forms.any(|it| text.contains(&format!("\"{version}{it}"))));
        }
    }
});
