//! What is counted about requests.

use std::{sync::Arc, time::Instant};

use poem::Response;
use prometheus_client::{
    encoding::EncodeLabelSet,
    metrics::{counter::Counter, family::Family, histogram::Histogram},
};

use crate::rates::limit::Limit;

/// Where everything that is counted can be read.
pub const METRICS: &str = "/metrics";
/// Bounds of the buckets for the duration of requests, in seconds.
const DURATIONS: [f64; 12] = [
    0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 2.5, 10.0, 30.0,
];

/// The operation of the API that a request was for: an extension of its answer.
#[derive(Clone, Debug)]
pub struct OperationName {
    /// Its `operationId`.
    pub id: Arc<str>,
    /// Its path, as in `/api/v1/boards/{id}`.
    pub route: Arc<str>,
}

/// By operation and status.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct ByStatus {
    operation: Arc<str>,
    status: u16,
}

/// By operation.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct ByOperation {
    operation: Arc<str>,
}

/// By limit.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct ByLimit {
    limit: &'static str,
}

impl ByLimit {
    fn new(limit: Limit) -> Self {
        Self {
            limit: limit.name(),
        }
    }
}

/// What is counted about requests. Clones share the counts.
#[derive(Clone, Debug)]
pub struct Statistics {
    /// Answers.
    pub requests: Family<ByStatus, Counter>,
    /// How long it took until an answer began.
    pub durations: Family<ByOperation, Histogram, fn() -> Histogram>,
    /// Requests and connections that were refused because of a limit.
    pub limits: Family<ByLimit, Counter>,
    /// The operation of requests that are for none of the API: the page, the docs, and paths that do not exist.
    other: Arc<str>,
}

impl Default for Statistics {
    fn default() -> Self {
        let limits = Family::<ByLimit, Counter>::default();
        // From the start, so that the first time shows as an increase.
        for limit in Limit::ALL {
            drop(limits.get_or_create(&ByLimit::new(limit)));
        }
        Self {
            requests: Family::default(),
            durations: Family::new_with_constructor(|| Histogram::new(DURATIONS)),
            limits,
            other: "other".into(),
        }
    }
}

impl Statistics {
    /// Counts an answer that begins now, to a request that came then.
    pub fn answered(&self, response: &Response, since: Instant) {
        let operation = response.data::<OperationName>();
        let operation = Arc::clone(operation.map_or(&self.other, |it| &it.id));
        let by = ByOperation {
            operation: Arc::clone(&operation),
        };
        let duration = since.elapsed().as_secs_f64();
        self.durations.get_or_create(&by).observe(duration);
        let status = response.status().as_u16();
        self.requests
            .get_or_create(&ByStatus { operation, status })
            .inc();
        if let Some(limit) = response.data::<Limit>() {
            self.refused(*limit);
        }
    }

    /// Counts something that was refused because of a limit.
    pub fn refused(&self, limit: Limit) {
        self.limits.get_or_create(&ByLimit::new(limit)).inc();
    }
}
