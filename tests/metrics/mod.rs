//! `/metrics`: what is documented is there, and says what happens.

mod deployed;
mod moves;
pub mod page;
mod place;
