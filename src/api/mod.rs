//! The HTTP API. A handler holds no query and no rule: it reads the request, calls a service, and writes the answer.
//!
//! - [`resources`]: the operations, a room for each resource; where to begin
//! - [`request`]: how requests are read: who sends them, parameters, bodies
//! - [`answer`]: how answers that can be large are written; pages of lists
//! - [`problem`]: every answer that is an error
//! - [`document`]: the OpenAPI document, made of all that
//! - [`services`]: what handlers call
//! - `examples`: values that several of the document's examples show

pub mod answer;
pub mod document;
mod examples;
pub mod problem;
pub mod request;
pub mod resources;
pub mod services;
