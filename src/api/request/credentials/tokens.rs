//! The session tokens that a request carries.

use poem::http::{HeaderMap, header};

use crate::api::problem::{Code, Failure};

/// The cookie that carries the session token of the web page.
pub(super) const COOKIE: &str = "dotcast_session";
/// The same over TLS. Browsers take a cookie of this name only from this very host, and only over TLS
/// (RFC 6265bis, 4.1.3.2).
const HOST_COOKIE: &str = "__Host-dotcast_session";
/// Upper bound on the cookies that are looked at. Browsers send all cookies of a name that were set for several paths
/// or domains (RFC 6265, 5.4).
const MOST: usize = 4;

/// The name of the cookie on a connection that is secure, or is not.
pub fn cookie_name(is_secure: bool) -> &'static str {
    if is_secure { HOST_COOKIE } else { COOKIE }
}

/// The candidates for a session token, the most likely first; at most four.
#[derive(Debug, PartialEq, Eq)]
pub struct Tokens<'a> {
    candidates: Vec<&'a str>,
    are_ambient: bool,
}

impl<'a> Tokens<'a> {
    /// The token in `Authorization`, else those in cookies. Credentials of another scheme, perhaps for a proxy, are
    /// ignored where there are cookies.
    ///
    /// # Errors
    /// [`Code::MissingToken`] without credentials, [`Code::InvalidToken`] when `Authorization` holds no token and
    /// there are no cookies.
    pub fn of(headers: &'a HeaderMap) -> Result<Self, Failure> {
        let given = headers.get_all(header::AUTHORIZATION);
        let mut texts = given.iter().map(|it| it.to_str().unwrap_or_default());
        let is_bearer = |text: &&str| {
            // RFC 9110, 11.1: the scheme's case does not matter.
            let scheme = text.split(' ').next().unwrap_or_default();
            scheme.eq_ignore_ascii_case("bearer")
        };
        if let Some(bearer) = texts.find(is_bearer) {
            let token = bearer.split_once(' ').map(|(_, token)| token.trim());
            return Ok(Self {
                candidates: vec![token.ok_or_else(not_bearer)?],
                are_ambient: false,
            });
        }
        let candidates = cookies(headers);
        if candidates.is_empty() {
            let has_other = given.iter().next().is_some();
            return Err(if has_other { not_bearer() } else { missing() });
        }
        Ok(Self {
            candidates,
            are_ambient: true,
        })
    }

    /// Whether the browser sent them by itself, for whatever page.
    pub fn are_ambient(&self) -> bool {
        self.are_ambient
    }

    /// The tokens.
    pub fn iter(&self) -> impl Iterator<Item = &'a str> {
        self.candidates.iter().copied()
    }
}

/// The values of the session cookies. Other cookies may hold anything, even bytes that are not text.
fn cookies(headers: &HeaderMap) -> Vec<&str> {
    let of_name = |wanted: &'static str| {
        let fields = headers.get_all(header::COOKIE).iter();
        let pairs = fields.flat_map(|field| field.as_bytes().split(|&byte| byte == b';'));
        pairs.filter_map(move |pair| {
            let value = pair.trim_ascii().strip_prefix(wanted.as_bytes())?;
            let value = value.trim_ascii_start().strip_prefix(b"=")?.trim_ascii();
            str::from_utf8(value).ok()
        })
    };
    let mut values = Vec::new();
    for value in of_name(HOST_COOKIE).chain(of_name(COOKIE)) {
        if values.len() < MOST && !values.contains(&value) {
            values.push(value);
        }
    }
    values
}

pub(super) fn missing() -> Failure {
    let detail = "Log in with POST /api/v1/sessions and send `Authorization: Bearer TOKEN`.";
    Failure::new(Code::MissingToken, detail)
}

fn not_bearer() -> Failure {
    let detail = "The header must be `Authorization: Bearer TOKEN`.";
    Failure::new(Code::InvalidToken, detail)
}

#[cfg(test)]
mod tests {
    use poem::http::HeaderValue;

    use super::*;

    /// The tokens of a request, and whether they are of cookies.
    fn tokens(pairs: &[(&'static str, &'static [u8])]) -> Option<(Vec<String>, bool)> {
        let mut headers = HeaderMap::new();
        for &(name, value) in pairs {
            headers.append(name, HeaderValue::from_bytes(value).expect("a value"));
        }
        let tokens = Tokens::of(&headers).ok()?;
        let all = tokens.iter().map(str::to_owned).collect();
        Some((all, tokens.are_ambient()))
    }

    #[test]
    fn the_header_goes_before_the_cookie() {
        let cookie = ("cookie", &b"x=1; dotcast_session=b"[..]);
        let both = tokens(&[("authorization", b"bearer  a"), cookie]);
        assert_eq!(both, Some((vec!["a".to_owned()], false)));
        assert_eq!(tokens(&[cookie]), Some((vec!["b".to_owned()], true)));
    }

    #[test]
    fn credentials_of_others_hide_nothing() {
        let basic = ("authorization", &b"Basic YTpi"[..]);
        let cookie = ("cookie", &b"dotcast_session=b"[..]);
        let found = Some((vec!["b".to_owned()], true));
        for other in [
            basic,
            ("authorization", b""),
            ("authorization", b"\xff"),
            ("authorization", b"Bearerx y"),
        ] {
            assert_eq!(tokens(&[other, cookie]), found);
            assert_eq!(tokens(&[other]), None);
        }
        let bearer = ("authorization", &b"Bearer a"[..]);
        for two in [[basic, bearer], [bearer, basic]] {
            assert_eq!(tokens(&two), Some((vec!["a".to_owned()], false)));
        }
    }

    #[test]
    fn cookies_of_others_may_hold_whatever_they_like() {
        for cookie in [
            "theme=grün; dotcast_session=b".as_bytes(),
            b"theme=gr\xfcn; dotcast_session=b",
            b"dotcast_session=b; a=\"x;y\"; \xff",
            b" ;;= ;  dotcast_session = b ;dotcast_session2=c",
            b"x=dotcast_session=c; dotcast_session=b",
        ] {
            assert_eq!(
                tokens(&[("cookie", cookie)]),
                Some((vec!["b".to_owned()], true))
            );
        }
        assert_eq!(tokens(&[("cookie", b"dotcast_session")]), None);
        assert_eq!(tokens(&[("cookie", b"Dotcast_Session=b")]), None);
        assert_eq!(tokens(&[("cookie", b"dotcast_session=\xff")]), None);
    }

    #[test]
    fn of_several_cookies_the_one_of_this_host_goes_first_and_there_is_a_bound() {
        let several = tokens(&[
            (
                "cookie",
                b"dotcast_session=a; dotcast_session=b; dotcast_session=a",
            ),
            ("cookie", b"__Host-dotcast_session=c"),
        ]);
        let names = |names: [&str; 3]| names.map(str::to_owned).to_vec();
        assert_eq!(several, Some((names(["c", "a", "b"]), true)));
        let many = (0..1000).map(|it| format!("dotcast_session={it}; "));
        let mut headers = HeaderMap::new();
        let many: String = many.collect();
        headers.insert("cookie", many.parse().expect("a value"));
        assert_eq!(Tokens::of(&headers).expect("tokens").iter().count(), MOST);
    }
}
