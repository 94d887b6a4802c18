//! Requests that are retried because their answer was lost.
//!
//! A client that gives a request a key may send it again under the same key, and creates nothing twice. The key is
//! written in the transaction that creates the result, so both exist or neither does, and of several requests at once
//! one goes first. Little is stored: the request itself comes again, so only what it does not tell is kept.

use chrono::TimeDelta;
use dotcast_log::EventId;
use entity::idempotency_key;
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    prelude::DateTimeUtc,
    sea_query::{Expr, ExprTrait, OnConflict, Query},
};
use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::{
    db::{self, Db},
    error::{Error, Result},
};

/// How long a key is remembered.
const REMEMBERED: TimeDelta = TimeDelta::hours(24);
/// Upper bound on the keys remembered for each user, about 500 bytes each; the oldest are forgotten early.
const MAX_KEYS: u64 = 1000;
/// Upper bound on the keys deleted per transaction.
const BATCH: u64 = 1000;
/// How often to retry a key that is being forgotten at the same moment.
const ROUNDS: usize = 3;

/// A client's name for one request, however often it is sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdempotencyKey(String);

impl IdempotencyKey {
    /// 1 to 255 visible ASCII characters.
    pub fn new(text: &str) -> Option<Self> {
        let is_good =
            (1..=255).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic());
        is_good.then(|| Self(text.to_owned()))
    }
}

/// A request that creates something, perhaps not for the first time.
#[derive(Clone, Debug)]
pub struct Attempt {
    /// None if the client will not send it again.
    pub key: Option<IdempotencyKey>,
    /// A cursor from before anything was created.
    pub cursor: EventId,
}

/// What a request has created, now or when it was first sent.
#[derive(Clone, Debug)]
pub struct Made<T> {
    /// The result as it was when it was created.
    pub what: T,
    /// A cursor from before it was created.
    pub cursor: EventId,
    /// Whether an earlier request created it.
    pub is_replayed: bool,
}

impl Attempt {
    /// What this request has created before, if it has. Otherwise the transaction on `conn` takes the key, and what
    /// it creates must be [kept](Self::keep) in it.
    ///
    /// # Errors
    /// [`Error::IdempotencyMismatch`], if the key belongs to another request
    pub(crate) async fn find<C: ConnectionTrait>(
        &self,
        conn: &C,
        user_id: i64,
        now: DateTimeUtc,
        request: &impl Serialize,
    ) -> Result<Option<idempotency_key::Model>> {
        let Some(IdempotencyKey(key)) = &self.key else {
            return Ok(None);
        };
        let fingerprint = fingerprint(request)?;
        let mut insert = Query::insert();
        insert
            .into_table(idempotency_key::Entity)
            .columns([
                idempotency_key::Column::UserId,
                idempotency_key::Column::Key,
                idempotency_key::Column::Fingerprint,
                idempotency_key::Column::SubjectId,
                idempotency_key::Column::Cursor,
                idempotency_key::Column::CreatedAt,
            ])
            .values_panic([
                user_id.into(),
                key.clone().into(),
                fingerprint.clone().into(),
                0_i64.into(),
                self.cursor.into(),
                now.into(),
            ])
            // On PostgreSQL this waits for another transaction with the key to end.
            .on_conflict(
                OnConflict::columns([
                    idempotency_key::Column::UserId,
                    idempotency_key::Column::Key,
                ])
                .do_nothing()
                .to_owned(),
            );
        for _ in 0..ROUNDS {
            if conn.execute(&insert).await?.rows_affected() == 1 {
                forget_oldest(conn, user_id).await?;
                return Ok(None);
            }
            let by_key = idempotency_key::Entity::find_by_id((user_id, key.clone()));
            match by_key.one(conn).await? {
                Some(found) if found.created_at < now - REMEMBERED => {
                    forget(conn, user_id, key).await?;
                }
                Some(found) if found.fingerprint == fingerprint => return Ok(Some(found)),
                Some(_) => return Err(Error::IdempotencyMismatch),
                None => {}
            }
        }
        Err(Error::Overloaded("a key is forgotten again and again"))
    }

