//! dotcast's tables, and the hooks that are the write half of the event log.
//!
//! - [`user`] and [`session`]: who may write
//! - [`board`] and [`path`]: what is drawn; saving or deleting one appends the [`event`] that says so
//! - [`solution`]: who has solved which board; saving one appends the event, too
//! - [`solved_count`]: how many users have solved a board; the database counts
//! - [`event`]: the content of the events that are appended to the log, which is the crate [`dotcast_log`]
//! - [`idempotency_key`]: requests that may be sent again
//! - [`consumer`]: cursors that the server keeps for programs
//!
//! A hook runs on the connection that the caller saves with. Inside a transaction the row and its event are committed
//! together or not at all. Outside of one they would be two separate statements. So rows are saved and deleted
//! through `ActiveModel` and inside a transaction only.

pub mod board;
pub mod consumer;
pub mod event;
pub mod idempotency_key;
pub mod path;
pub mod session;
pub mod solution;
pub mod solved_count;
pub mod user;
