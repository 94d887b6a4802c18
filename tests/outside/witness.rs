//! A client that reads a stream to its end, however that comes.

use std::sync::{Arc, Mutex, MutexGuard};

use crate::harness::{Stream, eventually, sse::Frame};

/// A stream that is read in the background.
pub struct Witness {
    story: Arc<Mutex<Story>>,
}

/// What it has seen.
#[derive(Debug, Default)]
pub struct Story {
    pub frames: Vec<Frame>,
    /// How it ended, if it has: cleanly, or with a broken connection.
    pub end: Option<Result<(), String>>,
}

impl Witness {
    /// Opens a stream from now, and waits for its opening.
    pub async fn open(url: &str) -> Self {
        Self::opened(Stream::open(url, "", None).await).await
    }

    /// The same over HTTP/2.
    pub async fn open_over_http_2(url: &str) -> Self {
        let http = reqwest::Client::builder().http2_prior_knowledge().build();
        let request = http
            .expect("a client")
            .get(format!("{url}/sse/notifications/"));
        Self::opened(Stream::of(request.send().await.expect("a stream"))).await
    }

    async fn opened(mut stream: Stream) -> Self {
        let opening = stream.next().await.expect("an opening");
        let witness = Self::of(stream);
        witness.story().frames.insert(0, opening);
        witness
    }

    /// Continues with a stream.
    pub fn of(mut stream: Stream) -> Self {
        let story = Arc::<Mutex<Story>>::default();
        let told = Arc::clone(&story);
        tokio::spawn(async move {
            loop {
                let next = stream.try_next().await;
                let mut story = told.lock().expect("no panic");
                match next {
                    Ok(Some(frame)) => story.frames.push(frame),
                    Ok(None) => story.end = Some(Ok(())),
                    Err(error) => story.end = Some(Err(format!("{error:?}"))),
                }
                if story.end.is_some() {
                    return;
                }
            }
        });
        Self { story }
    }

    pub fn story(&self) -> MutexGuard<'_, Story> {
        self.story.lock().expect("no panic")
    }

    /// Whether it has been shown the creation of a board with this name.
    pub fn saw_board(&self, name: &str) -> bool {
        self.story().saw_board(name)
    }

    /// The id to resume from.
    pub fn last_id(&self) -> i64 {
        let story = self.story();
        let mut newest_first = story.frames.iter().rev();
        newest_first.find_map(|frame| frame.id).expect("an opening")
    }

    /// Waits for the end, which must be clean, after the message that the log was restored.
    pub async fn expect_restored(&self, what: &str) {
        let ended = || async { self.story().end.is_some().then_some(()) };
        eventually("the stream's end", ended).await;
        let story = self.story();
        assert_eq!(story.end, Some(Ok(())), "{what}: {story:?}");
        let told: Vec<_> = story
            .frames
            .iter()
            .filter(|frame| frame.event.as_deref() == Some("reset"))
            .collect();
        let told = told.last().expect("a word of it");
        let data = told.data.as_ref().expect("data");
        assert_eq!(data["reason"], "restored", "{what}: {story:?}");
        // No event may follow: nobody could tell which log it belongs to.
        let after = story.frames.iter().rev();
        let after = after.take_while(|frame| frame.event.as_deref() != Some("reset"));
        assert!(
            after.clone().all(|frame| frame.event.is_none()),
            "{story:?}"
        );
        assert!(
            after.clone().any(|frame| frame.retry.is_some()),
            "{story:?}"
        );
        let ids = story.frames.iter().filter(|it| it.is_logged());
        let ids: Vec<_> = ids.map(|frame| frame.id).collect();
        assert!(ids.is_sorted_by(|a, b| a < b), "{what}: {ids:?}");
    }
}

impl Story {
    fn saw_board(&self, name: &str) -> bool {
        self.frames.iter().any(|frame| {
            let data = frame.data.as_ref().filter(|_| frame.is_logged());
            data.is_some_and(|data| data["board_name"] == name)
        })
    }
}
