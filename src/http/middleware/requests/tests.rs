use std::net::Ipv4Addr;

use futures_util::future::join_all;

use super::*;

fn client(last: u8) -> Client {
    Client::at(Ipv4Addr::new(192, 0, 2, last).into())
}

fn soon() -> Instant {
    Instant::now() + Duration::from_mins(1)
}

#[tokio::test]
async fn a_client_past_its_share_leaves_room_for_others() {
    let turns = Arc::new(Turns::new(4, 2));
    let first = turns
        .enter(Some(client(1)), false, soon())
        .await
        .expect("a place");
    let _second = turns
        .enter(Some(client(1)), false, soon())
        .await
        .expect("a place");
    let third = turns.enter(Some(client(1)), false, Instant::now()).await;
    assert!(third.is_err());
    for last in [2, 3] {
        let other = turns.enter(Some(client(last)), false, soon()).await;
        assert!(other.is_ok());
    }
    drop(first);
    assert!(turns.enter(Some(client(1)), false, soon()).await.is_ok());
}

#[tokio::test]
async fn the_number_that_waits_is_bounded_and_nothing_is_left_of_them() {
    let turns = Arc::new(Turns::new(100, 2));
    let mut arrived = Vec::new();
    for _ in 0..18 {
        arrived.push(turns.arrive(Some(client(1)), false).expect("room"));
    }
    assert!(turns.arrive(Some(client(1)), false).is_err());
    assert!(turns.arrive(Some(client(2)), false).is_ok());
    drop(arrived);
    let present = turns.present();
    assert_eq!((present.total, present.clients.len()), (0, 0));
}

#[tokio::test]
async fn requests_of_nobody_are_bounded_together() {
    let turns = Arc::new(Turns::new(2, 1));
    let mut arrived = Vec::new();
    for _ in 0..18 {
        arrived.push(turns.arrive(None, false).expect("room"));
    }
    assert!(turns.arrive(None, false).is_err());
    drop(arrived);
    assert!(turns.enter(None, false, soon()).await.is_ok());
}

#[tokio::test]
async fn those_that_return_are_never_refused_and_leave_places_to_others() {
    let turns = Arc::new(Turns::new(4, 4));
    let mut returning = Vec::new();
    for number in 0..1000 {
        let client = (number % 2 == 0).then(|| client(1));
        let arrived = turns.arrive(client, true).expect("room");
        returning.push(arrived);
    }
    let mut held = Vec::new();
    for _ in 0..2 {
        held.push(turns.enter(None, true, soon()).await.expect("a place"));
    }
    assert!(turns.enter(None, true, Instant::now()).await.is_err());
    let others = [1, 2].map(|last| turns.enter(Some(client(last)), false, soon()));
    for other in join_all(others).await {
        held.push(other.expect("a place"));
    }
    held.remove(0);
    assert!(turns.enter(None, true, soon()).await.is_ok());
    drop((returning, held));
    let present = turns.present();
    assert_eq!((present.total, present.clients.len()), (0, 0));
}
