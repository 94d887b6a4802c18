//! How answers are written.
//!
//! - [`written`]: JSON, straight into the bytes that go out
//! - [`page`]: pages of lists
//! - [`waiting`]: answers that come when there is news

pub mod page;
pub mod waiting;
pub mod written;
