//! The log's other tables.
//!
//! - [`trimmed_through`]: how far retention has deleted the log
//! - [`settled_through`]: up to where nothing can appear any more
//! - [`log_break`]: ids that were given out and lost by a restore or a failover
//! - [`rewrite`]: that kept events were changed
//! - [`event_times`]: when events were appended, coarsely

pub mod event_times;
pub mod log_break;
pub mod rewrite;
pub mod settled_through;
pub mod trimmed_through;
