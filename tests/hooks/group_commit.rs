//! Transactions that share a commit on SQLite, each interleaving step by step: who has the turn, who waits for it,
//! who waits for the disk. No transaction is reported as saved before it is, and none loses or keeps something
//! because of another.

use std::pin::{Pin, pin};

use dotcast::{
    db::{Db, Transaction},
    error::Error,
};
use futures_util::FutureExt as _;
use sea_orm::{ActiveModelTrait as _, ConnectionTrait as _, DbErr};

use super::{boards, log, new_board, prepare};
use crate::harness::{Database, eventually, within};

/// A database on which up to `group_commit` transactions share a commit.
pub(super) async fn sqlite(group_commit: u32) -> (Database, Db) {
    let database = Database::sqlite();
    let db = prepare(&database, group_commit).await;
    (database, db)
}

/// Polls once: the future has then asked for what it waits for, and has not got it.
pub(super) fn waits<T>(mut future: Pin<&mut (impl Future<Output = T> + ?Sized)>) {
    assert!(future.as_mut().now_or_never().is_none(), "it did not wait");
}

/// As the server does: the event travels with what comes next.
pub(super) async fn insert(txn: &Transaction, name: &str) {
    let conn = txn.deferred();
    let board = new_board(name).insert(&conn);
    within("an insert", board).await.expect("saved");
}

async fn execute(txn: &Transaction, sql: &str) {
    let done = txn.connection().execute_unprepared(sql);
    within(sql, done).await.expect(sql);
}

/// What a transaction waits for.
pub(super) type Waiting<'a, T> = Pin<Box<dyn Future<Output = Result<T, DbErr>> + 'a>>;

