//! What streams are sent, as chunks shared by streams at the same position.

use std::collections::{HashMap, HashSet};

use dotcast_log::{
    EventId,
    feed::Source,
    hub::Hub,
    read::Extent,
    view::View,
    window::{Piece, Reach, Step},
};

use crate::http::streams::wire;

/// Upper bound on the views for which chunks are kept.
const MAX_VIEWS: usize = 1024;
/// Upper bound on the chunks that are kept for one view. Streams stand at few positions: most at the same one, those
/// that catch up at the ends of steps.
const MAX_PLACES: usize = 16;

/// The hub, in chunks that are made once for all streams of a reactor that stand at the same position.
#[derive(Debug)]
pub struct Chunks {
    hub: Hub,
    /// The log up to the end of this round.
    settled: EventId,
    is_stopping: bool,
    /// How many times rights were withdrawn.
    withdrawals: u64,
    /// How many times the hub has dropped what it had in memory.
    forgotten: u64,
    /// Chunks of this round by view and cursor.
    made: HashMap<View, Vec<(EventId, Piece)>>,
    /// The same for the usual view, which most streams have.
    made_for_all: Vec<(EventId, Piece)>,
}

/// What a round is about.
#[derive(Debug)]
pub struct News {
    /// The log was up to here before.
    pub since: EventId,
    /// The topics of events past `since`. `None` if every stream has to look: some may have to end, or nobody knows.
    pub topics: Option<HashSet<i64>>,
}

impl Chunks {
    /// The hub as it is now.
    pub fn new(hub: Hub) -> Self {
        Self {
            settled: hub.settled(),
            is_stopping: hub.is_stopping(),
            withdrawals: hub.withdrawals(),
            forgotten: hub.forgotten(),
            hub,
            made: HashMap::new(),
            made_for_all: Vec::new(),
        }
    }

    /// Where the log was up to the end of this round.
    pub fn settled(&self) -> EventId {
        self.settled
    }

    /// Begins a round if there is news.
    pub fn refresh(&mut self) -> Option<News> {
        let now = (
            self.hub.settled(),
            self.hub.is_stopping(),
            self.hub.withdrawals(),
            self.hub.forgotten(),
        );
        let then = (
            self.settled,
            self.is_stopping,
            self.withdrawals,
            self.forgotten,
        );
        if now == then {
            return None;
        }
        let since = self.settled;
        let are_events_all = (now.1, now.2) == (then.1, then.2);
        (
            self.settled,
            self.is_stopping,
            self.withdrawals,
            self.forgotten,
        ) = now;
        self.made.clear();
        self.made_for_all.clear();
        // Read after `settled`: it has all events up to there.
        let topics = self.hub.topics_after(since).filter(|_| are_events_all);
        Some(News { since, topics })
    }

    fn made(&self, cursor: EventId, view: &View) -> Option<&Piece> {
        let made = if view.is_usual() {
            &self.made_for_all
        } else {
            self.made.get(view)?
        };
        let found = made.iter().find(|(at, _)| *at == cursor);
        found.map(|(_, piece)| piece)
    }
}

impl Source for Chunks {
    fn after(&mut self, cursor: EventId, view: &View) -> Reach<Piece> {
        if cursor >= self.settled {
            return Reach::UpToDate;
        }
        if let Some(piece) = self.made(cursor, view) {
            return Reach::Next(piece.clone());
        }
        let reach = self.hub.after(cursor);
        reach.map(|step| self.cut(&step, cursor, view))
    }

    fn cut(&mut self, step: &Step, cursor: EventId, view: &View) -> Piece {
        if let Some(piece) = self.made(cursor, view)
            && piece.through >= step.through
        {
            return piece.clone();
        }
        let mut piece = step.piece(cursor, view);
        piece.bytes = wire::chunk(&piece.bytes);
        let made = if view.is_usual() {
            &mut self.made_for_all
        } else {
            if self.made.len() >= MAX_VIEWS {
                self.made.clear();
            }
            self.made.entry(view.clone()).or_default()
        };
        if made.len() >= MAX_PLACES {
            made.remove(0);
        }
        made.push((cursor, piece.clone()));
        piece
    }

    fn is_stopping(&self) -> bool {
        self.is_stopping
    }

    fn lost(&self) -> Option<Extent> {
        self.hub.lost()
    }
}
