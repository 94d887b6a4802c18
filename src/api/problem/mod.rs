//! Problems: every answer that is an error (RFC 9457).
//!
//! What the client is told is decided here and nowhere else. Of a failure inside the server it
//! learns only that there was one; the log has the rest.
//!
//! - `code`: the kinds of problem
//! - `failure`: a problem on its way to the client
//! - `translation`: what clients are told of a service's error
//! - `own`: how an operation says which problems are its own

mod code;
mod failure;
mod own;
mod translation;

use poem_openapi::Object;

pub use self::{
    code::{Code, kind},
    failure::Failure,
    own::{FailsWith, NoSession},
};

/// An error answer (RFC 9457). `code` is stable: programs decide by it. `detail` is for people.
#[derive(Clone, Debug, Object)]
#[oai(skip_serializing_if_is_none)]
pub struct Problem {
    /// Names the kind of problem: `/problems/` and the code.
    pub r#type: String,
    /// The kind of problem in a few words, always the same for one `code`.
    pub title: String,
    /// The HTTP status, once more.
    pub status: u16,
    /// What went wrong this time, and what to do about it.
    pub detail: String,
    /// The kind of problem, for programs. Later versions may have more: take one that you do not know
    /// by its `status`.
    pub code: String,
    /// All the fields that are wrong, where the input is.
    pub errors: Option<Vec<FieldError>>,
}

/// One thing that is wrong with one field.
#[derive(Clone, Debug, Object)]
pub struct FieldError {
    /// The field, parameter or header: `name`, `dots[3].color`; empty for the body as a whole.
    pub field: String,
    /// What is wrong with it.
    pub message: String,
}
