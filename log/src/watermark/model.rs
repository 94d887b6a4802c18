//! Every interleaving of a few writers and readers, checked against the code that ships.
//!
//! The model is what PostgreSQL promises: ids grow as they are taken, a commit is visible before its lock is
//! released, a query sees what was visible when it began. Each action is one such step of one party. Each mutant
//! breaks one rule and must be caught, or the model proves nothing.

mod state;

use std::collections::BTreeSet;

use stateright::{Checker, Model, Property};

use self::state::{Fate, Reader, State, Step, Writer};
use super::{Ask, EventId, Watermark};

/// What is checked.
#[derive(Clone, Debug)]
struct Setting {
    writers: usize,
    /// Ids that each writer takes, in one transaction or in several.
    events: u8,
    readers: usize,
    /// Ids that a reader sees at once.
    page: usize,
    /// Whether the first reader deletes what it has settled.
    retention: bool,
    mutant: Option<Mutant>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Mutant {
    /// Readers take gaps for rollbacks.
    NoFence,
    /// Readers look at the rows first, and then whether the fence has cleared.
    FenceAfterRows,
    /// Writers take the id, and then the lock.
    IdBeforeLock,
    /// A commit becomes visible after its lock was released.
    ReleaseBeforeCommit,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Action {
    BeginAndLock(usize),
    /// Of [`Mutant::IdBeforeLock`].
    BeginAndTakeId(usize),
    Lock(usize),
    TakeId(usize),
    Commit(usize),
    EndCommit(usize),
    RollBack(usize),
    Look(usize),
    Trim,
}

impl Setting {
    fn look(&self, state: &mut State, index: usize) {
        let mut reader = state.readers[index].clone();
        match reader.watermark.ask() {
            Ask::Holders if self.mutant == Some(Mutant::NoFence) => {
                reader.watermark.holders(BTreeSet::new());
            }
            Ask::Holders
                if self.mutant == Some(Mutant::FenceAfterRows) && reader.stale.is_none() =>
            {
                reader.stale = Some(state.visible(reader.watermark.settled(), self.page));
            }
            Ask::Holders => {
                reader.watermark.holders(state.holders());
                if reader.watermark.is_held_up() {
                    reader.stale = None;
                }
            }
            Ask::Rows => {
                let settled = reader.watermark.settled();
                let rows = reader.stale.take();
                let rows = rows.unwrap_or_else(|| state.visible(settled, self.page));
                let count = reader.watermark.rows(&rows, state.trimmed);
                reader.shown.extend(&rows[..count]);
            }
        }
        state.readers[index] = reader;
    }
}

impl Model for Setting {
    type State = State;
    type Action = Action;

    fn init_states(&self) -> Vec<State> {
        let writer = Writer {
            left: self.events,
            began_with: 0,
            step: Step::Idle,
            locked: false,
        };
        let reader = Reader {
            watermark: Watermark::new(0),
            shown: Vec::new(),
            stale: None,
        };
        vec![State {
            ids: Vec::new(),
            trimmed: 0,
            writers: vec![writer; self.writers],
            readers: vec![reader; self.readers],
        }]
    }

    fn actions(&self, state: &State, actions: &mut Vec<Action>) {
        let id_first = self.mutant == Some(Mutant::IdBeforeLock);
        for (index, writer) in state.writers.iter().enumerate() {
            match writer.step {
                // Until it has the lock, nobody can tell whether a transaction has begun.
                Step::Idle if writer.left == 0 => {}
                Step::Idle if id_first => actions.push(Action::BeginAndTakeId(index)),
                Step::Idle => actions.push(Action::BeginAndLock(index)),
                Step::Open => {
                    if !writer.locked {
                        actions.push(Action::Lock(index));
                    }
                    if writer.left > 0 {
                        actions.push(Action::TakeId(index));
                    }
                    if writer.locked && state.has_taken(index) {
                        actions.extend([Action::Commit(index), Action::RollBack(index)]);
                    }
                }
                Step::Committing => actions.push(Action::EndCommit(index)),
            }
        }
        actions.extend((0..self.readers).map(Action::Look));
        if self.retention {
            actions.push(Action::Trim);
        }
    }

    fn next_state(&self, state: &State, action: Action) -> Option<State> {
        let release_first = self.mutant == Some(Mutant::ReleaseBeforeCommit);
        let mut next = state.clone();
        match action {
            Action::BeginAndLock(it) => {
                next.begin(it);
                next.writers[it].locked = true;
            }
            Action::BeginAndTakeId(it) => {
                next.begin(it);
                next.take_id(it);
            }
            Action::Lock(it) => next.writers[it].locked = true,
            Action::TakeId(it) => next.take_id(it),
            Action::Commit(it) => {
                next.writers[it].step = Step::Committing;
                if release_first {
                    next.writers[it].locked = false;
                } else {
                    next.end(it, Fate::Committed);
                }
            }
            Action::EndCommit(it) => {
                next.writers[it].step = Step::Idle;
                if release_first {
                    next.end(it, Fate::Committed);
                } else {
                    next.writers[it].locked = false;
                }
            }
            Action::RollBack(it) => {
                next.writers[it].step = Step::Idle;
                next.writers[it].locked = false;
                next.end(it, Fate::RolledBack);
            }
            Action::Look(it) => self.look(&mut next, it),
            Action::Trim => next.trimmed = next.readers[0].watermark.settled(),
        }
        (next != *state).then(|| next.canonical(!self.retention))
    }

    fn properties(&self) -> Vec<Property<Self>> {
        vec![
            Property::always(NEVER_SKIPS, |_, state: &State| {
                state.readers.iter().all(|reader| {
                    let settled = reader.watermark.settled();
                    (1..=settled).zip(&state.ids).all(|(id, fate)| match fate {
                        // It may still be committed, and would have been passed.
                        Fate::Open(_) => false,
                        Fate::Committed => reader.shown.contains(&id) || id <= state.trimmed,
                        Fate::RolledBack => true,
                    })
                })
            }),
            Property::always(IN_ORDER, |_, state: &State| {
                state.readers.iter().all(|reader| {
                    reader.shown.is_sorted_by(|a, b| a < b)
                        && reader.shown.last().copied().unwrap_or_default()
                            <= reader.watermark.settled()
                })
            }),
            Property::always(NOTHING_ROLLED_BACK, |_, state: &State| {
                let gone = |id: &EventId| state.fate(*id) == Fate::RolledBack;
                !state.readers.iter().any(|it| it.shown.iter().any(gone))
            }),
            // "Eventually" would count on every reader getting its turn. When the writers rest, a few looks are
            // enough, from wherever the reader is.
            Property::always(CATCHES_UP, |setting: &Setting, state: &State| {
                if !state.are_writers_at_rest() {
                    return true;
                }
                let newest = state.visible(0, usize::MAX).last().copied().unwrap_or(0);
                (0..setting.readers).all(|it| {
                    let mut state = state.clone();
                    let mut looks = 0..4 * (state.ids.len() + 1);
                    let settled = |state: &State| state.readers[it].watermark.settled();
                    while settled(&state) < newest && looks.next().is_some() {
                        setting.look(&mut state, it);
                    }
                    settled(&state) >= newest
                })
            }),
            Property::sometimes("a higher id is committed first", |_, state: &State| {
                matches!(state.ids[..], [Fate::Open(_), Fate::Committed, ..])
            }),
            Property::sometimes("a reader is held up", |_, state: &State| {
                state.readers.iter().any(|it| it.watermark.is_held_up())
            }),
        ]
    }
}

const NEVER_SKIPS: &str = "never skips an id that commits";
const IN_ORDER: &str = "never shows one twice or out of order";
const NOTHING_ROLLED_BACK: &str = "never shows what was rolled back";
const CATCHES_UP: &str = "always reaches the newest id once writers rest";

/// Three writers take two ids each, and two readers see everything at once.
const FULL: Setting = Setting {
    writers: 3,
    events: 2,
    readers: 2,
    page: usize::MAX,
    retention: false,
    mutant: None,
};

/// A few thousand states, in which every mutant can show itself.
const SMALL: Setting = Setting {
    events: 1,
    readers: 1,
    ..FULL
};

#[test]
fn one_reader_is_exact() {
    let setting = Setting { readers: 1, ..FULL };
    setting.checker().spawn_bfs().join().assert_properties();
}

/// Three million states: the one unit test that takes more than a minute.
#[test]
fn two_readers_are_exact() {
    FULL.checker()
        .threads(2)
        .spawn_bfs()
        .join()
        .assert_properties();
}

#[test]
fn a_reader_is_exact_whose_pages_are_small_and_whose_log_another_one_trims() {
    let setting = Setting {
        writers: 2,
        page: 2,
        retention: true,
        ..FULL
    };
    setting.checker().spawn_bfs().join().assert_properties();
}

/// Asserts that the mutant breaks this property.
fn caught(mutant: Mutant, property: &'static str) {
    let setting = Setting {
        mutant: Some(mutant),
        ..SMALL
    };
    let checked = setting.checker().spawn_bfs().join();
    checked.assert_any_discovery(property);
    SMALL.checker().spawn_bfs().join().assert_properties();
}

#[test]
fn without_the_fence_events_are_lost() {
    caught(Mutant::NoFence, NEVER_SKIPS);
}

#[test]
fn with_the_fence_after_the_rows_events_are_lost() {
    caught(Mutant::FenceAfterRows, NEVER_SKIPS);
}

#[test]
fn with_the_id_before_the_lock_events_are_lost() {
    caught(Mutant::IdBeforeLock, NEVER_SKIPS);
}

#[test]
fn with_the_release_before_the_commit_events_are_lost() {
    caught(Mutant::ReleaseBeforeCommit, NEVER_SKIPS);
}
