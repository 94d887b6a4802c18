//! The newest events, encoded once and shared by all streams. Pure data: no clock, no database.

use std::{
    collections::{HashSet, VecDeque},
    fmt::Display,
    sync::Arc,
};

use bytes::Bytes;

use crate::{
    EventId,
    compact::Compact,
    event::{self, Event},
    filter::Filter,
    frame, lines,
    view::{Format, View},
};

/// About how many bytes of rounds a stream takes from the window at once.
const STEP_BYTES: usize = 64 << 10;
/// Streams that lag by more events than this catch up in steps that end at its multiples: after the first step they
/// all take the same ones.
pub const STEP_EVENTS: EventId = 256;

/// The frames of events that became visible together, in the order of their ids.
#[derive(Debug)]
pub struct Round {
    bytes: Bytes,
    frames: Box<[Frame]>,
    /// The memory that it holds, in bytes: for a round of one event about twice its frame.
    weight: usize,
}

/// Where one event's frame ends in its round, and what filters need of it.
#[derive(Debug)]
struct Frame {
    id: EventId,
    topic: i64,
    kind: Box<str>,
    end: usize,
}

impl Round {
    /// Encodes events, whose ids must grow.
    pub fn encode(events: Vec<event::Model>) -> Self {
        let events = events.into_iter();
        Self::write(events.map(|it| (it.id, it.kind, it.topic, it.payload)))
    }

    /// Encodes events of which only as much was read as that takes. Their ids must grow.
    pub fn of(events: &[event::Entry]) -> Self {
        let payloads = events.iter().map(|it| Compact(&it.payload));
        let events = events.iter().zip(payloads);
        Self::write(events.map(|(it, payload)| (it.id, &*it.kind, it.topic, payload)))
    }

    fn write<K: AsRef<str> + Into<Box<str>>>(
        events: impl Iterator<Item = (EventId, K, i64, impl Display)>,
    ) -> Self {
        let mut bytes = Vec::new();
        let frames: Box<[Frame]> = events
            .map(|(id, kind, topic, payload)| {
                frame::event(&mut bytes, id, kind.as_ref(), &payload);
                Frame {
                    id,
                    topic,
                    kind: kind.into(),
                    end: bytes.len(),
                }
            })
            .collect();
        // Drop spare capacity.
        let bytes = Bytes::from(bytes.into_boxed_slice());
        let kinds = frames.iter().map(|frame| frame.kind.len());
        let weight = size_of::<Self>() + bytes.len() + size_of_val(&*frames) + kinds.sum::<usize>();
        Self {
            bytes,
            frames,
            weight,
        }
    }

    /// Appends the matching frames past `cursor` and up to `through` to `out`, sharing the round's memory. Adjacent
    /// frames are one slice, so a stream without a filter gets a round in one.
    fn collect(&self, cursor: EventId, through: EventId, filter: &Filter, out: &mut Matches) {
        let first = self.frames.partition_point(|frame| frame.id <= cursor);
        let beyond = self.frames.partition_point(|frame| frame.id <= through);
        let mut start = first.checked_sub(1).map_or(0, |seen| self.frames[seen].end);
        let mut end = start;
        for frame in &self.frames[first..beyond.max(first)] {
            if filter.matches(&frame.kind, frame.topic) {
                out.last = Some(frame.id);
                out.events += 1;
            } else {
                if start < end {
                    out.slices.push(self.bytes.slice(start..end));
                }
                start = frame.end;
            }
            end = frame.end;
        }
        if start < end {
            out.slices.push(self.bytes.slice(start..end));
        }
    }

    /// The first id past `cursor`.
    fn next_id(&self, cursor: EventId) -> Option<EventId> {
        let next = self.frames.partition_point(|frame| frame.id <= cursor);
        self.frames.get(next).map(|frame| frame.id)
    }

    /// The events past `cursor` and up to `through`.
    fn events(&self, cursor: EventId, through: EventId) -> impl Iterator<Item = Event> {
        let mut start = 0;
        self.frames.iter().filter_map(move |frame| {
            let bytes = self.bytes.slice(start..frame.end);
            start = frame.end;
            (cursor < frame.id && frame.id <= through).then(|| Event {
                id: frame.id,
                kind: frame.kind.clone(),
                topic: frame.topic,
                payload: frame::payload(&bytes),
            })
        })
    }

