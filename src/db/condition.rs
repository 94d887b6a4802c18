//! The condition that the database is in, as all its connections see it.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use sea_orm::SqlxError;
use tokio::sync::{Notify, watch};

/// How long the server is not ready after a failure of the database itself. Then requests may try again.
const TROUBLE: Duration = Duration::from_secs(10);

/// Clones are the same.
#[derive(Clone, Debug, Default)]
pub struct Condition(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    /// Grows whenever all connections that exist become suspect.
    suspicion: watch::Sender<u64>,
    trouble: Mutex<Option<(Instant, Trouble)>>,
    /// The log has refused an event.
    refused: Notify,
}

impl Default for Inner {
    fn default() -> Self {
        Self {
            suspicion: watch::Sender::new(0),
            trouble: Mutex::default(),
            refused: Notify::new(),
        }
    }
}

/// What is wrong with a database that answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Trouble {
    /// `SQLITE_CORRUPT`, `SQLITE_NOTADB`, class XX of PostgreSQL.
    #[error("its data is damaged")]
    Damaged,
    /// `SQLITE_FULL`, 53100 of PostgreSQL.
    #[error("its disk is full")]
    Full,
    /// `SQLITE_IOERR`, `SQLITE_CANTOPEN`, class 58 of PostgreSQL.
    #[error("its files cannot be read or written")]
    Files,
    /// `SQLITE_READONLY`, 25006 of PostgreSQL.
    #[error("it cannot be written to")]
    ReadOnly,
    /// A trigger of the table refuses an event that no stream would ever be shown.
    #[error("its event log refuses new events")]
    Refused,
}

/// How the messages of the table's triggers begin.
const REFUSAL: &str = "events: ";

impl Condition {
    /// How often connections became suspect so far.
    pub(super) fn suspicion(&self) -> u64 {
        *self.0.suspicion.borrow()
    }

    /// Changes when connections become suspect again.
    pub(super) fn subscribe(&self) -> watch::Receiver<u64> {
        self.0.suspicion.subscribe()
    }

    /// All connections that were opened so far may be dead. `known` is the count of suspicions when the dead connection
    /// was opened: many that fail together count as one event.
    pub(super) fn suspect(&self, known: u64) {
        self.0.suspicion.send_if_modified(|now| {
            let is_news = *now == known;
            *now += u64::from(is_news);
            is_news
        });
    }

    /// Takes notice of an error.
    pub(super) fn note(&self, error: &SqlxError) {
        if let Some(trouble) = Trouble::of(error) {
            if trouble == Trouble::Refused {
                self.0.refused.notify_one();
            }
            *self.lock() = Some((Instant::now(), trouble));
        }
    }

    /// Completes when the event log has refused an event. One refused before the call counts, too.
    pub(super) async fn refused(&self) {
        self.0.refused.notified().await;
    }

    /// What was wrong a moment ago.
    pub(super) fn trouble(&self) -> Option<Trouble> {
        let noted = *self.lock();
        let (at, trouble) = noted?;
        (at.elapsed() < TROUBLE).then_some(trouble)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Option<(Instant, Trouble)>> {
        self.0
            .trouble
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

impl Trouble {
    /// What an error says about the database itself, if anything.
    pub fn of(error: &SqlxError) -> Option<Self> {
        let error = error.as_database_error()?;
        if error.message().starts_with(REFUSAL) {
            return Some(Self::Refused);
        }
        let code = error.code()?;
        if code.len() == 5 {
            return match (&code[..2], &*code) {
                (_, "53100") => Some(Self::Full),
                (_, "25006") => Some(Self::ReadOnly),
                ("XX", _) => Some(Self::Damaged),
                ("58", _) => Some(Self::Files),
                _ => None,
            };
        }
        // SQLite's extended codes have the primary code in their low byte.
        match code.parse::<u32>().ok()? & 0xff {
            8 => Some(Self::ReadOnly),
            10 | 14 => Some(Self::Files),
            11 | 26 => Some(Self::Damaged),
            13 => Some(Self::Full),
            _ => None,
        }
    }
}
