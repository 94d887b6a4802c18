//! Which changes are events, and which are none.

use chrono::Utc;
use dotcast_log::event;
use entity::{board, path, solution};
use sea_orm::{ActiveModelTrait as _, ActiveValue::Set, EntityTrait as _, IntoActiveModel as _};
use serde_json::{Value, json};

use super::{at, boards, committed, database, log, new_board, new_path};

fn entry(event_type: &str, board_id: i64, payload: &Value) -> (String, i64, String) {
    (event_type.to_owned(), board_id, payload.to_string())
}

#[tokio::test]
async fn each_change_is_one_event_with_its_payload() {
    let (_database, db) = database().await;
    let mut expected = Vec::new();

    let row = committed!(db, new_board("one"), insert);
    let payload = json!({ "board_id": 1, "board_name": "one", "creator_username": "ada" });
    expected.push(entry("newBoard", 1, &payload));
    assert_eq!(log(&db).await, expected);

    committed!(db, new_path(1), insert);
    let payload =
        json!({ "path_id": 1, "board_id": 1, "board_name": "one", "user_username": "grace" });
    expected.push(entry("newPath", 1, &payload));
    assert_eq!(log(&db).await, expected);

    let mut change = row.into_active_model();
    change.name = Set("two".to_owned());
    change.updated_by_id = Set(2);
    let row = committed!(db, change, update);
    let payload = json!({ "board_id": 1, "board_name": "two", "user_username": "grace" });
    expected.push(entry("boardUpdated", 1, &payload));
    assert_eq!(log(&db).await, expected);

    // The path that goes with the board is part of that event.
    let mut deletion = row.into_active_model();
    deletion.updated_by_id = Set(1);
    committed!(db, deletion, delete);
    let payload = json!({ "board_id": 1, "board_name": "two", "user_username": "ada" });
    expected.push(entry("boardDeleted", 1, &payload));
    assert_eq!(log(&db).await, expected);
    assert_eq!(path::Entity::find().all(db.reader()).await, Ok(Vec::new()));
}

#[tokio::test]
async fn deleting_a_path_is_no_event() {
    let (_database, db) = database().await;
    committed!(db, new_board("one"), insert);
    let path = committed!(db, new_path(1), insert);
    let before = log(&db).await;
    committed!(db, path.into_active_model(), delete);
    assert_eq!(log(&db).await, before);
    assert_eq!(path::Entity::find().all(db.reader()).await, Ok(Vec::new()));
}

#[tokio::test]
async fn that_a_board_is_solved_and_its_event_are_there_together_or_not_at_all() {
    let (_database, db) = database().await;
    committed!(db, new_board("one"), insert);
    let solution = || solution::ActiveModel {
        board_id: Set(1),
        user_id: Set(2),
        solved_at: Set(at(60)),
    };
    let before = log(&db).await;
    let txn = db.transaction().await.expect("begin");
    solution().insert(txn.connection()).await.expect("saved");
    drop(txn);
    assert_eq!(log(&db).await, before);
    assert_eq!(solution::Entity::find().all(db.reader()).await, Ok(vec![]));

    let saved = committed!(db, solution(), insert);
    let payload = json!({ "board_id": 1, "board_name": "one", "user_username": "grace" });
    let expected = [before, vec![entry("boardSolved", 1, &payload)]].concat();
    assert_eq!(log(&db).await, expected);
    // Once.
    let txn = db.transaction().await.expect("begin");
    let again = solution().insert(txn.connection()).await;
    again.expect_err("it is there");
    drop(txn);
    assert_eq!(log(&db).await, expected);
    let there = solution::Entity::find().all(db.reader()).await;
    assert_eq!(there, Ok(vec![saved]));
}

#[tokio::test]
async fn each_event_has_a_uuid_of_its_own_and_the_time() {
    let (_database, db) = database().await;
    let before = Utc::now();
    committed!(db, new_board("one"), insert);
    committed!(db, new_board("two"), insert);
    let events = event::Entity::find()
        .all(db.reader())
        .await
        .expect("events");
    assert_ne!(events[0].uuid, events[1].uuid);
    for event in events {
        let late = event.created_at - before;
        assert!(late.num_microseconds() >= Some(-1), "{event:?}");
        assert!(event.created_at <= Utc::now(), "{event:?}");
    }
}

#[tokio::test]
async fn an_update_that_changes_nothing_leaves_no_trace() {
    let (_database, db) = database().await;
    let row = committed!(db, new_board("one"), insert);
    let before = (log(&db).await, vec![row.clone()]);

    // Nothing is set.
    assert_eq!(committed!(db, row.clone().into_active_model(), update), row);
    // Everything is set to what it is; who and when do not count by themselves.
    let mut same = row.clone().into_active_model().reset_all();
    same.updated_at = Set(at(60));
    same.updated_by_id = Set(2);
    same.version = Set(7);
    assert_eq!(committed!(db, same, update), row);
    assert_eq!((log(&db).await, boards(&db).await), before);
}

#[tokio::test]
async fn each_change_raises_the_version_by_one() {
    let (_database, db) = database().await;
    let mut first = new_board("one");
    first.version = Set(7);
    let first = committed!(db, first, insert);
    assert_eq!(first.version, 1);

    let changes: [fn(&mut board::ActiveModel); 4] = [
        |row| row.name = Set("two".to_owned()),
        |row| row.rows = Set(4),
        |row| row.cols = Set(4),
        |row| row.dots = Set(board::Dots(Vec::new())),
    ];
    for (change, version) in changes.into_iter().zip(2..) {
        // From the first version each time: it is the row that is counted on, not what the writer
        // has read of it.
        let mut row = first.clone().into_active_model();
        row.updated_at = Set(at(version));
        change(&mut row);
        let row = committed!(db, row, update);
        assert_eq!((row.version, row.updated_at), (version, at(version)));
        assert_eq!(boards(&db).await, [row]);
    }
    assert_eq!(log(&db).await.len(), 5);
}
