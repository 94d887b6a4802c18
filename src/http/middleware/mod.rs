//! What every request passes on its way to its route, and every answer on its way back.
//!
//! From the outside in:
//! - `traced`: a trace for each request, in builds that have them
//! - [`request_log`]: one line per request
//! - [`caching`]: how every answer may be kept
//! - [`headers`]: what browsers are told with every answer
//! - [`cors`]: pages of other origins
//! - [`answers`]: how many answers a client has under way
//! - [`request_rate`]: how many requests a client may send
//! - [`requests`]: which requests begin, and how long each may take; [`host`]: which host a request is for
//! - [`operations`]: what the OpenAPI document says of the API's paths

pub mod answers;
pub mod caching;
pub mod cors;
pub mod headers;
pub mod host;
pub mod operations;
pub mod request_log;
pub mod request_rate;
pub mod requests;
#[cfg(feature = "otlp")]
pub mod traced;
