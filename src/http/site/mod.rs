//! What people open in a browser.
//!
//! - [`page`]: the web page
//! - [`docs`]: Swagger UI
//! - [`problems`]: what the problem types in error answers mean
//! - [`embedded`]: files that are part of the binary

pub mod docs;
pub mod embedded;
pub mod page;
pub mod problems;
