//! Sessions: random tokens, stored only as SHA-256.
//!
//! A token has 256 bits of randomness, so a fast hash without a salt is enough. There is nothing to guess, and nobody
//! who reads the table can log in with its content.

use std::time::Duration;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use dotcast_log::vital::Vital;
use entity::{session, user};
use sea_orm::{
    ActiveModelTrait,
    ActiveValue::Set,
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder,
    QuerySelect, Select,
    prelude::DateTimeUtc,
    sea_query::{Expr, ExprTrait as _, LockType},
};
use sha2::{Digest, Sha256};

use super::{
    KnownSession,
    lookup::{Found, Lookup},
    watch::SessionWatch,
};
use crate::{
    db::{self, Db},
    error::{Error, Result, TokenFault},
};

/// How long after its end a session's token is told apart from an unknown one.
const REMEMBERED: chrono::Duration = chrono::Duration::days(7);
/// Ended sessions kept for each user, as a multiple of those that may be open.
const ENDED_PER_OPEN: u64 = 4;

/// Opens and ends sessions.
#[derive(Clone)]
pub struct Sessions {
    db: Db,
    lifetime: Duration,
    most: u64,
    lookup: Lookup,
    /// The streams that end with their sessions.
    watch: Option<SessionWatch>,
}

/// A session that was just opened.
#[derive(Debug)]
pub struct Opened {
    /// The credential that the client sends from now on. It is not stored and cannot be retrieved again.
    pub token: String,
    /// When it expires.
    pub expires_at: DateTimeUtc,
}

impl Sessions {
    /// Sessions in `db`. They expire after `lifetime`, and a user's oldest end when there are more than `most`.
    /// `watch` watches over their streams. This starts a task, under `vital`.
    pub fn new(
        db: Db,
        lifetime: Duration,
        most: u32,
        watch: Option<SessionWatch>,
        vital: &Vital,
    ) -> Self {
        let lookup = Lookup::open(db.clone(), vital);
        Self {
            db,
            lifetime,
            most: most.into(),
            lookup,
            watch,
        }
    }

    /// Opens a session for a user who has just been authenticated.
    ///
    /// # Errors
    /// [`Error::WrongCredentials`], if the password has been changed meanwhile; [`Error::UserDisabled`]
    pub async fn open(&self, user: &user::Model) -> Result<Opened> {
        let token = random_text()?;
        let now = db::now();
        let expires_at = chrono::Duration::from_std(self.lifetime)
            .ok()
            .and_then(|lifetime| now.checked_add_signed(lifetime))
            .ok_or_else(|| Error::Internal("the session lifetime is out of range".to_owned()))?;
        let txn = self.db.transaction().await?;
        // If the password was changed after it was checked, it opens nothing any more. The row is locked, so that of
        // several sessions opened at once each sees the earlier ones.
        let user = user::Entity::find_by_id(user.id)
            .filter(user::Column::PasswordHash.eq(&user.password_hash))
            .lock(LockType::NoKeyUpdate)
            .one(txn.connection())
            .await?
            .ok_or(Error::WrongCredentials)?;
        if user.disabled {
            return Err(Error::UserDisabled);
        }
        let has_ended_one = make_room(txn.connection(), user.id, self.most, now).await?;
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
        if has_ended_one {
            self.have_ended();
        }
        Ok(Opened { token, expires_at })
    }

    /// The session that `token` opens, and its user.
    ///
    /// # Errors
    /// [`Error::Token`]
    pub async fn find(&self, token: &str) -> Result<(session::Model, user::Model)> {
        let Some((session, user)) = self.look_up(token).await? else {
            return Err(Error::Token(TokenFault::Unknown));
        };
        // A server of an earlier release lets disabled users log in.
        if session.revoked_at.is_some() || user.disabled {
            return Err(Error::Token(TokenFault::Revoked));
        }
        if session.expires_at <= db::now() {
            return Err(Error::Token(TokenFault::Expired));
        }
        Ok((session, user))
    }

    /// The session that `token` opened, even if it has ended.
    pub async fn known(&self, token: &str) -> Result<Option<KnownSession>> {
        let found = self.look_up(token).await?;
        Ok(found.map(|(session, user)| KnownSession {
            id: session.id,
            user_id: user.id,
        }))
    }

    #[tracing::instrument(name = "look up the session", level = "trace", skip_all)]
    async fn look_up(&self, token: &str) -> Result<Option<Found>> {
        Ok(self.lookup.find(hash(token)).await?)
    }

