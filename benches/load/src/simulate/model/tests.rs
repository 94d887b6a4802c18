//! Nobody is lost, work is conserved, and more servers never take longer.

use proptest::prelude::*;

use super::*;

/// What a survivor of so many servers is like.
fn survivor(instances: u64, streams: u64, back: (f64, f64)) -> Setting {
    Setting {
        streams: streams / instances,
        clients: (streams / instances).div_ceil(instances - 1),
        cores: 2.0,
        rate: 1.0,
        delivery: 12e-6,
        catch_up: 0.4e-6,
        opening: 150e-6,
        missed: 100.0,
        back,
        queue: 4096,
        patience: 30.0,
        retry: 2.0,
        limit: 600.0,
    }
}

fn quietly(setting: Setting) -> Outcome {
    run(setting, |_, _| ())
}

#[test]
fn a_single_client_is_back_when_its_work_is_done() {
    let mut setting = survivor(2, 0, (2.0, 0.0));
    (setting.clients, setting.opening) = (1, 0.1);
    let outcome = quietly(setting);
    // A connection is one core's work in truth; here all cores share in it.
    let expected = 2.0 + 0.1 / setting.cores + STEP;
    assert!((outcome.all_back.expect("it is back") - expected).abs() < 3.0 * STEP);
    assert_eq!(outcome.refused, 0);
}

#[test]
fn an_overloaded_server_says_so() {
    let mut setting = survivor(2, 100_000, (2.0, 6.0));
    (setting.rate, setting.limit) = (10.0, 30.0);
    let outcome = quietly(setting);
    assert!(outcome.peak_cpu > 0.99);
    assert!(outcome.longest_delay > 5.0);
}

#[test]
fn more_servers_never_take_longer() {
    for back in [(2.0, 0.05), (2.0, 6.0)] {
        for queue in [256, 4096, 1 << 40] {
            let outcomes = [2, 3, 5, 10, 20, 50].map(|instances| {
                quietly(Setting {
                    queue,
                    ..survivor(instances, 60_000, back)
                })
            });
            let times = outcomes.map(|it| it.all_back.expect("all come back"));
            assert!(times.is_sorted_by(|one, next| one >= next), "{times:?}");
            let delays = outcomes.map(|it| it.longest_delay);
            assert!(
                delays.is_sorted_by(|one, next| *one >= next - STEP),
                "{delays:?}"
            );
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Whatever happens, each client is somewhere, and no work is done twice or forgotten.
    #[test]
    fn nobody_is_lost_and_work_is_conserved(
        streams in 0_u64..20_000,
        clients in 1_u64..20_000,
        rate in 0.0_f64..20.0,
        missed in 0.0_f64..500.0,
        back in (0.0_f64..5.0, 0.0_f64..8.0),
        queue in 1_u64..5000,
        patience in 0.5_f64..40.0,
    ) {
        let setting = Setting {
            streams, clients, rate, missed, back, queue, patience,
            limit: 60.0,
            ..survivor(2, 0, back)
        };
        let mut last = 0;
        let mut lost = None;
        let outcome = run(setting, |now, at| {
            if at.away + at.queued + at.behind + at.back != clients || at.back < last || at.queued > queue {
                lost.get_or_insert((now, at));
            }
            last = at.back;
        });
        prop_assert_eq!(lost, None);
        let at = outcome.clients;
        prop_assert_eq!(outcome.all_back.is_some(), at.back == clients);
        // What was done for the first of each queue is not yet counted as work.
        prop_assert!(outcome.cpu <= outcome.work + setting.opening + 1e-6);
        if outcome.all_back.is_some() && rate == 0.0 {
            prop_assert!((outcome.cpu - outcome.work).abs() < 1e-6);
        }
        if outcome.all_back.is_some() {
            let opened = float(clients) * (setting.opening + missed * setting.catch_up);
            prop_assert!(outcome.cpu >= opened - 1e-6);
        }
        prop_assert!(outcome.peak_cpu <= 1.0 + 1e-9);
    }
}
