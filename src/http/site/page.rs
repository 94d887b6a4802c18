//! The web page: at `/`, and at the address of each of its views, so that links to them can be shared. All of its files
//! are part of the binary, into which the build puts what it finds in `web/dist`. Without those files the server still
//! builds, and says at those addresses how to get the page.

mod preview;

use std::{collections::BTreeMap, sync::Arc};

use bytes::Bytes;
use dotcast_log::cursor;
use poem::{
    Endpoint, IntoEndpoint, Request, Response, ResponseBuilder, Result, Route,
    endpoint::make_sync,
    http::{HeaderMap, StatusCode, header},
};
use rust_embed::{Embed, EmbeddedFile};

use crate::{api::services::Services, error::Error, remote::Remote};

#[derive(Embed)]
#[folder = "web/dist"]
struct Dist;

/// What the page may load and do (<https://www.w3.org/TR/CSP3/>): its own files and its own server's answers, but
/// nothing inline in the HTML. No page may frame it.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
     font-src 'self'; connect-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'self'; \
     frame-ancestors 'none'";

/// The page itself names the files that belong to it, so it is revalidated each time. So are files with fixed names,
/// such as `/favicon.ico`.
const FIXED_CACHED: &str = "no-cache";
/// The names of all other files change with their content (RFC 8246).
const ASSETS_CACHED: &str = "public, max-age=31536000, immutable";
/// Where the build puts those files.
const ASSETS: &str = "assets/";

const INDEX: &str = "index.html";

/// Where the page shows a board.
const BOARD: &str = "/boards/:id";
/// Where its other views are.
const VIEWS: [&str; 10] = [
    "/",
    "/boards/:id/edit",
    "/u/:username",
    "/new",
    "/activity",
    "/settings",
    "/log",
    "/admin",
    "/sign-in",
    "/sign-up",
];

/// The encodings in which the build writes files, smallest first, and the suffixes of their names.
const ENCODINGS: [(&str, &str); 2] = [("br", ".br"), ("gzip", ".gz")];

/// Adds the page and its files.
pub fn add_to(routes: Route) -> Route {
    let files = Dist::iter().filter_map(|path| Some((path.to_string(), Dist::get(&path)?)));
    add(routes, files.collect())
}

fn add(mut routes: Route, mut files: BTreeMap<String, EmbeddedFile>) -> Route {
    let Some(index) = take(&mut files, INDEX) else {
        let missing = File {
            content_type: "text/html; charset=utf-8".to_owned(),
            cache_control: FIXED_CACHED,
            content: include_str!("page/missing.html").into(),
            encoded: Vec::new(),
        };
        return add_views(routes, missing);
    };
    routes = add_views(routes, index);
    let paths: Vec<_> = files.keys().cloned().collect();
    for path in paths {
        // The encoded form of another file has been taken together with that file, or will be.
        if ENCODINGS.iter().any(|(_, ending)| path.ends_with(ending)) {
            continue;
        }
        if let Some(file) = take(&mut files, &path) {
            routes = routes.at(format!("/{path}"), Arc::new(file).into_endpoint());
        }
    }
    routes
}

/// Adds the page at the address of each of its views.
fn add_views(mut routes: Route, index: File) -> Route {
    let index = Arc::new(index);
    for view in VIEWS {
        routes = routes.at(view, Arc::clone(&index).into_endpoint());
    }
    routes.at(BOARD, poem::get(BoardPage(index)))
}

/// The page that shows a board, and describes it to programs that do not run scripts.
struct BoardPage(Arc<File>);

impl Endpoint for BoardPage {
    type Output = Response;

    async fn call(&self, request: Request) -> Result<Response> {
        let Self(index) = self;
        let mut page = index.answer(request.headers());
        let Ok(id) = request.path_params::<String>() else {
            return Ok(page);
        };
        let Some(services) = request.data::<Arc<Services>>() else {
            return Ok(page);
        };
        let board = match cursor::parse(&id) {
            Ok(id) => services.boards.get(id, None).await,
            Err(_) => Err(Error::BoardNotFound(0)),
        };
        Ok(match board {
            Ok(board) => {
                let head = preview::of_board(&board, Remote::of(&request));
                index.with_head(&head).unwrap_or(page)
            }
            // The page tells people about it.
            Err(Error::BoardNotFound(_)) => {
                page.set_status(StatusCode::NOT_FOUND);
                page
            }
            // The page is shown all the same, and asks again.
            Err(_) => page,
        })
    }
}

/// A file, with its encoded forms.
fn take(files: &mut BTreeMap<String, EmbeddedFile>, path: &str) -> Option<File> {
    let file = files.remove(path)?;
    let encoded = ENCODINGS.iter().filter_map(|&(coding, ending)| {
        let file = files.remove(&format!("{path}{ending}"))?;
        Some((coding, bytes(file)))
    });
    Some(File {
        content_type: file.metadata.mimetype().to_owned(),
        cache_control: if path.starts_with(ASSETS) {
            ASSETS_CACHED
        } else {
            FIXED_CACHED
        },
        encoded: encoded.collect(),
        content: bytes(file),
    })
}

