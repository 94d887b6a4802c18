//! dotcast: boards with coloured dots that many people draw on at once, and a durable event log that tells every
//! connected client about it as Server-Sent Events.
//!
//! In the order in which they are worth reading:
//!
//! - [`db`]: connections, and the transactions in which a row and its event become one
//! - [`boards`], [`paths`], [`users`]: the rules, and the transactions that enforce them
//! - [`picture`]: a board as a picture
//! - [`consumers`]: cursors that the server keeps for programs
//! - [`idempotency`]: requests that are retried because their answer was lost
//! - [`readiness`]: whether requests can be served; [`open_streams`]: who follows the log
//! - [`remote`]: where a request comes from; [`places`], [`rates`]: how much a client may hold, and how often it may
//!   act
//! - [`api`]: what of that is offered over HTTP, and how it is described
//! - [`http`]: sockets, routes, what all requests share
//! - [`app`]: assembles the server; [`config`] and [`cli`]: its options
//! - [`backup`]: a SQLite database saved in one file, and restored
//! - [`client`]: `dotcast tail`, the other end of the wire
//! - [`healthcheck`]: `dotcast healthcheck`, which asks a server whether it is ready
//! - [`log_lines`]: the format of log lines; `traces`, in builds that have them: where a request's time goes
//! - [`supervisor`]: what systemd is told
//!
//! The event log itself is the crate [`dotcast_log`]. The hooks in the crate `entity` append to it; the crate
//! `migration` creates the tables.

pub mod api;
pub mod app;
pub mod backup;
pub mod boards;
pub mod cli;
pub mod client;
pub mod config;
pub mod consumers;
pub mod db;
pub mod error;
#[cfg(fuzzing)]
pub mod fuzzing;
pub mod healthcheck;
pub mod http;
pub mod idempotency;
pub mod log_lines;
pub mod open_streams;
pub mod paths;
pub mod picture;
pub mod places;
mod quota;
pub mod rates;
pub mod readiness;
pub mod remote;
pub mod supervisor;
#[cfg(feature = "otlp")]
pub mod traces;
pub mod users;
