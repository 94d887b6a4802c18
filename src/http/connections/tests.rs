use std::net::Ipv4Addr;

use futures_util::FutureExt as _;

use super::*;

fn client(last: u8) -> Client {
    Client::at(Ipv4Addr::new(192, 0, 2, last).into())
}

/// A connection with a seat, idle.
fn open(connections: &Arc<Connections>) -> (Seat, Arc<Activity>) {
    let seat = connections.admit(None).expect("a seat");
    (seat, Arc::new(connections.activity()))
}

fn gives_way(activity: &Activity) -> bool {
    activity.gives_way().now_or_never().is_some()
}

#[test]
fn one_client_has_its_share_and_gets_it_again() {
    let connections = Arc::new(Connections::new(100, 2));
    let first = connections.admit(Some(client(1))).expect("a seat");
    let _second = connections.admit(Some(client(1))).expect("a seat");
    let third = connections.admit(Some(client(1)));
    assert_eq!(third.err(), Some(Refusal::OfClient));
    assert!(connections.admit(Some(client(2))).is_ok());
    assert!(connections.admit(None).is_ok());
    drop(first);
    assert!(connections.admit(Some(client(1))).is_ok());
}

#[test]
fn the_one_that_is_idle_longest_gives_way() {
    let connections = Arc::new(Connections::new(3, 10));
    let (_seats, connected): (Vec<_>, Vec<_>) = (0..3).map(|_| open(&connections)).unzip();
    // The first is idle again, the second is busy.
    drop(connected[0].begin());
    let _busy = connected[1].begin();
    let new = connections.admit(None);
    assert!(new.is_ok());
    let gave_way: Vec<_> = connected.iter().map(|it| gives_way(it)).collect();
    assert_eq!(gave_way, [false, false, true]);
}

#[test]
fn none_gives_way_that_has_begun_something_meanwhile() {
    let connections = Arc::new(Connections::new(1, 10));
    let (_seat, connection) = open(&connections);
    let _new = connections.admit(None).expect("a seat");
    let busy = connection.begin();
    assert!(!gives_way(&connection));
    drop(busy);
    assert!(!gives_way(&connection));
}

#[test]
fn when_all_are_busy_the_new_one_is_refused() {
    let connections = Arc::new(Connections::new(2, 10));
    let (_seats, connected): (Vec<_>, Vec<_>) = (0..2).map(|_| open(&connections)).unzip();
    let busy: Vec<_> = connected.iter().map(Activity::begin).collect();
    assert_eq!(connections.admit(None).err(), Some(Refusal::Full));
    drop(busy);
    assert!(connections.admit(None).is_ok());
}

#[tokio::test]
async fn seats_that_are_given_up_slowly_are_waited_for() {
    let connections = Arc::new(Connections::new(50, 100));
    let mut held: Vec<_> = (0..50).map(|_| open(&connections)).collect();
    while let Ok(seat) = connections.admit(None) {
        held.push((seat, Arc::new(connections.activity())));
    }
    assert_eq!(connections.open(), 50 + OVERLAP);
    let waiting = Arc::clone(&connections);
    let waiting = tokio::spawn(async move { waiting.enter(None).await });
    held.pop();
    assert!(waiting.await.expect("no panic").is_ok());
    drop(held);
    assert_eq!(connections.open(), 0);
    assert!(connections.idle.is_empty());
}

#[tokio::test]
async fn a_connection_is_not_idle_while_anything_is_under_way() {
    let connections = Arc::new(Connections::new(1, 1));
    let (_seat, connection) = open(&connections);
    let is_idle = || connection.idle_for(Duration::ZERO).now_or_never().is_some();
    assert!(is_idle());
    let (first, second) = (connection.begin(), connection.begin());
    drop(first);
    assert!(!is_idle());
    drop(second);
    assert!(is_idle());
    let long = connection.idle_for(Duration::from_hours(1));
    assert!(long.now_or_never().is_none());
}