fn bytes(file: EmbeddedFile) -> Bytes {
    match file.data {
        std::borrow::Cow::Borrowed(data) => Bytes::from_static(data),
        std::borrow::Cow::Owned(data) => data.into(),
    }
}

struct File {
    content_type: String,
    cache_control: &'static str,
    content: Bytes,
    /// The encoded forms, by content coding.
    encoded: Vec<(&'static str, Bytes)>,
}

impl File {
    fn into_endpoint(self: Arc<Self>) -> impl IntoEndpoint<Endpoint: 'static> {
        poem::get(make_sync(move |request: Request| {
            self.answer(request.headers())
        }))
    }

    /// The page with another head. It is small, so its text is sent unencoded.
    fn with_head(&self, head: &str) -> Option<Response> {
        let text = str::from_utf8(&self.content).ok()?;
        let (before, after) = text.split_once(preview::PLACE)?;
        Some(self.head().body([before, head, after].concat()))
    }

    fn head(&self) -> ResponseBuilder {
        Response::builder()
            .status(StatusCode::OK)
            .content_type(&self.content_type)
            .header(header::CACHE_CONTROL, self.cache_control)
            .header(header::CONTENT_SECURITY_POLICY, POLICY)
    }

    fn answer(&self, headers: &HeaderMap) -> Response {
        let mut response = self.head();
        if !self.encoded.is_empty() {
            response = response.header(header::VARY, "Accept-Encoding");
        }
        let encoded = self.encoded.iter();
        match encoded.clone().find(|(coding, _)| accepts(headers, coding)) {
            Some((coding, content)) => response
                .header(header::CONTENT_ENCODING, *coding)
                .body(content.clone()),
            None => response.body(self.content.clone()),
        }
    }
}

/// Whether a content coding may be used (RFC 9110, 12.5.3): it is listed, and its weight is not 0.
pub(crate) fn accepts(headers: &HeaderMap, coding: &str) -> bool {
    let lists = headers.get_all(header::ACCEPT_ENCODING).into_iter();
    lists
        .filter_map(|list| list.to_str().ok())
        .flat_map(|list| list.split(','))
        .any(|item| {
            let (name, weight) = item.split_once(';').unwrap_or((item, "q=1"));
            name.trim().eq_ignore_ascii_case(coding) && is_positive(weight.trim())
        })
}

/// Whether this is a weight (RFC 9110, 12.4.2) above 0: `q=` and a number from 0 to 1 with at most three decimals.
fn is_positive(weight: &str) -> bool {
    let Some(number) = weight
        .strip_prefix(['q', 'Q'])
        .and_then(|it| it.strip_prefix('='))
    else {
        return false;
    };
    let (whole, decimals) = number.split_once('.').unwrap_or((number, ""));
    let all =
        |digits: std::ops::RangeInclusive<u8>| decimals.bytes().all(|it| digits.contains(&it));
    decimals.len() <= 3
        && match whole {
            "0" => all(b'0'..=b'9') && !all(b'0'..=b'0'),
            "1" => all(b'0'..=b'0'),
            _ => false,
        }
}

#[cfg(test)]
mod tests {
    use poem::Endpoint as _;

    use super::*;

    #[tokio::test]
    async fn a_server_that_was_built_without_the_page_says_how_to_get_it() {
        let routes = add(Route::new(), BTreeMap::new());
        let answer = routes.get_response(Request::default()).await;
        assert_eq!(answer.status(), StatusCode::OK);
        assert_eq!(answer.content_type(), Some("text/html; charset=utf-8"));
        let text = answer.into_body().into_string().await.expect("text");
        assert!(text.contains("make run"), "{text}");
    }

    #[test]
    fn an_encoding_is_used_when_it_is_named_and_has_a_weight() {
        let accepts = |list: &'static str| {
            let mut headers = HeaderMap::new();
            headers.append(header::ACCEPT_ENCODING, list.parse().expect("a header"));
            ENCODINGS.map(|(coding, _)| accepts(&headers, coding))
        };
        for (list, expected) in [
            ("gzip, deflate, br, zstd", [true, true]),
            ("GZIP", [false, true]),
            ("gzip;q=0, br;q=0.5", [true, false]),
            ("gzip; q=0.000,br ; Q=1", [true, false]),
            ("brotli, x-gzip", [false, false]),
            ("br ;\tq=0.001 , gzip;q=1.000", [true, true]),
            ("br;q=no", [false, false]),
            ("br;q=1.5, gzip;q=inf", [false, false]),
            ("br;q==1, gzip;qQ=1", [false, false]),
            ("br;1, gzip;q=0.0001", [false, false]),
            ("", [false, false]),
            ("identity", [false, false]),
        ] {
            assert_eq!(accepts(list), expected, "{list}");
        }
        assert!(!super::accepts(&HeaderMap::new(), "br"));
    }
}
