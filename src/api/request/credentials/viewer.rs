//! Callers of operations that need no session.

use poem::{Request, RequestBody, Result};
use poem_openapi::{ApiExtractor, ApiExtractorType, ExtractParamOptions, registry::Registry};

use super::{Caller, Tokens};

/// A caller who reads what is public, and learns a little more with a session.
///
/// Credentials that open no session are ignored: a cookie whose session has ended must not hide what is public.
#[derive(Debug)]
pub struct Viewer(Option<Caller>);

impl Viewer {
    /// The user's id; `None` for a guest.
    pub fn id(&self) -> Option<i64> {
        self.0.as_ref().map(|caller| caller.user.id)
    }
}

impl<'a> ApiExtractor<'a> for Viewer {
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
        true
    }

    async fn from_request(
        request: &'a Request,
        _body: &mut RequestBody,
        _options: ExtractParamOptions<()>,
    ) -> Result<Self> {
        let Ok(tokens) = Tokens::of(request.headers()) else {
            return Ok(Self(None));
        };
        Ok(Self(Caller::find(request, &tokens).await?.ok()))
    }
}
