//! What lies between sockets and the API: versions of HTTP, TLS, and what connections may cost.

mod descriptors;
mod leaving;
mod page;
mod slow;
mod stalled;
mod tls;
mod transport;
mod versions;
mod wire;

use wire::Wire;
