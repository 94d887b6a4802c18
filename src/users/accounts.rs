//! What operators and administrators do to the accounts of others.

use std::collections::{BTreeSet, HashMap};

use entity::{board, path, user};
use sea_orm::{
    ActiveModelTrait,
    ActiveValue::Set,
    ColumnTrait, EntityTrait, FromQueryResult, IntoActiveModel, ModelTrait, PaginatorTrait,
    QueryFilter, QueryOrder, QuerySelect, Select,
    sea_query::{Expr, ExprTrait, Func, LikeExpr, LockType, Query},
};

use super::{find, sessions};
use crate::{
    db::Db,
    error::{Error, Result},
};

/// Boards that one transaction deletes: few, so that writers wait only milliseconds.
const BOARDS: u64 = 50;
/// Paths that one transaction deletes.
const PATHS: u64 = 1000;

/// A user, and how many boards they have.
#[derive(Clone, Debug, FromQueryResult)]
pub struct Account {
    /// The row.
    #[sea_orm(nested)]
    pub user: user::Model,
    /// The boards that they have defined and not deleted.
    pub boards: i64,
}

/// What is to be different about a user; what is `None` stays.
#[derive(Clone, Copy, Debug, Default)]
pub struct Change {
    /// Whether they may change and delete everybody's boards.
    pub is_admin: Option<bool>,
    /// Whether they are kept from logging in. Their sessions end with it.
    pub disabled: Option<bool>,
}

/// Whether a change may leave the server without an administrator who can log in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Last {
    /// It may not.
    Kept,
    /// It may: somebody has said so.
    MayGo,
}

/// What was deleted.
#[derive(Clone, Debug)]
pub struct Deleted {
    /// The user.
    pub user: user::Model,
    /// How many boards, with everybody's paths on them.
    pub boards: u64,
    /// How many of their paths on boards of others.
    pub paths: u64,
}

/// Finds and changes accounts. A user is named without regard to case.
#[derive(Clone, Debug)]
pub struct Accounts {
    db: Db,
}

impl Accounts {
    /// Accounts in `db`.
    pub fn new(db: Db) -> Self {
        Self { db }
    }

    /// At most `limit` users with ids above `after`, in their order.
    pub async fn list(&self, after: i64, limit: u64) -> Result<Vec<Account>> {
        let users = user::Entity::find()
            .filter(user::Column::Id.gt(after))
            .order_by_asc(user::Column::Id);
        self.with_boards(users.limit(limit)).await
    }

    /// At most `limit` users with ids below `before`, newest first, whose names contain `part` without regard to case.
    pub async fn search(
        &self,
        part: Option<&str>,
        before: i64,
        limit: u64,
    ) -> Result<Vec<Account>> {
        let mut users = user::Entity::find()
            .filter(user::Column::Id.lt(before))
            .order_by_desc(user::Column::Id);
        if let Some(part) = part {
            // No name contains anything else, and PostgreSQL refuses U+0000.
            let is_possible = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
            if !part.chars().all(is_possible) {
                return Ok(Vec::new());
            }
            let pattern = part.to_ascii_lowercase().replace('_', "\\_");
            let pattern = LikeExpr::new(format!("%{pattern}%")).escape('\\');
            let name = Func::lower(Expr::col((user::Entity, user::Column::Username)));
            users = users.filter(Expr::expr(name).like(pattern));
        }
        self.with_boards(users.limit(limit)).await
    }

    /// These users with the numbers of their boards.
    async fn with_boards(&self, users: Select<user::Entity>) -> Result<Vec<Account>> {
        let mut boards = Query::select();
        boards
            .expr(Expr::cust("COUNT(*)"))
            .from(board::Entity)
            .and_where(
                Expr::col((board::Entity, board::Column::CreatorId))
                    .equals((user::Entity, user::Column::Id)),
            );
        let accounts = users
            .column_as(Expr::SubQuery(None, Box::new(boards.into())), "boards")
            .into_model::<Account>()
            .all(self.db.reader())
            .await?;
        Ok(accounts)
    }

    /// The user of that name, and how many boards they have.
    ///
    /// # Errors
    /// [`Error::UserNotFound`]
    pub async fn get(&self, name: &str) -> Result<Account> {
        let user = find(self.db.reader(), name).await?;
        let user = user.ok_or_else(|| Error::UserNotFound(name.to_owned()))?;
        let boards = of(&user).count(self.db.reader()).await?;
        let boards = i64::try_from(boards).unwrap_or(i64::MAX);
        Ok(Account { user, boards })
    }

    /// The names of the users with these ids, as far as there are such users.
    pub async fn names(&self, ids: impl IntoIterator<Item = i64>) -> Result<HashMap<i64, String>> {
        let ids: BTreeSet<i64> = ids.into_iter().collect();
        if ids.is_empty() {
            return Ok(HashMap::new());
        }
        let names = user::Entity::find()
            .select_only()
            .columns([user::Column::Id, user::Column::Username])
            .filter(user::Column::Id.is_in(ids))
            .into_tuple::<(i64, String)>()
            .all(self.db.reader())
            .await?;
        Ok(names.into_iter().collect())
    }

