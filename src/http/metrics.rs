//! `/metrics`: what is counted, for Prometheus and whatever else reads its formats.

use std::{fmt, sync::Arc};

use poem::{
    Endpoint, EndpointExt as _, IntoEndpoint, IntoResponse as _, Request, Response, Route,
    endpoint::make,
    http::{HeaderMap, header},
};
use prometheus_client::{
    encoding::{prometheus_text, text},
    registry::Registry,
};

use super::{middleware::caching::Caching, statistics::METRICS};
use crate::{
    api::problem::{Code, Failure},
    consumers::lags::Lags,
};

/// The media type of `OpenMetrics` 1.0, and that of the older text format, which every reader takes.
const OPEN_METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";
const TEXT: &str = "text/plain; version=0.0.4; charset=utf-8";

/// The metrics of a server. Clones share them.
#[derive(Clone, Debug)]
pub struct Metrics {
    registry: Arc<Registry>,
    /// Looked up for each page.
    lags: Lags,
}

impl Metrics {
    /// The metrics of this registry, in which those of consumers come from `lags`.
    pub fn new(registry: Registry, lags: Lags) -> Self {
        let registry = Arc::new(registry);
        Self { registry, lags }
    }

    /// Answers GET with all of them, as they are then.
    pub fn endpoint(self) -> impl IntoEndpoint<Endpoint: 'static> {
        poem::get(make(move |request: Request| {
            let metrics = self.clone();
            async move {
                metrics.lags.look().await;
                metrics.answer(request.headers())
            }
        }))
    }

    /// The routes of a server for metrics alone.
    pub fn routes(self) -> impl Endpoint<Output = Response> + 'static {
        let routes = Route::new().at(METRICS, self.endpoint());
        routes
            .catch_all_error(async |error| Failure::of_framework(&error).into_response())
            .map_to_response()
            .with(Caching)
    }

    fn answer(&self, headers: &HeaderMap) -> Response {
        let is_open_metrics = headers
            .get_all(header::ACCEPT)
            .iter()
            .filter_map(|accept| accept.to_str().ok())
            .any(|accept| {
                accept
                    .to_ascii_lowercase()
                    .contains("application/openmetrics-text")
            });
        let mut page = String::new();
        let (content_type, written): (_, fmt::Result) = if is_open_metrics {
            (OPEN_METRICS, text::encode(&mut page, &self.registry))
        } else {
            (TEXT, prometheus_text::encode(&mut page, &self.registry))
        };
        match written {
            Ok(()) => Response::builder().content_type(content_type).body(page),
            Err(_) => {
                Failure::new(Code::Internal, "The metrics cannot be written.").into_response()
            }
        }
    }
}
