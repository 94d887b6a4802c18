//! What lies between sockets and the API: versions of HTTP, TLS, and what connections may cost.

mod cors;
mod descriptors;
mod headers;
mod leaving;
mod page;
mod request_rate;
mod slow;
mod tls;
mod versions;
mod wire;

use wire::Wire;
