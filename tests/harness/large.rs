//! The largest possible boards and paths.

use serde_json::{Value, json};

use super::Database;

/// Rows and columns of the largest grid.
const SIDE: usize = 50;

/// A board with a dot in each cell, as large as one can be: 100 KB.
pub fn full_board(name: &str) -> Value {
    let dot = |it: usize| {
        let color = format!("#{:06x}", it / 2);
        json!({ "row": it / SIDE, "col": it % SIDE, "color": color })
    };
    let dots: Vec<_> = (0..SIDE * SIDE).map(dot).collect();
    json!({ "name": name, "rows": SIDE, "cols": SIDE, "dots": dots })
}

/// A path through every cell of such a board: 60 KB.
pub fn long_path() -> Value {
    let cell = |it: usize| {
        let (row, col) = (it / SIDE, it % SIDE);
        let col = if row % 2 == 0 { col } else { SIDE - 1 - col };
        json!({ "row": row, "col": col })
    };
    let cells: Vec<_> = (0..SIDE * SIDE).map(cell).collect();
    json!({ "cells": cells })
}

/// Makes another program copy all existing boards or paths this many times.
pub async fn copy(database: &Database, table: &str, times: usize) {
    let columns = match table {
        "boards" => {
            "creator_id, updated_by_id, name, rows, cols, dots, version, created_at, updated_at"
        }
        _ => "board_id, user_id, cells, created_at",
    };
    let copies = format!(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {times}) \
         INSERT INTO {table} ({columns}) SELECT {columns} FROM {table}, n"
    );
    database.execute(&copies).await;
}
