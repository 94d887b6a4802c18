//! A collector that keeps what it gets.

use std::sync::{Arc, Mutex};

use axum::{Router, body::Bytes, extract::State, routing::post};
use opentelemetry_proto::tonic::{
    collector::trace::v1::ExportTraceServiceRequest, common::v1::any_value::Value, trace::v1::Span,
};
use prost::Message as _;
use tokio::{net::TcpListener, task::AbortHandle};

use crate::harness::eventually;

type Received = Arc<Mutex<Vec<u8>>>;

/// A collector of traces, until it is dropped.
pub(super) struct Collector {
    pub(super) url: String,
    received: Received,
    serving: AbortHandle,
}

impl Collector {
    pub(super) async fn start() -> Self {
        let received = Received::default();
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("an address");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let app = Router::new()
            .route("/v1/traces", post(take))
            .with_state(Arc::clone(&received));
        let serving = tokio::spawn(async { axum::serve(listener, app).await });
        Self {
            url,
            received,
            serving: serving.abort_handle(),
        }
    }

    /// Everything that has arrived, as text where it is text.
    pub(super) fn received(&self) -> String {
        String::from_utf8_lossy(&self.received.lock().expect("no panic")).into_owned()
    }

    /// The first span of which `is_it` is true, once there is one.
    pub(super) async fn span(&self, what: &str, is_it: impl Fn(&Span) -> bool) -> Span {
        eventually(what, || async {
            self.spans().into_iter().find(|span| is_it(span))
        })
        .await
    }

    /// The first trace that begins with a span of this name: that span, and all below it.
    pub(super) async fn trace(&self, name: &str) -> Vec<Span> {
        let root = self.span(name, |span| span.name == name).await;
        // What is below a span has ended, and so was sent, before it.
        let below = self
            .spans()
            .into_iter()
            .filter(|span| span.trace_id == root.trace_id && span.span_id != root.span_id);
        std::iter::once(root.clone()).chain(below).collect()
    }

    fn spans(&self) -> Vec<Span> {
        let received = self.received.lock().expect("no panic");
        // Messages of protobuf that follow each other are one message with all their lists.
        let all = ExportTraceServiceRequest::decode(&received[..]).expect("spans");
        let scopes = all.resource_spans.into_iter().flat_map(|it| it.scope_spans);
        scopes.flat_map(|it| it.spans).collect()
    }
}

impl Drop for Collector {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

async fn take(State(received): State<Received>, body: Bytes) {
    received.lock().expect("no panic").extend_from_slice(&body);
}

/// An attribute of a span.
pub(super) fn text(span: &Span, name: &str) -> Option<String> {
    let found = span.attributes.iter().find(|it| it.key == name)?;
    match found.value.clone()?.value? {
        Value::StringValue(text) => Some(text),
        Value::IntValue(number) => Some(number.to_string()),
        other => panic!("{name} is {other:?}"),
    }
}
