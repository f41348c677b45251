//! When a track has crossed a line: rides made by hand, each a case met in real footage.

mod support;

use giaolo_domain::{SignalState, TimeOrigin, Way};
use giaolo_scene::{Movement, Refusal};
use support::{Ride, ride, rule, run, scene, stop_line};

struct Case {
    name: &'static str,
    ride: Ride,
    /// Frames a second.
    rates: &'static [f64],
    /// Ways that count, in order, with the second of each.
    expected: &'static [(Way, f64)],
}

const ALL_RATES: &[f64] = &[5.0, 10.0, 30.0];

fn cases() -> Vec<Case> {
    let case = |name, ride, rates, expected| Case { name, ride, rates, expected };
    vec![
        case(
            "rides over the line",
            ride(1, &[(0.0, 500.0, 700.0), (4.0, 500.0, 300.0)]),
            ALL_RATES,
            &[(Way::Forward, 2.0)],
        ),
        case(
            "a fast vehicle: four sightings before the line and two after it at 5 frames a second",
            ride(1, &[(0.0, 500.0, 900.0), (1.0, 500.0, 380.0)]),
            ALL_RATES,
            &[(Way::Forward, 0.77)],
        ),
        case(
            "creeps onto the line in a queue and stands there",
            ride(1, &[(0.0, 500.0, 520.0), (20.0, 500.0, 490.0), (60.0, 500.0, 480.0)]),
            ALL_RATES,
            &[],
        ),
        case(
            "stands before the line, its lower edge flickering over it",
            Ride {
                flicker: |frame| if frame % 3 == 0 { -45.0 } else { 0.0 },
                ..ride(1, &[(0.0, 500.0, 520.0), (20.0, 500.0, 520.0)])
            },
            ALL_RATES,
            &[],
        ),
        case(
            "a track that jumps to the next rider in the queue",
            ride(
                1,
                &[
                    (0.0, 500.0, 560.0),
                    (5.0, 500.0, 560.0),
                    (5.03, 500.0, 440.0),
                    (9.0, 500.0, 440.0),
                ],
            ),
            ALL_RATES,
            &[],
        ),
        case(
            "stops before the line, and the next one in the queue hides its wheels",
            Ride {
                flicker: |frame| -(4.0 * frame.saturating_sub(38) as f32).min(45.0),
                ..ride(1, &[(0.0, 500.0, 700.0), (4.0, 500.0, 520.0), (9.0, 500.0, 520.0)])
            },
            &[10.0],
            &[],
        ),
        case(
            "passes beside the line's end",
            ride(1, &[(0.0, 150.0, 700.0), (4.0, 150.0, 300.0)]),
            ALL_RATES,
            &[],
        ),
        case(
            "rides along the line, never over it",
            ride(1, &[(0.0, 150.0, 520.0), (4.0, 900.0, 520.0)]),
            ALL_RATES,
            &[],
        ),
        case(
            "over the line, back, and over it again counts once each way",
            ride(
                1,
                &[
                    (0.0, 500.0, 700.0),
                    (4.0, 500.0, 300.0),
                    (8.0, 500.0, 700.0),
                    (12.0, 500.0, 300.0),
                ],
            ),
            ALL_RATES,
            &[(Way::Forward, 2.0), (Way::Back, 6.0)],
        ),
        case(
            "noses over the line and rolls back",
            ride(1, &[(0.0, 500.0, 700.0), (2.0, 500.0, 492.0), (4.0, 500.0, 560.0)]),
            ALL_RATES,
            &[],
        ),
        case(
            "rides over the line and is thrown back by a box behind it",
            ride(
                1,
                &[
                    (0.0, 500.0, 800.0),
                    (1.6, 500.0, 430.0),
                    (1.7, 500.0, 430.0),
                    (2.0, 500.0, 560.0),
                    (4.0, 500.0, 560.0),
                ],
            ),
            &[10.0],
            &[(Way::Forward, 1.3)],
        ),
        case(
            "first seen on the line",
            ride(1, &[(0.0, 500.0, 503.0), (2.0, 500.0, 300.0)]),
            &[5.0],
            &[],
        ),
        case(
            "seen in two frames only",
            Ride {
                unseen: |frame| !(9..11).contains(&frame),
                ..ride(1, &[(0.0, 500.0, 900.0), (4.0, 500.0, 100.0)])
            },
            &[5.0],
            &[],
        ),
        case(
            "hidden behind a bus for half a second over the line",
            Ride {
                unseen: |frame| (9..12).contains(&frame),
                ..ride(1, &[(0.0, 500.0, 700.0), (4.0, 500.0, 300.0)])
            },
            &[5.0],
            &[(Way::Forward, 2.0)],
        ),
        case(
            "one frame back over the line does not make it come from nowhere",
            Ride {
                flicker: |frame| if frame == 62 { 12.0 } else { 0.0 },
                ..ride(1, &[(0.0, 500.0, 700.0), (4.0, 500.0, 300.0)])
            },
            &[30.0],
            &[(Way::Forward, 2.0)],
        ),
        case(
            "colours that change on an open road are a ride: at 5 frames a second they do",
            Ride { unlike: 24.0, ..ride(1, &[(0.0, 500.0, 700.0), (4.0, 500.0, 300.0)]) },
            ALL_RATES,
            &[(Way::Forward, 2.0)],
        ),
    ]
}

