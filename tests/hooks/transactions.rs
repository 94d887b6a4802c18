//! A row and its event are there together, or neither is.

use dotcast_log::event;
use sea_orm::{
    ActiveModelTrait as _, ActiveValue::Set, ConnectionTrait as _, EntityTrait as _,
    IntoActiveModel as _,
};
use tokio::runtime::Runtime;

use super::{boards, committed, database, log, new_board, new_path};

#[tokio::test]
async fn a_transaction_that_is_dropped_leaves_neither_row_nor_event() {
    let (database, db) = database().await;
    let kept = committed!(db, new_board("kept"), insert);
    let before = (log(&db).await, boards(&db).await);

    let txn = db.transaction().await.expect("begin");
    new_board("dropped")
        .insert(txn.connection())
        .await
        .expect("saved");
    new_path(1).insert(txn.connection()).await.expect("saved");
    let mut change = kept.clone().into_active_model();
    change.name = Set("changed".to_owned());
    let changed = change.update(txn.connection()).await.expect("saved");
    changed
        .into_active_model()
        .delete(txn.connection())
        .await
        .expect("deleted");
    // The hooks have run: inside, everything is there.
    let inside = event::Entity::find()
        .all(txn.connection())
        .await
        .expect("events");
    assert_eq!(inside.len(), before.0.len() + 4);
    drop(txn);

    assert_eq!((log(&db).await, boards(&db).await), before);
    committed!(db, new_board("after"), insert);
    let ids: Vec<i64> = database.column("SELECT id FROM events ORDER BY id").await;
    assert_eq!(ids.len(), 2);
    // On SQLite the ids of events that never were are no gap for readers. On PostgreSQL they are one,
    // because a sequence does not go back.
    assert_eq!(ids == [1, 2], !database.is_postgres(), "{ids:?}");
}

/// As at the end of a command, or of a server that does not wait for the last request.
#[test]
fn a_transaction_that_is_open_when_its_runtime_ends_is_let_go() {
    let runtime = || Runtime::new().expect("a runtime");
    let first = runtime();
    let database = first.block_on(async {
        let (database, db) = database().await;
        let txn = db.transaction().await.expect("begin");
        new_board("lost")
            .insert(txn.connection())
            .await
            .expect("saved");
        tokio::spawn(async move {
            std::future::pending::<()>().await;
            drop(txn);
        });
        database
    });
    drop(first);
    runtime().block_on(async {
        let left: Vec<i64> = database.column("SELECT id FROM boards").await;
        assert_eq!(left, [0; 0]);
    });
}

#[tokio::test]
async fn a_hook_that_fails_takes_the_row_with_it() {
    let (_database, db) = database().await;
    let kept = committed!(db, new_board("kept"), insert);
    let before = (log(&db).await, boards(&db).await);

    // Nobody has this id, so the event cannot name them.
    let mut deletion = kept.clone().into_active_model();
    deletion.updated_by_id = Set(99);
    let txn = db.transaction().await.expect("begin");
    deletion.delete(txn.connection()).await.expect_err("nobody");
    drop(txn);
    assert_eq!((log(&db).await, boards(&db).await), before);

    let mut change = kept.into_active_model();
    change.name = Set("changed".to_owned());
    change.updated_by_id = Set(99);
    let txn = db.transaction().await.expect("begin");
    change.update(txn.connection()).await.expect_err("nobody");
    drop(txn);
    assert_eq!((log(&db).await, boards(&db).await), before);
}

#[tokio::test]
async fn a_statement_that_fails_takes_what_came_before_it_along() {
    let (_database, db) = database().await;
    let txn = db.transaction().await.expect("begin");
    new_board("one")
        .insert(txn.connection())
        .await
        .expect("saved");
    new_path(99)
        .insert(txn.connection())
        .await
        .expect_err("no such board");
    drop(txn);
    assert_eq!((log(&db).await, boards(&db).await), (vec![], vec![]));
}

#[tokio::test]
async fn nothing_can_be_written_outside_of_a_transaction() {
    let (database, db) = database().await;
    let row = committed!(db, new_board("one"), insert);
    let before = (log(&db).await, boards(&db).await);
    let reader = db.reader();

    let mut change = row.clone().into_active_model();
    change.name = Set("two".to_owned());
    let refusals = [
        new_board("two").insert(reader).await.err(),
        new_path(1).insert(reader).await.err(),
        change.update(reader).await.err(),
        row.into_active_model().delete(reader).await.err(),
        reader
            .execute_unprepared("INSERT INTO events (type, topic, payload) VALUES ('a', 1, '{}')")
            .await
            .err(),
    ];
    let told = if database.is_postgres() {
        "read-only transaction"
    } else {
        "readonly"
    };
    for refusal in refusals {
        let refusal = refusal.expect("a refusal").to_string();
        assert!(refusal.contains(told), "{refusal}");
    }
    assert_eq!((log(&db).await, boards(&db).await), before);
}
