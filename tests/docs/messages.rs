//! `docs/MESSAGES.md` explains each message that people can get to see, and none that no longer exists.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use dotcast::api::problem::Code;

use super::markdown::{Page, Piece, page, root};

const PAGE: &str = "docs/MESSAGES.md";

/// What begins a message in the source: somewhere in this call is a text.
const CALLS: [&str; 5] = [
    "tracing::error!(",
    "tracing::warn!(",
    "#[error(",
    "eprintln!(",
    "=> format!(",
];

/// The same, where a text follows at once.
const VALUES: [&str; 12] = [
    "message:",
    "Refusal::wrong(",
    "Err(",
    "Custom(",
    "Configuration(",
    "Internal(",
    ".ok_or(",
    "||",
    "|| {",
    "|_|",
    "|error|",
    "refused(",
];

/// Folders and files whose texts reach people inside a problem, in `detail` and `errors`, which say themselves what to
/// change. What they log is explained.
const PROBLEMS: [&str; 5] = [
    "src/api/document/",
    "src/api/request/",
    "src/api/problem/failure.rs",
    "src/http/site/",
    "src/picture/",
];

/// Messages that nobody gets to see as they are, and why.
const UNSEEN: [(&str, &[&str]); 3] = [
    (
        "the API answers with a problem instead",
        &[
            "board … belongs to somebody else",
            "expired",
            "only administrators may do this",
            "overloaded: …",
            "registration is closed",
            "revoked",
            "the board is at version …",
            "the consumer is leased",
            "the idempotency key belongs to another request",
            "the lease has ended",
            "the session token is …",
            "the user has … boards",
            "the user has … consumers",
            "the user has … paths on this board",
            "the user is disabled",
            "there is no board …",
            "there is no consumer …",
            "there is no path …",
            "there is no session …",
            "too often: …",
            "unknown",
            "wrong username or password",
        ],
    ),
    (
        "it is the `error` of a request that failed inside the server",
        &[
            "a picture of a board: …",
            "a request's fingerprint: …",
            "an answer cannot be written: …",
            "argon2: …",
            "internal: …",
            "no randomness: …",
            "nobody looks sessions up",
            "password worker: …",
            "stored password hash: …",
            "the session lifetime is out of range",
            "unchecked number",
        ],
    ),
    (
        "it is a part of another text, and no message",
        &["error: …", "file, …", "http://…", "message", "postgres:…"],
    ),
];

#[test]
fn each_kind_of_problem_is_explained() {
    let page = page(PAGE);
    let explained = first_cells(page.section("Problems"));
    let codes = Code::ALL.iter().map(|code| code.as_str().to_owned());
    compare(&explained, &codes.collect());
}

#[test]
fn each_message_is_explained() {
    let page: Page = page(PAGE);
    let problems = first_cells(page.section("Problems"));
    let explained = first_cells(&page.pieces);
    let explained = explained.difference(&problems).cloned().collect();
    let mut messages = BTreeSet::new();
    for folder in [
        "src",
        "log/src",
        "client/src",
        "migration/src",
        "entity/src",
    ] {
        for (path, text) in sources(&root().join(folder)) {
            let is_problem = PROBLEMS.iter().any(|it| path.starts_with(it));
            messages.extend(messages_of(&text, is_problem));
        }
    }
    for (why, unseen) in UNSEEN {
        for message in unseen {
            assert!(messages.remove(*message), "{message} ({why}) has gone");
        }
    }
    compare(&explained, &messages);
}

fn compare(explained: &BTreeSet<String>, existing: &BTreeSet<String>) {
    let list = |it: &BTreeSet<String>, other: &BTreeSet<String>| {
        let lines: Vec<_> = it.difference(other).map(|it| format!("  {it}\n")).collect();
        lines.concat()
    };
    assert!(
        explained == existing,
        "{PAGE} does not explain\n{}and explains, though nothing says so,\n{}",
        list(existing, explained),
        list(explained, existing)
    );
}

