//! A log of events in your own database.
//!
//! Appending an event is one more statement in the transaction that makes it true, so both are committed or neither
//! is: a transactional outbox. Readers follow the log by its row ids and miss no event, in whatever order
//! transactions commit, over restarts, restores and retention. Any number of processes may write and read: on
//! PostgreSQL, or on SQLite if they share the file.
//!
//! ```
//! use std::sync::Arc;
//!
//! use dotcast_log::{
//!     Filter, Follower, Item, NewEvent, Pace, Poller, PoolStore, Store as _, Vital, append, schema,
//! };
//! use sea_orm::Database;
//! use serde_json::json;
//!
//! # #[tokio::main]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let directory = tempfile::tempdir()?;
//! # let url = format!("sqlite://{}/shop.db?mode=rwc", directory.path().display());
//! let db = Database::connect(url).await?;
//! schema::create(&db).await?;
//! let store = Arc::new(PoolStore::new(db));
//!
//! // One poller for the process, and as many followers as there is use for.
//! let vital = Vital::default();
//! let (hub, poller) = Poller::open(store.clone(), &vital).await?;
//! poller.start(Pace::default(), &vital)?;
//! let mut follower = Follower::new(hub, 0, Filter::default());
//!
//! // Together with what makes it true: both are committed, or neither is.
//! let transaction = store.begin().await?;
//! let placed = NewEvent::new("orderPlaced", 7, &json!({ "order_id": 7, "total": 30 }))?;
//! append(&transaction.connection(), placed).await?;
//! transaction.commit().await?;
//!
//! while let Some(item) = follower.next().await {
//!     match item {
//!         Item::Event(event) => {
//!             assert_eq!((&*event.kind, event.topic), ("orderPlaced", 7));
//!             assert_eq!(event.payload, r#"{"order_id":7,"total":30}"#);
//!             break;
//!         }
//!         // Keep it: after a restart, follow from here.
//!         Item::Position(cursor) => assert_eq!(cursor, 0),
//!         // Older than what is kept, or lost by a restore: read anew what you derive from events.
//!         Item::Reset(reset) => unreachable!("{reset:?}"),
//!     }
//! }
//! # Ok(())
//! # }
//! ```
//!
//! The write half:
//! - [`append`]: adds an event in the caller's transaction
//! - [`event`]: the row, and an event as it is handed out
//! - [`schema`]: the tables, and the locks that writers hold
//!
//! [`append`]: mod@append
//!
//! The read half, from the database to the wire:
//! - [`store`]: what the log needs from the database; [`connection`]: what its statements run on
//! - [`read`]: rows past a cursor, and who is writing
//! - [`watermark`]: how far the log is settled, whatever is still being written
//! - [`poller`]: the one poller of a process, which fills the window
//! - [`notify`]: how processes on one PostgreSQL wake each other
//! - [`window`]: the newest events, encoded once, shared by all streams
//! - [`history`]: the log behind the window, read once for many streams; [`question`]: one query for all callers with
//!   the same question
//! - [`hub`]: what all streams read from: the window and the history behind it; `locate`: where in it a stream starts
//! - [`follow`]: events past a cursor, for this process itself
//! - [`listing`]: settled events, read step by step
//! - [`feed`]: what one stream is sent next; [`stream`]: one stream as bytes
//! - [`frame`]: an event, or a message of the server, as bytes on the wire; `compact`: its payload, as the database
//!   gives it, on one line
//! - [`lines`]: the same as lines of JSON
//! - [`cursor`]: where a client begins; [`filter`]: which events it wants; [`view`]: in which form
//! - [`right`]: the right under which a stream is open
//!
//! What keeps it true and small:
//! - [`identity`]: whether the database still holds the log that was shown
//! - [`breaks`]: ids that were given out and are gone
//! - [`retention`]: deleting what is too old
//! - [`rewrite`]: changing kept events where something in them must go
//! - [`times`]: when events were appended, recorded for readers that begin at a time
//! - [`tables`]: where that is recorded
//! - [`vital`]: what happens when a task or a thread breaks that everything else needs

pub mod append;
pub mod breaks;
mod compact;
pub mod connection;
pub mod cursor;
pub mod event;
pub mod feed;
pub mod filter;
pub mod follow;
pub mod frame;
pub mod history;
pub mod hub;
pub mod identity;
pub mod lines;
pub mod listing;
mod locate;
pub mod notify;
pub mod poller;
pub mod question;
pub mod read;
pub mod retention;
pub mod rewrite;
pub mod right;
pub mod schema;
pub mod standing;
pub mod stats;
pub mod store;
pub mod stream;
pub mod tables;
pub mod times;
pub mod view;
pub mod vital;
pub mod watermark;
pub mod window;

pub use self::{
    append::{NewEvent, append},
    filter::Filter,
    follow::{Follower, Item},
    hub::Hub,
    poller::{Pace, Poller},
    store::{PoolStore, Store},
    vital::Vital,
};

/// A row id of `events`: above 0, growing, never reused. 0 stands for "before the first".
pub type EventId = i64;
