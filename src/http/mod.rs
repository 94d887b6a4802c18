//! Serving HTTP: what lies between the sockets and the API.
//!
//! - [`server`]: the accept loop, and stopping
//! - [`connection`]: HTTP on one connection
//! - [`answer`]: the body of an answer on its way
//! - [`answers`]: how many of them a client has
//! - [`stalls`]: HTTP/2 streams whose client takes nothing
//! - [`reactor`]: threads that own the streams of plain connections
//! - [`socket`]: a client's socket, which can be taken back
//! - [`tls`]: encrypted connections
//! - [`connections`]: how many connections there are, and which are idle
//! - [`parting`]: how connections end
//! - [`refusal`]: what a connection gets that cannot be served
//! - [`limits`]: how many connections the system allows
//! - [`requests`]: which requests begin, and how long each may take
//! - [`host`]: which host a request is for
//! - [`routes`]: every route of the server, and what all of them share
//! - [`caching`]: how every answer may be kept
//! - [`operations`]: what the OpenAPI document says of the API's paths
//! - [`cors`]: pages of other origins
//! - [`headers`]: what browsers are told with every answer
//! - [`request_log`]: one line per request
//! - [`request_rate`]: how many requests a client may send
//! - [`embedded`]: files that are part of the binary
//! - [`page`]: the web page
//! - [`docs`]: Swagger UI
//! - [`problems`]: what the problem types in error answers mean

pub mod answer;
pub mod answers;
pub mod caching;
pub mod connection;
pub mod connections;
pub mod cors;
pub mod docs;
pub mod embedded;
pub mod headers;
pub mod host;
pub mod limits;
pub mod operations;
pub mod page;
pub mod parting;
pub mod problems;
pub mod reactor;
pub mod refusal;
pub mod request_log;
pub mod request_rate;
pub mod requests;
pub mod routes;
pub mod server;
pub mod socket;
pub mod stalls;
pub mod tls;