    /// Changes a user, and returns them as they are now.
    ///
    /// # Errors
    /// [`Error::UserNotFound`], [`Error::LastAdministrator`]
    pub async fn set(&self, name: &str, change: Change, last: Last) -> Result<user::Model> {
        let txn = self.db.transaction().await?;
        // The administrators are locked, too, in one order: of two who go at once, the second sees that the first has
        // gone.
        let users = user::Entity::find()
            .filter(user::is_named(name).or(user::Column::IsAdmin.eq(true)))
            .order_by_asc(user::Column::Id)
            .lock(LockType::NoKeyUpdate)
            .all(txn.connection())
            .await?;
        let (named, others): (Vec<_>, Vec<_>) = users
            .into_iter()
            .partition(|user| user.username.eq_ignore_ascii_case(name));
        let user = named.into_iter().next();
        let user = user.ok_or_else(|| Error::UserNotFound(name.to_owned()))?;
        let is_admin = change.is_admin.unwrap_or(user.is_admin);
        let disabled = change.disabled.unwrap_or(user.disabled);
        let administers = |is_admin: bool, disabled: bool| is_admin && !disabled;
        let goes = administers(user.is_admin, user.disabled) && !administers(is_admin, disabled);
        if goes && last == Last::Kept && others.iter().all(|other| other.disabled) {
            return Err(Error::LastAdministrator(user.username));
        }
        let mut row = user.into_active_model();
        row.is_admin = Set(is_admin);
        row.disabled = Set(disabled);
        let user = row.update(txn.connection()).await?;
        if disabled {
            sessions::revoke_all(txn.connection(), user.id, None).await?;
        }
        txn.commit().await?;
        Ok(user)
    }

    /// Ends all sessions of a user.
    ///
    /// # Errors
    /// [`Error::UserNotFound`]
    pub async fn end_sessions(&self, name: &str) -> Result<user::Model> {
        let txn = self.db.transaction().await?;
        let user = find(txn.connection(), name).await?;
        let user = user.ok_or_else(|| Error::UserNotFound(name.to_owned()))?;
        sessions::revoke_all(txn.connection(), user.id, None).await?;
        txn.commit().await?;
        Ok(user)
    }

    /// Deletes a user with their sessions, consumers, paths and solutions. Their boards are deleted, too, each with its event,
    /// if `with_boards`. It disables the user first, and takes many short transactions. If it is interrupted, the user
    /// stays disabled, and another call goes on.
    ///
    /// # Errors
    /// [`Error::UserNotFound`], [`Error::LastAdministrator`], and without `with_boards` [`Error::HasBoards`]
    pub async fn delete(&self, name: &str, with_boards: bool, last: Last) -> Result<Deleted> {
        let account = self.get(name).await?;
        if !with_boards && account.boards > 0 {
            return Err(Error::HasBoards {
                name: account.user.username,
                boards: account.boards.unsigned_abs(),
            });
        }
        // From here on they make nothing new.
        let disabled = Change {
            disabled: Some(true),
            ..Change::default()
        };
        let user = self.set(name, disabled, last).await?;
        let mut deleted = Deleted {
            user,
            boards: 0,
            paths: 0,
        };
        if with_boards {
            while let more @ 1.. = self.delete_boards(&deleted.user).await? {
                deleted.boards += more;
            }
        }
        while let more @ 1.. = self.delete_paths(&deleted.user).await? {
            deleted.paths += more;
        }
        self.delete_row(&deleted.user).await?;
        Ok(deleted)
    }

    /// Deletes some boards of a user, as if the user did it. Returns how many.
    async fn delete_boards(&self, user: &user::Model) -> Result<u64> {
        let txn = self.db.transaction().await?;
        let boards = of(user)
            .order_by_asc(board::Column::Id)
            .limit(BOARDS)
            .lock_exclusive()
            .all(txn.connection())
            .await?;
        let mut deleted = 0;
        for board in boards {
            let mut board = board.into_active_model();
            board.updated_by_id = Set(user.id);
            board.delete(txn.connection()).await?;
            deleted += 1;
        }
        txn.commit().await?;
        Ok(deleted)
    }

    /// Deletes some paths of a user. Returns how many.
    async fn delete_paths(&self, user: &user::Model) -> Result<u64> {
        let txn = self.db.transaction().await?;
        let ids: Vec<i64> = path::Entity::find_own(user.id)
            .select_only()
            .column(path::Column::Id)
            .limit(PATHS)
            .into_tuple()
            .all(txn.connection())
            .await?;
        #[expect(
            clippy::disallowed_methods,
            reason = "the end of a path has no event, and there may be many"
        )]
        let deleted = path::Entity::delete_many()
            .filter(path::Column::Id.is_in(ids))
            .exec(txn.connection())
            .await?;
        txn.commit().await?;
        Ok(deleted.rows_affected)
    }

    /// Deletes the row of a user who has nothing left. Sessions, consumers, idempotency keys and solutions go with it.
    async fn delete_row(&self, user: &user::Model) -> Result<()> {
        let txn = self.db.transaction().await?;
        let boards = of(user).count(txn.connection()).await?;
        if boards > 0 {
            return Err(Error::HasBoards {
                name: user.username.clone(),
                boards,
            });
        }
        #[expect(
            clippy::disallowed_methods,
            reason = "boards of others that the user has changed are no different for it"
        )]
        board::Entity::update_many()
            .col_expr(
                board::Column::UpdatedById,
                Expr::col(board::Column::CreatorId),
            )
            .filter(board::Column::UpdatedById.eq(user.id))
            .exec(txn.connection())
            .await?;
        user.clone().delete(txn.connection()).await?;
        txn.commit().await?;
        Ok(())
    }
}

/// The boards of a user.
fn of(user: &user::Model) -> Select<board::Entity> {
    board::Entity::find().filter(board::Column::CreatorId.eq(user.id))
}
