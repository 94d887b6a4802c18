//! Where traces go.

use std::str::FromStr;

use url::Url;

/// Path of traces below a collector's address (OTLP 1.9, "OTLP/HTTP Request").
const TRACES: &str = "v1/traces";

/// The address of a collector that speaks OpenTelemetry's protocol over HTTP.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Collector(Url);

impl Collector {
    /// Where it takes traces.
    pub fn traces(&self) -> String {
        let mut url = self.0.clone();
        let base = url.path().trim_end_matches('/');
        url.set_path(&format!("{base}/{TRACES}"));
        url.into()
    }
}

impl FromStr for Collector {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let url = text.parse().ok().filter(|url: &Url| {
            // `collector:4318` is a URL as well, whose scheme is `collector`.
            matches!(url.scheme(), "http" | "https")
                && url.query().is_none()
                && url.fragment().is_none()
        });
        url.map(Self)
            .ok_or("expected the address of a collector, such as http://127.0.0.1:4318")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn traces_are_below_the_address() {
        for (address, traces) in [
            ("http://127.0.0.1:4318", "http://127.0.0.1:4318/v1/traces"),
            (
                "https://a.example/otlp/",
                "https://a.example/otlp/v1/traces",
            ),
        ] {
            let collector: Collector = address.parse().expect(address);
            assert_eq!(collector.traces(), traces);
        }
        for wrong in [
            "",
            "collector:4318",
            "grpc://a.example",
            "http://",
            "http://a.example/?x=1",
        ] {
            wrong.parse::<Collector>().expect_err(wrong);
        }
    }
}
