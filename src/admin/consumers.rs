//! `dotcast consumers`.

use std::collections::HashMap;

use dotcast::{
    config::DatabaseOptions,
    consumers::shown::{self, Consumer},
    users::accounts::Accounts,
};
use dotcast_log::read::Log;
use serde_json::json;

use super::open;
use crate::{Failure, print};

/// Consumers that are read at a time.
const PAGE: u64 = 200;

/// Lists the consumers of all users, under the names of `GET /api/v1/consumers`.
pub(crate) async fn list(as_json: bool, database: &DatabaseOptions) -> Result<(), Failure> {
    let db = open(database).await?;
    let settled = Log::new(db.log_store().reader()).begin().await?.settled;
    let accounts = Accounts::new(db.clone());
    if !as_json {
        print(&row("USER", "NAME", "CURSOR", "LAG", "LEASED UNTIL"))?;
    }
    let mut after = 0;
    loop {
        let page = shown::all(db.reader(), settled, after, PAGE).await?;
        let Some(last) = page.last() else {
            break;
        };
        after = last.row.id;
        let names = accounts.names(page.iter().map(|it| it.row.user_id)).await?;
        let line = if as_json { json_line } else { text_line };
        let lines = page.iter().map(|it| line(it, user(&names, it)));
        print(&lines.collect::<String>())?;
    }
    Ok(db.close().await?)
}

/// Whose consumer it is. A user who was deleted in between has no name any more.
fn user<'a>(names: &'a HashMap<i64, String>, consumer: &Consumer) -> &'a str {
    names.get(&consumer.row.user_id).map_or("", String::as_str)
}

fn json_line(consumer: &Consumer, username: &str) -> String {
    let mut line = json!({
        "username": username,
        "name": consumer.row.name,
        "cursor": consumer.row.cursor,
        "lease_until": consumer.lease_until(),
    });
    // Absent when unknown.
    if let Some(lag) = consumer.lag_events() {
        line["lag_events"] = lag.into();
    }
    if let Some(lag) = consumer.lag_seconds() {
        line["lag_seconds"] = lag.into();
    }
    if let Some(reset) = &consumer.row.reset {
        line["reset"] = reset.as_str().into();
    }
    format!("{line}\n")
}

fn text_line(consumer: &Consumer, username: &str) -> String {
    let lag = consumer.lag_events();
    let until = consumer.lease_until();
    row(
        username,
        &consumer.row.name,
        &consumer.row.cursor.to_string(),
        &lag.map_or("unknown".to_owned(), |lag| lag.to_string()),
        &until.map_or("-".to_owned(), |until| {
            until.format("%Y-%m-%dT%H:%M:%SZ").to_string()
        }),
    )
}

fn row(user: &str, name: &str, cursor: &str, lag: &str, until: &str) -> String {
    format!("{user:<32} {name:<32} {cursor:>10} {lag:>10} {until}\n")
}
