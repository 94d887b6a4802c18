#![doc = include_str!("../README.md")]
//!
//! # Parts
//!
//! - [`client`]: which stream to follow, and how
//! - [`events`]: following it, with the rules: what is handed out, what is retried, what ends it
//! - [`item`]: what a follower learns; [`error`]: why following ended
//! - [`parser`]: bytes off the wire become messages
//! - [`token`]: the session to follow under; [`authorities`]: who else is trusted to vouch for the server
//!
//! Everything needs a Tokio runtime with time and I/O enabled, except for the parser.

pub mod authorities;
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
    authorities::{Authorities, InvalidAuthorities},
    client::{Builder, Client},
    endpoint::without_password,
    error::Error,
    events::Events,
    item::{Event, EventId, Item, Reset, ResetReason},
    token::{InvalidToken, Token},
};
