//! Which of a worker's streams follow which topic. So an event costs a look at the streams that may want it, and nothing
//! for those that follow another topic.

use std::collections::{BTreeSet, HashMap};

/// The places of the streams that follow one topic each. Those of all topics are not here.
#[derive(Debug, Default)]
pub struct Followers {
    by_topic: HashMap<i64, BTreeSet<usize>>,
    streams: usize,
}

impl Followers {
    /// Adds the stream at `place`.
    pub fn add(&mut self, topic: i64, place: usize) {
        if self.by_topic.entry(topic).or_default().insert(place) {
            self.streams += 1;
        }
    }

    /// Removes the stream at `place`.
    pub fn remove(&mut self, topic: i64, place: usize) {
        if let Some(places) = self.by_topic.get_mut(&topic)
            && places.remove(&place)
        {
            self.streams -= 1;
            if places.is_empty() {
                self.by_topic.remove(&topic);
            }
        }
    }

    /// The places of those that follow `topic`.
    pub fn of(&self, topic: i64) -> impl Iterator<Item = usize> {
        self.by_topic.get(&topic).into_iter().flatten().copied()
    }

    /// How many streams follow one topic.
    pub fn len(&self) -> usize {
        self.streams
    }
}
