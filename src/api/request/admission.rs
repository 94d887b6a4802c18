//! Who may follow the log: everybody, or users who are logged in. Who follows as a consumer is always a user.

use dotcast_log::right::Right;
use poem::{Request, RequestBody, Result};
use poem_openapi::{ApiExtractor, ApiExtractorType, ExtractParamOptions, registry::Registry};

use super::{credentials::Caller, params};
use crate::api::services::Services;

/// The parameter that names a consumer.
pub const CONSUMER: &str = "consumer";

/// A client that may follow the log.
#[derive(Debug)]
pub struct Admitted {
    /// The session that entitles the client; `None` where none is needed, whatever credentials the request has.
    pub right: Option<Right>,
    /// The id of the user whose session that is.
    pub user: Option<i64>,
}

impl<'a> ApiExtractor<'a> for Admitted {
    const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::SecurityScheme];
    type ParamType = ();
    type ParamRawType = ();

    fn register(registry: &mut Registry) {
        Caller::register(registry);
    }

    fn security_schemes() -> Vec<&'static str> {
        Caller::security_schemes()
    }

    fn has_security_fallback() -> bool {
        // Whether a session is needed is an option of the server.
        true
    }

    async fn from_request(
        request: &'a Request,
        body: &mut RequestBody,
        options: ExtractParamOptions<()>,
    ) -> Result<Self> {
        let services = Services::of(request).await?;
        if !services.needs_session && !params::is_given(request.uri(), CONSUMER) {
            return Ok(Self {
                right: None,
                user: None,
            });
        }
        let caller = Caller::from_request(request, body, options).await?;
        Ok(Self {
            right: Some(services.watch.right(&caller.session)),
            user: Some(caller.user.id),
        })
    }
}