    /// How many events it has.
    pub(super) fn events_count(&self) -> usize {
        self.frames.len()
    }

    fn first_id(&self) -> Option<EventId> {
        self.frames.first().map(|frame| frame.id)
    }

    fn last_id(&self) -> Option<EventId> {
        self.frames.last().map(|frame| frame.id)
    }
}

/// The rounds that are kept, and the part of the log that they cover.
#[derive(Debug)]
pub struct Window {
    rounds: VecDeque<Arc<Round>>,
    /// Every event with `floor < id <= settled` is in `rounds`.
    floor: EventId,
    settled: EventId,
    weight: usize,
    max_weight: usize,
}

/// What of a step matches a filter.
#[derive(Debug, Default)]
struct Matches {
    slices: Vec<Bytes>,
    last: Option<EventId>,
    events: usize,
}

/// What a step has for a stream, ready for its kind of connection.
#[derive(Clone, Debug)]
pub struct Piece {
    /// Empty if nothing matched.
    pub bytes: Bytes,
    /// How many events are in `bytes`.
    pub events: usize,
    /// The last of them.
    pub last: Option<EventId>,
    /// Everything that matches up to here is in `bytes`.
    pub through: EventId,
}

/// A part of the log that a stream takes at once.
#[derive(Clone, Debug)]
pub struct Step {
    rounds: Vec<Arc<Round>>,
    /// Every event in it has at most this id, which is the cursor for the next.
    pub through: EventId,
}

impl Step {
    /// A part that was read together.
    pub fn of(round: Round, through: EventId) -> Self {
        Self {
            rounds: vec![Arc::new(round)],
            through,
        }
    }

    /// The memory that it holds, in bytes.
    pub(crate) fn weight(&self) -> usize {
        self.rounds.iter().map(|round| round.weight).sum()
    }

    /// What matches for a stream that stands at `cursor`, in its form. Frames of one round share its memory.
    pub fn piece(&self, cursor: EventId, view: &View) -> Piece {
        match view.format {
            Format::EventStream => self.frames(cursor, &view.filter),
            Format::Lines => self.lines(cursor, &view.filter),
        }
    }

    fn lines(&self, cursor: EventId, filter: &Filter) -> Piece {
        let events = self.events(cursor, filter);
        let mut bytes = Vec::new();
        for event in &events {
            lines::event(&mut bytes, event.id, &event.kind, &event.payload);
        }
        Piece {
            bytes: bytes.into(),
            events: events.len(),
            last: events.last().map(|it| it.id),
            through: self.through,
        }
    }

    fn frames(&self, cursor: EventId, filter: &Filter) -> Piece {
        let mut matches = Matches::default();
        for round in &self.rounds {
            round.collect(cursor, self.through, filter, &mut matches);
        }
        let Matches {
            mut slices,
            last,
            events,
        } = matches;
        let bytes = match slices.len() {
            0 => Bytes::new(),
            1 => slices.remove(0),
            _ => slices.concat().into(),
        };
        Piece {
            bytes,
            events,
            last,
            through: self.through,
        }
    }

    /// Whether anything past `cursor` matches.
    pub fn has(&self, cursor: EventId, filter: &Filter) -> bool {
        let frames = self.rounds.iter().flat_map(|round| &round.frames);
        let mut new = frames.filter(|it| cursor < it.id && it.id <= self.through);
        new.any(|it| filter.matches(&it.kind, it.topic))
    }

    /// What matches, as separate events, their payloads in the memory that the rounds share.
    pub fn events(&self, cursor: EventId, filter: &Filter) -> Vec<Event> {
        let rounds = self.rounds.iter();
        let events = rounds.flat_map(|round| round.events(cursor, self.through));
        events
            .filter(|event| filter.matches(&event.kind, event.topic))
            .collect()
    }
}

/// What the window has for a cursor.
#[derive(Debug)]
pub enum Reach<T> {
    /// Nothing is newer than the cursor.
    UpToDate,
    /// What comes next.
    Next(T),
    /// The window has moved past the cursor: ask the log, up to this id.
    Behind(EventId),
}

