//! `/metrics`: what is documented is there, and says what happens.

mod deployed;
mod moves;
mod page;
mod place;
