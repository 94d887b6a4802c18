//! Every interleaving of a few writers and readers, checked against the code that ships.
//!
//! The model is what PostgreSQL promises: ids grow as they are taken, a commit is visible before its
//! lock is released, a query sees what was visible when it began. Each action is one such step of
//! one of the parties. The mutants break one rule each and must be caught, or the model proves nothing.

use std::collections::BTreeSet;

use stateright::{Checker, Model, Property};

use super::{Ask, EventId, Fence, Holder, Watermark};

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
    /// Readers take gaps for roll-backs.
    NoFence,
    /// Readers look at the rows first, and then whether the fence has cleared.
    FenceAfterRows,
    /// Writers take the id, and then the lock.
    IdBeforeLock,
    /// A commit becomes visible after its lock was released.
    ReleaseBeforeCommit,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct State {
    /// What has become of each id; 1 is the first.
    ids: Vec<Fate>,
    /// The newest id that retention has deleted.
    trimmed: EventId,
    writers: Vec<Writer>,
    readers: Vec<Reader>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Fate {
    /// Taken by this writer, whose transaction is open.
    Open(usize),
    Committed,
    RolledBack,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Writer {
    /// Ids that it will still take.
    left: u8,
    /// How many it had left when the transaction began: the transaction's name.
    began_with: u8,
    step: Step,
    locked: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Step {
    Idle,
    Open,
    /// Half way through the commit: it is visible, or the lock is released, but not both.
    Committing,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Reader {
    watermark: Watermark,
    /// In the order in which they were shown.
    shown: Vec<EventId>,
    /// What [`Mutant::FenceAfterRows`] saw before it looked at the fence.
    stale: Option<Vec<EventId>>,
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

impl State {
    /// The first ids above `after` that a query sees.
    fn visible(&self, after: EventId, page: usize) -> Vec<EventId> {
        (1..)
            .zip(&self.ids)
            .filter(|&(id, fate)| id > after.max(self.trimmed) && *fate == Fate::Committed)
            .map(|(id, _)| id)
            .take(page)
            .collect()
    }

    fn holders(&self) -> BTreeSet<Holder> {
        let holding = |&(_, writer): &(usize, &Writer)| writer.locked;
        (0..)
            .zip(&self.writers)
            .filter(holding)
            .map(|(index, writer)| holder(index, writer.began_with))
            .collect()
    }

    /// One state for all that differ in nothing but which writer is which, and which reader, where
    /// that makes no difference. It leaves a tenth of them.
    fn canonical(mut self, readers_are_equal: bool) -> Self {
        if readers_are_equal {
            self.readers.sort_unstable();
        }
        let mut order: Vec<usize> = (0..self.writers.len()).collect();
        order.sort_by_cached_key(|&writer| {
            let owns = self.ids.iter().map(|fate| *fate == Fate::Open(writer));
            let fenced = self.readers.iter().flat_map(|reader| {
                let names = match &reader.watermark.fence {
                    Fence::Up { holders, .. } => Some(holders),
                    _ => None,
                };
                (1..=2).map(move |it| names.is_some_and(|all| all.contains(&holder(writer, it))))
            });
            let marks: Vec<bool> = owns.chain(fenced).collect();
            (self.writers[writer].clone(), marks)
        });
        if order.is_sorted() {
            return self;
        }
        let mut renamed = vec![0; order.len()];
        for (new, &old) in order.iter().enumerate() {
            renamed[old] = new;
        }
        self.writers = order.iter().map(|&old| self.writers[old].clone()).collect();
        for fate in &mut self.ids {
            if let Fate::Open(writer) = fate {
                *writer = renamed[*writer];
            }
        }
        for reader in &mut self.readers {
            if let Fence::Up { holders, .. } = &mut reader.watermark.fence {
                *holders = holders.iter().map(|it| rename(it, &renamed)).collect();
            }
        }
        self
    }

    fn begin(&mut self, writer: usize) {
        let writer = &mut self.writers[writer];
        writer.step = Step::Open;
        writer.began_with = writer.left;
    }

    fn take_id(&mut self, writer: usize) {
        self.writers[writer].left -= 1;
        self.ids.push(Fate::Open(writer));
    }

    fn end(&mut self, writer: usize, fate: Fate) {
        for it in &mut self.ids {
            if *it == Fate::Open(writer) {
                *it = fate;
            }
        }
    }

    fn are_writers_at_rest(&self) -> bool {
        self.writers.iter().all(|it| it.step == Step::Idle)
    }

    fn has_taken(&self, writer: usize) -> bool {
        self.writers[writer].left < self.writers[writer].began_with
    }
}

/// A transaction, by its writer and how many ids that had left.
fn holder(writer: usize, began_with: u8) -> Holder {
    Holder::Open(format!("{writer}/{began_with}"))
}

fn rename(it: &Holder, renamed: &[usize]) -> Holder {
    let Holder::Open(name) = it else {
        return it.clone();
    };
    let (writer, began_with) = name.split_once('/').expect("as `holder` makes it");
    let writer: usize = writer.parse().expect("an index");
    holder(renamed[writer], began_with.parse().expect("a number"))
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
                let kept = |id: &EventId| {
                    let index = usize::try_from(id - 1).expect("an id");
                    state.ids[index] == Fate::Committed
                };
                state.readers.iter().all(|it| it.shown.iter().all(kept))
            }),
            // Not "eventually": that would count on every reader getting its turn. When the writers
            // rest, a few looks are enough, from wherever the reader is.
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

/// Three writers take two ids each, before two readers that see all at once.
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

/// Three million states: the one unit test that takes minutes.
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
