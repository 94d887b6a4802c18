//! What the model's parties have done so far.

use std::collections::BTreeSet;

use super::super::{EventId, Fence, Holder, Watermark};

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct State {
    /// What has become of each id; 1 is the first.
    pub ids: Vec<Fate>,
    /// The newest id that retention has deleted.
    pub trimmed: EventId,
    pub writers: Vec<Writer>,
    pub readers: Vec<Reader>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Fate {
    /// Taken by this writer, whose transaction is open.
    Open(usize),
    Committed,
    RolledBack,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Writer {
    /// Ids that it will still take.
    pub left: u8,
    /// How many it had left when the transaction began: the transaction's name.
    pub began_with: u8,
    pub step: Step,
    pub locked: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Step {
    Idle,
    Open,
    /// Half way through the commit: it is visible, or the lock is released, but not both.
    Committing,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Reader {
    pub watermark: Watermark,
    /// In the order in which they were shown.
    pub shown: Vec<EventId>,
    /// What it saw before it looked at the fence, with the mutant that does so.
    pub stale: Option<Vec<EventId>>,
}

impl State {
    /// The first ids above `after` that a query sees.
    pub fn visible(&self, after: EventId, page: usize) -> Vec<EventId> {
        (1..)
            .zip(&self.ids)
            .filter(|&(id, fate)| id > after.max(self.trimmed) && *fate == Fate::Committed)
            .map(|(id, _)| id)
            .take(page)
            .collect()
    }

    pub fn fate(&self, id: EventId) -> Fate {
        self.ids[usize::try_from(id - 1).expect("an id")]
    }

    pub fn holders(&self) -> BTreeSet<Holder> {
        let holding = |&(_, writer): &(usize, &Writer)| writer.locked;
        (0..)
            .zip(&self.writers)
            .filter(holding)
            .map(|(index, writer)| holder(index, writer.began_with))
            .collect()
    }

    /// One state for all that differ in nothing but which writer is which, and which reader, where
    /// that makes no difference. It leaves a tenth of them.
    pub fn canonical(mut self, readers_are_equal: bool) -> Self {
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

    pub fn begin(&mut self, writer: usize) {
        let writer = &mut self.writers[writer];
        writer.step = Step::Open;
        writer.began_with = writer.left;
    }

    pub fn take_id(&mut self, writer: usize) {
        self.writers[writer].left -= 1;
        self.ids.push(Fate::Open(writer));
    }

    pub fn end(&mut self, writer: usize, fate: Fate) {
        for it in &mut self.ids {
            if *it == Fate::Open(writer) {
                *it = fate;
            }
        }
    }

    pub fn are_writers_at_rest(&self) -> bool {
        self.writers.iter().all(|it| it.step == Step::Idle)
    }

    pub fn has_taken(&self, writer: usize) -> bool {
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
