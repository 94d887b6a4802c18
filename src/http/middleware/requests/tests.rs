use std::net::Ipv4Addr;

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
    let first = turns.enter(Some(client(1)), soon()).await.expect("a place");
    let _second = turns.enter(Some(client(1)), soon()).await.expect("a place");
    let third = turns.enter(Some(client(1)), Instant::now()).await;
    assert!(third.is_err());
    for last in [2, 3] {
        let other = turns.enter(Some(client(last)), soon()).await;
        assert!(other.is_ok());
    }
    drop(first);
    assert!(turns.enter(Some(client(1)), soon()).await.is_ok());
}

#[tokio::test]
async fn the_number_that_waits_is_bounded_and_nothing_is_left_of_them() {
    let turns = Arc::new(Turns::new(100, 2));
    let mut arrived = Vec::new();
    for _ in 0..18 {
        arrived.push(turns.arrive(Some(client(1))).expect("room"));
    }
    assert!(turns.arrive(Some(client(1))).is_err());
    assert!(turns.arrive(Some(client(2))).is_ok());
    drop(arrived);
    let present = turns.present();
    assert_eq!((present.total, present.clients.len()), (0, 0));
}

#[tokio::test]
async fn requests_of_nobody_are_bounded_together() {
    let turns = Arc::new(Turns::new(2, 1));
    let mut arrived = Vec::new();
    for _ in 0..18 {
        arrived.push(turns.arrive(None).expect("room"));
    }
    assert!(turns.arrive(None).is_err());
    drop(arrived);
    assert!(turns.enter(None, soon()).await.is_ok());
}
