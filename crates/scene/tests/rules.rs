//! What the rules raise and what they must not: rides made by hand under a lamp made by hand.

mod support;

use SignalState::{Amber, Green, Red, Unknown, Unlit};
use giaolo_domain::{
    ClockSource, PixelPoint, RoadUserClass, SignalState, TimeOrigin, UtcTime, Verdict,
    ViolationKind, Way,
};
use giaolo_scene::{Check, Movement, Rule, Scene, Zone, ZoneKind};
use support::{HEIGHT, Ride, ride, rule, run, scene, stop_line};

const NOT_RAISED: &[ViolationKind] = &[];

fn kinds(
    scene: &Scene,
    rides: &[Ride],
    fps: f64,
    lamp: &dyn Fn(f64) -> SignalState,
) -> Vec<ViolationKind> {
    run(scene, TimeOrigin::UNKNOWN, rides, fps, lamp).violations().iter().map(|v| v.kind).collect()
}

/// Over the line at second 5, away from the camera.
fn drives_on() -> Ride {
    ride(1, &[(3.0, 500.0, 700.0), (7.0, 500.0, 300.0)])
}

/// Over the line at second 5 and at rest 30 pixels past it.
fn stops_past_the_line() -> Ride {
    ride(1, &[(3.0, 500.0, 700.0), (5.3, 500.0, 470.0), (12.0, 500.0, 470.0)])
}

#[test]
fn red_light_and_stop_line() {
    let red_light = rule("red", Check::RedLight { line: "stop".into() });
    let stays = rule("stop", Check::StopLine { line: "stop".into(), dwell_s: 3.0 });
    let scene = scene(vec![stop_line()], vec![red_light, stays]);
    let from = |second: f64, state| move |t: f64| if t < second { Green } else { state };
    let one = &[ViolationKind::RedLight][..];
    let stop = &[ViolationKind::StopLine][..];
    type Lamp = Box<dyn Fn(f64) -> SignalState>;
    let cases: Vec<(&str, Ride, Lamp, &[ViolationKind])> = vec![
        ("drives on at red", drives_on(), Box::new(|_| Red), one),
        ("drives on at green", drives_on(), Box::new(|_| Green), NOT_RAISED),
        ("drives on at amber", drives_on(), Box::new(|_| Amber), NOT_RAISED),
        ("drives on, the lamp unknown", drives_on(), Box::new(|_| Unknown), NOT_RAISED),
        ("drives on, the lamp dark", drives_on(), Box::new(|_| Unlit), NOT_RAISED),
        ("turned red two seconds before", drives_on(), Box::new(from(3.0, Red)), one),
        ("turned red within the margin", drives_on(), Box::new(from(4.9, Red)), NOT_RAISED),
        ("turned red just after", drives_on(), Box::new(from(5.1, Red)), NOT_RAISED),
        (
            "turned green just after",
            drives_on(),
            Box::new(|t| if t < 5.1 { Red } else { Green }),
            NOT_RAISED,
        ),
        (
            "red, and a lorry before the lamp for half a second",
            drives_on(),
            Box::new(|t| if (4.8..5.3).contains(&t) { Unknown } else { Red }),
            one,
        ),
        ("stops past the line at red", stops_past_the_line(), Box::new(|_| Red), stop),
        ("stops past the line at green", stops_past_the_line(), Box::new(|_| Green), NOT_RAISED),
        (
            "stops past the line, rolls back",
            ride(
                1,
                &[
                    (3.0, 500.0, 700.0),
                    (5.3, 500.0, 470.0),
                    (6.5, 500.0, 560.0),
                    (12.0, 500.0, 560.0),
                ],
            ),
            Box::new(|_| Red),
            NOT_RAISED,
        ),
        (
            "comes from the junction, against the line",
            ride(1, &[(3.0, 500.0, 300.0), (7.0, 500.0, 700.0)]),
            Box::new(|_| Red),
            NOT_RAISED,
        ),
        (
            "a pedestrian",
            Ride { class: RoadUserClass::Pedestrian, ..drives_on() },
            Box::new(|_| Red),
            NOT_RAISED,
        ),
    ];
    for (name, ride, lamp, expected) in cases {
        for fps in [5.0, 10.0, 25.0] {
            let found = kinds(&scene, std::slice::from_ref(&ride), fps, lamp.as_ref());
            assert_eq!(found, expected, "{name} at {fps} frames a second");
        }
    }
}

