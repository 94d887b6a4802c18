//! Random inserts, cuts and reconnects on a real server and database: every connection sees every
//! id exactly once and in order.

use proptest::{
    prelude::*,
    test_runner::{Config, TestRunner},
};

use crate::harness::{Client, Reader, Server};

/// What happens next.
#[derive(Clone, Debug)]
enum Step {
    /// The server itself appends events.
    Create(u8),
    /// Another program appends events in one transaction, or rolls them back.
    Import { count: u8, commit: bool },
    /// A client reads this many events, then is cut off and comes back with its last id.
    Reconnect {
        client: usize,
        after: u32,
        by_query: bool,
    },
    /// A client is cut off this many times before it has read anything.
    CutEarly { client: usize, times: u8 },
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let client = 0..CLIENTS;
    let step = prop_oneof![
        (1..4_u8).prop_map(Step::Create),
        (1..40_u8, any::<bool>()).prop_map(|(count, commit)| Step::Import { count, commit }),
        (client.clone(), 0..20_u32, any::<bool>()).prop_map(|(client, after, by_query)| {
            Step::Reconnect {
                client,
                after,
                by_query,
            }
        }),
        (client, 1..4_u8).prop_map(|(client, times)| Step::CutEarly { client, times }),
    ];
    prop::collection::vec(step, 1..40)
}

const CLIENTS: usize = 4;

#[test]
fn every_connection_sees_every_id_exactly_once_and_in_order() {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let mut runner = TestRunner::new(Config {
        cases: 24,
        max_shrink_iters: 200,
        failure_persistence: None,
        ..Config::default()
    });
    runner
        .run(&steps(), |steps| runtime.block_on(check(steps)))
        .unwrap_or_else(|error| panic!("{error}"));
}

async fn check(steps: Vec<Step>) -> Result<(), TestCaseError> {
    let server = Server::start_with(&["--poll-interval", "10ms", "--keep-alive", "100ms"]).await;
    let user = server.user("ada").await;
    let mut readers = Vec::new();
    for _ in 0..CLIENTS {
        readers.push(Reader::open(&server.url).await);
    }
    for step in steps {
        match step {
            Step::Create(count) => create(&user, count).await,
            Step::Import { count, commit } => import(&server, count, commit).await,
            Step::Reconnect {
                client,
                after,
                by_query,
            } => {
                readers[client].read(after).await;
                if by_query {
                    readers[client].resume_by_query(&server.url).await;
                } else {
                    readers[client].resume(&server.url).await;
                }
            }
            Step::CutEarly { client, times } => {
                for _ in 0..times {
                    readers[client].resume(&server.url).await;
                }
            }
        }
    }
    // Something to wait for at the end.
    create(&user, 1).await;
    let expected = committed(&server).await;
    for reader in &mut readers {
        reader.read_to(*expected.last().expect("an event")).await;
        prop_assert_eq!(&reader.seen, &expected);
    }
    Ok(())
}

async fn create(user: &Client, count: u8) {
    for _ in 0..count {
        user.board("random").await;
    }
}

async fn import(server: &Server, count: u8, commit: bool) {
    let row = "('imported', 1, '{}')";
    let rows = vec![row; count.into()].join(", ");
    let end = if commit { "COMMIT" } else { "ROLLBACK" };
    server
        .database()
        .execute(&format!(
            "BEGIN; INSERT INTO events (type, topic, payload) VALUES {rows}; {end};"
        ))
        .await;
}

/// The rows in the database: the truth.
async fn committed(server: &Server) -> Vec<i64> {
    use sea_orm::{EntityTrait as _, QueryOrder as _, QuerySelect as _};
    let database = server.database().connect().await;
    dotcast_log::event::Entity::find()
        .select_only()
        .column(dotcast_log::event::Column::Id)
        .order_by_asc(dotcast_log::event::Column::Id)
        .into_tuple()
        .all(&database)
        .await
        .expect("the events")
}
