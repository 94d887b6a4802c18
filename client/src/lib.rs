#![doc = include_str!("../README.md")]
//!
//! # Parts
//!
//! - [`client`]: which stream to follow, and how
//! - [`events`]: following it, with the rules: what is handed out, what is retried, what ends it
//! - [`item`]: what a follower learns; [`error`]: why following ended
//! - [`parser`]: bytes off the wire become messages
//! - [`token`]: the session to follow under
//!
//! Everything needs a Tokio runtime with time and I/O enabled, except for the parser.

mod backoff;
pub mod client;
mod connection;
mod endpoint;
pub mod error;
pub mod events;
pub mod item;
pub mod parser;
mod problem;
pub mod token;

pub use reqwest::Url;

pub use self::{
    client::{Builder, Client},
    error::Error,
    events::Events,
    item::{Event, EventId, Item, Reset, ResetReason},
    token::{InvalidToken, Token},
};