    /// The open sessions of a user, newest first.
    pub async fn list(&self, user_id: i64) -> Result<Vec<session::Model>> {
        let sessions = session::Entity::find()
            .filter(session::Column::UserId.eq(user_id))
            .filter(session::Column::RevokedAt.is_null())
            .filter(session::Column::ExpiresAt.gt(db::now()))
            .order_by_desc(session::Column::Id)
            .limit(self.most)
            .all(self.db.reader())
            .await?;
        Ok(sessions)
    }

    /// Ends one of the open sessions of a user.
    ///
    /// # Errors
    /// [`Error::SessionNotFound`], also if the session is somebody else's
    pub async fn revoke(&self, user_id: i64, id: i64) -> Result<()> {
        let txn = self.db.transaction().await?;
        let session = session::Entity::find_by_id(id)
            .filter(session::Column::UserId.eq(user_id))
            .filter(session::Column::RevokedAt.is_null())
            .filter(session::Column::ExpiresAt.gt(db::now()))
            .one(txn.connection())
            .await?
            .ok_or(Error::SessionNotFound(id))?;
        let mut session = session.into_active_model();
        session.revoked_at = Set(Some(db::now()));
        session.update(txn.connection()).await?;
        txn.commit().await?;
        self.have_ended();
        Ok(())
    }

    /// Must be called when sessions were ended here. Without it this server, like all others, notices within a poll
    /// interval.
    pub fn have_ended(&self) {
        if let Some(watch) = &self.watch {
            watch.look_now();
        }
    }
}

/// Ends all sessions of a user, or all but one.
pub(super) async fn revoke_all<C: ConnectionTrait>(
    db: &C,
    user_id: i64,
    except: Option<i64>,
) -> Result<(), DbErr> {
    #[expect(clippy::disallowed_methods, reason = "sessions have no hooks")]
    let mut update = session::Entity::update_many()
        .col_expr(session::Column::RevokedAt, Expr::value(db::now()))
        .filter(session::Column::UserId.eq(user_id))
        .filter(session::Column::RevokedAt.is_null());
    if let Some(except) = except {
        update = update.filter(session::Column::Id.ne(except));
    }
    update.exec(db).await?;
    Ok(())
}

/// Ends a user's oldest sessions, so that with one more there are at most `most`. Deletes sessions that ended long
/// ago, or many sessions ago. Returns whether it has ended one.
async fn make_room<C: ConnectionTrait>(
    db: &C,
    user_id: i64,
    most: u64,
    now: DateTimeUtc,
) -> Result<bool, DbErr> {
    let own = || session::Entity::find().filter(session::Column::UserId.eq(user_id));
    // The highest id to remove so that `keep` newer sessions remain.
    let below = |sessions: Select<session::Entity>, keep: u64| {
        let ids = sessions.select_only().column(session::Column::Id);
        let ids = ids.order_by_desc(session::Column::Id).offset(keep).limit(1);
        ids.into_tuple::<i64>().one(db)
    };
    let open = own()
        .filter(session::Column::RevokedAt.is_null())
        .filter(session::Column::ExpiresAt.gt(now));
    let too_old = below(open, most.saturating_sub(1)).await?;
    if let Some(id) = too_old {
        #[expect(clippy::disallowed_methods, reason = "sessions have no hooks")]
        session::Entity::update_many()
            .col_expr(session::Column::RevokedAt, Expr::value(now))
            .filter(session::Column::UserId.eq(user_id))
            .filter(session::Column::RevokedAt.is_null())
            .filter(session::Column::Id.lte(id))
            .exec(db)
            .await?;
    }
    let ended = session::Column::RevokedAt
        .is_not_null()
        .or(session::Column::ExpiresAt.lte(now));
    let mut forgotten = session::Column::ExpiresAt.lt(now - REMEMBERED);
    if let Some(id) = below(own().filter(ended.clone()), most * ENDED_PER_OPEN).await? {
        forgotten = forgotten.or(ended.and(session::Column::Id.lte(id)));
    }
    #[expect(clippy::disallowed_methods, reason = "sessions have no hooks")]
    session::Entity::delete_many()
        .filter(session::Column::UserId.eq(user_id))
        .filter(forgotten)
        .exec(db)
        .await?;
    Ok(too_old.is_some())
}

/// 256 bits of randomness as text.
///
/// # Errors
/// The system has no randomness.
pub(super) fn random_text() -> Result<String> {
    let mut random = [0; 32];
    getrandom::fill(&mut random)
        .map_err(|error| Error::Internal(format!("no randomness: {error}")))?;
    Ok(URL_SAFE_NO_PAD.encode(random))
}

fn hash(token: &str) -> Vec<u8> {
    Sha256::digest(token).to_vec()
}
