//! What a person sees: the server's pages in a real browser.

mod cors;
mod event_source;
mod swagger_ui;
