//! Somebody who may define boards and draw paths.

use sea_orm::{
    DbBackend, QuerySelect,
    entity::prelude::*,
    sea_query::{ExprTrait, Func, LockType},
};

/// A row of `users`.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "users")]
pub struct Model {
    /// Primary key.
    #[sea_orm(primary_key)]
    pub id: i64,
    /// As given at registration; unique without regard to case.
    pub username: String,
    /// argon2id, as a PHC string.
    #[sea_orm(column_type = "Text")]
    pub password_hash: String,
    /// May change and delete everybody's boards.
    pub is_admin: bool,
    /// May not log in, and has no open sessions.
    pub disabled: bool,
    /// When the user registered.
    pub created_at: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}

/// The condition that a user has this name, without regard to case.
pub fn is_named(username: &str) -> Expr {
    // No name contains U+0000, and PostgreSQL refuses to compare with it.
    if username.contains('\0') {
        return Expr::val(false);
    }
    // Written like the unique index, so that the index is used.
    Expr::expr(Func::lower(Expr::col((Entity, Column::Username)))).eq(username.to_ascii_lowercase())
}

/// Locks the user `id` until this transaction ends, after waiting for any other that has done so. Transactions that
/// lock the same user run one after the other.
///
/// The lock does not block references to the user, which all of their rows hold. SQLite has no row locks and needs
/// none, because it has one transaction at a time.
pub async fn hold<C: ConnectionTrait>(db: &C, id: i64) -> Result<(), DbErr> {
    if db.get_database_backend() == DbBackend::Postgres {
        Entity::find_by_id(id)
            .select_only()
            .column(Column::Id)
            .lock(LockType::NoKeyUpdate)
            .into_tuple::<i64>()
            .one(db)
            .await?;
    }
    Ok(())
}
