//! Turns to write on SQLite: while nobody waits, the next one is on offer. It is taken at once, by one, and is given back
//! with the connection.

use std::pin::pin;

use dotcast::db::{Db, Transaction};
use futures_util::FutureExt as _;

use super::group_commit::{Waiting, insert, names, sqlite, waits};
use crate::harness::{eventually, within};

/// The turn that is on offer, as soon as there is one.
async fn offered(db: &Db) -> Transaction {
    let turn = async || db.transaction().now_or_never();
    eventually("an offer", turn).await.expect("a turn")
}

/// Writes a board, and waits until it is durable.
async fn save(txn: Transaction, name: &str) {
    insert(&txn, name).await;
    within("the commit", txn.commit()).await.expect("saved");
}

#[tokio::test]
async fn one_that_is_alone_has_its_turn_without_waiting() {
    let (_database, db) = sqlite(64).await;
    for name in ["one", "two"] {
        save(offered(&db).await, name).await;
    }
    drop(offered(&db).await);
    save(offered(&db).await, "three").await;
    assert_eq!(names(&db).await, ["one", "two", "three"]);
}

#[tokio::test]
async fn whoever_waits_goes_before_whoever_comes_later() {
    // Each commits for itself, so that a turn could be on offer in between.
    let (_database, db) = sqlite(1).await;
    let first = offered(&db).await;
    let mut second: Waiting<'_, _> = Box::pin(db.transaction());
    waits(second.as_mut());
    save(first, "first").await;
    let mut third = pin!(db.transaction());
    waits(third.as_mut());
    let second = within("the turn", second).await.expect("a turn");
    waits(third.as_mut());
    save(second, "second").await;
    let third = within("the turn", third).await.expect("a turn");
    save(third, "third").await;
    assert_eq!(names(&db).await, ["first", "second", "third"]);
}

#[tokio::test]
async fn nobody_has_a_turn_after_the_end() {
    let (_database, db) = sqlite(64).await;
    drop(offered(&db).await);
    within("the end", db.close()).await.expect("closed");
    let late = within("an error", db.transaction()).await;
    late.expect_err("no turn");

    // The end waits for the turn that is under way.
    let (_database, db) = sqlite(64).await;
    let last = offered(&db).await;
    insert(&last, "last").await;
    let both = async { tokio::join!(db.close(), last.commit()) };
    let (ended, saved) = within("the end", both).await;
    saved.expect("saved");
    ended.expect("closed");
    let late = within("an error", db.transaction()).await;
    late.expect_err("no turn");
}

#[tokio::test]
async fn an_offer_does_not_keep_the_files_open() {
    let (database, db) = sqlite(64).await;
    drop(offered(&db).await);
    let log = database.file().with_extension("db-wal");
    assert!(log.exists());
    drop(db);
    // SQLite removes it with the last connection.
    eventually("the end of the log", async || (!log.exists()).then_some(())).await;
}
