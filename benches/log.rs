//! What the log costs between the database and the sockets, in ns per event: encoding a round, the window
//! that all streams share, a stream's own cursor, and the watermark. `make bench-micro` runs it.

use std::{
    collections::BTreeSet,
    hint::black_box,
    time::{Duration, Instant},
};

use bytes::Bytes;
use criterion::{BatchSize, BenchmarkId, Criterion, Throughput};
use dotcast_log::{
    EventId, event,
    feed::{Admission, Feed, Next, Source, Timing},
    filter::Filter,
    read::Extent,
    view::View,
    watermark::{Ask, Holder, Watermark},
    window::{Piece, Reach, Round, STEP_EVENTS, Step, Window},
};
use entity::event::EventType;
use serde_json::json;

/// Events that become visible together: one by one, as many as a busy second's round has, and a page.
const SIZES: [EventId; 3] = [1, 20, 256];
/// As the server keeps them.
const WINDOW_BYTES: usize = 4 << 20;
/// The window is then full, with events of the size of [`event`]'s.
const FILL: EventId = 50_000;
/// Boards that the events are about, in turn: a stream of one board wants a tenth of them.
const BOARDS: i64 = 10;

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    encode(&mut criterion);
    push(&mut criterion);
    after(&mut criterion);
    frames(&mut criterion);
    next(&mut criterion);
    watermark(&mut criterion);
    criterion.final_summary();
}

fn event(id: EventId) -> event::Model {
    let payload = json!({
        "path_id": id,
        "board_id": id % BOARDS,
        "board_name": "A board with a name",
        "user_username": "somebody",
    });
    event::Model {
        id,
        uuid: uuid::Uuid::nil(),
        kind: EventType::NewPath.as_str().to_owned(),
        topic: id % BOARDS,
        payload,
        created_at: chrono::DateTime::UNIX_EPOCH,
    }
}

/// The `count` events past `cursor`.
fn events(cursor: EventId, count: EventId) -> Vec<event::Model> {
    (cursor + 1..=cursor + count).map(event).collect()
}

/// A full window whose rounds have this many events, and where it ends.
fn full_window(round: EventId) -> (Window, EventId) {
    let mut window = Window::new(0, WINDOW_BYTES);
    let mut cursor = 0;
    while cursor < FILL {
        window.push(Round::encode(events(cursor, round)));
        cursor += round;
    }
    (window, cursor)
}

fn of_one_board() -> Filter {
    Filter::default().about([1])
}

fn elements(count: EventId) -> Throughput {
    Throughput::Elements(count.unsigned_abs())
}

fn encode(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("encode a round");
    for count in SIZES {
        group.throughput(elements(count));
        group.bench_function(BenchmarkId::from_parameter(count), |bench| {
            bench.iter_batched(|| events(0, count), Round::encode, BatchSize::SmallInput);
        });
    }
    group.finish();
}

/// At capacity: each push makes the oldest rounds give way.
fn push(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("push to a full window");
    for count in SIZES {
        let (mut window, mut cursor) = full_window(count);
        group.throughput(elements(count));
        group.bench_function(BenchmarkId::from_parameter(count), |bench| {
            let round = || {
                cursor += count;
                Round::encode(events(cursor - count, count))
            };
            bench.iter_batched(round, |round| window.push(round), BatchSize::SmallInput);
        });
    }
    group.finish();
}

fn after(criterion: &mut Criterion) {
    // Rounds of one event are the most that there can be to look through.
    let (window, newest) = full_window(1);
    let mut group = criterion.benchmark_group("window after a cursor that lags");
    for lag in [0, 20, STEP_EVENTS, 10_000] {
        let cursor = newest - lag;
        let taken = match window.after(cursor) {
            Reach::Next(step) => step.through - cursor,
            // To learn that there is nothing is one look.
            Reach::UpToDate | Reach::Behind(_) => 1,
        };
        group.throughput(elements(taken));
        group.bench_function(BenchmarkId::from_parameter(lag), |bench| {
            bench.iter(|| window.after(black_box(cursor)));
        });
    }
    group.finish();
}

fn frames(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("frames of a step");
    for (name, filter) in [
        ("of all", Filter::default()),
        ("of one board", of_one_board()),
    ] {
        for count in SIZES {
            let step = Step::of(Round::encode(events(0, count)), count);
            let view = View::from(filter.clone());
            group.throughput(elements(count));
            group.bench_function(BenchmarkId::new(name, count), |bench| {
                bench.iter(|| step.piece(black_box(0), &view));
            });
        }
    }
    group.finish();
}

