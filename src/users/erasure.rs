//! Erasing a user's name: from the user's row, and from the events that are kept.
//!
//! The log's ids, and what happened, stay. Only who did it becomes a pseudonym. Whoever keeps a copy of the log learns
//! from the event `userErased` which events to change.

use dotcast_log::{
    EventId,
    rewrite::{self, Verdict},
};
use entity::{board, event, idempotency_key, user};
use sea_orm::{
    ActiveModelTrait,
    ActiveValue::Set,
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder,
    QuerySelect,
    prelude::Json,
    sea_query::{Expr, ExprTrait},
};

use super::{
    accounts::{Accounts, Change, Last},
    find,
    password::{self, Hasher},
    sessions::random_text,
};
use crate::{consumers, db::Db, error::Result};

/// Events that one `userErased` names at most.
const NAMED: usize = 1000;
/// Boards that one transaction changes.
const BOARDS: u64 = 1000;

/// What was erased.
#[derive(Clone, Debug)]
pub struct Erased {
    /// The user's name from now on.
    pub pseudonym: String,
    /// How many kept events name the user, now by the pseudonym.
    pub events: usize,
}

/// Replaces the name of a user by a pseudonym, disables the user, and forgets the password. Boards and paths stay. A
/// user who was erased before stays as they are, and what an interruption has left undone is done.
///
/// # Errors
/// [`Error::UserNotFound`], [`Error::LastAdministrator`]
pub async fn erase(db: &Db, name: &str, last: Last) -> Result<Erased> {
    // From here on they make nothing new, and administer nothing.
    let nothing = Change {
        is_admin: Some(false),
        disabled: Some(true),
    };
    let user = Accounts::new(db.clone()).set(name, nothing, last).await?;
    let pseudonym = pseudonym(db, &user).await?;
    let rewrite = |payload: &mut Json| rename(payload, &user.username, &pseudonym);
    let settled = rewrite::settled(&*db.log_store(), &rewrite).await?;
    let mut events = settled.events;
    if user.username != pseudonym {
        let password = unknown_password().await?;
        let txn = db.transaction().await?;
        let conn = txn.connection();
        // Before the log is locked: others lock the user, and then append. From here on nobody reads the old name.
        user::hold(conn, user.id).await?;
        let mut row = user.clone().into_active_model();
        row.username = Set(pseudonym.clone());
        row.password_hash = Set(password);
        row.update(conn).await?;
        let rest = rewrite::rest(conn, settled.through, &rewrite).await?;
        events.extend(rest.events);
        rewrite::record(conn).await?;
        announce(conn, user.id, &pseudonym, &events).await?;
        forget_keys(conn, user.id).await?;
        consumers::forget(conn, user.id).await?;
        txn.commit().await?;
    }
    renew_boards(db, user.id).await?;
    Ok(Erased {
        pseudonym,
        events: events.len(),
    })
}

/// The pseudonym of a user: made of the id, so that it is the same if the work is interrupted and begun again. Somebody
/// may have registered that name.
async fn pseudonym(db: &Db, user: &user::Model) -> Result<String> {
    let plain = format!("erased-{}", user.id);
    let mut pseudonym = plain.clone();
    for number in 2.. {
        match find(db.reader(), &pseudonym).await? {
            Some(other) if other.id != user.id => pseudonym = format!("{plain}-{number}"),
            _ => break,
        }
    }
    Ok(pseudonym)
}

fn rename(payload: &mut Json, name: &str, pseudonym: &str) -> Verdict {
    let mut verdict = Verdict::Other;
    for key in event::NAME_KEYS {
        let Some(Json::String(value)) = payload.get_mut(key) else {
            continue;
        };
        if value.eq_ignore_ascii_case(name) && value != pseudonym {
            pseudonym.clone_into(value);
            verdict = Verdict::Changed;
        } else if value == pseudonym && verdict == Verdict::Other {
            verdict = Verdict::Done;
        }
    }
    verdict
}

/// A hash that no known password has.
async fn unknown_password() -> Result<String> {
    let turn = Hasher::default().turn(None).await?;
    password::hash(random_text()?, turn).await
}

/// Tells those who keep copies. There is one event at least: boards name the user, too.
async fn announce(
    conn: &impl ConnectionTrait,
    user_id: i64,
    pseudonym: &str,
    events: &[EventId],
) -> Result<(), DbErr> {
    let mut parts: Vec<_> = events.chunks(NAMED).collect();
    if parts.is_empty() {
        parts.push(&[]);
    }
    for part in parts {
        event::user_erased(conn, user_id, pseudonym, part).await?;
    }
    Ok(())
}

/// Forgets the user's idempotency keys: clients choose them, and may put a name in.
async fn forget_keys(conn: &impl ConnectionTrait, user_id: i64) -> Result<(), DbErr> {
    #[expect(clippy::disallowed_methods, reason = "keys have no hooks")]
    idempotency_key::Entity::delete_many()
        .filter(idempotency_key::Column::UserId.eq(user_id))
        .exec(conn)
        .await?;
    Ok(())
}

/// Gives the user's boards new versions, so that nobody goes on showing what was cached of them under the old name.
async fn renew_boards(db: &Db, user_id: i64) -> Result<(), DbErr> {
    let mut after = 0;
    loop {
        let txn = db.transaction().await?;
        let ids: Vec<i64> = board::Entity::find()
            .select_only()
            .column(board::Column::Id)
            .filter(board::Column::CreatorId.eq(user_id))
            .filter(board::Column::Id.gt(after))
            .order_by_asc(board::Column::Id)
            .limit(BOARDS)
            .lock_exclusive()
            .into_tuple()
            .all(txn.connection())
            .await?;
        let Some(&last) = ids.last() else {
            return Ok(());
        };
        #[expect(
            clippy::disallowed_methods,
            reason = "the boards stay as they are; `userErased` says what has changed"
        )]
        board::Entity::update_many()
            .col_expr(
                board::Column::Version,
                Expr::col(board::Column::Version).add(1),
            )
            .filter(board::Column::Id.is_in(ids))
            .exec(txn.connection())
            .await?;
        txn.commit().await?;
        after = last;
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_name_is_replaced_where_events_name_who_did_it() {
        for (before, after, verdict) in [
            (
                json!({ "creator_username": "ada", "board_name": "ada" }),
                json!({ "creator_username": "erased-1", "board_name": "ada" }),
                Verdict::Changed,
            ),
            (
                json!({ "user_username": "Ada" }),
                json!({ "user_username": "erased-1" }),
                Verdict::Changed,
            ),
            (
                json!({ "user_username": "erased-1" }),
                json!({ "user_username": "erased-1" }),
                Verdict::Done,
            ),
            (
                json!({ "user_username": "adam", "names": ["ada"] }),
                json!({ "user_username": "adam", "names": ["ada"] }),
                Verdict::Other,
            ),
            (json!([]), json!([]), Verdict::Other),
        ] {
            let mut payload = before.clone();
            assert_eq!(rename(&mut payload, "ada", "erased-1"), verdict, "{before}");
            assert_eq!(payload, after);
        }
    }
}
