//! What hooks append on SQLite, which travels with what comes next: it is in order, and with its row or not at all.

use dotcast_log::{
    append::{NewEvent, append},
    event,
};
use sea_orm::{DbErr, EntityTrait as _, QueryOrder as _, QuerySelect as _};

use super::group_commit::{Waiting, commits, goes_on, group, insert, names, sqlite, waits};
use crate::harness::{Database, within};

/// Has the database refuse the events of boards with this name.
async fn refuse(database: &Database, name: &str) {
    let refuse = format!(
        "CREATE TRIGGER refuse BEFORE INSERT ON events WHEN NEW.payload LIKE '%{name}%' \
         BEGIN SELECT RAISE(ABORT, 'no such event'); END"
    );
    database.execute(&refuse).await;
}

#[tokio::test]
async fn an_event_that_is_refused_takes_its_board_along() {
    let (database, db) = sqlite(64).await;
    refuse(&database, "refused").await;
    let refused = |outcome: Result<(), DbErr>| {
        let error = outcome.expect_err("it was not saved").to_string();
        assert!(error.contains("no such event"), "{error}");
    };

    // Between two others.
    let (first, [second, third]) = group(&db).await;
    let second = within("the turn", second).await.expect("a turn");
    insert(&second, "refused").await;
    let mut second: Waiting<'_, _> = Box::pin(second.commit());
    waits(second.as_mut());
    let third = within("the turn", third).await.expect("a turn");
    refused(within("the answer", second).await);
    insert(&third, "third").await;
    within("the commit", third.commit()).await.expect("saved");
    within("the commit", first).await.expect("saved");
    assert_eq!(names(&db).await, ["first", "third"]);

    // Before another, which begins anew.
    let before = commits(&database);
    let first = db.transaction().await.expect("a turn");
    insert(&first, "refused").await;
    let mut second: Waiting<'_, _> = Box::pin(db.transaction());
    waits(second.as_mut());
    refused(within("the commit", first.commit()).await);
    let second = within("the turn", second).await.expect("a turn");
    insert(&second, "second").await;
    within("the commit", second.commit()).await.expect("saved");
    assert_eq!(names(&db).await, ["first", "third", "second"]);
    assert_eq!(commits(&database), before + 1);

    // Alone.
    let alone = db.transaction().await.expect("a turn");
    insert(&alone, "refused").await;
    refused(within("the commit", alone.commit()).await);
    goes_on(&database, &db, &["first", "third", "second"]).await;

    // At the end of a group it is the commit that fails.
    let (first, [second]) = group(&db).await;
    let second = within("the turn", second).await.expect("a turn");
    insert(&second, "refused").await;
    refused(within("the commit", second.commit()).await);
    refused(within("the commit", first).await);
    goes_on(&database, &db, &["first", "third", "second", "after"]).await;
}

#[tokio::test]
async fn who_does_not_mind_that_an_event_was_refused_saves_nothing_without_it() {
    let (database, db) = sqlite(64).await;
    refuse(&database, "refused").await;
    for is_first in [true, false] {
        let (first, [second]) = group(&db).await;
        let (first, second) = if is_first {
            within("the turn", second).await.map(drop).expect("a turn");
            within("the commit", first).await.expect("saved");
            (None, within("the turn", db.transaction()).await)
        } else {
            (Some(first), within("the turn", second).await)
        };
        let second = second.expect("a turn");
        insert(&second, "refused").await;
        let query = event::Entity::find().all(second.connection());
        within("a query", query).await.expect_err("refused");
        let outcome = within("the commit", second.commit()).await;
        let error = outcome.expect_err("it was not saved").to_string();
        assert!(error.contains("deferred"), "{error}");
        if let Some(first) = first {
            within("the commit", first).await.expect("saved");
        }
    }
    assert_eq!(names(&db).await, ["first", "first"]);
}

#[tokio::test]
async fn events_stay_in_order_with_what_follows_them_in_a_transaction() {
    let (_database, db) = sqlite(64).await;
    let txn = db.transaction().await.expect("a turn");
    let announce = async |topic| {
        let event = NewEvent::new("other", topic, &serde_json::json!({})).expect("an event");
        let appended = append(&txn.deferred(), event).await;
        appended.expect("appended, or deferred");
    };
    // The first statement of a turn begins it, and is not deferred.
    announce(5).await;
    insert(&txn, "one").await;
    announce(6).await;
    announce(7).await;
    insert(&txn, "two").await;
    let topics = event::Entity::find()
        .select_only()
        .column(event::Column::Topic)
        .order_by_asc(event::Column::Id);
    let seen = topics.clone().into_tuple::<i64>().all(txn.connection());
    assert_eq!(seen.await.expect("events"), [5, 1, 6, 7, 2]);
    announce(8).await;
    within("the commit", txn.commit()).await.expect("saved");
    let saved = topics.into_tuple::<i64>().all(db.reader());
    assert_eq!(saved.await.expect("events"), [5, 1, 6, 7, 2, 8]);
}
