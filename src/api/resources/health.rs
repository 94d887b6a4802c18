//! `/healthz` and `/readyz`, for supervisors and load balancers.

use poem::Result;
use poem_openapi::{Object, OpenApi, types::Example};
use serde::Serialize;

use super::Tag;
use crate::api::{
    answer::written::Written,
    problem::{Code, Failure},
    services::ServicesRef,
};

/// The paths of the probes. They are answered under any load, and are not counted as a client's requests.
pub const PROBES: [&str; 2] = ["/healthz", "/readyz"];

/// The server is well.
#[derive(Clone, Debug, Object, Serialize)]
#[oai(example)]
pub struct Health {
    /// `ok`
    pub status: String,
}

impl Example for Health {
    fn example() -> Self {
        Self {
            status: "ok".to_owned(),
        }
    }
}

/// The routes.
pub struct Api;

#[OpenApi(tag = "Tag::Health")]
impl Api {
    /// Is the process alive?
    ///
    /// For supervisors. It asks nothing else, not even the database.
    #[oai(path = "/healthz", method = "get", operation_id = "getHealth")]
    async fn health(&self) -> Result<Written<Health>, Failure> {
        Written::of(&Health::example())
    }

    /// Can it serve requests?
    ///
    /// Not while its database does not answer, cannot be read or written, or holds another event log; not
    /// while new events would reach nobody, nor while it stops. `detail` says which.
    #[oai(path = "/readyz", method = "get", operation_id = "getReadiness")]
    async fn readiness(&self, services: ServicesRef<'_>) -> Result<Written<Health>, Failure> {
        match services.readiness.check().await {
            Ok(()) => Written::of(&Health::example()),
            Err(reason) => Err(Failure::new(Code::Unavailable, reason.to_string())),
        }
    }
}
