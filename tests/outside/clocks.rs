//! Clocks that are wrong: retention deletes what is old, and nothing else, whatever the date is said to be.

use std::time::Duration;

use crate::harness::{Client, Clock, Contents, Database, Launch, PATIENCE, Server, eventually};

/// Longer than the pause between two looks of retention.
const TWO_LOOKS: Duration = Duration::from_secs(150);

/// A server that goes by `clock`.
async fn server_by(clock: &Clock, database: &Database, arguments: &[&str]) -> Server {
    let launch = Launch::with(arguments).environment(clock.environment());
    Server::launch(database, launch).await
}

async fn ids(client: &Client) -> Vec<i64> {
    Contents::of(client).await.ids()
}

/// Waits until these are the events.
async fn until_there_are(client: &Client, expected: &[i64]) {
    let what = format!("{expected:?}");
    eventually(&what, || async {
        (ids(client).await == expected).then_some(())
    })
    .await;
}

/// The pause between two looks is a minute, and nothing can make a server look sooner. So both ways to be misled are
/// tried at the same time.
#[tokio::test]
async fn a_clock_that_leaps_ahead_deletes_nothing_young() {
    tokio::join!(under_a_running_server(), before_the_first_event());
}

async fn under_a_running_server() {
    let clock = Clock::new();
    let database = Database::sqlite();
    let server = server_by(&clock, &database, &["--retention", "1h"]).await;
    let user = server.user("ada").await;
    user.board("old").await;
    user.board("young").await;
    // An event of this age is deleted at the next look, which shows that there was one.
    database.date_events("1", "2020-01-01T00:00:00Z").await;
    clock.set("+10y");
    log_in_again(&user).await.board("of the leap").await;
    until_looked(&user, 1).await;
    assert_eq!(ids(&user).await, [2, 3]);
    clock.set("+0");
    log_in_again(&user).await.board("after it").await;
    assert_eq!(ids(&user).await, [2, 3, 4]);
}

/// When it starts there is no event to go by.
async fn before_the_first_event() {
    let clock = Clock::ahead("+10y");
    let database = Database::sqlite();
    let server = server_by(&clock, &database, &["--retention", "1h"]).await;
    clock.set("+0");
    let user = server.user("ada").await;
    user.board("old").await;
    database.date_events("1", "2020-01-01T00:00:00Z").await;
    user.board("young").await;
    until_looked(&user, 1).await;
    assert_eq!(ids(&user).await, [2]);
}

/// By a clock that is years ahead, an earlier session has expired, and is then deleted.
async fn log_in_again(user: &Client) -> Client {
    let mut again = user.clone();
    again.log_in("ada").await;
    again
}

/// Waits until the event is gone.
async fn until_looked(client: &Client, id: i64) {
    let gone = async {
        while ids(client).await.contains(&id) {
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    };
    let looked = tokio::time::timeout(TWO_LOOKS.max(PATIENCE), gone).await;
    looked.expect("retention looks");
}

#[tokio::test]
async fn a_server_that_starts_while_the_clock_is_ahead_deletes_nothing_young() {
    let clock = Clock::new();
    let database = Database::sqlite();
    let mut server = server_by(&clock, &database, &["--retention", "1h"]).await;
    let mut user = server.user("ada").await;
    for _ in 0..3 {
        user.board("one").await;
    }
    for (round, offset) in ["+10y", "+2h", "+25h"].into_iter().enumerate() {
        server.signal(rustix::process::Signal::TERM);
        server.wait().await;
        let old = i64::try_from(round).expect("small") + 1;
        database
            .date_events(&old.to_string(), "2020-01-01T00:00:00Z")
            .await;
        clock.set(offset);
        server = server.restart().await;
        user.url.clone_from(&server.url);
        until_looked(&user, old).await;
        clock.set("+0");
        log_in_again(&user).await.board("one").await;
        let kept = [old + 1, old + 2, old + 3];
        until_there_are(&user, &kept).await;
    }
}

#[tokio::test]
async fn after_a_leap_retention_goes_on() {
    let clock = Clock::new();
    let database = Database::sqlite();
    let server = server_by(&clock, &database, &["--retention", "1s"]).await;
    let user = server.user("ada").await;
    for offset in ["+10y", "-10y"] {
        log_in_again(&user).await.board("before").await;
        clock.set(offset);
        log_in_again(&user).await.board("meanwhile").await;
        clock.set("+0");
        log_in_again(&user).await.board("after").await;
        until_there_are(&user, &[]).await;
    }
}
