//! Who is calling: a bearer token, or the cookie that a browser keeps.
//!
//! - [`tokens`]: the tokens that a request carries
//! - [`origin`]: whether the page that sent it may use the cookie
//! - [`viewer`]: callers of operations that need no session

pub(crate) mod origin;
pub(crate) mod tokens;
mod viewer;

use entity::{session, user};
use poem::{Request, RequestBody, Result};
use poem_openapi::{
    ApiExtractor, ApiExtractorType, ExtractParamOptions,
    registry::{MetaSecurityScheme, Registry},
};

pub(in crate::api) use self::{
    tokens::{Tokens, cookie_name},
    viewer::Viewer,
};
use crate::{
    api::{
        problem::{Code, Failure},
        services::Services,
    },
    error::Error,
    remote::Remote,
};

/// A logged-in caller.
#[derive(Debug)]
pub struct Caller {
    /// Who it is.
    pub user: user::Model,
    /// Their session.
    pub session: session::Model,
}

impl<'a> ApiExtractor<'a> for Caller {
    const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::SecurityScheme];
    type ParamType = ();
    type ParamRawType = ();

    fn register(registry: &mut Registry) {
        let scheme = |ty| MetaSecurityScheme {
            ty,
            description: None,
            name: None,
            key_in: None,
            scheme: None,
            bearer_format: None,
            flows: None,
            openid_connect_url: None,
        };
        registry.create_security_scheme(
            "bearer",
            MetaSecurityScheme {
                description: Some("The `token` that `POST /api/v1/sessions` answers."),
                scheme: Some("bearer"),
                ..scheme("http")
            },
        );
        registry.create_security_scheme(
            "cookie",
            MetaSecurityScheme {
                description: Some(
                    "The cookie that `POST /api/v1/sessions` sets, for browsers. Over TLS its name is \
                     `__Host-dotcast_session`. With it, unsafe methods must come from a page of this \
                     server (`Origin`, `Sec-Fetch-Site`).",
                ),
                name: Some(tokens::COOKIE),
                key_in: Some("cookie"),
                ..scheme("apiKey")
            },
        );
    }

    fn security_schemes() -> Vec<&'static str> {
        vec!["bearer", "cookie"]
    }

    async fn from_request(
        request: &'a Request,
        _body: &mut RequestBody,
        _options: ExtractParamOptions<()>,
    ) -> Result<Self> {
        let tokens = Tokens::of(request.headers())?;
        let headers = request.headers();
        let authority = Remote::of(request).authority.as_deref();
        let is_own = || origin::is_own(headers, authority);
        if tokens.are_ambient() && !request.method().is_safe() && !is_own() {
            let detail = "With the session cookie, changes must come from a page of this server: \
                          `Origin` and `Host` must name the same host, and `Sec-Fetch-Site` no other \
                          site. Other programs send the token as `Authorization: Bearer TOKEN`.";
            return Err(Failure::new(Code::OriginMismatch, detail).into());
        }
        match Self::find(request, &tokens).await? {
            Ok(caller) => Ok(caller),
            Err(refused) => Err(refused.map_or_else(tokens::missing, Failure::from).into()),
        }
    }
}

impl Caller {
    /// The caller whose session the first good token opens; if none does, what is wrong with the first.
    ///
    /// # Errors
    /// The sessions could not be looked up.
    async fn find(request: &Request, tokens: &Tokens<'_>) -> Result<Result<Self, Option<Error>>> {
        let services = Services::of(request).await?;
        let mut refused = None;
        for token in tokens.iter() {
            match services.sessions.find(token).await {
                Ok((session, user)) => {
                    // The line of this request in the log says so.
                    tracing::Span::current().record("user", &user.username);
                    return Ok(Ok(Self { user, session }));
                }
                Err(error @ Error::Token(_)) => refused = refused.or(Some(error)),
                Err(error) => return Err(Failure::from(error).into()),
            }
        }
        Ok(Err(refused))
    }
}
