//! Which events a client wants.

use std::sync::Arc;

/// The kinds and the topic that events must have; the default lets everything through. Cheap to clone. Equal filters
/// let the same events through.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Filter {
    /// Sorted, each once; `None` for all.
    kinds: Option<Arc<[Box<str>]>>,
    topic: Option<i64>,
}

impl Filter {
    /// Only events of these kinds. There should be few of them, because each event is compared with all of them.
    #[must_use]
    pub fn of_kinds<K: Into<Box<str>>>(mut self, kinds: impl IntoIterator<Item = K>) -> Self {
        let mut kinds: Vec<Box<str>> = kinds.into_iter().map(Into::into).collect();
        kinds.sort_unstable();
        kinds.dedup();
        self.kinds = Some(kinds.into());
        self
    }

    /// Only events about this topic.
    #[must_use]
    pub fn about(mut self, topic: i64) -> Self {
        self.topic = Some(topic);
        self
    }

    /// Whether everything goes through.
    pub fn is_all(&self) -> bool {
        self.kinds.is_none() && self.topic.is_none()
    }

    /// Whether an event goes through.
    pub fn matches(&self, kind: &str, topic: i64) -> bool {
        self.topic.is_none_or(|wanted| wanted == topic)
            && self
                .kinds
                .as_ref()
                .is_none_or(|kinds| kinds.iter().any(|wanted| **wanted == *kind))
    }

    /// The kinds that go through, sorted; `None` for all.
    pub fn kinds(&self) -> Option<&[Box<str>]> {
        self.kinds.as_deref()
    }

    /// The topic that goes through; `None` for all.
    pub fn topic(&self) -> Option<i64> {
        self.topic
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_conditions_must_hold() {
        let filter = Filter::default().of_kinds(["paid"]).about(7);
        assert!(filter.matches("paid", 7));
        assert!(!filter.matches("paid", 8));
        assert!(!filter.matches("placed", 7));
        assert!(Filter::default().matches("somethingElse", 1));
        assert!(Filter::default().is_all() && !filter.is_all());
    }

    #[test]
    fn the_order_of_kinds_does_not_matter() {
        let of = |kinds: &[&'static str]| Filter::default().of_kinds(kinds.iter().copied());
        assert_eq!(of(&["a", "b", "a"]), of(&["b", "a"]));
        assert_ne!(of(&["a"]), of(&["b"]));
        assert!(!of(&[]).matches("a", 1));
    }
}
