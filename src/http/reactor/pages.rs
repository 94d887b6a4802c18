//! The pages of history that a worker's streams wait for. Each is asked for once, for as long as somebody
//! waits for it.

use std::{
    collections::{BTreeSet, HashMap},
    sync::Arc,
};

use tokio_util::task::AbortOnDropHandle;

use super::mailbox::{Ask, Key};

/// Who waits for which page.
#[derive(Debug, Default)]
pub struct Pages {
    asked: HashMap<Arc<Ask>, Asked>,
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
    /// Has a stream wait for a page, if that has been asked for. Returns whether it has.
    pub fn join(&mut self, ask: &Ask, key: Key) -> bool {
        let asked = self.asked.get_mut(ask);
        asked.map(|it| it.streams.insert(key)).is_some()
    }

    /// A page was asked for, by the task `question`, and a stream waits for it.
    pub fn begin(&mut self, ask: Arc<Ask>, key: Key, question: AbortOnDropHandle<()>) {
        let asked = Asked {
            streams: BTreeSet::from([key]),
            _question: question,
        };
        self.asked.insert(ask, asked);
    }

    /// A stream waits no longer, because it is over. After the last of them the page is not read.
    pub fn leave(&mut self, ask: &Ask, key: Key) {
        if let Some(asked) = self.asked.get_mut(ask) {
            asked.streams.remove(&key);
            if asked.streams.is_empty() {
                self.asked.remove(ask);
            }
        }
    }

    /// The page is there: those that have waited for it.
    pub fn arrived(&mut self, ask: &Ask) -> BTreeSet<Key> {
        let asked = self.asked.remove(ask);
        asked.map(|it| it.streams).unwrap_or_default()
    }

    #[cfg(test)]
    pub fn is_empty(&self) -> bool {
        self.asked.is_empty()
    }
}
