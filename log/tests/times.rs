//! Recording when events were appended, in a real file.

mod file;

use std::sync::Arc;

use dotcast_log::{store::PoolStore, times};
use sea_orm::{ConnectionTrait as _, DbBackend, Statement};
use tokio_util::sync::CancellationToken;

#[tokio::test]
async fn a_stop_does_not_wait_until_all_of_a_long_log_is_recorded() {
    let (db, _directory) = file::create().await;
    let fill = "WITH RECURSIVE n(id) AS (VALUES (1) UNION ALL SELECT id + 1 FROM n WHERE id < 25000) \
        INSERT INTO events (type, topic, payload) SELECT 'bought', 7, '{}' FROM n";
    db.execute_unprepared(fill).await.expect("events");
    let store = Arc::new(PoolStore::new(db.clone()));
    let stop = CancellationToken::new();
    stop.cancel();
    times::run(store, || 25_000, stop).await;
    let sql = "SELECT group_concat(through_id) FROM event_times";
    let row = db
        .query_one_raw(Statement::from_string(DbBackend::Sqlite, sql))
        .await
        .expect(sql)
        .expect("a row");
    let recorded: String = row.try_get_by_index(0).expect("ids");
    assert_eq!(recorded, "10000");
}