/// What the body of a response takes from the window. A reactor keeps what it has made, so there it is
/// made for the first of many streams only.
struct Plain<'a>(&'a Window);

impl Source for Plain<'_> {
    fn after(&mut self, cursor: EventId, view: &View) -> Reach<Piece> {
        let reach = self.0.after(cursor);
        reach.map(|step| self.cut(&step, cursor, view))
    }

    fn cut(&mut self, step: &Step, cursor: EventId, view: &View) -> Piece {
        step.piece(cursor, view)
    }

    fn is_stopping(&self) -> bool {
        false
    }

    fn lost(&self) -> Option<Extent> {
        None
    }
}

/// The same piece for everybody, as a reactor has it.
struct Made(Piece);

impl Source for Made {
    fn after(&mut self, cursor: EventId, _: &View) -> Reach<Piece> {
        if cursor >= self.0.through {
            return Reach::UpToDate;
        }
        Reach::Next(self.0.clone())
    }

    fn cut(&mut self, _: &Step, _: EventId, _: &View) -> Piece {
        self.0.clone()
    }

    fn is_stopping(&self) -> bool {
        false
    }

    fn lost(&self) -> Option<Extent> {
        None
    }
}

/// A stream at `cursor` that has said hello.
fn feed(cursor: EventId, now: Instant) -> Feed {
    let timing = Timing {
        keep_alive: Duration::from_mins(1),
        retry: Duration::from_secs(2),
        max_age: None,
    };
    let mut feed = Feed::new(timing, cursor, Filter::default(), Admission::default(), now);
    feed.start((cursor, None));
    let nothing = Piece {
        bytes: Bytes::new(),
        events: 0,
        last: None,
        through: cursor,
    };
    let opening = feed.next(now, &mut Made(nothing));
    assert!(matches!(opening, Next::Own(_)), "a stream opens");
    feed
}

fn next(criterion: &mut Criterion) {
    let now = Instant::now();
    let mut group = criterion.benchmark_group("a stream's next");
    group.throughput(elements(1));
    group.bench_function("up to date", |bench| {
        let (window, newest) = full_window(20);
        let mut feed = feed(newest, now);
        bench.iter(|| feed.next(black_box(now), &mut Plain(&window)));
    });
    for count in SIZES {
        let (window, newest) = full_window(count);
        let behind = || feed(newest - count, now);
        group.throughput(elements(count));
        group.bench_function(BenchmarkId::new("a round, made for it", count), |bench| {
            let take = |feed: &mut Feed| feed.next(now, &mut Plain(&window));
            bench.iter_batched_ref(behind, take, BatchSize::SmallInput);
        });
        let Reach::Next(step) = window.after(newest - count) else {
            panic!("the window has them");
        };
        let mut made = Made(step.piece(newest - count, &View::default()));
        group.bench_function(BenchmarkId::new("a round, shared", count), |bench| {
            let take = |feed: &mut Feed| feed.next(now, &mut made);
            bench.iter_batched_ref(behind, take, BatchSize::SmallInput);
        });
    }
    group.finish();
}

fn watermark(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("watermark");
    for count in SIZES {
        let ids: Vec<_> = (1..=count).collect();
        group.throughput(elements(count));
        group.bench_function(BenchmarkId::new("without a gap", count), |bench| {
            let rows = |watermark: &mut Watermark| watermark.rows(black_box(&ids), 0);
            bench.iter_batched_ref(|| Watermark::new(0), rows, BatchSize::SmallInput);
        });
        // 1 is missing: its owner is one of three, who end one after the other.
        let ids: Vec<_> = (2..=count + 1).collect();
        let holders = |from: u32| -> BTreeSet<_> {
            let names = (from..3).map(|it| format!("{it}/1000"));
            names.map(Holder::Open).collect()
        };
        group.bench_function(BenchmarkId::new("a gap and its fence", count), |bench| {
            let setup = || (Watermark::new(0), [0, 1, 2, 3].map(holders));
            bench.iter_batched(
                setup,
                |(mut watermark, answers)| {
                    watermark.rows(black_box(&ids), 0);
                    for holders in answers {
                        watermark.holders(holders);
                    }
                    debug_assert_eq!(watermark.ask(), Ask::Rows, "the fence has cleared");
                    watermark.rows(&ids, 0)
                },
                BatchSize::SmallInput,
            );
        });
    }
    group.finish();
}
