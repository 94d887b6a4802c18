//! How requests are read.
//!
//! - [`credentials`]: who sends one
//! - [`accept`]: which media type the client prefers
//! - [`admission`]: who may follow the log
//! - [`id`]: the id under which one is logged
//! - [`head`]: whether only the head of the answer is wanted
//! - [`params`]: parameters in the path, the query and the header
//! - [`bytes`]: bodies, as they arrive
//! - [`schemas`]: the published schemas, and reading what must have them
//! - [`json`]: bodies, as handlers take them

pub(super) mod accept;
pub(super) mod admission;
pub mod bytes;
pub(crate) mod credentials;
pub mod head;
pub(crate) mod id;
pub(crate) mod json;
pub(crate) mod params;
pub mod schemas;
