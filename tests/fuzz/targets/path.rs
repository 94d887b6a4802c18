//! A path that is read is what its JSON says, and is good exactly when each cell is a step from the one before it, inside
//! the grid, and new.
#![no_main]

use std::collections::HashSet;

use dotcast::{
    error::Violations,
    fuzzing::{self, Unfit},
    paths::Draft,
};
use libfuzzer_sys::fuzz_target;
use serde_json::{Value, json};

fn is_good(draft: &Draft, (rows, cols): (i64, i64)) -> bool {
    let cells = &draft.cells;
    let mut seen = HashSet::new();
    cells.len() >= 2
        && cells.iter().all(|it| {
            seen.insert((it.row, it.col))
                && (0..rows).contains(&it.row)
                && (0..cols).contains(&it.col)
        })
        && cells.windows(2).all(|pair| {
            let (down, right) = (pair[1].row - pair[0].row, pair[1].col - pair[0].col);
            [(0, 1), (0, -1), (1, 0), (-1, 0)].contains(&(down, right))
        })
}

fuzz_target!(|bytes: &[u8]| {
    let json = serde_json::from_slice::<Value>(bytes);
    match fuzzing::path(bytes) {
        Ok(draft) => {
            let cells = draft.cells.iter();
            let cells = cells.map(|it| json!({ "row": it.row, "col": it.col }));
            assert_eq!(
                json.expect("JSON"),
                json!({ "cells": cells.collect::<Vec<_>>() })
            );
            for board in [(2, 2), (3, 5), (50, 50)] {
                let broken = draft.check(board);
                assert_eq!(broken.is_empty(), is_good(&draft, board), "{broken:?}");
                assert!(broken.len() <= Violations::MAX);
            }
        }
        Err(Unfit::Syntax(_)) => assert!(json.is_err()),
        Err(Unfit::Shape(broken)) => assert!((1..=Violations::MAX).contains(&broken.len())),
    }
});