#[test]
fn a_track_that_takes_the_places_of_a_standing_queue_does_not_count() {
    let scene = scene(vec![stop_line()], Vec::new());
    let hopper = ride(9, &[(1.0, 500.0, 640.0), (3.0, 500.0, 380.0)]);
    let queue = (0..8).map(|i| {
        let y = 640.0 - 40.0 * i as f32;
        ride(i + 1, &[(0.0, 500.0, y), (5.0, 500.0, y)])
    });
    let lamp = |_| SignalState::Green;
    for fps in ALL_RATES {
        let alone = run(&scene, TimeOrigin::UNKNOWN, std::slice::from_ref(&hopper), *fps, &lamp);
        assert_eq!(alone.crossings().len(), 1, "alone it is a ride, at {fps}");
        let rides: Vec<Ride> = queue.clone().chain([hopper.clone()]).collect();
        let through = run(&scene, TimeOrigin::UNKNOWN, &rides, *fps, &lamp);
        assert_eq!(through.crossings().len(), 0, "through the queue it is not, at {fps}");
    }
}

#[test]
fn beside_a_standing_queue_only_who_keeps_his_colours_counts() {
    let scene = scene(vec![stop_line()], Vec::new());
    let queue = (0..4).map(|i| {
        let y = 660.0 - 90.0 * i as f32;
        ride(i + 1, &[(0.0, 440.0, y), (6.0, 440.0, y)])
    });
    for (unlike, counts) in [(10.0, 1), (24.0, 0)] {
        let passing = Ride { unlike, ..ride(9, &[(1.0, 500.0, 680.0), (4.0, 500.0, 360.0)]) };
        let rides: Vec<Ride> = queue.clone().chain([passing]).collect();
        let found = run(&scene, TimeOrigin::UNKNOWN, &rides, 10.0, &|_| SignalState::Green);
        assert_eq!(found.crossings().len(), counts, "change of colours {unlike}");
    }
}

#[test]
fn what_counts_as_a_crossing() {
    let scene = scene(vec![stop_line()], Vec::new());
    for case in cases() {
        for &fps in case.rates {
            let rides = [case.ride.clone()];
            let outcome = run(&scene, TimeOrigin::UNKNOWN, &rides, fps, &|_| SignalState::Green);
            let found: Vec<(Way, f64)> =
                outcome.crossings().iter().map(|c| (c.way, c.at.time.seconds())).collect();
            let ways: Vec<Way> = found.iter().map(|f| f.0).collect();
            let wanted: Vec<Way> = case.expected.iter().map(|e| e.0).collect();
            assert_eq!(ways, wanted, "{} at {fps} frames a second: {found:?}", case.name);
            for ((_, at), (_, second)) in found.iter().zip(case.expected) {
                let frames = (at - second).abs() * fps;
                assert!(frames <= 3.1, "{} at {fps}: {at} s, wanted {second} s", case.name);
            }
        }
    }
}

