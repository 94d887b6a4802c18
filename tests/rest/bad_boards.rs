//! Boards with a wrong shape, or that break rules: all offending fields are named.

use reqwest::Method;
use serde_json::{Value, json};

use super::bad_fields::{Case, not_objects, refuse};

/// A valid board with these members replaced.
fn board(changes: Value) -> Value {
    let mut board = json!({
        "name": "second",
        "rows": 3,
        "cols": 3,
        "dots": [dot(0, 0, "#ff0000"), dot(0, 2, "#ff0000")],
    });
    let Value::Object(changes) = changes else {
        panic!("an object");
    };
    for (name, value) in changes {
        board[name] = value;
    }
    board
}

fn dot(row: i64, col: i64, color: &str) -> Value {
    json!({ "row": row, "col": col, "color": color })
}

fn without(mut body: Value, name: &str) -> Value {
    body.as_object_mut().expect("an object").remove(name);
    body
}

fn bad_boards() -> Vec<Case> {
    let good = || board(json!({}));
    let mut cases = not_objects();
    let each: [(&str, &[&str]); 4] = [
        ("name", &["name"]),
        ("rows", &["rows"]),
        ("cols", &["cols"]),
        ("dots", &["dots"]),
    ];
    for (name, fields) in each {
        cases.push((without(good(), name), fields));
        for wrong in [json!(null), json!({}), json!(true)] {
            cases.push((board(json!({ name: wrong })), fields));
        }
    }
    cases.extend([
        (json!({}), &["name", "rows", "cols", "dots"][..]),
        (board(json!({ "name": 1, "rows": "3", "cols": 2.5, "dots": {} })), &["name", "rows", "cols", "dots"]),
        (board(json!({ "name": "", "rows": 1, "cols": 51, "dots": [] })), &["name", "rows", "cols"]),
        (board(json!({ "name": null, "rows": -1, "cols": 1e30, "dots": [] })), &["name", "rows", "cols"]),
        (board(json!({ "name": "  " })), &["name"]),
        (board(json!({ "name": "x".repeat(101) })), &["name"]),
        (board(json!({ "name": "a\nb" })), &["name"]),
        // A number with a fraction is not an integer, whatever the fraction.
        (board(json!({ "rows": 3.0, "cols": 3.5 })), &["rows", "cols"]),
        (board(json!({ "dots": [1, [0, 0, "#ff0000"]] })), &["dots[0]", "dots[1]"]),
        (board(json!({ "dots": [{}] })), &["dots[0].row", "dots[0].col", "dots[0].color"]),
        (
            board(json!({ "dots": [{ "row": "0", "col": null, "color": 0 }] })),
            &["dots[0].row", "dots[0].col", "dots[0].color"],
        ),
        (
            board(json!({ "dots": [dot(50, -1, "red")] })),
            &["dots[0].row", "dots[0].col", "dots[0].color"],
        ),
        (board(json!({ "dots": [dot(50, i64::MAX, "#ff000")] })), &["dots[0].row", "dots[0].col", "dots[0].color"]),
        // Each rule that no schema expresses, and all of them at once.
        (board(json!({ "dots": [dot(0, 0, "#ff0000"), dot(0, 0, "#ff0000")] })), &["dots[1]"]),
        (
            board(json!({ "name": " ", "dots": [dot(3, 0, "#ff0000"), dot(0, 3, "#ff0000"), dot(0, 3, "#00ff00")] })),
            &["name", "dots[0].row", "dots[1].col", "dots[2].col", "dots[2]", "dots[2].color"],
        ),
        (board(json!({ "dots": [dot(0, 0, "#ff0000")] })), &["dots[0].color"]),
        (
            board(json!({ "dots": [dot(0, 0, "#ff0000"), dot(0, 1, "#FF0000"), dot(0, 2, "#ff0000")] })),
            &["dots[0].color"],
        ),
        (board(json!({ "id": 7 })), &["id"]),
        (board(json!({ "dots": [
            { "row": 0, "col": 0, "color": "#ff0000", "size": 1 },
            { "row": 0, "col": 2, "color": "#ff0000", "size": 1 },
        ] })), &["dots[0].size", "dots[1].size"]),
    ]);
    cases
}

/// Bodies whose shape is wrong and that also break rules. The whole shape is judged first; rules are not judged on a
/// wrong shape.
fn mixed_boards() -> Vec<Case> {
    vec![
        // Type, bounds, unknown; and blank.
        (
            json!({ "name": "   ", "rows": "3", "cols": 51, "dots": [], "size": 1 }),
            &["rows", "cols", "size"][..],
        ),
        // A type, and a name that is too long, which no schema expresses.
        (
            board(json!({ "name": "x".repeat(101), "rows": null })),
            &["rows"],
        ),
        // A missing field; and rules between dots.
        (
            without(
                board(json!({ "dots": [dot(0, 0, "#ff0000"), dot(0, 0, "#ff0000")] })),
                "name",
            ),
            &["name"],
        ),
        // In one dot a type, in another an unknown field; and in a third the grid.
        (
            board(json!({ "dots": [
                { "row": "0", "col": 0, "color": "#ff0000" },
                dot(3, 0, "#ff0000"),
                { "row": 1, "col": 1, "color": "#00ff00", "z": 0 },
                dot(1, 2, "#00ff00"),
            ] })),
            &["dots[0].row", "dots[2].z"],
        ),
        // Also a colour that, as far as can be read, is on one dot only.
        (
            board(json!({ "name": "", "dots": [
                { "row": 0, "col": 0 },
                dot(1, 0, "#ff0000"),
                dot(1, 7, "red"),
            ] })),
            &["name", "dots[0].color", "dots[2].color"],
        ),
    ]
}

#[tokio::test]
async fn all_bad_fields_of_a_new_board_are_named() {
    refuse(Method::POST, "/api/v1/boards", &bad_boards()).await;
}

#[tokio::test]
async fn all_bad_fields_of_a_replaced_board_are_named() {
    refuse(Method::PUT, "/api/v1/boards/1", &bad_boards()).await;
}

#[tokio::test]
async fn the_shape_of_a_board_goes_before_its_rules() {
    refuse(Method::POST, "/api/v1/boards", &mixed_boards()).await;
    refuse(Method::PUT, "/api/v1/boards/1", &mixed_boards()).await;
}
