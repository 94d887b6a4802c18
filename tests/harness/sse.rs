//! A stream off the wire, parsed independently of the program's own client. Our server writes only `\n` and one field
//! per line, so nothing else is accepted here. Each event is checked against the OpenAPI document.

use std::collections::VecDeque;

use reqwest::{Version, header::HeaderMap};
use serde_json::Value;

use super::{client::http, contract, within};

/// The lines between two empty lines.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Frame {
    pub id: Option<i64>,
    pub event: Option<String>,
    pub data: Option<Value>,
    pub retry: Option<u64>,
    pub comment: Option<String>,
}

/// An open stream.
pub struct Stream {
    response: reqwest::Response,
    buffer: String,
    frames: VecDeque<Frame>,
}

impl Stream {
    /// Opens a stream with this query, past `cursor` by header, and reads nothing yet.
    pub async fn open(url: &str, query: &str, cursor: Option<i64>) -> Self {
        let mut request = http().get(format!("{url}/sse/notifications/{query}"));
        if let Some(cursor) = cursor {
            request = request.header("Last-Event-ID", cursor);
        }
        let response = within("a stream", request.send()).await.expect("a stream");
        assert_eq!(response.status(), 200);
        Self::of(response)
    }

    /// The stream in an answer's body.
    pub fn of(response: reqwest::Response) -> Self {
        Self {
            response,
            buffer: String::new(),
            frames: VecDeque::new(),
        }
    }

    pub fn headers(&self) -> &HeaderMap {
        self.response.headers()
    }

    pub fn version(&self) -> Version {
        self.response.version()
    }

    /// The next frame; `None` after a clean end.
    pub async fn next(&mut self) -> Option<Frame> {
        within("a frame", self.try_next())
            .await
            .expect("no broken chunk")
    }

    /// The next frame; an error if the connection broke.
    pub async fn try_next(&mut self) -> Result<Option<Frame>, reqwest::Error> {
        loop {
            if let Some(frame) = self.frames.pop_front() {
                return Ok(Some(frame));
            }
            let Some(chunk) = self.response.chunk().await? else {
                // Over HTTP/2 a meaningless empty line comes last.
                assert!(["", "\n"].contains(&&*self.buffer), "a frame was cut");
                return Ok(None);
            };
            self.buffer
                .push_str(std::str::from_utf8(&chunk).expect("whole characters"));
            while let Some(end) = self.buffer.find("\n\n") {
                self.frames.push_back(parse(&self.buffer[..end]));
                self.buffer.drain(..end + 2);
            }
        }
    }

    /// The next frame, which must be an event of this kind.
    #[track_caller]
    pub fn expect(&mut self, event: &str) -> impl Future<Output = Frame> {
        let event = event.to_owned();
        async move {
            let frame = self.next().await.expect("a frame");
            assert_eq!(frame.event.as_deref(), Some(&*event), "{frame:?}");
            frame
        }
    }

    /// The opening frame's id.
    pub async fn opening(&mut self) -> i64 {
        let frame = self.expect("cursor").await;
        assert_eq!(frame.comment.as_deref(), Some("dotcast"));
        frame.id.expect("an id")
    }

    /// The ids of the next `count` events of the log.
    pub async fn ids(&mut self, count: usize) -> Vec<i64> {
        let mut ids = Vec::new();
        while ids.len() < count {
            // Keep-alives do not extend the wait.
            let frame = within("an event", self.logged()).await;
            ids.push(frame.id.expect("an id"));
        }
        ids
    }

    /// The next event of the log.
    async fn logged(&mut self) -> Frame {
        loop {
            let frame = self.next().await.expect("a frame");
            if frame.is_logged() {
                return frame;
            }
        }
    }
}

impl Frame {
    /// Whether it is an event of the log, not a message of the server.
    pub fn is_logged(&self) -> bool {
        self.event
            .as_deref()
            .is_some_and(|event| !["cursor", "reset", "bye"].contains(&event))
    }
}

fn parse(text: &str) -> Frame {
    let mut frame = Frame::default();
    let mut fields = serde_json::Map::new();
    for line in text.split('\n') {
        assert!(!line.contains('\r'), "{line:?}");
        let (field, value) = line
            .split_once(": ")
            .unwrap_or_else(|| panic!("a field: {line:?}"));
        fields.insert(field.to_owned(), value.into());
        let twice = match field {
            "id" => frame.id.replace(value.parse().expect("an id")).is_some(),
            "event" => frame.event.replace(value.to_owned()).is_some(),
            "data" => {
                let data = serde_json::from_str(value).expect("JSON");
                frame.data.replace(data).is_some()
            }
            "retry" => frame
                .retry
                .replace(value.parse().expect("a number"))
                .is_some(),
            "" => frame.comment.replace(value.to_owned()).is_some(),
            _ => panic!("an unknown field: {line:?}"),
        };
        assert!(!twice, "{line:?} once more");
    }
    if frame.event.is_some() {
        // The only field that is not text.
        if let Some(retry) = frame.retry {
            fields.insert("retry".to_owned(), retry.into());
        }
        contract::check_event(&fields.into());
    }
    frame
}
