//! Swagger UI at `/docs`. All its files come from the binary.

use poem::{IntoResponse, Response, Route, endpoint::make_sync, http::header};
use poem_openapi::OpenApi;
use poem_openapi::OpenApiService;

/// The page and its files.
///
/// The framework embeds Swagger UI as one page of 1.6 MB with the document inside. Here its script
/// and style are files of their own, which browsers keep, and the page loads `/openapi.json`.
///
/// # Errors
/// When the framework's page is not made as it was.
pub fn routes<T: OpenApi>(service: &OpenApiService<T, ()>) -> Result<Route, &'static str> {
    let vendored = service.swagger_ui_html();
    let script = element(&vendored, "script").ok_or("Swagger UI: no script")?;
    let style = element(&vendored, "style").ok_or("Swagger UI: no style")?;
    Ok(Route::new()
        .at(
            "/",
            file(
                "text/html; charset=utf-8",
                include_str!("docs/page.html").to_owned(),
            ),
        )
        .at(
            "/page.js",
            file(
                "text/javascript; charset=utf-8",
                include_str!("docs/page.js").to_owned(),
            ),
        )
        .at(
            "/swagger-ui.js",
            file("text/javascript; charset=utf-8", script),
        )
        .at("/swagger-ui.css", file("text/css; charset=utf-8", style)))
}

fn element(page: &str, name: &str) -> Option<String> {
    let (_, rest) = page.split_once(&format!("<{name} charset=\"UTF-8\">"))?;
    let (text, _) = rest.split_once(&format!("</{name}>"))?;
    (!text.is_empty()).then(|| text.to_owned())
}

fn file(content_type: &'static str, text: String) -> impl poem::IntoEndpoint<Endpoint: 'static> {
    let bytes = bytes::Bytes::from(text);
    poem::get(make_sync(move |_| -> Response {
        Response::builder()
            .content_type(content_type)
            // The files change with the binary only, and a page must not mix two versions for long.
            .header(header::CACHE_CONTROL, "public, max-age=300")
            .body(bytes.clone())
            .into_response()
    }))
}
