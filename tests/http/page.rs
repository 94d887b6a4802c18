//! The web page's files: what a browser is told to keep, to load and to run.

use std::{collections::BTreeSet, path::Path};

use reqwest::{Response, header::ACCEPT_ENCODING};

use crate::harness::{Server, client::http};

async fn get(server: &Server, path: &str, accepted: &str) -> Response {
    let request = http().get(format!("{}{path}", server.url));
    let request = request.header(ACCEPT_ENCODING, accepted);
    request.send().await.expect("an answer")
}

fn header<'a>(answer: &'a Response, name: &str) -> &'a str {
    let value = answer.headers().get(name);
    value.map_or("", |value| value.to_str().expect("text"))
}

/// The paths in a page's or a style sheet's text.
fn files(text: &str) -> BTreeSet<String> {
    text.match_indices("/assets/")
        .map(|(at, _)| {
            let rest = &text[at..];
            let end = rest.find(['"', '\'', '`', ')', '?', '#']).expect("an end");
            rest[..end].to_owned()
        })
        .collect()
}

fn ending(path: &str) -> &str {
    let ending = Path::new(path).extension().expect("an ending");
    ending.to_str().expect("text")
}

/// All that the page may load, found from `/`.
async fn assets(server: &Server) -> BTreeSet<String> {
    let page = get(server, "/", "").await.text().await.expect("a page");
    let mut found = files(&page);
    assert!(
        !found.is_empty(),
        "the page was not there when this was built; run `make page`, and build again"
    );
    for style in found.clone() {
        if ending(&style) == "css" {
            let text = get(server, &style, "").await.text().await.expect("text");
            found.extend(files(&text));
        }
    }
    found
}

#[tokio::test]
async fn the_page_is_asked_for_each_time_and_may_load_nothing_from_elsewhere() {
    let server = Server::start().await;
    let page = get(&server, "/", "").await;
    assert_eq!(page.status(), 200);
    assert_eq!(header(&page, "content-type"), "text/html");
    assert_eq!(header(&page, "cache-control"), "no-cache");
    assert_eq!(header(&page, "x-content-type-options"), "nosniff");
    let policy: Vec<_> = header(&page, "content-security-policy")
        .split("; ")
        .collect();
    for directive in [
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "connect-src 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    ] {
        assert!(policy.contains(&directive), "{directive}: {policy:?}");
    }
    let unsafe_ones = policy
        .iter()
        .filter(|it| it.contains("unsafe") || it.contains('*'));
    assert_eq!(unsafe_ones.count(), 0, "{policy:?}");
}

#[tokio::test]
async fn its_files_are_kept_for_ever_under_names_that_change_with_them() {
    let server = Server::start().await;
    let mut kinds = BTreeSet::new();
    for path in assets(&server).await {
        let file = get(&server, &path, "").await;
        assert_eq!(file.status(), 200, "{path}");
        assert_eq!(
            header(&file, "cache-control"),
            "public, max-age=31536000, immutable",
            "{path}"
        );
        assert_eq!(header(&file, "x-content-type-options"), "nosniff");
        let expected = match ending(&path) {
            "js" => "text/javascript",
            "css" => "text/css",
            "svg" => "image/svg+xml",
            "woff2" => "font/woff2",
            other => panic!("{other}: {path}"),
        };
        assert_eq!(header(&file, "content-type"), expected, "{path}");
        kinds.insert(expected);
    }
    assert!(
        kinds.contains("text/javascript") && kinds.contains("text/css"),
        "{kinds:?}"
    );
    let other = get(&server, "/assets/index-00000000.js", "").await;
    assert_eq!(other.status(), 404);
}

#[tokio::test]
async fn text_travels_compressed_to_those_who_can_read_it() {
    let server = Server::start().await;
    let mut texts = assets(&server).await;
    texts.retain(|path| ending(path) != "woff2");
    texts.insert("/".to_owned());
    for path in texts {
        let plain = get(&server, &path, "identity").await;
        assert_eq!(header(&plain, "vary"), "Accept-Encoding", "{path}");
        assert_eq!(header(&plain, "content-encoding"), "");
        let plain = plain.bytes().await.expect("bytes");
        for accepted in ["gzip, deflate, br, zstd", "gzip"] {
            let answer = get(&server, &path, accepted).await;
            let coding = if accepted == "gzip" { "gzip" } else { "br" };
            assert_eq!(header(&answer, "content-encoding"), coding, "{path}");
            let length = answer.bytes().await.expect("bytes").len();
            assert!(length < plain.len(), "{path} {coding}");
            // curl decodes it.
            let output = tokio::process::Command::new("curl")
                .args(["-sS", "--fail", "--compressed", "-H"])
                .arg(format!("Accept-Encoding: {coding}"))
                .arg(format!("{}{path}", server.url))
                .output()
                .await
                .expect("curl");
            assert!(output.status.success(), "{output:?}");
            assert!(output.stdout == plain, "{path} {coding}");
        }
    }
}

#[tokio::test]
async fn icons_are_where_browsers_look_for_them_without_being_told() {
    let server = Server::start().await;
    for (path, kind) in [
        ("/favicon.ico", "image/x-icon"),
        ("/apple-touch-icon.png", "image/png"),
    ] {
        let icon = get(&server, path, "").await;
        assert_eq!(icon.status(), 200, "{path}");
        assert_eq!(header(&icon, "content-type"), kind, "{path}");
        // Their names do not change with them.
        assert_eq!(header(&icon, "cache-control"), "no-cache", "{path}");
    }
}
