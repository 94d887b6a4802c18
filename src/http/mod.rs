//! Serving HTTP: what lies between the sockets and the API.
//!
//! In the order in which a request meets them:
//! - [`server`]: the accept loop, and stopping
//! - [`connections`]: how many connections there are, which of them are idle, and how they end
//! - [`tls`]: encrypted connections
//! - [`connection`]: HTTP on one connection
//! - [`middleware`]: what every request passes on its way to its route
//! - [`routes`]: every route of the server
//! - [`site`]: what people open in a browser: the web page, Swagger UI, the kinds of problem
//! - [`statistics`]: what is counted about requests; [`metrics`]: where everything that is counted can be read
//! - [`streams`]: event streams that leave their connection for a thread that owns thousands of them

pub mod connection;
pub mod connections;
pub mod metrics;
pub mod middleware;
pub mod routes;
pub mod server;
pub mod site;
pub mod statistics;
pub mod streams;
pub mod tls;
