//! Swagger UI at `/docs`. All its files come from the binary.

use poem::{Endpoint, EndpointExt as _, Route, http::header, middleware::SetHeader};
use poem_openapi::{OpenApi, OpenApiService};

use super::embedded::file;

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
///
/// # Errors
/// If the framework's page does not have the expected form.
pub fn routes<T: OpenApi>(
    service: &OpenApiService<T, ()>,
) -> Result<impl Endpoint + use<T>, &'static str> {
    let vendored = service.swagger_ui_html();
    let script = element(&vendored, "script").ok_or("Swagger UI: no script")?;
    let style = element(&vendored, "style").ok_or("Swagger UI: no style")?;
    let html = include_str!("docs/page.html");
    let page_script = include_str!("docs/page.js");
    Ok(Route::new()
        .at("/", file("text/html; charset=utf-8", CACHED, html))
        .at("/page.js", file(JAVASCRIPT, CACHED, page_script))
        .at("/swagger-ui.js", file(JAVASCRIPT, CACHED, script))
        .at(
            "/swagger-ui.css",
            file("text/css; charset=utf-8", CACHED, style),
        )
        .with(SetHeader::new().overriding(header::CONTENT_SECURITY_POLICY, POLICY)))
}

fn element(page: &str, name: &str) -> Option<String> {
    let (_, rest) = page.split_once(&format!("<{name} charset=\"UTF-8\">"))?;
    let (text, _) = rest.split_once(&format!("</{name}>"))?;
    (!text.is_empty()).then(|| text.to_owned())
}
