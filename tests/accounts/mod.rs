//! Accounts: guessing, registering, one's own data, and how much of it.

mod credentials;
mod encrypted;
mod guessing;
mod own_account;
mod quotas;
mod registration;
mod sessions;

use reqwest::Method;
use serde_json::{Value, json};

use crate::harness::{Answer, Client};

/// A user's credentials, perhaps wrong ones.
fn credentials(username: &str, password: &str) -> Value {
    json!({ "username": username, "password": password })
}

/// Tries to log in with this password, from this address behind the trusted proxy.
async fn try_log_in(client: &Client, from: &str, username: &str, password: &str) -> Answer {
    client
        .call(Method::POST, "/api/v1/sessions")
        .header("X-Forwarded-For", from)
        .json(&credentials(username, password))
        .send()
        .await
}

/// The seconds after which a refused client may retry.
fn retry_after(answer: &Answer) -> u64 {
    answer.header("retry-after").parse().expect("seconds")
}
