//! A client that remembers what it saw and the stream's last id, like a browser.

use super::Stream;

/// A stream that is cut at will and resumed, on any server of the log.
pub struct Reader {
    stream: Stream,
    /// The id to resume from.
    pub last_id: i64,
    /// The ids of the log's events, in order of arrival.
    pub seen: Vec<i64>,
}

impl Reader {
    /// Opens a stream from now. Everything after its opening must arrive.
    pub async fn open(url: &str) -> Self {
        let mut stream = Stream::open(url, "", None).await;
        Self {
            last_id: stream.opening().await,
            seen: Vec::new(),
            stream,
        }
    }

    /// Reads the next frame, which may be a keep-alive.
    pub async fn next(&mut self) {
        let frame = self.stream.next().await.expect("the server goes on");
        assert_ne!(frame.event.as_deref(), Some("reset"), "{frame:?}");
        self.last_id = frame.id.unwrap_or(self.last_id);
        if frame.is_logged() {
            self.seen.extend(frame.id);
        }
    }

    /// Reads frames that are there or on their way; keep-alives bound the wait.
    pub async fn read(&mut self, frames: u32) {
        for _ in 0..frames {
            self.next().await;
        }
    }

    /// Reads up to an event.
    pub async fn read_to(&mut self, id: i64) {
        while self.seen.last().is_none_or(|&last| last < id) {
            self.next().await;
        }
    }

    /// Cuts the connection at any point, and comes back with the last id by header.
    pub async fn resume(&mut self, url: &str) {
        self.stream = Stream::open(url, "", Some(self.last_id)).await;
    }

    /// Like [`resume`](Self::resume), with the id in the query.
    pub async fn resume_by_query(&mut self, url: &str) {
        let query = format!("?last_event_id={}", self.last_id);
        self.stream = Stream::open(url, &query, None).await;
    }
}
