//! `dotcast tail`: a client of the stream that goes on over cuts and restarts.
//!
//! - [`parser`]: bytes off the wire become messages
//! - [`token`]: by which session
//! - [`tail`]: connecting, reconnecting, resuming

pub mod parser;
pub mod tail;
pub mod token;

pub use self::tail::{TailError, TailOptions, run};
