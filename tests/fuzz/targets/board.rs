//! A board that is read is what its JSON says, and is good exactly when it keeps the rules.
#![no_main]

use std::collections::{HashMap, HashSet};

use dotcast::{
    boards::Draft,
    error::Violations,
    fuzzing::{self, Unfit},
};
use libfuzzer_sys::fuzz_target;
use serde_json::{Value, json};

fn is_good(draft: &Draft) -> bool {
    let name = draft.name.trim();
    let mut cells = HashSet::new();
    let mut colors = HashMap::<_, usize>::new();
    let are_inside = draft.dots.iter().all(|dot| {
        *colors.entry(dot.color.to_ascii_lowercase()).or_default() += 1;
        cells.insert((dot.row, dot.col))
            && (0..draft.rows).contains(&dot.row)
            && (0..draft.cols).contains(&dot.col)
    });
    (1..=100).contains(&name.chars().count())
        && !name.chars().any(char::is_control)
        && [draft.rows, draft.cols]
            .iter()
            .all(|it| (2..=50).contains(it))
        && are_inside
        && colors.values().all(|&count| count == 2)
}

fuzz_target!(|bytes: &[u8]| {
    let json = serde_json::from_slice::<Value>(bytes);
    match fuzzing::board(bytes) {
        Ok(draft) => {
            let dots = draft.dots.iter();
            let dots = dots.map(|it| json!({ "row": it.row, "col": it.col, "color": it.color }));
            let seen = json!({
                "name": draft.name,
                "rows": draft.rows,
                "cols": draft.cols,
                "dots": dots.collect::<Vec<_>>(),
            });
            assert_eq!(json.expect("JSON"), seen);
            let broken = draft.check();
            assert_eq!(broken.is_empty(), is_good(&draft), "{broken:?}");
            assert!(broken.len() <= Violations::MAX);
        }
        Err(Unfit::Syntax(_)) => assert!(json.is_err()),
        Err(Unfit::Shape(broken)) => assert!((1..=Violations::MAX).contains(&broken.len())),
    }
});
