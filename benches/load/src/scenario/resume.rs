//! Clients are cut at random under load and come back: is anything lost or doubled?

use std::{
    sync::atomic::{AtomicBool, Ordering::Relaxed},
    thread,
    time::Duration,
};

use clap::Args;

use super::{Bench, Figures, fanout::Point, number, set};
use crate::{
    clock,
    error::Result,
    publish::{Publisher, Schedule},
    server::Kind,
    streams::{Group, Opening},
};

/// Its options.
#[derive(Args, Debug)]
pub struct Resume {
    /// Measure this many streams and events a second
    #[arg(long, default_value = "500x50")]
    point: Point,
    #[arg(long, default_value_t = 10)]
    seconds: u64,
    /// Let each stream live this many seconds on average
    #[arg(long, default_value_t = 1.0)]
    life: f64,
}

impl Resume {
    /// Measures all servers.
    pub fn run(&self, bench: &Bench) -> Result<()> {
        let duration = Duration::from_secs(self.seconds);
        let (servers, points) = (["dotcast"], [self.point]);
        bench.series(
            "resume",
            &servers,
            &points,
            Point::describe,
            |kind, &point| measure(bench, kind, point, duration, self.life),
        )
    }
}

/// Interval between cuts.
const EVERY: Duration = Duration::from_millis(50);
/// How long streams may take after the last event to receive what they still lack.
const CATCH_UP: Duration = Duration::from_secs(10);

/// Measures one server: each stream is cut about every `mean` seconds.
///
/// Losses are what this measures, so they fail the run only for servers that promise none.
fn measure(
    bench: &Bench,
    kind: &Kind,
    point: Point,
    duration: Duration,
    mean: f64,
) -> Result<Figures> {
    let schedule = Schedule {
        rate: point.rate,
        batch: 1,
        duration,
    };
    let setting = bench.start(kind, schedule.events() + 1)?;
    setting.timeline.set_streams(point.streams);
    let opening = Opening {
        reopen: true,
        ..Opening::default()
    };
    setting.streams.open(Group::Main, point.streams, opening)?;
    let mut publisher = Publisher::new(setting.server.address(), setting.server.target());
    // With one event, all have an id to resume from.
    publisher.publish_at_once(&setting.timeline, 1)?;
    thread::sleep(Duration::from_secs(1));

    let per_turn = number(point.streams) * EVERY.as_secs_f64() / mean;
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "thousands"
    )]
    let per_turn = per_turn.ceil() as usize;
    let stop = AtomicBool::new(false);
    thread::scope(|scope| {
        scope.spawn(|| {
            while !stop.load(Relaxed) {
                let streams = &setting.streams;
                streams.cut_some(Group::Main, per_turn, clock::now());
                thread::sleep(EVERY);
            }
        });
        let sent = publisher.publish(&setting.timeline, schedule);
        stop.store(true, Relaxed);
        sent
    })?;
    let next = setting.timeline.next();
    // Missing events are counted below.
    let _ = setting
        .streams
        .wait_arrived(Group::Main, next, point.streams, CATCH_UP);
    let outcome = setting.streams.outcome(Group::Main, next)?;
    if kind.is_dotcast() {
        super::check(&outcome)?;
    }
    let mut figures = Figures::new();
    set(
        &mut figures,
        "expected",
        number(next) * number(point.streams),
    );
    set(&mut figures, "lost", number(outcome.lost + outcome.missing));
    set(&mut figures, "doubled", number(outcome.doubled));
    let cuts = setting.streams.count_cut(Group::Main);
    set(&mut figures, "cuts", number(cuts));
    Ok(figures)
}