#[test]
fn what_does_not_count_says_why() {
    let mut line = stop_line();
    // A bare change of sides with a distance: only that rule tells a long gap from a jump.
    line.hysteresis.travel = 0.0;
    let without_travel = scene(vec![line], Vec::new());
    let scene = scene(vec![stop_line()], Vec::new());
    for (name, scene, ride, expected) in [
        (
            "rolls back",
            &scene,
            ride(1, &[(0.0, 500.0, 700.0), (2.0, 500.0, 492.0), (4.0, 500.0, 560.0)]),
            Refusal::DidNotStay,
        ),
        (
            "creeps",
            &scene,
            ride(1, &[(0.0, 500.0, 520.0), (20.0, 500.0, 490.0), (60.0, 500.0, 460.0)]),
            Refusal::TooLittleTravel,
        ),
        (
            "a second time the same way",
            &scene,
            ride(
                1,
                &[
                    (0.0, 500.0, 700.0),
                    (4.0, 500.0, 300.0),
                    (8.0, 500.0, 700.0),
                    (12.0, 500.0, 300.0),
                ],
            ),
            Refusal::CountedBefore,
        ),
        (
            "out of sight for three seconds",
            &without_travel,
            Ride {
                unseen: |frame| (10..41).contains(&frame),
                ..ride(1, &[(0.0, 500.0, 700.0), (5.0, 500.0, 300.0)])
            },
            Refusal::LongGap,
        ),
    ] {
        let outcome = run(scene, TimeOrigin::UNKNOWN, &[ride], 10.0, &|_| SignalState::Green);
        let reasons: Vec<Refusal> = outcome.refused.iter().map(|r| r.reason).collect();
        assert!(reasons.contains(&expected), "{name}: {reasons:?}");
    }
}

#[test]
fn the_same_tracks_give_the_same_events_in_whatever_order_they_come() {
    let scene = scene(vec![stop_line()], Vec::new());
    let rides: Vec<Ride> = (0..6)
        .map(|i| {
            let x = 250.0 + 80.0 * i as f32;
            let start = 0.37 * i as f64;
            ride(i + 1, &[(start, x, 700.0), (start + 3.0, x, 300.0)])
        })
        .collect();
    let mut turned = rides.clone();
    turned.reverse();
    let lamp = |_| SignalState::Green;
    let first = run(&scene, TimeOrigin::UNKNOWN, &rides, 10.0, &lamp).events;
    assert_eq!(first.len(), 7, "six crossings and the lamp");
    assert_eq!(first, run(&scene, TimeOrigin::UNKNOWN, &rides, 10.0, &lamp).events);
    assert_eq!(first, run(&scene, TimeOrigin::UNKNOWN, &turned, 10.0, &lamp).events);
}

#[test]
fn a_movement_begins_at_the_line_passed_last() {
    // Three lines one after another: who passes all of them came from the second, not the first.
    let at = |id: &str, y: f32| {
        let mut line = stop_line();
        line.id = id.into();
        line.points = line.points.map(|p| giaolo_domain::PixelPoint::new(p.x, y));
        line
    };
    let movement = |id: &str, from: &str| Movement {
        id: id.into(),
        from: (from.into(), Some(Way::Forward)),
        to: ("out".into(), None),
    };
    let mut scene = scene(vec![at("in", 700.0), at("middle", 500.0), at("out", 300.0)], Vec::new());
    scene.movements = vec![movement("from in", "in"), movement("from middle", "middle")];
    scene.rules =
        vec![rule("ban", giaolo_scene::Check::BannedMovement { movement: "from in".into() })];
    let all = ride(1, &[(0.0, 500.0, 900.0), (8.0, 500.0, 100.0)]);
    let outcome = run(&scene, TimeOrigin::UNKNOWN, &[all], 10.0, &|_| SignalState::Green);
    let last = outcome.crossings().last().and_then(|c| c.movement.clone());
    assert_eq!(last, Some("from middle".into()));
    assert!(outcome.violations().is_empty());
}
