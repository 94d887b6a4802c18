//! How answers are written.
//!
//! - [`written`]: JSON, straight into the bytes that go out
//! - [`page`]: pages of lists

pub mod page;
pub mod written;