/// A group in progress: its first member has written `first` and waits for the commit, `N` others wait for their
/// turn.
pub(super) async fn group<const N: usize>(
    db: &Db,
) -> (Waiting<'_, ()>, [Waiting<'_, Transaction>; N]) {
    let first = db.transaction().await.expect("a turn");
    insert(&first, "first").await;
    let mut others = std::array::from_fn(|_| -> Waiting<'_, _> { Box::pin(db.transaction()) });
    for other in &mut others {
        waits(other.as_mut());
    }
    let mut first: Waiting<'_, _> = Box::pin(first.commit());
    waits(first.as_mut());
    (first, others)
}

/// The names of the boards, in the order of their ids; each has its event, and there are no others.
pub(super) async fn names(db: &Db) -> Vec<String> {
    let boards = boards(db).await;
    let announced: Vec<i64> = log(db).await.into_iter().map(|(_, id, _)| id).collect();
    assert_eq!(
        announced,
        boards.iter().map(|it| it.id).collect::<Vec<_>>(),
        "each board has its event, in this order"
    );
    boards.into_iter().map(|it| it.name).collect()
}

/// The number of transactions written: the frames of the write-ahead log that end one
/// (<https://sqlite.org/fileformat.html#walformat>). Nothing here is long enough for a checkpoint.
pub(super) fn commits(database: &Database) -> usize {
    let log = std::fs::read(database.file().with_extension("db-wal")).expect("a log");
    let number = |at: usize| u32::from_be_bytes(log[at..at + 4].try_into().expect("four bytes"));
    let frame = 24 + number(8) as usize;
    (32..log.len())
        .step_by(frame)
        .filter(|&at| number(at + 4) != 0)
        .count()
}

#[tokio::test]
async fn two_that_wait_for_the_same_commit_share_it() {
    let (database, db) = sqlite(64).await;
    let before = commits(&database);
    let (mut first, [second]) = group(&db).await;

    let second = within("the turn", second).await.expect("a turn");
    insert(&second, "second").await;
    // What is not on the disk is reported to nobody and seen by nobody.
    waits(first.as_mut());
    assert!(names(&db).await.is_empty());
    within("the commit", second.commit()).await.expect("saved");
    within("the commit", first).await.expect("saved");
    assert_eq!(names(&db).await, ["first", "second"]);
    assert_eq!(commits(&database), before + 1);
}

#[tokio::test]
async fn one_that_is_rolled_back_leaves_the_others_what_they_wrote() {
    let (database, db) = sqlite(64).await;
    let before = commits(&database);
    let (first, [second, third]) = group(&db).await;

    let second = within("the turn", second).await.expect("a turn");
    insert(&second, "second").await;
    drop(second);
    let third = within("the turn", third).await.expect("a turn");
    insert(&third, "third").await;
    within("the commit", third.commit()).await.expect("saved");
    within("the commit", first).await.expect("saved");
    assert_eq!(names(&db).await, ["first", "third"]);
    let ids: Vec<i64> = database.column("SELECT id FROM events ORDER BY id").await;
    assert_eq!(ids, [1, 2]);
    assert_eq!(commits(&database), before + 1);
}

#[tokio::test]
async fn one_that_begins_with_nothing_saved_leaves_nothing() {
    let (database, db) = sqlite(64).await;
    let before = commits(&database);
    let first = db.transaction().await.expect("a turn");
    insert(&first, "first").await;
    let mut second = pin!(db.transaction());
    waits(second.as_mut());
    drop(first);
    let second = within("the turn", second).await.expect("a turn");
    drop(second);
    let third = within("the turn", db.transaction()).await.expect("a turn");
    insert(&third, "third").await;
    within("the commit", third.commit()).await.expect("saved");
    assert_eq!(names(&db).await, ["third"]);
    assert_eq!(commits(&database), before + 1);
}

#[tokio::test]
async fn one_that_goes_away_before_the_commit_is_saved_and_stops_nobody() {
    let (database, db) = sqlite(64).await;
    let before = commits(&database);
    let first = db.transaction().await.expect("a turn");
    insert(&first, "first").await;
    let mut second = pin!(db.transaction());
    waits(second.as_mut());
    // It asks for the commit, and is dropped.
    assert!(first.commit().now_or_never().is_none());
    let second = within("the turn", second).await.expect("a turn");
    insert(&second, "second").await;
    within("the commit", second.commit()).await.expect("saved");
    assert_eq!(names(&db).await, ["first", "second"]);
    assert_eq!(commits(&database), before + 1);

    // Even if nobody else waits for it.
    let alone = db.transaction().await.expect("a turn");
    insert(&alone, "alone").await;
    assert!(alone.commit().now_or_never().is_none());
    let saved = async || (log(&db).await.len() == 3).then_some(());
    eventually("the commit", saved).await;
    assert_eq!(names(&db).await, ["first", "second", "alone"]);
}

#[tokio::test]
async fn one_that_goes_away_in_the_middle_of_a_statement_takes_only_that_along() {
    // In its first statement, which also begins its turn, or in a later one.
    for begun in [false, true] {
        let (_database, db) = sqlite(64).await;
        let (first, [second, third]) = group(&db).await;
        let second = within("the turn", second).await.expect("a turn");
        if begun {
            insert(&second, "second").await;
        }
        // It takes a while, so it is not done at the first poll.
        let statement = second.connection().execute_unprepared(
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 500000) \
             UPDATE boards SET name = 'second' WHERE (SELECT count(*) FROM n) > 0",
        );
        assert!(statement.now_or_never().is_none());
        drop(second);
        let third = within("the turn", third).await.expect("a turn");
        insert(&third, "third").await;
        within("the commit", third.commit()).await.expect("saved");
        within("the commit", first).await.expect("saved");
        assert_eq!(names(&db).await, ["first", "third"]);
    }
}

