//! Who is calling: a bearer token, or the cookie that a browser keeps.

use poem::{
    Request, RequestBody, Result,
    http::{HeaderMap, Method, header},
};
use poem_openapi::{
    ApiExtractor, ApiExtractorType, ExtractParamOptions,
    registry::{MetaSecurityScheme, Registry},
};

use super::{
    Services,
    problem::{Code, Failure},
};
use entity::{session, user};

/// The cookie that carries the session token of the web page.
pub const COOKIE: &str = "dotcast_session";

/// A logged-in caller.
#[derive(Debug)]
pub struct Caller {
    /// Who it is.
    pub user: user::Model,
    /// The session.
    pub session: session::Model,
    /// Its token.
    pub token: String,
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
                    "The cookie that `POST /api/v1/sessions` sets, for browsers. With it, unsafe \
                     methods must come from a page of this server (`Origin`).",
                ),
                name: Some(COOKIE),
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
        let token = token(request.method(), request.headers())?;
        let services = Services::of(request).await?;
        let (session, user) = services.sessions.find(token).await.map_err(Failure::from)?;
        Ok(Self {
            user,
            session,
            token: token.to_owned(),
        })
    }
}

/// The token that a request carries. The header goes before the cookie.
fn token<'a>(method: &Method, headers: &'a HeaderMap) -> Result<&'a str, Failure> {
    if let Some(value) = headers.get(header::AUTHORIZATION) {
        // RFC 9110, 11.1: the scheme's case does not matter.
        return value
            .to_str()
            .ok()
            .and_then(|value| value.split_once(' '))
            .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
            .map(|(_, token)| token.trim())
            .ok_or_else(|| {
                let detail = "The header must be `Authorization: Bearer TOKEN`.";
                Failure::new(Code::InvalidToken, detail)
            });
    }
    let Some(token) = cookie(headers) else {
        let detail = "Log in with POST /api/v1/sessions and send `Authorization: Bearer TOKEN`.";
        return Err(Failure::new(Code::MissingToken, detail));
    };
    if !method.is_safe() && !same_origin(headers) {
        let detail = "With the session cookie, changes must come from a page of this server: \
                      `Origin` and `Host` must name the same host. Other programs send the token \
                      as `Authorization: Bearer TOKEN`.";
        return Err(Failure::new(Code::OriginMismatch, detail));
    }
    Ok(token)
}

/// The session cookie (RFC 6265, 5.4).
fn cookie(headers: &HeaderMap) -> Option<&str> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find_map(|(name, value)| (name == COOKIE).then_some(value))
}

/// Whether the page that sent a request is one of this server's. Browsers send `Origin` with every
/// unsafe request (Fetch, 3.2), so one without it is refused. Only the hosts are compared: behind a
/// proxy that ends TLS the schemes differ.
fn same_origin(headers: &HeaderMap) -> bool {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let (Some(origin), Some(host)) = (text(header::ORIGIN), text(header::HOST)) else {
        return false;
    };
    origin
        .split_once("://")
        .is_some_and(|(_, origin)| origin.eq_ignore_ascii_case(host))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs
            .iter()
            .map(|(name, value)| {
                (
                    name.parse().expect("a header name"),
                    value.parse().expect("a header value"),
                )
            })
            .collect()
    }

    #[test]
    fn the_header_goes_before_the_cookie() {
        let both = headers(&[
            ("authorization", "bearer  a"),
            ("cookie", "x=1; dotcast_session=b"),
        ]);
        assert_eq!(token(&Method::POST, &both).ok(), Some("a"));
        let cookie = headers(&[("cookie", "x=1; dotcast_session=b")]);
        assert_eq!(token(&Method::GET, &cookie).ok(), Some("b"));
    }

    #[test]
    fn a_cookie_changes_nothing_from_another_origin() {
        let from = |origin| {
            headers(&[
                ("cookie", "dotcast_session=b"),
                ("host", "localhost:8000"),
                ("origin", origin),
            ])
        };
        for origin in ["http://localhost:8000", "https://LOCALHOST:8000"] {
            assert!(token(&Method::POST, &from(origin)).is_ok(), "{origin}");
        }
        for origin in ["http://localhost", "http://evil.example", "null", ""] {
            assert!(token(&Method::POST, &from(origin)).is_err(), "{origin}");
            assert!(token(&Method::GET, &from(origin)).is_ok(), "{origin}");
        }
        let without = headers(&[("cookie", "dotcast_session=b"), ("host", "localhost:8000")]);
        assert!(token(&Method::DELETE, &without).is_err());
    }
}
