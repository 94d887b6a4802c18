//! The pages of history that a worker's streams wait for. Each is requested once, and only as long as a stream waits
//! for it.

use std::{
    collections::{BTreeSet, HashMap},
    sync::Arc,
};

use dotcast_log::history::PageKey;

use super::{mailbox::StreamKey, questions::Asking};

/// Which streams wait for which page.
#[derive(Debug, Default)]
pub struct Pages {
    asked: HashMap<Arc<PageKey>, Asked>,
}

/// A page that was requested.
#[derive(Debug)]
struct Asked {
    /// Never empty.
    streams: BTreeSet<StreamKey>,
    /// The task that reads it.
    _question: Asking,
}

impl Pages {
    /// Adds a stream to those that wait for a page. Returns false if the page has not been requested yet.
    pub fn join(&mut self, page: &PageKey, stream: StreamKey) -> bool {
        let asked = self.asked.get_mut(page);
        asked.map(|it| it.streams.insert(stream)).is_some()
    }

    /// Records that `question` is about a page, and that a stream waits for it.
    pub fn begin(&mut self, page: Arc<PageKey>, stream: StreamKey, question: Asking) {
        let asked = Asked {
            streams: BTreeSet::from([stream]),
            _question: question,
        };
        self.asked.insert(page, asked);
    }

    /// Forgets a stream that is over. The task that reads the page ends with the last stream that waits for it.
    pub fn leave(&mut self, page: &PageKey, stream: StreamKey) {
        if let Some(asked) = self.asked.get_mut(page) {
            asked.streams.remove(&stream);
            if asked.streams.is_empty() {
                self.asked.remove(page);
            }
        }
    }

    /// Removes the streams that waited for a page that has arrived.
    pub fn arrived(&mut self, page: &PageKey) -> BTreeSet<StreamKey> {
        let asked = self.asked.remove(page);
        asked.map(|it| it.streams).unwrap_or_default()
    }

    #[cfg(test)]
    pub fn is_empty(&self) -> bool {
        self.asked.is_empty()
    }
}
