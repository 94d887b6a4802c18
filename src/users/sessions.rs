//! Sessions: random tokens, of which only a SHA-256 is kept.
//!
//! A token has 256 bits of randomness, so a fast hash without a salt is enough: there is nothing to
//! guess, and whoever reads the table cannot log in with what is there.

use std::time::Duration;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use entity::{session, user};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, ConnectionTrait, DbBackend, DbErr,
    EntityTrait, IntoActiveModel, QueryFilter, prelude::DateTimeUtc, sea_query::Expr,
};
use sha2::{Digest, Sha256};

use super::{lookup::Lookup, watch::SessionWatch};
use crate::{
    db::{self, Db},
    error::{Error, Result, TokenFault},
    vital::Vital,
};

/// For so long after its end a token is told apart from one that never was.
const REMEMBERED: chrono::Duration = chrono::Duration::days(7);

/// Opens and ends sessions.
#[derive(Clone)]
pub struct Sessions {
    db: Db,
    lifetime: Duration,
    /// The way to find one where several are found at once.
    lookup: Option<Lookup>,
    /// The streams that end with their sessions.
    watch: Option<SessionWatch>,
}

/// A session that was just opened.
#[derive(Debug)]
pub struct Opened {
    /// What the client shows from now on. It is not kept and cannot be asked for again.
    pub token: String,
    /// From when on it is refused.
    pub expires_at: DateTimeUtc,
}

impl Sessions {
    /// Sessions in `db` that end by themselves after `lifetime`, and are watched by `watch`. On SQLite it runs
    /// a task, under `vital`.
    pub fn new(db: Db, lifetime: Duration, watch: Option<SessionWatch>, vital: &Vital) -> Self {
        // PostgreSQL has connections that find sessions side by side.
        let together = db.reader().get_database_backend() == DbBackend::Sqlite;
        let lookup = together.then(|| Lookup::open(db.clone(), vital));
        Self {
            db,
            lifetime,
            lookup,
            watch,
        }
    }

    /// Opens a session for a user who was just authenticated.
    ///
    /// # Errors
    /// [`Error::WrongCredentials`], when the password has been changed meanwhile
    pub async fn open(&self, user: &user::Model) -> Result<Opened> {
        let mut random = [0; 32];
        getrandom::fill(&mut random)
            .map_err(|error| Error::Internal(format!("no randomness: {error}")))?;
        let token = URL_SAFE_NO_PAD.encode(random);
        let now = db::now();
        let expires_at = chrono::Duration::from_std(self.lifetime)
            .ok()
            .and_then(|lifetime| now.checked_add_signed(lifetime))
            .ok_or_else(|| Error::Internal("the session lifetime is out of range".to_owned()))?;
        let txn = self.db.transaction().await?;
        // A password that was changed since it was checked opens nothing any more.
        user::Entity::find_by_id(user.id)
            .filter(user::Column::PasswordHash.eq(&user.password_hash))
            .one(txn.connection())
            .await?
            .ok_or(Error::WrongCredentials)?;
        forget_old(txn.connection(), user.id, now - REMEMBERED).await?;
        session::ActiveModel {
            user_id: Set(user.id),
            token_hash: Set(hash(&token)),
            created_at: Set(now),
            expires_at: Set(expires_at),
            ..Default::default()
        }
        .insert(txn.connection())
        .await?;
        txn.commit().await?;
        Ok(Opened { token, expires_at })
    }

    /// The session that `token` opens, and whose it is.
    ///
    /// # Errors
    /// [`Error::Token`]
    pub async fn find(&self, token: &str) -> Result<(session::Model, user::Model)> {
        let found = match &self.lookup {
            Some(lookup) => lookup.find(hash(token)).await?,
            None => session::Entity::find()
                .filter(session::Column::TokenHash.eq(hash(token)))
                .find_also_related(user::Entity)
                .one(self.db.reader())
                .await?
                .and_then(|(session, user)| Some((session, user?))),
        };
        let Some((session, user)) = found else {
            return Err(Error::Token(TokenFault::Unknown));
        };
        if session.revoked_at.is_some() {
            return Err(Error::Token(TokenFault::Revoked));
        }
        if session.expires_at <= db::now() {
            return Err(Error::Token(TokenFault::Expired));
        }
        Ok((session, user))
    }

    /// Ends the session that `token` opened.
    pub async fn revoke(&self, token: &str) -> Result<()> {
        let txn = self.db.transaction().await?;
        let session = session::Entity::find()
            .filter(session::Column::TokenHash.eq(hash(token)))
            .one(txn.connection())
            .await?
            .ok_or(Error::Token(TokenFault::Unknown))?;
        let mut session = session.into_active_model();
        session.revoked_at = Set(Some(db::now()));
        session.update(txn.connection()).await?;
        txn.commit().await?;
        self.have_ended();
        Ok(())
    }

    /// That sessions were ended here. Other servers, and this one without being told, notice within a poll
    /// interval.
    pub fn have_ended(&self) {
        if let Some(watch) = &self.watch {
            watch.look_now();
        }
    }
}

/// Ends all sessions of a user.
pub(super) async fn revoke_all<C: ConnectionTrait>(db: &C, user_id: i64) -> Result<(), DbErr> {
    #[expect(clippy::disallowed_methods, reason = "sessions have no hooks")]
    session::Entity::update_many()
        .col_expr(session::Column::RevokedAt, Expr::value(db::now()))
        .filter(session::Column::UserId.eq(user_id))
        .filter(session::Column::RevokedAt.is_null())
        .exec(db)
        .await?;
    Ok(())
}

async fn forget_old<C: ConnectionTrait>(
    db: &C,
    user_id: i64,
    ended_before: DateTimeUtc,
) -> Result<(), DbErr> {
    #[expect(clippy::disallowed_methods, reason = "sessions have no hooks")]
    session::Entity::delete_many()
        .filter(session::Column::UserId.eq(user_id))
        .filter(session::Column::ExpiresAt.lt(ended_before))
        .exec(db)
        .await?;
    Ok(())
}

fn hash(token: &str) -> Vec<u8> {
    Sha256::digest(token).to_vec()
}
