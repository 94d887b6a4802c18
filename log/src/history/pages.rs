//! Pages that are kept for streams that come later: pure data, in bounded memory.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::Arc,
};

use super::{Page, PageKey};
use crate::{EventId, filter::Filter, question::Question};

/// What a page costs besides its events, in bytes.
const OVERHEAD: usize = 512;

/// The pages of a log, by filter and place.
#[derive(Debug)]
pub(super) struct Pages {
    /// A page that is still being read is already here, so that it is read only once.
    kept: BTreeMap<PageKey, Kept>,
    /// The same keys, the oldest first.
    order: VecDeque<PageKey>,
    /// Counts pages, so that one that was dropped is not taken for the next with its key.
    newest: u64,
    weight: usize,
    max_weight: usize,
}

#[derive(Debug)]
struct Kept {
    number: u64,
    question: Question<Arc<Page>>,
    /// Once it has been read.
    page: Option<Arc<Page>>,
    weight: usize,
}

impl Pages {
    /// None yet, and at most about `max_weight` bytes of them.
    pub(super) fn new(max_weight: usize) -> Self {
        Self {
            kept: BTreeMap::new(),
            order: VecDeque::new(),
            newest: 0,
            weight: 0,
            max_weight,
        }
    }

    /// A page that has what follows `cursor`, wherever it begins.
    pub(super) fn covering(&self, cursor: EventId, filter: &Filter) -> Option<Arc<Page>> {
        let here = PageKey {
            filter: filter.clone(),
            after: cursor,
        };
        let (key, kept) = self.kept.range(..=here).next_back()?;
        let page = kept.page.as_ref().filter(|_| key.filter == *filter)?;
        page.reaches(cursor).then(|| Arc::clone(page))
    }

    /// The question for a page, and its number.
    pub(super) fn question(&mut self, key: &PageKey) -> (u64, Question<Arc<Page>>) {
        if let Some(kept) = self.kept.get(key) {
            return (kept.number, kept.question.clone());
        }
        self.newest += 1;
        let number = self.newest;
        let question = Question::default();
        let kept = Kept {
            number,
            question: question.clone(),
            page: None,
            weight: OVERHEAD,
        };
        self.kept.insert(key.clone(), kept);
        self.order.push_back(key.clone());
        self.weight += OVERHEAD;
        self.shrink();
        (number, question)
    }

    /// Keeps what was read for a question, unless that has been dropped since.
    pub(super) fn keep(&mut self, key: &PageKey, number: u64, page: &Arc<Page>) {
        let Some(kept) = self.kept.get_mut(key).filter(|it| it.number == number) else {
            return;
        };
        let weight = OVERHEAD + page.step.weight();
        self.weight = self.weight - kept.weight + weight;
        kept.weight = weight;
        kept.page = Some(Arc::clone(page));
        self.shrink();
    }

    /// Drops the oldest until the others are light enough; the newest always stays.
    fn shrink(&mut self) {
        while self.weight > self.max_weight && self.kept.len() > 1 {
            let oldest = self.order.pop_front();
            let Some(dropped) = oldest.and_then(|key| self.kept.remove(&key)) else {
                return;
            };
            self.weight -= dropped.weight;
        }
    }

    /// Drops the pages that begin below `mark`, because some of their events are gone.
    pub(super) fn trim(&mut self, mark: EventId) {
        self.kept.retain(|key, _| key.after >= mark);
        self.order.retain(|key| key.after >= mark);
        self.weight = self.kept.values().map(|it| it.weight).sum();
    }

    /// Drops all pages.
    pub(super) fn clear(&mut self) {
        self.trim(EventId::MAX);
    }
}
