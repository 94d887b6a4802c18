//! Many random writers, and readers that keep up with them: larger than the model can go through.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::{Ask, EventId, Holder, Watermark};

/// What one of the writers does next; readers look in between.
#[derive(Clone, Copy, Debug)]
enum Deed {
    /// Takes this many ids, under the lock.
    Insert {
        writer: usize,
        ids: u8,
    },
    /// Makes its rows visible, and keeps the lock for now.
    Commit(usize),
    /// The other way a transaction that holds the lock goes on: releases it after a commit, is
    /// prepared, or rolls back.
    End(usize),
    Prepare(usize),
    /// One question of this reader is answered.
    Look(usize),
    /// This reader deletes half of what it has settled.
    Trim(usize),
}

const WRITERS: usize = 12;
const READERS: usize = 3;

#[derive(Clone, Debug, Default)]
struct Writer {
    transaction: u32,
    /// The counter before it took its first id, shown to readers while it is locked.
    before: EventId,
    ids: Vec<EventId>,
    locked: bool,
    prepared: bool,
    committed: bool,
}

/// A reader that starts: its questions are answered one by one, while writers go on.
enum Start {
    Counter,
    Bound { counter: EventId },
    Newest { bound: EventId },
}

impl Start {
    fn go_on(self, log: &Log) -> Result<Reader, Self> {
        match self {
            Self::Counter => Err(Self::Bound {
                counter: log.newest,
            }),
            Self::Bound { counter } => {
                let locked = log.writers.iter().filter(|it| it.locked);
                let bound = locked.map(|it| it.before).fold(counter, EventId::min);
                Err(Self::Newest { bound })
            }
            Self::Newest { bound } => {
                let newest = log.visible.last().copied().unwrap_or(log.trimmed);
                let settled = bound.min(newest).max(log.trimmed);
                Ok(Reader {
                    watermark: Watermark::new(settled),
                    shown: Vec::new(),
                    missed: settled,
                })
            }
        }
    }
}

struct Reader {
    watermark: Watermark,
    shown: Vec<EventId>,
    /// What was there before this reader, or had been deleted before it came to it.
    missed: EventId,
}

#[derive(Default)]
struct Log {
    newest: EventId,
    visible: BTreeSet<EventId>,
    /// As `visible`, and never trimmed.
    committed: BTreeSet<EventId>,
    trimmed: EventId,
    writers: Vec<Writer>,
}

impl Log {
    fn holders(&self) -> BTreeSet<Holder> {
        let holding = |&(_, writer): &(usize, &Writer)| writer.locked;
        self.writers
            .iter()
            .enumerate()
            .filter(holding)
            .map(|(index, writer)| {
                if writer.prepared {
                    Holder::Prepared
                } else {
                    Holder::Open(format!("{index}/{}", writer.transaction))
                }
            })
            .collect()
    }

    fn apply(&mut self, step: Deed) {
        match step {
            Deed::Insert { writer, ids } => {
                let writer = &mut self.writers[writer];
                if writer.committed || writer.prepared {
                    return;
                }
                if !writer.locked {
                    writer.before = self.newest;
                }
                writer.locked = true;
                for _ in 0..ids {
                    self.newest += 1;
                    writer.ids.push(self.newest);
                }
            }
            Deed::Commit(writer) => {
                let writer = &mut self.writers[writer];
                if writer.locked && !writer.committed {
                    writer.committed = true;
                    self.visible.extend(&writer.ids);
                    self.committed.extend(&writer.ids);
                }
            }
            Deed::End(writer) => {
                let writer = &mut self.writers[writer];
                *writer = Writer {
                    transaction: writer.transaction + 1,
                    ..Writer::default()
                };
            }
            Deed::Prepare(writer) => {
                let writer = &mut self.writers[writer];
                writer.prepared = writer.locked && !writer.committed;
            }
            Deed::Look(_) | Deed::Trim(_) => {}
        }
    }

    fn trim(&mut self, through: EventId) {
        self.trimmed = self.trimmed.max(through);
        self.visible = self.visible.split_off(&(self.trimmed + 1));
    }
}

impl Reader {
    fn look(&mut self, log: &Log, page: usize) {
        match self.watermark.ask() {
            Ask::Holders => self.watermark.holders(log.holders()),
            Ask::Rows => {
                let settled = self.watermark.settled();
                let rows: Vec<_> = log
                    .visible
                    .range(settled + 1..)
                    .take(page)
                    .copied()
                    .collect();
                if log.trimmed > settled {
                    self.missed = log.trimmed;
                }
                let count = self.watermark.rows(&rows, log.trimmed);
                self.shown.extend(&rows[..count]);
            }
        }
    }
}

fn steps() -> impl Strategy<Value = Vec<Deed>> {
    let writer = 0..WRITERS;
    let step = prop_oneof![
        4 => (writer.clone(), 1..4_u8).prop_map(|(writer, ids)| Deed::Insert { writer, ids }),
        3 => writer.clone().prop_map(Deed::Commit),
        3 => writer.clone().prop_map(Deed::End),
        1 => writer.prop_map(Deed::Prepare),
        8 => (0..READERS).prop_map(Deed::Look),
        1 => (0..READERS).prop_map(Deed::Trim),
    ];
    prop::collection::vec(step, 0..400)
}

proptest! {
    #[test]
    fn readers_are_exact(
        steps in steps(),
        page in 1..40_usize,
        // Where a reader starts, before it knows what is settled: as after a restart.
        start in 0..200_usize,
    ) {
        let mut log = Log {
            writers: vec![Writer::default(); WRITERS],
            ..Log::default()
        };
        let mut readers = Vec::new();
        let mut starting = Start::Counter;
        for (index, &step) in steps.iter().enumerate() {
            if readers.len() < READERS && index >= start * readers.len() {
                starting = match starting.go_on(&log) {
                    Ok(reader) => {
                        readers.push(reader);
                        Start::Counter
                    }
                    Err(starting) => starting,
                };
            }
            log.apply(step);
            match step {
                Deed::Look(reader) => {
                    if let Some(reader) = readers.get_mut(reader) {
                        reader.look(&log, page);
                    }
                }
                Deed::Trim(reader) => {
                    if let Some(reader) = readers.get(reader) {
                        log.trim(EventId::midpoint(log.trimmed, reader.watermark.settled()));
                    }
                }
                _ => {}
            }
            for reader in &readers {
                let settled = reader.watermark.settled();
                for writer in &log.writers {
                    let pending = writer.ids.iter().all(|id| writer.committed || *id > settled);
                    prop_assert!(pending, "{writer:?} may still commit below {settled}");
                }
            }
        }
        // Everything comes to rest.
        for writer in 0..WRITERS {
            log.apply(Deed::Commit(writer));
            log.apply(Deed::End(writer));
        }
        for reader in &mut readers {
            for _ in 0..3 * steps.len() + 10 {
                reader.look(&log, page);
            }
            prop_assert!(reader.shown.is_sorted_by(|a, b| a < b), "{:?}", reader.shown);
            let expected: Vec<_> = log.committed.range(reader.missed + 1..).copied().collect();
            let shown = reader.shown.partition_point(|&id| id <= reader.missed);
            prop_assert_eq!(&reader.shown[shown..], &expected);
        }
    }
}
