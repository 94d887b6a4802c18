//! Whether the page that sent a request is one of this server's.

use poem::http::{HeaderMap, HeaderName, header, uri::Authority};

use crate::remote::host_and_port;

/// `Sec-Fetch-Site` (Fetch Metadata Request Headers, 2.3). No page can set it.
const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// Whether the page is of the server at `authority`: the host and port that the request is for.
///
/// Browsers send `Origin` with every unsafe request (Fetch, 3.2), and over TLS `Sec-Fetch-Site` as well.
/// Neither may name another site, and at least one of them must be there. Of origins only the hosts and
/// ports are compared: behind a proxy that ends TLS the schemes differ.
///
/// Origins of other sites that may use the API (CORS) have no place here: they send bearer tokens.
pub(crate) fn is_own(headers: &HeaderMap, authority: Option<&str>) -> bool {
    let one = |name| {
        let mut values = headers.get_all(name).iter();
        let value = values
            .next()
            .map(|value| value.to_str().unwrap_or_default());
        // No browser sends two.
        if values.next().is_some() {
            Some("")
        } else {
            value
        }
    };
    let from_here = one(SEC_FETCH_SITE).map(|site| ["same-origin", "none"].contains(&site));
    let of_here = one(header::ORIGIN).map(|origin| is_at(origin, authority));
    match (of_here, from_here) {
        (None, None) => false,
        (of_here, from_here) => of_here.unwrap_or(true) && from_here.unwrap_or(true),
    }
}

/// Whether an origin (RFC 6454, 6.1) is at this authority. Either may leave out the scheme's default port.
fn is_at(origin: &str, authority: Option<&str>) -> bool {
    let Some((scheme, origin)) = origin.split_once("://") else {
        return false;
    };
    let own_port = match scheme {
        "http" => 80,
        "https" => 443,
        _ => return false,
    };
    let parts = |text: &str| {
        let authority: Authority = text.parse().ok()?;
        let (host, port) = host_and_port(&authority)?;
        Some((host.to_ascii_lowercase(), port.unwrap_or(own_port)))
    };
    let origin = parts(origin);
    origin.is_some() && origin == authority.and_then(parts)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for &(name, value) in pairs {
            headers.append(name, value.parse().expect("a value"));
        }
        headers
    }

    #[test]
    fn an_origin_is_compared_by_host_and_port() {
        for (origin, authority, expected) in [
            ("http://localhost:8000", "localhost:8000", true),
            ("https://LOCALHOST:8000", "localhost:8000", true),
            ("https://example.org", "example.org", true),
            ("https://example.org", "Example.org:443", true),
            ("https://example.org:443", "example.org", true),
            ("http://example.org", "example.org:80", true),
            ("https://[2001:db8::1]", "[2001:db8::1]:443", true),
            ("http://localhost", "localhost:8000", false),
            ("http://example.org", "example.org:443", false),
            ("https://example.org:80", "example.org:443", false),
            ("https://example.org.evil.example", "example.org", false),
            ("https://evil.example", "example.org", false),
            ("https://example.org@evil.example", "evil.example", false),
            ("http://example.org:65616", "example.org", false),
            ("http://example.org", "example.org:65616", false),
            ("ftp://example.org", "example.org", false),
            ("null", "example.org", false),
            ("", "", false),
            ("http://", "", false),
        ] {
            assert_eq!(
                is_at(origin, Some(authority)),
                expected,
                "{origin} {authority}"
            );
            assert!(!is_at(origin, None), "{origin}");
        }
    }

    #[test]
    fn the_site_is_looked_at_beside_the_origin() {
        let origin = ("origin", "https://example.org");
        let evil = ("origin", "https://evil.example");
        let site = |site| ("sec-fetch-site", site);
        for (pairs, expected) in [
            (&[][..], false),
            (&[origin][..], true),
            (&[evil], false),
            (&[site("same-origin")], true),
            (&[site("none")], true),
            (&[site("same-site")], false),
            (&[site("cross-site")], false),
            (&[site("")], false),
            (&[origin, site("same-origin")], true),
            (&[origin, site("same-site")], false),
            (&[origin, site("cross-site")], false),
            (&[evil, site("same-origin")], false),
            (&[origin, origin], false),
            (&[site("none"), site("none")], false),
        ] {
            let is_own = is_own(&headers(pairs), Some("example.org"));
            assert_eq!(is_own, expected, "{pairs:?}");
        }
    }
}
