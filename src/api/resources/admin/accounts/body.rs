//! Users, as administrators see and change them.

use entity::user;
use poem_openapi::{Object, types::Example};
use sea_orm::prelude::DateTimeUtc;
use serde::{Deserialize, Serialize};

use crate::{
    api::{answer::written::time, examples},
    users::accounts,
};

/// A user, as administrators see them.
#[derive(Clone, Debug, Object, Serialize)]
#[oai(example)]
pub struct Account {
    pub id: i64,
    pub username: String,
    /// May change and delete everybody's boards, and administer users and the log.
    pub is_admin: bool,
    /// May not log in.
    pub disabled: bool,
    /// How many boards they have.
    pub boards: i64,
    #[serde(serialize_with = "time")]
    pub created_at: DateTimeUtc,
}

impl Example for Account {
    fn example() -> Self {
        Self {
            id: 1,
            username: "ada".to_owned(),
            is_admin: false,
            disabled: false,
            boards: 3,
            created_at: examples::time(),
        }
    }
}

impl From<accounts::Account> for Account {
    fn from(account: accounts::Account) -> Self {
        let accounts::Account { user, boards } = account;
        let user::Model {
            id,
            username,
            password_hash: _,
            is_admin,
            disabled,
            created_at,
        } = user;
        Self {
            id,
            username,
            is_admin,
            disabled,
            boards,
            created_at,
        }
    }
}

/// A page of users.
#[derive(Clone, Debug, Object)]
#[oai(example)]
pub struct AccountPage {
    /// Newest first.
    pub items: Vec<Account>,
    /// Ask for users `before` this id next; null on the last page.
    #[oai(nullable)]
    pub next_before: Option<i64>,
}

impl Example for AccountPage {
    fn example() -> Self {
        Self {
            items: vec![Account::example()],
            next_before: None,
        }
    }
}

/// What is to be different about a user. What is left out stays.
#[derive(Object, Deserialize)]
#[oai(example)]
pub struct AccountChange {
    pub is_admin: Option<bool>,
    pub disabled: Option<bool>,
}

impl Example for AccountChange {
    fn example() -> Self {
        Self {
            is_admin: Some(false),
            disabled: Some(true),
        }
    }
}

impl From<AccountChange> for accounts::Change {
    fn from(change: AccountChange) -> Self {
        let AccountChange { is_admin, disabled } = change;
        Self { is_admin, disabled }
    }
}

/// A new password for a user.
#[derive(Object, Deserialize)]
#[oai(example)]
pub struct AccountPassword {
    #[oai(validator(min_length = 8, max_length = 256))]
    pub password: String,
}

impl Example for AccountPassword {
    fn example() -> Self {
        Self {
            password: "battery staple".to_owned(),
        }
    }
}
