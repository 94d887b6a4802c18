//! Users and their sessions.

mod lookup;
mod password;
pub mod sessions;
pub mod watch;

use entity::user;
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel,
    QueryFilter, SqlErr,
};

use self::password::Hasher;
use crate::{
    db::{self, Db},
    error::{Error, Result, Violation},
};

/// A user's name and password as somebody typed them.
#[derive(Clone)]
pub struct Credentials {
    /// 3 to 32 of `a-z A-Z 0-9 _ -`.
    pub username: String,
    /// 8 to 256 characters.
    pub password: String,
}

impl Credentials {
    /// Every rule that they break.
    pub fn check(&self) -> Vec<Violation> {
        let mut violations = Vec::new();
        let plain = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
        if !(3..=32).contains(&self.username.len()) || !self.username.chars().all(plain) {
            violations.push(Violation::new(
                "username",
                "must be 3 to 32 characters out of a-z, A-Z, 0-9, _ and -",
            ));
        }
        violations.extend(check_password(&self.password));
        violations
    }
}

fn check_password(password: &str) -> Option<Violation> {
    (!(8..=256).contains(&password.chars().count()))
        .then(|| Violation::new("password", "must be 8 to 256 characters long"))
}

/// Registers users and checks who they are.
#[derive(Clone)]
pub struct Users {
    db: Db,
    hasher: Hasher,
}

impl Users {
    /// Users in `db`.
    pub fn new(db: Db) -> Self {
        Self {
            db,
            hasher: Hasher::default(),
        }
    }

    /// Registers a user.
    ///
    /// # Errors
    /// [`Error::Invalid`], [`Error::UsernameTaken`], [`Error::Overloaded`]
    pub async fn register(&self, credentials: Credentials, is_admin: bool) -> Result<user::Model> {
        Error::check(credentials.check())?;
        let Credentials { username, password } = credentials;
        // Asked before the hash is made, because that is what costs. The index has the last word.
        if find(self.db.reader(), &username).await?.is_some() {
            return Err(Error::UsernameTaken);
        }
        let password_hash = self.hasher.hash(password).await?;
        let txn = self.db.transaction().await?;
        let user = user::ActiveModel {
            username: Set(username),
            password_hash: Set(password_hash),
            is_admin: Set(is_admin),
            created_at: Set(db::now()),
            ..Default::default()
        }
        .insert(txn.connection())
        .await
        .map_err(|error| match error.sql_err() {
            Some(SqlErr::UniqueConstraintViolation(_)) => Error::UsernameTaken,
            _ => error.into(),
        })?;
        txn.commit().await?;
        Ok(user)
    }

    /// The user with these credentials.
    ///
    /// # Errors
    /// [`Error::WrongCredentials`], after the same time whether or not the name is known;
    /// [`Error::Overloaded`]
    pub async fn authenticate(&self, credentials: Credentials) -> Result<user::Model> {
        let Credentials { username, password } = credentials;
        let user = find(self.db.reader(), &username).await?;
        let hash = user.as_ref().map(|user| user.password_hash.clone());
        let right = self.hasher.verify(password, hash).await?;
        user.filter(|_| right).ok_or(Error::WrongCredentials)
    }

    /// Sets a new password and ends all sessions of the user.
    ///
    /// # Errors
    /// [`Error::Invalid`], [`Error::UserNotFound`]
    pub async fn set_password(&self, username: &str, password: String) -> Result<()> {
        Error::check(check_password(&password).into_iter().collect())?;
        let password_hash = self.hasher.hash(password).await?;
        let txn = self.db.transaction().await?;
        let user = find(txn.connection(), username)
            .await?
            .ok_or_else(|| Error::UserNotFound(username.to_owned()))?;
        let id = user.id;
        let mut user = user.into_active_model();
        user.password_hash = Set(password_hash);
        user.update(txn.connection()).await?;
        sessions::revoke_all(txn.connection(), id).await?;
        Ok(txn.commit().await?)
    }
}

/// The user of that name, without regard to case.
async fn find<C: ConnectionTrait>(db: &C, username: &str) -> Result<Option<user::Model>, DbErr> {
    user::Entity::find()
        .filter(user::is_named(username))
        .one(db)
        .await
}