#[test]
fn a_gap_over_the_line_is_a_doubt_and_says_so() {
    let scene =
        scene(vec![stop_line()], vec![rule("red", Check::RedLight { line: "stop".into() })]);
    let hidden = Ride { unseen: |frame| (47..57).contains(&frame), ..drives_on() };
    let outcome = run(&scene, TimeOrigin::UNKNOWN, &[hidden], 10.0, &|_| Red);
    let violation = outcome.violations()[0];
    assert_eq!(violation.verdict, Verdict::Insufficient);
    assert!(violation.insufficient.iter().any(|r| r.code == "gap_over_line"), "{violation:?}");
    let seen = run(&scene, TimeOrigin::UNKNOWN, &[drives_on()], 10.0, &|_| Red);
    assert_eq!(seen.violations()[0].verdict, Verdict::Sure);
    assert!(seen.violations()[0].red_for_s.unwrap() > 4.5);
}

fn zone(kind: ZoneKind, direction: Option<[PixelPoint; 2]>) -> Zone {
    let corners = [(300.0, 200.0), (700.0, 200.0), (700.0, 800.0), (300.0, 800.0)];
    Zone {
        id: "zone".into(),
        kind,
        points: corners.map(|(x, y)| PixelPoint::new(x, y)).to_vec(),
        direction,
    }
}

fn in_zone(zone: Zone, rule: Rule) -> Scene {
    let mut scene = scene(Vec::new(), vec![rule]);
    scene.zones = vec![zone];
    scene
}

#[test]
fn wrong_way() {
    let up = [PixelPoint::new(500.0, 800.0), PixelPoint::new(500.0, 200.0)];
    let check = Check::WrongWay { zone: "zone".into(), travel: 1.0 };
    let scene = in_zone(zone(ZoneKind::Lane, Some(up)), rule("ww", check));
    let one = &[ViolationKind::WrongWay][..];
    for (name, ride, expected) in [
        ("against the lane", ride(1, &[(0.0, 500.0, 250.0), (5.0, 500.0, 750.0)]), one),
        ("slowly against the lane", ride(1, &[(0.0, 500.0, 400.0), (6.0, 500.0, 700.0)]), one),
        ("with the lane", ride(1, &[(0.0, 500.0, 750.0), (5.0, 500.0, 250.0)]), NOT_RAISED),
        ("across the lane", ride(1, &[(0.0, 310.0, 500.0), (4.0, 690.0, 520.0)]), NOT_RAISED),
        ("stands", ride(1, &[(0.0, 500.0, 500.0), (9.0, 500.0, 500.0)]), NOT_RAISED),
        (
            "rolls back half a length",
            ride(1, &[(0.0, 500.0, 500.0), (2.0, 500.0, 550.0)]),
            NOT_RAISED,
        ),
        (
            "jumps to the next rider behind",
            ride(
                1,
                &[
                    (0.0, 500.0, 400.0),
                    (3.0, 500.0, 400.0),
                    (3.03, 500.0, 530.0),
                    (6.0, 500.0, 530.0),
                ],
            ),
            NOT_RAISED,
        ),
        ("outside the lane", ride(1, &[(0.0, 100.0, 250.0), (5.0, 100.0, 750.0)]), NOT_RAISED),
        (
            "against the lane, its box jittering",
            Ride {
                flicker: |frame| if frame % 2 == 0 { 4.0 } else { -4.0 },
                ..ride(1, &[(0.0, 500.0, 300.0), (5.0, 500.0, 700.0)])
            },
            one,
        ),
    ] {
        for fps in [5.0, 10.0, 30.0] {
            let found = kinds(&scene, std::slice::from_ref(&ride), fps, &|_| Green);
            assert_eq!(found, expected, "{name} at {fps} frames a second");
        }
    }
}

#[test]
fn stopping_and_closed_zones() {
    let stopping = in_zone(
        zone(ZoneKind::NoStopping, None),
        rule("stop", Check::Stopping { zone: "zone".into(), dwell_s: 5.0 }),
    );
    let mut no_cars = rule("closed", Check::ClosedZone { zone: "zone".into(), dwell_s: 1.0 });
    no_cars.classes = vec![RoadUserClass::Car];
    let closed = in_zone(zone(ZoneKind::Closed, None), no_cars);
    let car = |points: &[(f64, f32, f32)]| Ride { class: RoadUserClass::Car, ..ride(1, points) };
    for (name, scene, ride, expected) in [
        (
            "rests",
            &stopping,
            car(&[(0.0, 500.0, 500.0), (8.0, 500.0, 500.0)]),
            Some(ViolationKind::Stopping),
        ),
        ("rests too shortly", &stopping, car(&[(0.0, 500.0, 500.0), (4.0, 500.0, 500.0)]), None),
        ("creeps on", &stopping, car(&[(0.0, 500.0, 790.0), (9.0, 500.0, 210.0)]), None),
        (
            "rests, its box jittering",
            &stopping,
            Ride {
                flicker: |frame| if frame % 2 == 0 { 0.1 * HEIGHT } else { 0.0 },
                ..car(&[(0.0, 500.0, 500.0), (8.0, 500.0, 500.0)])
            },
            Some(ViolationKind::Stopping),
        ),
        ("rests outside", &stopping, car(&[(0.0, 100.0, 500.0), (8.0, 100.0, 500.0)]), None),
        (
            "a car where no car may be",
            &closed,
            car(&[(0.0, 500.0, 700.0), (4.0, 500.0, 400.0)]),
            Some(ViolationKind::ClosedZone),
        ),
        (
            "a motorbike where no car may be",
            &closed,
            ride(1, &[(0.0, 500.0, 700.0), (4.0, 500.0, 400.0)]),
            None,
        ),
        (
            "a car that cuts a corner",
            &closed,
            car(&[(0.0, 200.0, 300.0), (2.0, 310.0, 210.0), (4.0, 420.0, 100.0)]),
            None,
        ),
    ] {
        let found = kinds(scene, &[ride], 10.0, &|_| Green);
        assert_eq!(found, expected.into_iter().collect::<Vec<_>>(), "{name}");
    }
}

