//! The pages of history that a worker's streams wait for. Each is asked for once, and only as long as a
//! stream waits for it.

use std::{
    collections::{BTreeSet, HashMap},
    sync::Arc,
};

use dotcast_log::history::PageKey;
use tokio_util::task::AbortOnDropHandle;

use super::mailbox::Key;

/// Who waits for which page.
#[derive(Debug, Default)]
pub struct Pages {
    asked: HashMap<Arc<PageKey>, Asked>,
}

/// A page that was asked for.
#[derive(Debug)]
struct Asked {
    /// Never empty.
    streams: BTreeSet<Key>,
    /// The task that reads it.
    _question: AbortOnDropHandle<()>,
}

impl Pages {
    /// Adds a stream to those that wait for a page. Returns false if nobody has asked for the page yet.
    pub fn join(&mut self, ask: &PageKey, key: Key) -> bool {
        let asked = self.asked.get_mut(ask);
        asked.map(|it| it.streams.insert(key)).is_some()
    }

    /// Records that the task `question` asks for a page, and that a stream waits for it.
    pub fn begin(&mut self, ask: Arc<PageKey>, key: Key, question: AbortOnDropHandle<()>) {
        let asked = Asked {
            streams: BTreeSet::from([key]),
            _question: question,
        };
        self.asked.insert(ask, asked);
    }

    /// Forgets a stream that is over. The task that asks for the page ends with the last of them.
    pub fn leave(&mut self, ask: &PageKey, key: Key) {
        if let Some(asked) = self.asked.get_mut(ask) {
            asked.streams.remove(&key);
            if asked.streams.is_empty() {
                self.asked.remove(ask);
            }
        }
    }

    /// Takes out the streams that waited for a page that has come.
    pub fn arrived(&mut self, ask: &PageKey) -> BTreeSet<Key> {
        let asked = self.asked.remove(ask);
        asked.map(|it| it.streams).unwrap_or_default()
    }

    #[cfg(test)]
    pub fn is_empty(&self) -> bool {
        self.asked.is_empty()
    }
}
