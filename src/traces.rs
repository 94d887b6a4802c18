//! Traces of requests, for a collector that speaks OpenTelemetry's protocol (OTLP over HTTP, as protobuf).
//!
//! A trace has one span for the request, and below it one for each wait that makes up its time: for a turn to write, for
//! each statement, for the commit, for the look-up of the session, and for a password's hash. What the server does by
//! itself is in no trace. The spans are `tracing`'s, at the level TRACE.

use std::time::Duration;

use opentelemetry::trace::TracerProvider as _;
use opentelemetry_otlp::{ExporterBuildError, Protocol, SpanExporter, WithExportConfig as _};
use opentelemetry_sdk::{Resource, trace::SdkTracerProvider};
use tracing::{Level, Metadata, Subscriber, subscriber::Interest};
use tracing_subscriber::{Layer, filter, layer::Context, registry::LookupSpan};

use crate::config::collector::Collector;

/// Name of the span that a trace begins with.
pub const ROOT: &str = "http";
/// Upper bound on the time in which the last spans have to be sent at the end.
const LAST_WORDS: Duration = Duration::from_secs(2);

/// Sends spans until it is dropped, and then those that are left, for two seconds at most.
#[derive(Debug)]
pub struct Traces(SdkTracerProvider);

impl Traces {
    /// Begins to send. A collector that cannot be reached is no error: the log says so, and spans are dropped.
    ///
    /// The environment may say more, under the names that the OpenTelemetry specification gives: `OTEL_SERVICE_NAME`,
    /// `OTEL_RESOURCE_ATTRIBUTES`, `OTEL_TRACES_SAMPLER`, `OTEL_EXPORTER_OTLP_HEADERS`, and others.
    ///
    /// # Errors
    /// If one of these is malformed.
    pub fn start(collector: &Collector) -> Result<Self, ExporterBuildError> {
        // Fails only if there is a provider already, which will do as well.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let exporter = SpanExporter::builder()
            .with_http()
            .with_protocol(Protocol::HttpBinary)
            .with_endpoint(collector.traces())
            .build()?;
        let resource = Resource::builder();
        // The SDK's own default is `unknown_service`.
        let is_named = std::env::var_os("OTEL_SERVICE_NAME").is_some_and(|name| !name.is_empty());
        let resource = if is_named {
            resource
        } else {
            resource.with_service_name("dotcast")
        };
        let provider = SdkTracerProvider::builder()
            .with_batch_exporter(exporter)
            .with_resource(resource.build())
            .build();
        Ok(Self(provider))
    }

    /// What takes the spans of `tracing`.
    pub fn layer<S>(&self) -> impl Layer<S> + use<S>
    where
        S: Subscriber + for<'a> LookupSpan<'a>,
    {
        let belongs = filter::dynamic_filter_fn(belongs).with_callsite_filter(|metadata| {
            if is_ours(metadata) {
                Interest::sometimes()
            } else {
                Interest::never()
            }
        });
        tracing_opentelemetry::layer()
            .with_tracer(self.0.tracer("dotcast"))
            .with_location(false)
            .with_threads(false)
            .with_level(false)
            .with_target(false)
            .with_filter(belongs)
    }
}

impl Drop for Traces {
    fn drop(&mut self) {
        if let Err(error) = self.0.shutdown_with_timeout(LAST_WORDS) {
            tracing::warn!(%error, "the last traces were not sent");
        }
    }
}

/// Whether it is a span of a trace, or a line of the log about a failure.
fn is_ours(metadata: &Metadata<'_>) -> bool {
    metadata.target().starts_with("dotcast")
        && if metadata.is_span() {
            *metadata.level() == Level::TRACE
        } else {
            *metadata.level() <= Level::WARN
        }
}

/// Whether it begins a trace or is within one.
fn belongs<S>(metadata: &Metadata<'_>, context: &Context<'_, S>) -> bool
where
    S: Subscriber + for<'a> LookupSpan<'a>,
{
    is_ours(metadata)
        && ((metadata.is_span() && metadata.name() == ROOT) || context.lookup_current().is_some())
}
