//! Streams that leave the HTTP connection on which they were requested.
//!
//! Such a request is routed, checked, answered and logged like any other. But before a byte of its answer is written,
//! the connection is dropped, and the socket goes to a thread that owns thousands of them.
//!
//! - [`leaving`]: how a stream leaves its connection
//! - [`socket`]: a client's socket, which can be taken back
//! - [`encrypted`]: the same with TLS
//! - [`wire`]: HTTP/1.1 as it is written from then on
//! - [`reactor`]: the threads that own streams

pub mod encrypted;
pub mod leaving;
pub mod reactor;
pub mod socket;
pub mod wire;
