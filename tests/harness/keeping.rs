//! How caches may keep an answer: the rules for every answer that a test sees.

use reqwest::Method;

use super::Answer;

/// The values for a public read; the second for a request with credentials.
const PUBLIC: [&str; 2] = ["no-cache", "private, no-cache"];

/// Asserts that an answer says how it may be cached, as its kind must.
pub fn check(method: &Method, path: &str, answer: &Answer) {
    let path = path.split('?').next().unwrap_or_default();
    let is_read = *method == Method::GET || *method == Method::HEAD;
    let allowed: &[&str] = if answer.status.as_u16() >= 400 {
        &["no-store"]
    } else {
        match path.trim_end_matches('/') {
            "/healthz" | "/readyz" => &["no-store"],
            "" | "/new" | "/activity" | "/log" | "/sign-in" | "/sign-up" | "/openapi.json"
            | "/openapi.yaml" | "/openapi-3.2.json" | "/openapi-3.2.yaml" => &["no-cache"],
            "/sse/notifications" => &["no-cache, no-transform"],
            it if it.starts_with("/boards/") || it.starts_with("/u/") => &["no-cache"],
            it if it.starts_with("/docs") => &["public, max-age=300"],
            it if it.starts_with("/assets/") => &["public, max-age=31536000, immutable"],
            it if it.starts_with("/problems/") => &PUBLIC,
            "/api/v1/boards" | "/api/v1/events" if is_read => &PUBLIC,
            it if is_read && (is_board(it) || is_picture(it)) => &PUBLIC,
            _ => &["private, no-store"],
        }
    };
    let said = texts(answer, "cache-control");
    assert!(
        said.len() == 1 && allowed.contains(&said[0]),
        "Cache-Control of {method} {path}: {} {said:?}, not {allowed:?}",
        answer.status
    );
    let is_viewed = is_read && (path.trim_end_matches('/') == "/api/v1/boards" || is_board(path));
    if said[0] == "private, no-store" || (is_viewed && answer.status.as_u16() < 400) {
        let vary = texts(answer, "vary").join(", ").to_lowercase();
        for name in ["authorization", "cookie"] {
            assert!(vary.contains(name), "Vary of {method} {path}: {vary}");
        }
    }
}

fn texts<'a>(answer: &'a Answer, name: &str) -> Vec<&'a str> {
    let values = answer.headers.get_all(name).iter();
    values.map(|it| it.to_str().expect("text")).collect()
}

fn is_board(path: &str) -> bool {
    let id = path.strip_prefix("/api/v1/boards/");
    id.is_some_and(|id| !id.contains('/'))
}

fn is_picture(path: &str) -> bool {
    let board = path.rsplit_once("/picture.");
    board.is_some_and(|(board, _)| is_board(board))
}
