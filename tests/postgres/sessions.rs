//! The sessions of the servers under test, as PostgreSQL shows them, and one that blocks them.

use sea_orm::{ConnectionTrait as _, DatabaseTransaction, TransactionTrait as _};

use crate::harness::{Database, eventually};

/// Our servers' sessions in the queried database.
pub const OURS: &str = "datname = current_database() AND application_name = 'dotcast'";
/// Those of them that listen, and have proved that they hear.
pub const LISTENING: &str = "datname = current_database() AND application_name = 'dotcast' \
                             AND query LIKE 'NOTIFY \"dotcast\\_events\\_%' AND state = 'idle'";

/// The number of matching sessions.
pub async fn count(database: &Database, which: &str) -> i64 {
    let sql = format!("SELECT count(*) FROM pg_stat_activity WHERE {which}");
    database.column(&sql).await[0]
}

/// The processes of matching sessions, in order.
pub async fn processes(database: &Database, which: &str) -> Vec<i32> {
    let sql = format!("SELECT pid FROM pg_stat_activity WHERE {which} ORDER BY pid");
    database.column(&sql).await
}

/// The client ports of matching sessions.
pub async fn ports(database: &Database, which: &str) -> Vec<i32> {
    let sql = format!("SELECT client_port FROM pg_stat_activity WHERE {which}");
    database.column(&sql).await
}

/// Waits until this many servers listen.
pub async fn until_listening(database: &Database, servers: usize) -> Vec<i32> {
    eventually("listening", || async {
        let listening = processes(database, LISTENING).await;
        (listening.len() == servers).then_some(listening)
    })
    .await
}

/// Waits until this many of our sessions wait for a lock.
pub async fn until_waiting(database: &Database, sessions: i64) {
    let waiting = format!("{OURS} AND wait_event_type = 'Lock'");
    eventually("waiting for a lock", || async {
        (count(database, &waiting).await >= sessions).then_some(())
    })
    .await;
}

/// Locks a table completely, until the transaction is rolled back.
pub async fn lock(database: &Database, table: &str) -> DatabaseTransaction {
    let connection = database.connect().await;
    let transaction = connection.begin().await.expect("begin");
    transaction
        .execute_unprepared(&format!("LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE"))
        .await
        .expect("the lock");
    transaction
}
