//! A stream of lines of JSON off the wire. Each line is checked against the OpenAPI document.

use reqwest::StatusCode;
use serde_json::Value;

use super::{contract, within};

/// A stream of lines.
pub struct Lines {
    response: reqwest::Response,
    buffer: String,
}

impl Lines {
    /// Opens a stream with this query.
    pub async fn open(http: &reqwest::Client, url: &str, query: &str) -> Self {
        let request = http.get(format!("{url}/sse/notifications/{query}"));
        let request = request.header("Accept", "application/x-ndjson").send();
        let response = within("a stream", request).await.expect("a stream");
        assert_eq!(response.status(), StatusCode::OK);
        assert_eq!(response.headers()["content-type"], "application/x-ndjson");
        let buffer = String::new();
        Self { response, buffer }
    }

    /// The next line, empty or not.
    pub async fn line(&mut self) -> String {
        loop {
            if let Some(end) = self.buffer.find('\n') {
                let line = self.buffer[..end].to_owned();
                self.buffer.drain(..=end);
                return line;
            }
            let chunk = within("a line", self.response.chunk()).await;
            let chunk = chunk.expect("no broken chunk").expect("it goes on");
            self.buffer += std::str::from_utf8(&chunk).expect("whole characters");
        }
    }

    /// The next line that says something.
    pub async fn next(&mut self) -> Value {
        loop {
            let line = self.line().await;
            if !line.is_empty() {
                let value = serde_json::from_str(&line).expect(&line);
                contract::conforms("StreamLine", &value);
                return value;
            }
        }
    }
}
