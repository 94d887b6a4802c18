use proptest::prelude::*;
use serde_json::json;

use super::*;

const KINDS: [&str; 5] = ["placed", "paid", "packed", "sent", "returned"];

fn event(id: EventId) -> event::Model {
    event::Model {
        id,
        uuid: uuid::Uuid::nil(),
        kind: KINDS[usize::try_from(id % 4).unwrap_or(0)].to_owned(),
        topic: id % 3,
        payload: json!({ "order_id": id % 3 }),
        created_at: chrono::DateTime::UNIX_EPOCH,
    }
}

fn ids(frames: &Bytes) -> Vec<EventId> {
    str::from_utf8(frames)
        .expect("frames are UTF-8")
        .lines()
        .filter_map(|line| line.strip_prefix("id: ")?.parse().ok())
        .collect()
}

#[test]
fn an_up_to_date_cursor_shares_the_rounds_memory() {
    let step = Step::of(Round::encode(vec![event(1), event(2)]), 2);
    let piece = step.piece(0, &View::default());
    assert_eq!(piece.bytes.as_ptr(), step.rounds[0].bytes.as_ptr());
    assert_eq!(piece.bytes.len(), step.rounds[0].bytes.len());
    assert_eq!((piece.events, piece.last), (2, Some(2)));
}

#[test]
fn a_stream_holds_little_of_a_full_window() {
    let mut window = Window::new(0, 1 << 30);
    let mut large = event(1);
    large.payload = json!("x".repeat(STEP_BYTES / 3));
    for id in 1..=STEP_EVENTS {
        large.id = id;
        window.push(Round::encode(vec![large.clone()]));
    }
    let Reach::Next(step) = window.after(0) else {
        panic!("the window has it all");
    };
    assert_eq!(step.through, 3);
    assert_eq!(ids(&step.piece(0, &View::default()).bytes), [1, 2, 3]);
}

#[test]
fn ids_that_a_break_has_skipped_take_no_steps() {
    let mut window = Window::new(9, usize::MAX);
    let id = 1 << 40;
    window.push(Round::encode(vec![event(id)]));
    let Reach::Next(step) = window.after(9) else {
        panic!("an event is there");
    };
    assert_eq!(step.through, id);
    assert_eq!(step.rounds.len(), 1);
}

#[test]
fn streams_that_lag_take_the_same_steps() {
    let mut window = Window::new(0, 1 << 30);
    for first in (1..=1000).step_by(10) {
        window.push(Round::encode((first..first + 10).map(event).collect()));
    }
    let through = |cursor| match window.after(cursor) {
        Reach::Next(step) => step.through,
        other => panic!("{other:?}"),
    };
    assert_eq!([0, 1, 100, 255].map(through), [256; 4]);
    assert_eq!([256, 300].map(through), [512; 2]);
    // Nearly there: take all the rest.
    assert_eq!([744, 767, 768, 990].map(through), [1000; 4]);
}

#[test]
fn events_that_were_trimmed_unseen_are_left_to_the_log() {
    let mut window = Window::new(0, 1 << 20);
    window.push(Round::encode(vec![event(1)]));
    window.trim(5);
    assert!(matches!(window.after(1), Reach::Behind(5)));
    assert!(matches!(window.after(5), Reach::UpToDate));
    window.push(Round::encode(vec![event(6)]));
    assert!(matches!(
        window.after(5),
        Reach::Next(Step { through: 6, .. })
    ));
}

proptest! {
    /// Whatever was pushed and evicted: for each cursor the window either says that it is behind, or has exactly
    /// the matching events past it, in order.
    #[test]
    fn the_window_is_exact_or_says_that_it_is_not(
        start in 0_i64..50,
        rounds in prop::collection::vec(prop::collection::vec(1_i64..60, 1..5), 0..40),
        max_weight in 1_usize..6000,
        trims in prop::collection::vec((0_usize..40, 0_i64..2000), 0..3),
        cursor in 0_i64..2000,
        kinds in prop::option::of(prop::sample::subsequence(KINDS.to_vec(), 1..=4)),
        topic in prop::option::of(0_i64..3),
    ) {
        let mut window = Window::new(start, max_weight);
        let mut all = Vec::new();
        let mut id = start;
        let mut trimmed = 0;
        for (index, gaps) in rounds.into_iter().enumerate() {
            let events: Vec<_> = gaps.iter().map(|gap| { id += gap; event(id) }).collect();
            all.extend(events.iter().map(|event| event.id));
            window.push(Round::encode(events));
            for &(at, through) in &trims {
                if at == index && through <= id {
                    window.trim(through);
                    trimmed = trimmed.max(through);
                }
            }
        }
        prop_assert_eq!(window.settled(), id);
        prop_assert!(window.floor >= trimmed);
        let mut filter = Filter::default();
        if let Some(kinds) = kinds {
            filter = filter.of_kinds(kinds);
        }
        if let Some(topic) = topic {
            filter = filter.about([topic]);
        }
        let expected: Vec<_> = all
            .into_iter()
            .filter(|&id| id > cursor)
            .filter(|&id| filter.matches(&event(id).kind, id % 3))
            .collect();
        let mut seen = Vec::new();
        let mut last = None;
        let mut at = cursor;
        loop {
            match window.after(at) {
                Reach::UpToDate => break,
                Reach::Behind(through) => {
                    prop_assert_eq!(through, id);
                    prop_assert_eq!(at, cursor, "once inside, a cursor stays inside");
                    prop_assert!(cursor < window.floor);
                    return Ok(());
                }
                Reach::Next(step) => {
                    prop_assert!(step.through > at, "each step goes on");
                    let piece = step.piece(at, &filter.clone().into());
                    last = piece.last.or(last);
                    let found = ids(&piece.bytes);
                    prop_assert_eq!(piece.events, found.len());
                    seen.extend(found);
                    at = step.through;
                }
            }
        }
        prop_assert_eq!(at, cursor.max(id));
        prop_assert_eq!(last, expected.last().copied());
        prop_assert_eq!(seen, expected);
    }
}

#[test]
fn what_is_forgotten_is_behind_the_window() {
    let mut window = Window::new(0, usize::MAX);
    window.push(Round::encode(vec![event(1), event(2)]));
    window.push(Round::encode(vec![event(3)]));
    window.forget();
    assert_eq!(window.weight, 0);
    for cursor in 0..3 {
        assert!(matches!(window.after(cursor), Reach::Behind(3)));
    }
    assert!(matches!(window.after(3), Reach::UpToDate));
    window.push(Round::encode(vec![event(4)]));
    let Reach::Next(step) = window.after(3) else {
        panic!("an event is there");
    };
    assert_eq!(ids(&step.piece(3, &View::default()).bytes), [4]);
    assert!(matches!(window.after(2), Reach::Behind(4)));
}
