//! Every route of the server, and what all of them share.

use std::{collections::BTreeSet, sync::Arc};

use poem::{
    Endpoint, EndpointExt, IntoEndpoint, IntoResponse, Request, Response, Result, Route,
    error::{MethodNotAllowedError, ParsePathError},
    http::{HeaderValue, header},
    middleware::CatchPanic,
};
use serde_json::Value;

use super::{
    metrics::Metrics,
    middleware::{
        answers::Answers, caching::Caching, cors::Cors, headers::Headers, operations::Operations,
        request_log::RequestLog, request_rate::Counted, requests::Requests,
    },
    site::{docs, embedded::rare_file, page, problems},
    statistics::{METRICS, Statistics},
};
use crate::{
    api::{
        document,
        problem::{Code, Failure},
        request::{head, schemas::Schemas},
        resources::{self, stream},
        services::Services,
    },
    config::{access::Access, limits::Limits},
};

/// The whole server as one endpoint that enforces these limits.
///
/// # Errors
/// A message, if the parts of the server do not fit together: a defect of the build, not of its use.
pub fn routes(
    services: Services,
    limits: &Limits,
    access: &Access,
    statistics: &Statistics,
    metrics: Option<Metrics>,
) -> Result<impl Endpoint<Output = Response> + 'static, String> {
    let document = document::document();
    let schemas = Schemas::compile(&document)?;
    let operations = Operations::of(&document);
    let json = |make: fn() -> Value| {
        rare_file("application/json", "no-cache", move || {
            document::to_json(&make())
        })
    };
    let yaml = |make: fn() -> Value| {
        rare_file("application/yaml", "no-cache", move || {
            document::to_yaml(&make())
        })
    };

    let mut routes = Route::new()
        .nest("/docs", docs::routes())
        .at("/openapi.json", json(document::document))
        .at("/openapi.yaml", yaml(document::document))
        .at("/openapi-3.2.json", json(document::document_3_2))
        .at("/openapi-3.2.yaml", yaml(document::document_3_2))
        .at("/problems/:code", poem::get(problems::show));
    routes = page::add_to(routes);
    if let Some(metrics) = metrics {
        routes = routes.at(METRICS, metrics.endpoint());
    }
    // Not at the root: a service nested there would also answer for `/`.
    let service = Arc::new(resources::service().into_endpoint());
    for prefix in prefixes(&document) {
        routes = routes.nest_no_strip(prefix, Arc::clone(&service));
    }
    let server = routes
        .data(Arc::new(services))
        .data(Arc::new(schemas))
        .map_to_response();
    let server = Problems { server, operations }
        .with(
            CatchPanic::new().with_handler(|panic: Box<dyn std::any::Any + Send>| {
                let message = panic.downcast_ref::<&str>().copied();
                let message =
                    message.or_else(|| panic.downcast_ref::<String>().map(String::as_str));
                tracing::error!(message, "a request handler panicked");
                Failure::new(Code::Internal, "The server could not answer.")
            }),
        )
        .map_to_response()
        // Boxed, so that a request that waits or is refused holds no memory for the rest of its way.
        .boxed()
        .with(Requests::new(limits));
    let counted = Counted::new(server, limits.request_rate.0);
    let logged = Answers::new(counted, limits)
        .with(Cors::new(&access.cors_origin))
        .with(Headers::new(access.hsts.0))
        .with(Caching)
        .with(RequestLog(statistics.clone()));
    #[cfg(feature = "otlp")]
    let logged = logged.with(super::middleware::traced::Traced);
    Ok(logged)
}

/// The first segments of the API's paths: `/api`, `/sse`, …
fn prefixes(document: &Value) -> BTreeSet<String> {
    let paths = document["paths"].as_object().into_iter().flatten();
    paths
        .filter_map(|(path, _)| path.split('/').nth(1))
        .map(|segment| format!("/{segment}"))
        .collect()
}

/// Refuses unknown query parameters, and turns every error, including the framework's own, into a problem.
struct Problems<E> {
    server: E,
    operations: Operations,
}

impl<E: Endpoint<Output = Response>> Endpoint for Problems<E> {
    type Output = Response;

    async fn call(&self, mut request: Request) -> Result<Response> {
        stream::add_slash(&mut request);
        head::mark(&mut request);
        let operation = self
            .operations
            .operation(request.method(), request.uri().path());
        let Some(operation) = operation else {
            return Ok(self.answer(request).await);
        };
        let mut response = match operation.check_query(request.uri()) {
            Ok(()) => self.answer(request).await,
            Err(failure) => failure.into_response(),
        };
        response.extensions_mut().insert(operation.name.clone());
        Ok(response)
    }
}

impl<E: Endpoint<Output = Response>> Problems<E> {
    async fn answer(&self, request: Request) -> Response {
        let path = request.uri().path().to_owned();
        let error = match self.server.call(request).await {
            Ok(response) => return response,
            Err(error) => error,
        };
        if error.is_from_response() {
            return error.into_response();
        }
        let mut failure = Failure::of_framework(&error);
        let allowed = self.operations.allow(&path);
        if error.is::<MethodNotAllowedError>() {
            // Routes outside the API are read-only.
            let read_only = HeaderValue::from_static("GET, HEAD");
            failure = failure.with_header(header::ALLOW, allowed.cloned().unwrap_or(read_only));
        }
        // An id that is not text: the framework does not say which parameter it was in.
        if error.is::<ParsePathError>() && allowed.is_some() {
            failure = Failure::of_field(Code::InvalidParameter, "id", "must be a whole number");
        }
        failure.into_response()
    }
}
