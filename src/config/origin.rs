//! Origins of pages, as browsers write them.

use std::str::FromStr;

use http::HeaderValue;
use url::Url;

/// Where pages may come from that use the API.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// Anywhere.
    Any,
    /// Here, as browsers write it.
    Is(HeaderValue),
}

impl FromStr for Origin {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text == "*" {
            return Ok(Self::Any);
        }
        let wrong = || {
            "expected an origin such as https://app.example.org or http://localhost:5173, without a path; or `*`"
                .to_owned()
        };
        let origin = Url::parse(text).map_err(|_| wrong())?.origin();
        let written = if origin.is_tuple() {
            origin.ascii_serialization()
        } else {
            // An application's own scheme: its pages come from `app://localhost`.
            text.to_owned()
        };
        let authority = text.split_once("://").map_or("", |(_, it)| it);
        let authority = authority.strip_suffix('/').unwrap_or(authority);
        if authority.is_empty() || authority.contains(|it| "*/?#@".contains(it)) {
            return Err(wrong());
        }
        if written != text {
            return Err(format!("browsers write this origin as {written}"));
        }
        HeaderValue::from_str(text)
            .map(Self::Is)
            .map_err(|_| wrong())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_written_as_browsers_write_it() {
        for text in [
            "*",
            "https://app.example.org",
            "http://localhost:5173",
            "http://[2001:db8::1]:8080",
            "https://xn--bcher-kva.example",
            "app://localhost",
        ] {
            assert!(text.parse::<Origin>().is_ok(), "{text}");
        }
        for (text, hint) in [
            ("https://app.example.org/", "as https://app.example.org"),
            ("https://app.example.org:443", "as https://app.example.org"),
            ("https://App.Example.org", "as https://app.example.org"),
            ("https://bücher.example", "as https://xn--bcher-kva.example"),
            ("https://app.example.org/path", "without a path"),
            ("app.example.org", "without a path"),
            ("localhost:5173", "without a path"),
            ("null", "without a path"),
            ("", "without a path"),
            ("https://", "without a path"),
            ("https://*.example.org", "without a path"),
            ("app://", "without a path"),
            ("app://a/b", "without a path"),
            ("https://a.example https://b.example", "without a path"),
        ] {
            let error = text.parse::<Origin>().expect_err(text);
            assert!(error.contains(hint), "{text}: {error}");
        }
    }
}
