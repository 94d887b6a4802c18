//! Serving HTTP: what lies between the sockets and the API.
//!
//! - [`server`]: the accept loop, connections, stopping
//! - [`routes`]: every route of the server, and what all of them share
//! - [`request_log`]: one line per request
//! - [`embedded`]: files that are part of the binary
//! - [`docs`]: Swagger UI
//! - [`problems`]: what the problem types in error answers mean

pub mod docs;
pub mod embedded;
pub mod problems;
pub mod request_log;
pub mod routes;
pub mod server;
