//! What the entities guarantee to anybody who saves them, on a database of their own: each change of a board or path
//! is one event, in the same transaction, and nothing else is.

mod deferred;
mod events;
mod group_commit;
mod transactions;
mod turns;

use std::time::Duration;

use chrono::{DateTime, Utc};
use dotcast::db::{Db, Settings};
use dotcast_log::{event, vital::Vital};
use entity::{board, path, user};
use sea_orm::{ActiveModelTrait as _, ActiveValue::Set, EntityTrait as _, QueryOrder as _};

use crate::harness::Database;

/// A new database with the users ada (1) and grace (2).
async fn database() -> (Database, Db) {
    let database = Database::new().await;
    let db = prepare(&database, 64).await;
    (database, db)
}

/// Creates the tables and the two users; up to `group_commit` transactions share a commit.
async fn prepare(database: &Database, group_commit: u32) -> Db {
    let settings = Settings {
        database_timeout: Duration::from_secs(5),
        group_commit,
        pool_size: 2,
        statement_timeout: None,
        idle_in_transaction_timeout: None,
        application_name: "dotcast tests".to_owned(),
    };
    let url = database.url().parse().expect("a URL");
    let db = Db::connect(&url, &settings, &Vital::default())
        .await
        .expect("connect");
    db.migrate().await.expect("migrate");
    let txn = db.transaction().await.expect("begin");
    for name in ["ada", "grace"] {
        user::ActiveModel {
            username: Set(name.to_owned()),
            password_hash: Set("none".to_owned()),
            is_admin: Set(false),
            created_at: Set(at(0)),
            ..Default::default()
        }
        .insert(txn.connection())
        .await
        .expect("a user");
    }
    txn.commit().await.expect("commit");
    db
}

fn at(second: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_000_000_000 + second, 0).expect("a time")
}

fn new_board(name: &str) -> board::ActiveModel {
    let dot = |col| board::Dot {
        row: 0,
        col,
        color: "#ff0000".to_owned(),
    };
    board::ActiveModel {
        creator_id: Set(1),
        updated_by_id: Set(1),
        name: Set(name.to_owned()),
        rows: Set(3),
        cols: Set(3),
        dots: Set(board::Dots(vec![dot(0), dot(2)])),
        created_at: Set(at(0)),
        updated_at: Set(at(0)),
        ..Default::default()
    }
}

fn new_path(board_id: i64) -> path::ActiveModel {
    path::ActiveModel {
        board_id: Set(board_id),
        user_id: Set(2),
        cells: Set(path::Cells(vec![
            path::Cell { row: 0, col: 0 },
            path::Cell { row: 0, col: 1 },
        ])),
        created_at: Set(at(0)),
        ..Default::default()
    }
}

/// Runs one statement in a transaction of its own that is committed.
macro_rules! committed {
    ($db:expr, $model:expr, $method:ident) => {{
        let txn = $db.transaction().await.expect("begin");
        let result = $model.$method(txn.connection()).await.expect("saved");
        txn.commit().await.expect("commit");
        result
    }};
}
use committed;

/// The log as type, board and payload; the payload as text, because the order of its keys is fixed.
async fn log(db: &Db) -> Vec<(String, i64, String)> {
    event::Entity::find()
        .order_by_asc(event::Column::Id)
        .all(db.reader())
        .await
        .expect("events")
        .into_iter()
        .map(|event| (event.kind, event.topic, event.payload.to_string()))
        .collect()
}

async fn boards(db: &Db) -> Vec<board::Model> {
    board::Entity::find()
        .all(db.reader())
        .await
        .expect("boards")
}
