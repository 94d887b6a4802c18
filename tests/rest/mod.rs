
mod board_conditions;
mod boards;
mod cookies;
mod documentation;
mod events;
mod paths;
mod request_log;
mod sessions;
mod users;
