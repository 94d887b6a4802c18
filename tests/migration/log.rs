//! The log's crate alone creates the same tables that the migrations lead to.

use super::{column, migrated};
use crate::harness::Database;

/// The log's schema objects and their definitions, ignoring white space.
async fn definitions(database: &Database, db: &sea_orm::DatabaseConnection) -> Vec<String> {
    let tables =
        "('events', 'trimmed_through', 'settled_through', 'breaks', 'rewrites', 'event_times')";
    let sql = if database.is_postgres() {
        format!(
            "SELECT definition FROM (
                 SELECT concat_ws(' ', 'column', table_name, ordinal_position, column_name, data_type, is_nullable,
                                  column_default, is_identity, identity_generation) AS definition
                 FROM information_schema.columns WHERE table_name IN {tables}
                 UNION ALL SELECT 'constraint ' || conrelid::regclass || ' ' || pg_get_constraintdef(oid)
                 FROM pg_constraint WHERE conrelid::regclass::text IN {tables}
                 UNION ALL SELECT indexdef FROM pg_indexes WHERE tablename IN {tables}
                 UNION ALL SELECT pg_get_triggerdef(oid) FROM pg_trigger
                 WHERE tgrelid::regclass::text IN {tables} AND NOT tgisinternal
                 UNION ALL SELECT pg_get_functiondef(oid) FROM pg_proc
                 WHERE pronamespace = 'public'::regnamespace AND proname LIKE 'events%'
                 UNION ALL SELECT concat_ws(' ', 'sequence', seqrelid::regclass, seqincrement, seqcache, seqcycle, seqstart)
                 FROM pg_sequence WHERE seqrelid = 'events_id'::regclass
             ) AS log ORDER BY 1"
        )
    } else {
        format!(
            "SELECT sql FROM sqlite_schema WHERE tbl_name IN {tables} AND sql IS NOT NULL ORDER BY 1"
        )
    };
    let definitions = column::<String>(db, &sql).await;
    let words = |text: &String| text.split_whitespace().collect::<Vec<_>>().join(" ");
    definitions.iter().map(words).collect()
}

#[tokio::test]
async fn a_log_that_is_made_alone_is_the_same() {
    let database = Database::new().await;
    let all = migrated(&database).await;
    let other = Database::new().await;
    let alone = other.connect().await;
    dotcast_log::schema::create(&alone).await.expect("a log");
    let made = definitions(&other, &alone).await;
    assert!(made.len() > 6, "{made:?}");
    assert_eq!(made, definitions(&database, &all).await);
}