/// The code in the first cells of the tables in these pieces.
fn first_cells(pieces: &[Piece]) -> BTreeSet<String> {
    let mut cells = BTreeSet::new();
    for piece in pieces {
        let Piece::Text(line) = piece else { continue };
        let Some(cell) = line
            .strip_prefix("| `")
            .and_then(|it| it.split(" | ").next())
        else {
            continue;
        };
        let row = Page {
            path: PAGE.to_owned(),
            pieces: vec![Piece::Text(format!("`{cell}"))],
        };
        cells.extend(row.code());
    }
    cells
}

/// The files below this folder, with their paths in the project, without their unit tests.
fn sources(folder: &Path) -> Vec<(String, String)> {
    let mut files = Vec::new();
    let mut folders: Vec<PathBuf> = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|it| it == "rs") && !path.ends_with("tests.rs") {
                let text = fs::read_to_string(&path).expect("a source");
                let (text, _) = text.split_once("\nmod tests {").unwrap_or((&text, ""));
                let name = path.strip_prefix(root()).expect("in the project");
                files.push((name.display().to_string(), text.to_owned()));
            }
        }
    }
    files
}

/// The messages in a source, with `…` for what is filled in; perhaps only what it logs.
fn messages_of(source: &str, only_logged: bool) -> Vec<String> {
    let mut messages = Vec::new();
    let beginnings = CALLS.iter().chain(&VALUES);
    for beginning in beginnings.filter(|it| !only_logged || it.starts_with("tracing")) {
        for (start, _) in source.match_indices(beginning) {
            let line = source[..start].rsplit('\n').next().unwrap_or_default();
            let rest = &source[start + beginning.len()..];
            let is_text = ["\"", "format!("]
                .iter()
                .any(|it| rest.trim_start().starts_with(it));
            if line.trim_start().starts_with("//") || (VALUES.contains(beginning) && !is_text) {
                continue;
            }
            let texts = literals(rest);
            // The fields of a log line come before its message.
            let text = if beginning.starts_with("tracing") {
                texts.last()
            } else {
                texts.first()
            };
            let message = text.map(|text| filled(text)).unwrap_or_default();
            if message.contains(char::is_alphabetic) {
                messages.push(message);
            }
        }
    }
    messages
}

/// The strings up to the end of the call or the value that begins here.
fn literals(source: &str) -> Vec<String> {
    let mut texts = Vec::new();
    let mut depth = 0;
    let mut letters = source.chars();
    while let Some(letter) = letters.next() {
        match letter {
            '"' => {
                let mut text = String::new();
                while let Some(letter) = letters.next().filter(|it| *it != '"') {
                    text.push(letter);
                    if letter == '\\' {
                        text.extend(letters.next());
                    }
                }
                texts.push(text);
            }
            '(' | '{' | '[' => depth += 1,
            ')' | '}' | ']' | ';' if depth == 0 => break,
            ')' | '}' | ']' => depth -= 1,
            _ => {}
        }
    }
    texts
}

/// What the literal of a format says.
fn filled(literal: &str) -> String {
    let mut text = String::new();
    let mut letters = literal.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '\\' => match letters.next() {
                // The line goes on without its indentation.
                Some('\n') => while letters.next_if(|it| it.is_whitespace()).is_some() {},
                Some('n') => text.push(' '),
                escaped => text.extend(escaped),
            },
            '{' if letters.next_if_eq(&'{').is_none() => {
                while letters.next().is_some_and(|it| it != '}') {}
                text.push('…');
            }
            '}' => {
                letters.next();
                text.push('}');
            }
            _ => text.push(letter),
        }
    }
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn messages_are_found_in_sources() {
    let source = r#"
        tracing::warn!(%error, why = "x", "first {} \
            goes `on`");
        // tracing::warn!("a comment");
        #[error("second {0:?}, {}", .0.join(", "))]
        Err("third".to_owned())
        Err(format!("{what}"))
    "#;
    let messages = ["first … goes `on`", "second …, …", "third"];
    assert_eq!(messages_of(source, false), messages);
    assert_eq!(messages_of(source, true), messages[..1]);
}
