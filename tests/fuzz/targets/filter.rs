//! A list of types that is read names known types, each of them once, and says the same when it is written again.
#![no_main]

use dotcast::fuzzing::{Parameter as _, Types};
use dotcast_log::filter::Filter;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let Ok(types) = Types::parse(text) else {
        return;
    };
    let names: Vec<_> = types.0.iter().map(|it| it.as_str()).collect();
    assert_eq!(Types::parse(&names.join(",")).as_ref(), Ok(&types));
    for (index, name) in names.iter().enumerate() {
        assert!(!names[..index].contains(name), "twice: {name}");
    }
    let filter = Filter::default().of_kinds(names.iter().copied());
    for name in text.split(',') {
        assert!(names.contains(&name) && filter.matches(name, 1));
    }
});
