//! Which events a client wants.

use std::sync::Arc;

/// The kinds and the topics that events must have; the default lets everything through. Cheap to clone. Equal filters
/// let the same events through.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Filter {
    /// Sorted, each once; `None` for all.
    kinds: Option<Arc<[Box<str>]>>,
    /// The same.
    topics: Option<Arc<[i64]>>,
}

/// Upper bound on the topics that a client's filter should have: a query for a part of the log looks for each of them.
pub const MAX_TOPICS: usize = 100;

impl Filter {
    /// Only events of these kinds. There should be few of them, because each event is compared with all of them.
    #[must_use]
    pub fn of_kinds<K: Into<Box<str>>>(mut self, kinds: impl IntoIterator<Item = K>) -> Self {
        self.kinds = Some(set(kinds.into_iter().map(Into::into)));
        self
    }

    /// Only events about these topics, of which there should be [`MAX_TOPICS`] at most.
    #[must_use]
    pub fn about(mut self, topics: impl IntoIterator<Item = i64>) -> Self {
        self.topics = Some(set(topics));
        self
    }

    /// Whether everything goes through.
    pub fn is_all(&self) -> bool {
        self.kinds.is_none() && self.topics.is_none()
    }

    /// Whether an event goes through.
    pub fn matches(&self, kind: &str, topic: i64) -> bool {
        self.topics
            .as_ref()
            .is_none_or(|topics| topics.binary_search(&topic).is_ok())
            && self
                .kinds
                .as_ref()
                .is_none_or(|kinds| kinds.iter().any(|wanted| **wanted == *kind))
    }

    /// The kinds that go through, sorted; `None` for all.
    pub fn kinds(&self) -> Option<&[Box<str>]> {
        self.kinds.as_deref()
    }

    /// The topics that go through, sorted; `None` for all.
    pub fn topics(&self) -> Option<&[i64]> {
        self.topics.as_deref()
    }
}

/// Sorted, each once.
fn set<T: Ord>(items: impl IntoIterator<Item = T>) -> Arc<[T]> {
    let mut items: Vec<T> = items.into_iter().collect();
    items.sort_unstable();
    items.dedup();
    items.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_conditions_must_hold() {
        let filter = Filter::default().of_kinds(["paid"]).about([7, 5]);
        assert!(filter.matches("paid", 7) && filter.matches("paid", 5));
        assert!(!filter.matches("paid", 8));
        assert!(!filter.matches("placed", 7));
        assert!(Filter::default().matches("somethingElse", 1));
        assert!(Filter::default().is_all() && !filter.is_all());
    }

    #[test]
    fn their_order_does_not_matter() {
        let of = |kinds: &[&'static str]| Filter::default().of_kinds(kinds.iter().copied());
        assert_eq!(of(&["a", "b", "a"]), of(&["b", "a"]));
        assert_ne!(of(&["a"]), of(&["b"]));
        assert!(!of(&[]).matches("a", 1));
        let about = |topics: &[i64]| Filter::default().about(topics.iter().copied());
        assert_eq!(about(&[2, 1, 2]), about(&[1, 2]));
        assert_ne!(about(&[1]), about(&[1, 2]));
        assert!(!about(&[]).matches("a", 1));
    }
}