#[test]
fn a_banned_movement_is_raised_once_and_others_are_not() {
    let mut second = stop_line();
    second.id = "out".into();
    second.points = [PixelPoint::new(200.0, 300.0), PixelPoint::new(800.0, 300.0)];
    let check = Check::BannedMovement { movement: "straight".into() };
    let mut scene = scene(vec![stop_line(), second], vec![rule("ban", check)]);
    scene.movements = vec![Movement {
        id: "straight".into(),
        from: ("stop".into(), Some(Way::Forward)),
        to: ("out".into(), Some(Way::Forward)),
    }];
    for (name, ride, expected) in [
        ("straight on", ride(1, &[(0.0, 500.0, 800.0), (7.0, 500.0, 100.0)]), 1),
        ("the other way", ride(1, &[(0.0, 500.0, 100.0), (7.0, 500.0, 800.0)]), 0),
        (
            "turns off before the second line",
            ride(1, &[(0.0, 500.0, 800.0), (4.0, 500.0, 400.0), (8.0, 100.0, 400.0)]),
            0,
        ),
    ] {
        assert_eq!(kinds(&scene, &[ride], 10.0, &|_| Green).len(), expected, "{name}");
    }
}

#[test]
fn hours_and_dates_go_by_the_clock_in_viet_nam() {
    let at = |text: &str| TimeOrigin {
        start: UtcTime::parse(text).unwrap(),
        clock: ClockSource::Operator,
        uncertainty_s: Some(1.0),
    };
    let morning = at("2026-11-24T07:30:00+07:00");
    let night = at("2026-11-24T23:30:00+07:00");
    let timed = |hours: &[(u16, u16)], first: Option<&str>, last: Option<&str>| {
        let mut red = rule("red", Check::RedLight { line: "stop".into() });
        red.hours = hours.to_vec();
        red.dates = (first.map(str::to_owned), last.map(str::to_owned));
        scene(vec![stop_line()], vec![red])
    };
    let rush = &[(6 * 60, 9 * 60)][..];
    let over_midnight = &[(22 * 60, 5 * 60)][..];
    for (name, scene, origin, expected) in [
        ("within the hours", timed(rush, None, None), morning, Some(Verdict::Sure)),
        ("outside the hours", timed(rush, None, None), night, None),
        ("over midnight, at night", timed(over_midnight, None, None), night, Some(Verdict::Sure)),
        ("over midnight, in the morning", timed(over_midnight, None, None), morning, None),
        (
            "the end of the hours is not in them",
            timed(&[(6 * 60, 7 * 60 + 30)], None, None),
            morning,
            None,
        ),
        ("from that very day", timed(&[], Some("2026-11-24"), None), morning, Some(Verdict::Sure)),
        ("from the next day", timed(&[], Some("2026-11-25"), None), morning, None),
        ("until that very day", timed(&[], None, Some("2026-11-24")), night, Some(Verdict::Sure)),
        ("until the day before", timed(&[], None, Some("2026-11-23")), morning, None),
        (
            "the clock is unknown",
            timed(rush, None, None),
            TimeOrigin::UNKNOWN,
            Some(Verdict::Insufficient),
        ),
        (
            "always, the clock is unknown",
            timed(&[], None, None),
            TimeOrigin::UNKNOWN,
            Some(Verdict::Sure),
        ),
    ] {
        let outcome = run(&scene, origin, &[drives_on()], 10.0, &|_| Red);
        let found = outcome.violations().first().map(|v| v.verdict);
        assert_eq!(found, expected, "{name}");
    }
}
