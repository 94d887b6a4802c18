//! Swagger UI at `/docs`. All its files come from the binary.

use poem::{Endpoint, EndpointExt as _, Route, http::header, middleware::SetHeader};

use super::embedded::{file, rare_file};
use crate::api::resources;

/// The files change only with the binary, and a page must not mix two versions for long.
const CACHED: &str = "public, max-age=300";
/// What the page may load and do: its own files, and the operations of this server.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
     font-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
const JAVASCRIPT: &str = "text/javascript; charset=utf-8";

/// The page and its files.
///
/// The framework embeds Swagger UI as one page of 1.6 MB that contains the document. Here its script and style are
/// separate files, which browsers cache, and the page loads `/openapi.json`.
pub fn routes() -> impl Endpoint {
    let html = include_str!("docs/page.html");
    let page_script = include_str!("docs/page.js");
    Route::new()
        .at("/", file("text/html; charset=utf-8", CACHED, html))
        .at("/page.js", file(JAVASCRIPT, CACHED, page_script))
        .at(
            "/swagger-ui.js",
            rare_file(JAVASCRIPT, CACHED, || element("script")),
        )
        .at(
            "/swagger-ui.css",
            rare_file("text/css; charset=utf-8", CACHED, || element("style")),
        )
        .with(SetHeader::new().overriding(header::CONTENT_SECURITY_POLICY, POLICY))
}

/// What is in the only element of this name on the framework's page.
fn element(name: &str) -> String {
    let page = resources::service().swagger_ui_html();
    let text = page
        .split_once(&format!("<{name} charset=\"UTF-8\">"))
        .and_then(|(_, rest)| rest.split_once(&format!("</{name}>")));
    let Some((text, _)) = text else {
        unreachable!("the page has one: it is the same in each build, and tests load it");
    };
    text.to_owned()
}
