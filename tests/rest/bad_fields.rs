//! Bodies that are JSON and still wrong. The answer names exactly the fields whose shape is wrong, all at once; if
//! there are none, all that break a rule.

use std::collections::BTreeSet;

use reqwest::Method;
use serde_json::{Value, json};

use crate::harness::Untouched;

/// A body, and its bad fields.
pub type Case = (Value, &'static [&'static str]);

/// Sends bodies, and checks the named fields and the database.
pub async fn refuse(method: Method, path: &str, cases: &[Case]) {
    let untouched = Untouched::new().await;
    let mut wrong = Vec::new();
    for (body, fields) in cases {
        let answer = untouched
            .ada
            .call(method.clone(), path)
            .json(body)
            .send()
            .await
            .expect_problem(422, "validation_failed");
        // One field may have two faults.
        let named: BTreeSet<_> = answer.fields().into_iter().collect();
        let fields: BTreeSet<_> = fields.iter().copied().collect();
        if named != fields {
            let body: String = body.to_string().chars().take(300).collect();
            wrong.push(format!("{body}: {named:?} instead of {fields:?}"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    untouched.check().await;
}

/// Bodies that are not objects.
pub fn not_objects() -> Vec<Case> {
    let values = [
        json!([]),
        json!(null),
        json!(1),
        json!("x"),
        json!(true),
        json!([{}]),
    ];
    values.into_iter().map(|it| (it, &[""][..])).collect()
}

#[tokio::test]
async fn all_bad_fields_of_a_registration_are_named() {
    let long = ("x".repeat(33), "p".repeat(257));
    let mut cases = not_objects();
    cases.extend([
        (json!({}), &["username", "password"][..]),
        (json!({ "username": "grace" }), &["password"]),
        (json!({ "password": "correct horse" }), &["username"]),
        (
            json!({ "username": 1, "password": null }),
            &["username", "password"],
        ),
        (
            json!({ "username": ["grace"], "password": {} }),
            &["username", "password"],
        ),
        (
            json!({ "username": "ab", "password": "short" }),
            &["username", "password"],
        ),
        (
            json!({ "username": long.0, "password": long.1 }),
            &["username", "password"],
        ),
        (
            json!({ "username": "a b", "password": "correct horse" }),
            &["username"],
        ),
        (
            json!({ "username": "grace", "password": "short" }),
            &["password"],
        ),
        (
            json!({ "username": "grace", "password": "correct horse", "is_admin": true }),
            &["is_admin"],
        ),
        // One of each kind.
        (
            json!({ "username": "a b", "admin": true }),
            &["username", "password", "admin"],
        ),
        (
            json!({ "username": "a b", "password": 1, "": 2 }),
            &["username", "password", ""],
        ),
        // As if it were a list of the fields in their order.
        (json!(["grace", "correct horse"]), &[""]),
        (json!(["a b", "short"]), &[""]),
    ]);
    refuse(Method::POST, "/api/v1/users", &cases).await;
}

#[tokio::test]
async fn all_bad_fields_of_a_login_are_named() {
    let mut cases = not_objects();
    cases.extend([
        (json!({}), &["username", "password"][..]),
        (json!({ "username": "ada" }), &["password"]),
        (
            json!({ "username": null, "password": 12_345_678 }),
            &["username", "password"],
        ),
        (
            json!({ "username": "u".repeat(257), "password": "p".repeat(257) }),
            &["username", "password"],
        ),
        (
            json!({ "username": "ada", "password": "correct horse", "remember": true }),
            &["remember"],
        ),
        (
            json!({ "username": 1, "remember": true }),
            &["username", "password", "remember"],
        ),
    ]);
    refuse(Method::POST, "/api/v1/sessions", &cases).await;
}

#[tokio::test]
async fn all_bad_fields_of_a_path_are_named() {
    let cell = |row: i64, col: i64| json!({ "row": row, "col": col });
    let mut cases = not_objects();
    cases.extend([
        (json!({}), &["cells"][..]),
        (json!({ "cells": null }), &["cells"]),
        (json!({ "cells": {} }), &["cells"]),
        (json!({ "cells": [] }), &["cells"]),
        (json!({ "cells": [cell(0, 0)] }), &["cells"]),
        (json!({ "cells": [1, [0, 1]] }), &["cells[0]", "cells[1]"]),
        (
            json!({ "cells": [{}, { "row": "0", "col": 0.5 }] }),
            &[
                "cells[0].row",
                "cells[0].col",
                "cells[1].row",
                "cells[1].col",
            ],
        ),
        (
            json!({ "cells": [cell(0, 0), { "row": 0, "col": 1, "z": 1 }], "color": "#ff0000" }),
            &["cells[1].z", "color"],
        ),
        (
            json!({ "cells": [cell(0, 0), cell(-1, 0)] }),
            &["cells[1].row"],
        ),
        (
            json!({ "cells": [cell(2, 50), cell(2, 51)] }),
            &["cells[0].col", "cells[1].col"],
        ),
        (json!({ "cells": [cell(0, 0), cell(1, 1)] }), &["cells[1]"]),
        (
            json!({ "cells": [cell(0, 0), cell(0, 1), cell(0, 0)] }),
            &["cells[2]"],
        ),
        // All rules at once: the board is 3 by 3.
        (
            json!({ "cells": [cell(2, 3), cell(0, 0), cell(0, 0), cell(3, 3)] }),
            &[
                "cells[0].col",
                "cells[1]",
                "cells[2]",
                "cells[3].row",
                "cells[3].col",
                "cells[3]",
            ],
        ),
        // The shape takes precedence over the rules.
        (
            json!({ "cells": [cell(i64::MIN, 0), cell(i64::MAX, 0)] }),
            &["cells[0].row", "cells[1].row"],
        ),
        (
            json!({ "cells": [cell(0, 0), { "row": 0, "col": "1" }, cell(0, 2), cell(2, 2)] }),
            &["cells[1].col"],
        ),
        (
            json!({ "cells": [cell(0, 0), cell(1, 1), cell(1, 1), { "row": 1 }], "x": 1 }),
            &["cells[3].col", "x"],
        ),
        (
            json!({ "cells": [cell(2, 3), cell(2, 50), cell(3, 3)], "x": 1 }),
            &["cells[1].col", "x"],
        ),
    ]);
    refuse(Method::POST, "/api/v1/boards/1/paths", &cases).await;
}

#[tokio::test]
async fn a_path_is_held_against_a_board_only_if_it_has_its_shape() {
    let untouched = Untouched::new().await;
    let cell = |col| json!({ "row": 0, "col": col });
    for (cells, status, code) in [
        (json!([1]), 422, "validation_failed"),
        (json!([cell(0), cell(2)]), 404, "board_not_found"),
    ] {
        untouched
            .ada
            .post("/api/v1/boards/99/paths", &json!({ "cells": cells }))
            .await
            .expect_problem(status, code);
    }
    untouched.check().await;
}
