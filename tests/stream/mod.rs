//! The stream on the wire.

mod opening;
