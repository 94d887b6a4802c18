//! Users and their sessions.

pub mod accounts;
pub mod erasure;
mod guesses;
mod lookup;
mod password;
pub mod registrations;
pub mod sessions;
mod turns;
pub mod watch;

use entity::user;
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, ConnectionTrait, DbErr, EntityTrait,
    IntoActiveModel, QueryFilter, QuerySelect, SqlErr, sea_query::LockType,
};

use self::{
    guesses::{Guesses, Try},
    password::Hasher,
};
use crate::{
    db::{self, Db},
    error::{Error, Result, Violation},
    remote::Client,
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
        violations.extend(check_password("password", &self.password));
        violations
    }
}

fn check_password(field: &str, password: &str) -> Option<Violation> {
    (!(8..=256).contains(&password.chars().count()))
        .then(|| Violation::new(field, "must be 8 to 256 characters long"))
}

/// A new password in place of the current one.
#[derive(Clone)]
pub struct NewPassword {
    /// The user's current password.
    pub current: String,
    /// 8 to 256 characters.
    pub new: String,
}

impl NewPassword {
    /// Every rule that they break.
    pub fn check(&self) -> Vec<Violation> {
        check_password("new_password", &self.new)
            .into_iter()
            .collect()
    }
}

/// The origin of a password.
#[derive(Clone, Copy, Debug, Default)]
pub struct Origin {
    /// The client that failures are counted for, besides the name.
    pub client: Option<Client>,
    /// The session whose token comes with the password.
    pub session: Option<KnownSession>,
}

/// A session that was once opened; it may have ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KnownSession {
    /// The session.
    pub id: i64,
    /// The session's user.
    pub user_id: i64,
}

/// Registers users and authenticates them.
#[derive(Clone)]
pub struct Users {
    db: Db,
    hasher: Hasher,
    guesses: Guesses,
}

impl Users {
    /// Users in `db`.
    pub fn new(db: Db) -> Self {
        Self {
            db,
            hasher: Hasher::default(),
            guesses: Guesses::default(),
        }
    }

    /// Registers a user, for this client.
    ///
    /// # Errors
    /// [`Error::Invalid`], [`Error::UsernameTaken`], [`Error::RateLimited`], [`Error::Overloaded`]
    pub async fn register(
        &self,
        credentials: Credentials,
        is_admin: bool,
        client: Option<Client>,
    ) -> Result<user::Model> {
        Error::check(credentials.check())?;
        let Credentials { username, password } = credentials;
        // Checked before hashing, which is what costs. The index has the last word.
        if find(self.db.reader(), &username).await?.is_some() {
            return Err(Error::UsernameTaken);
        }
        let password_hash = password::hash(password, self.hasher.turn(client).await?).await?;
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
    /// [`Error::WrongCredentials`], after the same time whether or not the name is known; [`Error::UserDisabled`];
    /// [`Error::RateLimited`] after too many wrong ones, without checking these; [`Error::Overloaded`]
    pub async fn authenticate(
        &self,
        credentials: Credentials,
        origin: Origin,
    ) -> Result<user::Model> {
        let Credentials { username, password } = credentials;
        let mut attempt = Try {
            username: &username,
            client: origin.client,
            session: None,
        };
        if origin.session.is_none() {
            // A try that will be refused need not reach the database.
            self.guesses.check(attempt)?;
        }
        let user = find(self.db.reader(), &username).await?;
        let is_theirs = |session: &KnownSession| {
            let user = user.as_ref();
            user.is_some_and(|user| user.id == session.user_id)
        };
        attempt.session = origin.session.filter(is_theirs).map(|it| it.id);
        let hash = user.as_ref().map(|user| user.password_hash.clone());
        let right = self.is_right(attempt, password, hash).await?;
        let user = user.filter(|_| right).ok_or(Error::WrongCredentials)?;
        if user.disabled {
            return Err(Error::UserDisabled);
        }
        Ok(user)
    }

    /// Whether the password matches `hash`. Concurrent tries gain nothing over sequential ones: a try is refused
    /// before the work, and takes nobody's turn.
    async fn is_right(
        &self,
        attempt: Try<'_>,
        password: String,
        hash: Option<String>,
    ) -> Result<bool> {
        self.guesses.check(attempt)?;
        let turn = self.hasher.turn(attempt.client).await?;
        let begun = self.guesses.begin(attempt)?;
        let right = password::verify(password, hash, turn).await?;
        if right {
            begun.succeeded();
        }
        Ok(right)
    }

    /// Sets a new password for the user of this session, who knows the current one, and ends the user's other
    /// sessions.
    ///
    /// # Errors
    /// [`Error::Invalid`], also if the current password is wrong; [`Error::RateLimited`], [`Error::Overloaded`]
    pub async fn change_password(
        &self,
        user: &user::Model,
        session_id: i64,
        passwords: NewPassword,
        client: Option<Client>,
    ) -> Result<()> {
        Error::check(passwords.check())?;
        let wrong = || Error::Invalid(vec![Violation::new("current_password", "is wrong")]);
        let NewPassword { current, new } = passwords;
        let attempt = Try {
            username: &user.username,
            client,
            session: Some(session_id),
        };
        let old = user.password_hash.clone();
        if !self.is_right(attempt, current, Some(old)).await? {
            return Err(wrong());
        }
        let password_hash = password::hash(new, self.hasher.turn(client).await?).await?;
        let txn = self.db.transaction().await?;
        // Replaces exactly the hash that was checked: of two concurrent changes, one has the right password.
        let row = user::Entity::find_by_id(user.id)
            .filter(user::Column::PasswordHash.eq(&user.password_hash))
            .lock(LockType::NoKeyUpdate)
            .one(txn.connection())
            .await?
            .ok_or_else(wrong)?;
        let mut row = row.into_active_model();
        row.password_hash = Set(password_hash);
        row.update(txn.connection()).await?;
        sessions::revoke_all(txn.connection(), user.id, Some(session_id)).await?;
        Ok(txn.commit().await?)
    }

    /// Sets a new password and ends all sessions of the user.
    ///
    /// # Errors
    /// [`Error::Invalid`], [`Error::UserNotFound`]
    pub async fn set_password(&self, username: &str, password: String) -> Result<()> {
        Error::check(check_password("password", &password).into_iter().collect())?;
        let password_hash = password::hash(password, self.hasher.turn(None).await?).await?;
        let txn = self.db.transaction().await?;
        let user = find(txn.connection(), username)
            .await?
            .ok_or_else(|| Error::UserNotFound(username.to_owned()))?;
        let id = user.id;
        let mut user = user.into_active_model();
        user.password_hash = Set(password_hash);
        user.update(txn.connection()).await?;
        sessions::revoke_all(txn.connection(), id, None).await?;
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