#[tokio::test]
async fn one_that_does_nothing_changes_nothing() {
    let (database, db) = sqlite(64).await;
    let before = commits(&database);
    for commits in [true, false] {
        let idle = within("the turn", db.transaction()).await.expect("a turn");
        if commits {
            within("the commit", idle.commit()).await.expect("nothing");
        }
    }
    // Also between two that write.
    let (first, [left, asked, last]) = group(&db).await;
    drop(within("the turn", left).await.expect("a turn"));
    let asked = within("the turn", asked).await.expect("a turn");
    let mut asked = pin!(asked.commit());
    waits(asked.as_mut());
    let last = within("the turn", last).await.expect("a turn");
    insert(&last, "last").await;
    within("the commit", last.commit()).await.expect("saved");
    within("the commit", first).await.expect("saved");
    within("the commit", asked).await.expect("nothing");
    assert_eq!(names(&db).await, ["first", "last"]);
    assert_eq!(commits(&database), before + 1);
}

#[tokio::test]
async fn nobody_is_kept_waiting_for_company() {
    let (database, db) = sqlite(64).await;
    let before = commits(&database);
    for name in ["one", "two"] {
        let txn = within("the turn", db.transaction()).await.expect("a turn");
        insert(&txn, name).await;
        within("the commit", txn.commit()).await.expect("saved");
    }
    assert_eq!(commits(&database), before + 2);

    // Nor for one that waited for its turn and was dropped.
    let third = within("the turn", db.transaction()).await.expect("a turn");
    insert(&third, "three").await;
    assert!(db.transaction().now_or_never().is_none());
    within("the commit", third.commit()).await.expect("saved");
    assert_eq!(names(&db).await, ["one", "two", "three"]);
}

#[tokio::test]
async fn no_more_than_the_given_number_share_a_commit() {
    for (group_commit, expected) in [(1, 6), (2, 3), (4, 2), (6, 1), (64, 1)] {
        let (database, db) = sqlite(group_commit).await;
        let before = commits(&database);
        let first = db.transaction().await.expect("a turn");
        let mut others: Vec<_> = (0..5).map(|_| Box::pin(db.transaction())).collect();
        for other in &mut others {
            waits(other.as_mut());
        }
        let write = async |txn: Transaction| {
            insert(&txn, "a board").await;
            txn.commit().await.expect("saved");
        };
        let others = others.into_iter().map(async |turn| {
            write(turn.await.expect("a turn")).await;
        });
        let all = async {
            tokio::join!(write(first), futures_util::future::join_all(others));
        };
        within("all commits", all).await;
        assert_eq!(names(&db).await.len(), 6);
        assert_eq!(commits(&database), before + expected, "{group_commit}");
    }
}

/// Two in one group, the second of which runs `sql`; what both are told.
async fn outcomes(db: &Db, sql: &str) -> [Result<(), DbErr>; 2] {
    let (first, [second]) = group(db).await;
    let second = within("the turn", second).await.expect("a turn");
    insert(&second, "second").await;
    execute(&second, sql).await;
    let second = within("the commit", second.commit()).await;
    [within("the commit", first).await, second]
}

/// Writes a board after the saved ones, as if nothing had happened.
pub(super) async fn goes_on(database: &Database, db: &Db, saved: &[&str]) {
    let before = commits(database);
    let txn = within("the turn", db.transaction()).await.expect("a turn");
    insert(&txn, "after").await;
    assert_eq!(names(db).await, saved, "it is not saved yet");
    within("the commit", txn.commit()).await.expect("saved");
    assert_eq!(names(db).await, [saved, &["after"]].concat());
    assert_eq!(commits(database), before + 1);
}

#[tokio::test]
async fn a_commit_that_fails_fails_for_everybody() {
    let (database, db) = sqlite(64).await;
    // Noticed only by the commit: there is no such board.
    let sql = "PRAGMA defer_foreign_keys = ON; \
               INSERT INTO paths (board_id, user_id, cells, created_at) \
               VALUES (99, 1, '[]', '2026-11-22 00:00:00+00:00')";
    for outcome in outcomes(&db, sql).await {
        let error = outcome.expect_err("it was not saved").to_string();
        assert!(error.contains("FOREIGN KEY"), "{error}");
    }
    assert!(names(&db).await.is_empty());
    goes_on(&database, &db, &[]).await;
}

