//! `/healthz` and `/readyz`, for supervisors and load balancers.

use std::time::Duration;

use poem::Result;
use poem_openapi::{Object, OpenApi, types::Example};
use sea_orm::ConnectionTrait as _;
use tokio::time::timeout;

use super::{
    Shared, Tag,
    json::Json,
    problem::{Code, Failure},
};

/// How long the database may take. Who asks wants to know now, and asks again.
const PATIENCE: Duration = Duration::from_secs(2);

/// The server is well.
#[derive(Clone, Debug, Object)]
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
    #[oai(path = "/healthz", method = "get", operation_id = "getHealth")]
    async fn health(&self) -> Result<Json<Health>, Failure> {
        Ok(Json(Health::example()))
    }

    /// Can it serve requests?
    ///
    /// Not while its database does not answer, nor while it stops.
    #[oai(path = "/readyz", method = "get", operation_id = "getReadiness")]
    async fn readiness(&self, services: Shared<'_>) -> Result<Json<Health>, Failure> {
        if services.tail.is_stopping() {
            return Err(Failure::new(Code::Unavailable, "The server is stopping."));
        }
        let answer = services.db.reader().execute_unprepared("SELECT 1");
        match timeout(PATIENCE, answer).await {
            Ok(Ok(_)) => return Ok(Json(Health::example())),
            Ok(Err(error)) => tracing::warn!(%error, "not ready"),
            Err(_) => tracing::warn!("not ready: the database takes longer than {PATIENCE:?}"),
        }
        Err(Failure::new(
            Code::Unavailable,
            "The database does not answer.",
        ))
    }
}
