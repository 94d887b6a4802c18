//! The web page's files: what a browser is told to cache, to load and to run.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

use reqwest::{Response, header::ACCEPT_ENCODING};

use crate::harness::{Server, client::http};

/// The `content` of each `meta` element that has a `property`.
fn properties(page: &str) -> BTreeMap<&str, &str> {
    let elements = page.split("<meta property=\"").skip(1);
    elements
        .map(|it| {
            let (name, rest) = it.split_once("\" content=\"").expect("a content");
            (name, rest.split_once('"').expect("an end").0)
        })
        .collect()
}

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

/// Everything that the page may load, found from `/`.
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
async fn each_view_has_an_address_of_its_own() {
    let server = Server::start().await;
    let page = get(&server, "/", "").await.text().await.expect("a page");
    for path in [
        "/new",
        "/activity",
        "/settings",
        "/log",
        "/admin",
        "/sign-in",
        "/sign-up?back=%2F",
        "/boards/7/edit",
        "/u/ada",
    ] {
        let answer = get(&server, path, "").await;
        assert_eq!(answer.status(), 200, "{path}");
        assert_eq!(header(&answer, "cache-control"), "no-cache", "{path}");
        assert_eq!(answer.text().await.expect("a page"), page, "{path}");
    }
    for path in ["/boards", "/boards/", "/new/x", "/u/", "/index.html"] {
        assert_eq!(get(&server, path, "").await.status(), 404, "{path}");
    }
}

#[tokio::test]
async fn the_address_of_a_board_says_what_it_shows() {
    let server = Server::start().await;
    let ada = server.user("ada").await;
    let name = "\"><script>alert('&')</script>";
    let id = ada.board(name).await;
    let path = format!("/boards/{id}");
    let escaped = "&quot;&gt;&lt;script&gt;alert(&#39;&amp;&#39;)&lt;/script&gt;";
    for accepted in ["", "br, gzip"] {
        let answer = get(&server, &path, accepted).await;
        assert_eq!(answer.status(), 200);
        assert_eq!(header(&answer, "cache-control"), "no-cache");
        assert_eq!(header(&answer, "content-encoding"), "");
        assert!(header(&answer, "content-security-policy").contains("script-src 'self'"));
        let page = answer.text().await.expect("a page");
        let title = format!("<title>{escaped} · dotcast</title>");
        assert!(page.contains(&title), "{page}");
        assert!(!page.contains("<script>alert"));
        let properties = properties(&page);
        assert_eq!(properties["og:title"], escaped);
        assert_eq!(properties["og:url"], format!("{}{path}", server.url));
        let picture = properties["og:image"];
        assert!(picture.starts_with(&server.url), "{picture}");
        let picture = http().get(picture).send().await.expect("an answer");
        assert_eq!(
            header(&picture, "content-type"),
            properties["og:image:type"]
        );
    }
    // If a request says that it came encrypted, and to another host, so do the addresses.
    let request = http().get(format!("{}{path}", server.url));
    let request = request
        .header("X-Forwarded-Proto", "https")
        .header("Host", "dots.example");
    let page = request.send().await.expect("an answer").text().await;
    let page = page.expect("a page");
    let url = properties(&page)["og:url"];
    assert_eq!(url, format!("https://dots.example{path}"));
}

#[tokio::test]
async fn a_board_that_is_not_there_is_not_found_and_the_page_says_so() {
    let server = Server::start().await;
    let page = get(&server, "/", "").await.text().await.expect("a page");
    for path in ["/boards/7", "/boards/x", "/boards/%3Cscript%3E"] {
        let answer = get(&server, path, "").await;
        assert_eq!(answer.status(), 404, "{path}");
        assert_eq!(answer.text().await.expect("a page"), page);
    }
}

#[tokio::test]
async fn what_browsers_ask_for_by_a_fixed_name_has_its_type_and_is_asked_for_each_time() {
    let server = Server::start().await;
    for (path, kind) in [
        ("/favicon.ico", "image/x-icon"),
        ("/apple-touch-icon.png", "image/png"),
        ("/manifest.webmanifest", "application/manifest+json"),
    ] {
        let file = get(&server, path, "").await;
        assert_eq!(file.status(), 200, "{path}");
        assert_eq!(header(&file, "content-type"), kind, "{path}");
        // Their names do not change with them.
        assert_eq!(header(&file, "cache-control"), "no-cache", "{path}");
    }
}

#[tokio::test]
async fn the_page_can_be_installed_with_icons_that_are_there() {
    let server = Server::start().await;
    let page = get(&server, "/", "").await.text().await.expect("a page");
    assert!(page.contains(r#"<link rel="manifest" href="/manifest.webmanifest" />"#));
    let manifest = get(&server, "/manifest.webmanifest", "br").await;
    assert_eq!(header(&manifest, "content-encoding"), "br");
    let manifest = get(&server, "/manifest.webmanifest", "").await.text().await;
    let manifest: serde_json::Value = serde_json::from_str(&manifest.expect("text")).expect("JSON");
    for address in ["id", "start_url", "scope"] {
        assert_eq!(manifest[address], "/", "{address}");
    }
    let icons = manifest["icons"].as_array().expect("icons");
    assert!(icons.iter().any(|it| it["purpose"] == "maskable"));
    for icon in icons {
        let path = icon["src"].as_str().expect("an address");
        let answer = get(&server, path, "").await;
        assert_eq!(answer.status(), 200, "{path}");
        assert_eq!(header(&answer, "content-type"), icon["type"], "{path}");
        let png = answer.bytes().await.expect("bytes");
        // The header of a PNG: 16 bytes in, its width and its height.
        let side = |at: usize| u32::from_be_bytes(png[at..at + 4].try_into().expect("4 bytes"));
        assert_eq!(
            icon["sizes"],
            format!("{}x{}", side(16), side(20)),
            "{path}"
        );
    }
}
