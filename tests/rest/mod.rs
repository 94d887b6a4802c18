//! The REST API, a module per resource, and what all operations share.

mod admin;
mod admin_streams;
mod bad_boards;
mod bad_fields;
mod bad_input;
mod bad_routes;
mod board_conditions;
mod boards;
mod cookies;
mod document;
mod document_3_2;
mod documentation;
mod events;
mod finding;
mod forgotten_keys;
mod heavy_bodies;
mod operations;
mod own_paths;
mod pages;
mod parameters;
mod paths;
mod pictures;
mod request_log;
mod retries;
mod sessions;
mod users;
