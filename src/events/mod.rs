//! The read half of the event log. It knows nothing of boards or of HTTP.
//!
//! - [`cursor`]: a client's `Last-Event-ID`, parsed
//! - [`filter`]: which events a client wants
//! - [`frame`]: one event, or one remark of the server, as bytes on the wire
//! - [`log`]: pages past a cursor, and who is writing
//! - [`identity`]: whether the database still holds the log that was shown
//! - [`breaks`]: ids that were given out and are gone
//! - [`watermark`]: how far the log is settled, whatever is still being written
//! - [`retention`]: deleting what is too old
//! - [`window`]: the newest events, encoded once, shared by all streams
//! - [`question`]: one query for all that ask the same at the same time
//! - [`history`]: the log behind the window, read once for many
//! - [`listing`]: settled events, read step by step for a page of the API
//! - [`tail`]: what all streams ask, the window and the history behind it
//! - [`poller`]: the one poller, which fills the window
//! - [`right`]: by what right a stream is open
//! - [`feed`]: what one stream is sent next
//! - [`stream`]: one stream as the body of a response

pub mod breaks;
pub mod cursor;
pub mod feed;
pub mod filter;
pub mod frame;
pub mod history;
pub mod identity;
pub mod listing;
pub mod log;
pub mod poller;
pub mod question;
pub mod retention;
pub mod right;
pub mod stream;
pub mod tail;
pub mod watermark;
pub mod window;

/// A row id of `events`: above 0, growing, never used twice. 0 stands for "before the first".
pub type EventId = i64;