#[tokio::test]
async fn a_transaction_that_is_lost_is_saved_for_nobody() {
    // As SQLite does by itself when the disk is full; then somebody goes on in another transaction.
    for sql in ["ROLLBACK", "ROLLBACK; BEGIN", "ROLLBACK; SAVEPOINT other"] {
        let (database, db) = sqlite(64).await;
        for outcome in outcomes(&db, sql).await {
            let error = Error::from(outcome.expect_err("it was not saved"));
            assert!(error.is_transient(), "{error}");
        }
        assert!(names(&db).await.is_empty());
        goes_on(&database, &db, &[]).await;
    }
}

#[tokio::test]
async fn nobody_joins_a_transaction_that_was_lost() {
    for commits in [true, false] {
        let (database, db) = sqlite(64).await;
        let (first, [second, third]) = group(&db).await;
        let second = within("the turn", second).await.expect("a turn");
        execute(&second, "ROLLBACK").await;
        let mut saved = Vec::new();
        if commits {
            let mut second = pin!(second.commit());
            waits(second.as_mut());
            // It is noticed when the third begins, which is told so.
            let third = within("the turn", third).await.expect("a turn");
            let refused = within("the answer", new_board("third").insert(third.connection())).await;
            let error = Error::from(refused.expect_err("the transaction is lost"));
            assert!(error.is_transient(), "{error}");
            drop(third);
            let outcome = within("the commit", second).await;
            outcome.expect_err("it was not saved");
        } else {
            drop(second);
            // It is noticed at once, and the third is in a transaction of its own.
            let third = within("the turn", third).await.expect("a turn");
            insert(&third, "third").await;
            within("the commit", third.commit()).await.expect("saved");
            saved.push("third");
        }
        let outcome = within("the commit", first).await;
        outcome.expect_err("it was not saved");
        assert_eq!(names(&db).await, saved);
        goes_on(&database, &db, &saved).await;
    }
}

#[tokio::test]
async fn nobody_joins_a_first_one_in_which_a_statement_has_failed() {
    // A statement that fails takes nothing along, or as when the disk is full, the whole transaction.
    for (or, is_lost) in [("FAIL", false), ("ROLLBACK", true)] {
        let (database, db) = sqlite(64).await;
        let before = commits(&database);
        let first = db.transaction().await.expect("a turn");
        insert(&first, "first").await;
        let sql = format!("INSERT OR {or} INTO boards SELECT * FROM boards");
        let refused = first.connection().execute_unprepared(&sql);
        within("the answer", refused)
            .await
            .expect_err("it is there");
        let mut second: Waiting<'_, _> = Box::pin(db.transaction());
        waits(second.as_mut());
        let outcome = within("the commit", first.commit()).await;
        let second = within("the turn", second).await.expect("a turn");
        insert(&second, "second").await;
        within("the commit", second.commit()).await.expect("saved");
        let saved: &[&str] = if is_lost {
            let error = Error::from(outcome.expect_err("it was not saved"));
            assert!(error.is_transient(), "{error}");
            &["second"]
        } else {
            outcome.expect("saved");
            &["first", "second"]
        };
        assert_eq!(names(&db).await, saved);
        assert_eq!(commits(&database), before + saved.len());
        goes_on(&database, &db, saved).await;
    }
}

#[tokio::test]
async fn one_that_cannot_begin_may_try_again() {
    let (database, db) = sqlite(64).await;
    let other = database.connect().await;
    other
        .execute_unprepared("BEGIN IMMEDIATE")
        .await
        .expect("the lock");
    let txn = within("the turn", db.transaction()).await.expect("a turn");
    let refused = within("the answer", new_board("first").insert(txn.connection())).await;
    let error = Error::from(refused.expect_err("the lock is taken"));
    assert!(error.is_transient(), "{error}");
    other.close().await.expect("close");
    // One that goes on all the same is then in that transaction.
    insert(&txn, "second").await;
    drop(txn);
    goes_on(&database, &db, &[]).await;
}