impl<T> Reach<T> {
    /// Converts what comes next.
    pub fn map<U>(self, to: impl FnOnce(T) -> U) -> Reach<U> {
        match self {
            Self::UpToDate => Reach::UpToDate,
            Self::Next(next) => Reach::Next(to(next)),
            Self::Behind(through) => Reach::Behind(through),
        }
    }
}

impl Window {
    /// An empty window that stands at `settled` and will hold at most about `max_weight` bytes of memory.
    pub fn new(settled: EventId, max_weight: usize) -> Self {
        Self {
            rounds: VecDeque::new(),
            floor: settled,
            settled,
            weight: 0,
            max_weight,
        }
    }

    /// The id up to which the log is settled: nothing can appear at or below it any more.
    pub fn settled(&self) -> EventId {
        self.settled
    }

    /// Appends a round. Its ids must lie above [`settled`](Self::settled) and leave out no event. The oldest rounds
    /// are dropped when the window gets too large; the newest always stays.
    pub fn push(&mut self, round: Round) {
        let Some(last_id) = round.last_id() else {
            return;
        };
        debug_assert!(round.frames[0].id > self.settled, "ids grow");
        self.settled = last_id;
        self.weight += round.weight;
        self.rounds.push_back(Arc::new(round));
        while self.weight > self.max_weight && self.rounds.len() > 1 {
            if let Some(old) = self.rounds.pop_front() {
                self.weight -= old.weight;
                self.floor = old.last_id().unwrap_or(self.floor);
            }
        }
    }

    /// Drops the events up to `through`, which retention has deleted. Cursors below that are now behind the window,
    /// and learn from the log what they have missed, even if the events were deleted before they were seen here.
    pub fn trim(&mut self, through: EventId) {
        if through <= self.floor {
            return;
        }
        self.floor = through;
        self.settled = self.settled.max(through);
        while let Some(round) = self.rounds.front()
            && round.last_id().is_none_or(|last| last <= through)
        {
            self.weight -= round.weight;
            self.rounds.pop_front();
        }
    }

    /// Drops all events, because the log now says something else. All cursors but the newest are then behind the
    /// window.
    pub fn forget(&mut self) {
        self.floor = self.settled;
        self.rounds.clear();
        self.weight = 0;
    }

    /// What the events past `cursor` are about; `None` if the window has moved past it.
    pub fn topics_after(&self, cursor: EventId) -> Option<HashSet<i64>> {
        if cursor < self.floor {
            return None;
        }
        let first = self
            .rounds
            .partition_point(|round| round.last_id().is_some_and(|last| last <= cursor));
        let frames = self.rounds.range(first..).flat_map(|round| &round.frames);
        let new = frames.filter(|frame| frame.id > cursor);
        Some(new.map(|frame| frame.topic).collect())
    }

    /// What lies next past `cursor`: one step, not everything at once. It stays in memory until its reader has taken
    /// it, even if the window has long moved on.
    pub fn after(&self, cursor: EventId) -> Reach<Step> {
        if cursor >= self.settled {
            return Reach::UpToDate;
        }
        if cursor < self.floor {
            return Reach::Behind(self.settled);
        }
        let first = self
            .rounds
            .partition_point(|round| round.last_id().is_some_and(|last| last <= cursor));
        let mut through = self.settled;
        if through - cursor > STEP_EVENTS {
            // Steps begin at the next event: a break skips millions of ids, which must not be walked through.
            let next = self.rounds.get(first).and_then(|it| it.next_id(cursor));
            let from = next.map_or(through, |id| id - 1);
            if through - from > STEP_EVENTS {
                through = (from / STEP_EVENTS + 1) * STEP_EVENTS;
            }
        }
        let mut rounds = Vec::new();
        let mut bytes = 0;
        for round in self.rounds.range(first..) {
            if round.first_id().is_none_or(|first| first > through) {
                break;
            }
            bytes += round.bytes.len();
            rounds.push(Arc::clone(round));
            if bytes >= STEP_BYTES {
                through = through.min(round.last_id().unwrap_or(through));
                break;
            }
        }
        Reach::Next(Step { rounds, through })
    }
}

#[cfg(test)]
mod tests;
