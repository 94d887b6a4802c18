//! Which of a worker's streams follow which topic. So an event costs a look at the streams that may want it, and nothing
//! for those that follow another topic.

use std::collections::{BTreeSet, HashMap};

/// The places of the streams that follow some topics. Those that follow all are not here.
#[derive(Debug, Default)]
pub struct Followers {
    by_topic: HashMap<i64, BTreeSet<usize>>,
    streams: usize,
}

impl Followers {
    /// Adds the stream at `place`, which follows these topics.
    pub fn add(&mut self, topics: &[i64], place: usize) {
        self.streams += 1;
        for &topic in topics {
            self.by_topic.entry(topic).or_default().insert(place);
        }
    }

    /// Removes the stream at `place`, which was added with these topics.
    pub fn remove(&mut self, topics: &[i64], place: usize) {
        self.streams -= 1;
        for topic in topics {
            if let Some(places) = self.by_topic.get_mut(topic) {
                places.remove(&place);
                if places.is_empty() {
                    self.by_topic.remove(topic);
                }
            }
        }
    }

    /// The places of those that follow `topic`.
    pub fn of(&self, topic: i64) -> impl Iterator<Item = usize> {
        self.by_topic.get(&topic).into_iter().flatten().copied()
    }

    /// How many streams follow some topics.
    pub fn len(&self) -> usize {
        self.streams
    }
}