    /// Stores the result under the key, if there is one.
    pub(crate) async fn keep<C: ConnectionTrait>(
        &self,
        conn: &C,
        user_id: i64,
        subject_id: i64,
        connects: Option<&str>,
    ) -> Result<()> {
        let Some(IdempotencyKey(key)) = &self.key else {
            return Ok(());
        };
        let mut update = Query::update();
        update
            .table(idempotency_key::Entity)
            .value(idempotency_key::Column::SubjectId, subject_id)
            .value(idempotency_key::Column::Connects, connects)
            .and_where(idempotency_key::Column::UserId.eq(user_id))
            .and_where(idempotency_key::Column::Key.eq(key));
        conn.execute(&update).await?;
        Ok(())
    }

    /// Created by this request.
    pub(crate) fn made<T>(&self, what: T) -> Made<T> {
        Made {
            what,
            cursor: self.cursor,
            is_replayed: false,
        }
    }
}

impl<T> Made<T> {
    /// Created by the earlier request that `kept` describes.
    pub(crate) fn before(what: T, kept: &idempotency_key::Model) -> Self {
        Self {
            what,
            cursor: kept.cursor,
            is_replayed: true,
        }
    }
}

/// Deletes keys older than a day. Returns how many there were.
pub(crate) async fn trim(db: &Db) -> Result<u64, DbErr> {
    let cutoff = db::now() - REMEMBERED;
    let old = idempotency_key::Entity::find()
        .select_only()
        .column(idempotency_key::Column::CreatedAt)
        .filter(idempotency_key::Column::CreatedAt.lt(cutoff))
        .order_by_asc(idempotency_key::Column::CreatedAt)
        .limit(1);
    let mut deleted = 0;
    // First without a transaction, because there is nearly always nothing to do.
    while old
        .clone()
        .into_tuple::<DateTimeUtc>()
        .one(&db.hurried_reader())
        .await?
        .is_some()
    {
        let txn = db.transaction().await?;
        let conn = txn.connection();
        let end = old.clone().offset(BATCH - 1).into_tuple().one(conn).await?;
        #[expect(clippy::disallowed_methods, reason = "keys have no hooks")]
        let batch = idempotency_key::Entity::delete_many()
            .filter(idempotency_key::Column::CreatedAt.lte(end.unwrap_or(cutoff)))
            .exec(conn)
            .await?;
        txn.commit().await?;
        deleted += batch.rows_affected;
    }
    Ok(deleted)
}

/// Deletes what exceeds a user's limit.
async fn forget_oldest<C: ConnectionTrait>(conn: &C, user_id: i64) -> Result<(), DbErr> {
    let mut first_too_many = Query::select();
    first_too_many
        .column(idempotency_key::Column::CreatedAt)
        .from(idempotency_key::Entity)
        .and_where(idempotency_key::Column::UserId.eq(user_id))
        .order_by(
            idempotency_key::Column::CreatedAt,
            sea_orm::sea_query::Order::Desc,
        )
        .offset(MAX_KEYS)
        .limit(1);
    #[expect(clippy::disallowed_methods, reason = "keys have no hooks")]
    idempotency_key::Entity::delete_many()
        .filter(idempotency_key::Column::UserId.eq(user_id))
        .filter(
            Expr::col(idempotency_key::Column::CreatedAt)
                .lte(sea_orm::sea_query::SubQueryStatement::from(first_too_many)),
        )
        .exec(conn)
        .await?;
    Ok(())
}

async fn forget<C: ConnectionTrait>(conn: &C, user_id: i64, key: &str) -> Result<(), DbErr> {
    #[expect(clippy::disallowed_methods, reason = "keys have no hooks")]
    idempotency_key::Entity::delete_by_id((user_id, key.to_owned()))
        .exec(conn)
        .await?;
    Ok(())
}

fn fingerprint(request: &impl Serialize) -> Result<Vec<u8>> {
    let request = serde_json::to_vec(request)
        .map_err(|error| Error::Internal(format!("a request's fingerprint: {error}")))?;
    Ok(Sha256::digest(request).to_vec())
}
