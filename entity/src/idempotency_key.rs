//! A request that was answered, under the key that its client gave it.

use sea_orm::entity::prelude::*;

/// A row of `idempotency_keys`. With the request itself, which is sent again, it is enough to give the same answer.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "idempotency_keys")]
pub struct Model {
    /// Whose request it was.
    #[sea_orm(primary_key, auto_increment = false)]
    pub user_id: i64,
    /// 1 to 255 visible ASCII characters, chosen by the client.
    #[sea_orm(primary_key, auto_increment = false)]
    pub key: String,
    /// SHA-256 of the operation and its input.
    #[sea_orm(column_type = "VarBinary(StringLen::None)")]
    pub fingerprint: Vec<u8>,
    /// The id of what was made, which may be gone. 0 while it is being made.
    pub subject_id: i64,
    /// What a path connected on the board as it was then.
    pub connects: Option<String>,
    /// The cursor of the answer.
    pub cursor: i64,
    /// When it was made.
    pub created_at: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}
