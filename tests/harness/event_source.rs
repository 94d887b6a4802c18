//! A client that behaves as a browser's `EventSource` (WHATWG HTML, 9.2.3). One test may have hundreds of them.

use std::{
    sync::{Arc, Mutex, MutexGuard},
    time::{Duration, Instant},
};

use reqwest::header::{ACCEPT, CONTENT_TYPE};
use tokio::task::JoinHandle;

use super::{Stream, eventually};

/// A client that follows a stream until it is dropped.
pub struct EventSource {
    story: Arc<Mutex<Story>>,
    task: JoinHandle<()>,
}

/// What has happened to a client.
#[derive(Debug, Default)]
pub struct Story {
    /// The id of the first opening: everything after it must arrive.
    pub opened_at: Option<i64>,
    /// The ids of the log's events, in order of arrival.
    pub seen: Vec<i64>,
    /// Each time without a stream.
    pub cuts: Vec<Cut>,
    /// Whether it has a stream now.
    pub is_open: bool,
    /// Why it has given up for good.
    pub gave_up: Option<String>,
}

/// A connection that ended, or was never established.
#[derive(Clone, Debug)]
pub struct Cut {
    /// How long the client then waited, in milliseconds.
    pub retry: u64,
    /// When it tried again.
    pub again: Option<Instant>,
    /// The failure; `None` when the stream ended cleanly.
    pub error: Option<String>,
}

impl EventSource {
    /// Opens the stream at `url`, from now. The clients of a test share `http`.
    pub fn open(http: &reqwest::Client, url: &str) -> Self {
        let story = Arc::<Mutex<Story>>::default();
        let client = Follow {
            http: http.clone(),
            url: format!("{url}/sse/notifications/"),
            last_id: None,
            retry: 1000,
            story: Arc::clone(&story),
        };
        Self {
            story,
            task: tokio::spawn(client.run()),
        }
    }

    /// Waits until it has a stream.
    pub async fn until_open(&self) {
        eventually("a stream", || async { self.story().is_open.then_some(()) }).await;
    }

    /// What has happened so far.
    pub fn story(&self) -> MutexGuard<'_, Story> {
        self.story.lock().expect("no panic")
    }
}

impl Drop for EventSource {
    fn drop(&mut self) {
        self.task.abort();
    }
}

struct Follow {
    http: reqwest::Client,
    url: String,
    last_id: Option<i64>,
    /// The reconnection time, in milliseconds.
    retry: u64,
    story: Arc<Mutex<Story>>,
}

impl Follow {
    fn story(&self) -> MutexGuard<'_, Story> {
        self.story.lock().expect("no panic")
    }

    async fn run(mut self) {
        loop {
            let end = self.follow().await;
            {
                let mut story = self.story();
                story.is_open = false;
                if let End::Refused(why) = end {
                    story.gave_up = Some(why);
                    return;
                }
                let error = match end {
                    End::Broken(error) => Some(error),
                    _ => None,
                };
                let retry = self.retry;
                story.cuts.push(Cut {
                    retry,
                    again: None,
                    error,
                });
            }
            tokio::time::sleep(Duration::from_millis(self.retry)).await;
            if let Some(cut) = self.story().cuts.last_mut() {
                cut.again = Some(Instant::now());
            }
        }
    }

    /// One connection, to its end.
    async fn follow(&mut self) -> End {
        let mut request = self.http.get(&self.url).header(ACCEPT, "text/event-stream");
        if let Some(id) = self.last_id {
            request = request.header("Last-Event-ID", id);
        }
        let response = match request.send().await {
            Ok(response) => response,
            Err(error) => return End::broken(&error),
        };
        let kind = response.headers().get(CONTENT_TYPE);
        if response.status() != 200 || kind.is_none_or(|it| it != "text/event-stream") {
            return End::Refused(format!("{} {kind:?}", response.status()));
        }
        let mut stream = Stream::of(response);
        loop {
            let frame = match stream.try_next().await {
                Ok(Some(frame)) => frame,
                Ok(None) => return End::Clean,
                Err(error) => return End::broken(&error),
            };
            self.retry = frame.retry.unwrap_or(self.retry);
            self.last_id = frame.id.or(self.last_id);
            let mut story = self.story();
            story.is_open = true;
            if frame.event.as_deref() == Some("reset") {
                story.gave_up = Some(format!("it was told {frame:?}"));
            }
            if frame.is_logged() {
                story.seen.extend(frame.id);
            }
            story.opened_at = story.opened_at.or(frame.id);
        }
    }
}

/// How a connection ended.
enum End {
    Clean,
    Broken(String),
    Refused(String),
}

impl End {
    fn broken(error: &reqwest::Error) -> Self {
        Self::Broken(format!("{error:?}"))
    }
}
