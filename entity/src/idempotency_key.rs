//! A request that was answered, under its client's key.

use sea_orm::entity::prelude::*;

/// A row of `idempotency_keys`. Together with the repeated request it is enough to give the same answer.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "idempotency_keys")]
pub struct Model {
    /// The user who sent the request.
    #[sea_orm(primary_key, auto_increment = false)]
    pub user_id: i64,
    /// 1 to 255 visible ASCII characters, chosen by the client.
    #[sea_orm(primary_key, auto_increment = false)]
    pub key: String,
    /// SHA-256 of the operation and its input.
    #[sea_orm(column_type = "VarBinary(StringLen::None)")]
    pub fingerprint: Vec<u8>,
    /// The id of what was created, which may be gone. 0 while it is being created.
    pub subject_id: i64,
    /// What a path connected on the board at that time.
    pub connects: Option<String>,
    /// The cursor of the answer.
    pub cursor: i64,
    /// When the row was created.
    pub created_at: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}
