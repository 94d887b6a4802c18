//! dotcast: boards with coloured dots, drawn on by many people at once, and a durable event log
//! that tells every connected client about it as Server-Sent Events.
//!
//! In the order in which they are worth reading:
//!
//! - [`db`]: connections, and the transactions in which a row and its event become one
//! - [`boards`], [`paths`], [`users`]: the rules, and the transactions that keep them
//! - [`picture`]: what a board looks like
//! - [`idempotency`]: requests that are sent again because their answer was lost
//! - [`readiness`]: whether requests can be served
//! - [`remote`]: where a request comes from; [`places`], [`rates`]: how much and how often it may take
//! - [`api`]: what of that is offered over HTTP, and how it is described
//! - [`http`]: sockets, routes, what all requests share
//! - [`app`]: the server put together; [`config`] and [`cli`]: what it is told
//! - [`backup`]: a SQLite database saved in one file, and put back
//! - [`client`]: `dotcast tail`, the other end of the wire
//! - [`log_lines`]: what the lines of the log look like
//!
//! The event log itself is the crate [`dotcast_log`]. What appends to it are the hooks in the crate `entity`; what
//! makes the tables is the crate `migration`.

pub mod api;
pub mod app;
pub mod backup;
pub mod boards;
pub mod cli;
pub mod client;
pub mod config;
pub mod db;
pub mod error;
#[cfg(fuzzing)]
pub mod fuzzing;
pub mod http;
pub mod idempotency;
pub mod log_lines;
pub mod paths;
pub mod picture;
pub mod places;
mod quota;
pub mod rates;
pub mod readiness;
pub mod remote;
pub mod users;
