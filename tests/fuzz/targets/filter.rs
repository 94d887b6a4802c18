//! A list of types that is read names known types, each of them once, and says the same when it is written again.
#![no_main]

use dotcast::events::filter::{Filter, parse_types};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let Ok(types) = parse_types(text) else {
        return;
    };
    let names: Vec<_> = types.iter().map(|it| it.as_str()).collect();
    assert_eq!(parse_types(&names.join(",")).as_ref(), Ok(&types));
    for (index, name) in names.iter().enumerate() {
        assert!(!names[..index].contains(name), "twice: {name}");
    }
    let filter = Filter {
        types: Some(types.clone()),
        board_id: None,
    };
    for name in text.split(',') {
        assert!(names.contains(&name) && filter.matches(name, 1));
    }
});
