//! Everything between sockets and the API: versions of HTTP, TLS, and what connections may cost.

mod bodies;
mod caching;
mod connections;
mod cors;
mod descriptors;
mod floods;
mod headers;
mod hosts;
mod leaving;
mod memory;
mod page;
mod parting;
mod request_rate;
mod slow;
mod slow_requests;
mod stalled;
mod tls;
mod transport;
mod turns;
mod vanished;
mod versions;
mod wire;

use wire::Wire;
