//! What holds for every scene file: damaged text gives errors and never a panic, and a scene that
//! is written reads back as itself.

use giaolo_domain::{CameraId, PixelBox, PixelPoint, RoadPoint, RoadUserClass, Way};
use giaolo_scene::{
    Calibration, Check, DetectorSettings, Hysteresis, Line, LineKind, Movement, Rule, Scene,
    SignalHead, Zone, ZoneKind,
};
use proptest::{collection::vec, option, prelude::*, sample::select};

const WHOLE: &str = include_str!("scenes/good/everything.toml");
const SPLINTERS: &[&str] = &[
    "nan",
    "inf",
    "-1",
    "1e400",
    "0x10",
    "[[line]]",
    "[line]",
    "[",
    "]",
    "{",
    "}",
    "\"",
    "'''",
    "=",
    "\n",
    "\r",
    "#",
    ".",
    ",",
    "\u{0}",
    "ế",
    "\u{feff}",
    "2026-01-01",
    "points",
    "id = \"stop\"",
    "true",
    "[[",
    "99999999999999999999",
];

#[derive(Clone, Debug)]
enum Damage {
    Cut(usize, usize),
    Insert(usize, &'static str),
    Repeat(usize, usize),
}

fn damage() -> impl Strategy<Value = Damage> {
    let place = 0..WHOLE.len();
    prop_oneof![
        (place.clone(), 0usize..40).prop_map(|(at, length)| Damage::Cut(at, length)),
        (place.clone(), select(SPLINTERS)).prop_map(|(at, what)| Damage::Insert(at, what)),
        (place, 0usize..200).prop_map(|(at, length)| Damage::Repeat(at, length)),
    ]
}

fn damaged(damages: &[Damage]) -> String {
    let mut text: Vec<char> = WHOLE.chars().collect();
    for damage in damages {
        match *damage {
            Damage::Cut(at, length) => {
                let at = at.min(text.len());
                let end = (at + length).min(text.len());
                text.drain(at..end);
            }
            Damage::Insert(at, what) => {
                let at = at.min(text.len());
                text.splice(at..at, what.chars());
            }
            Damage::Repeat(at, length) => {
                let at = at.min(text.len());
                let end = (at + length).min(text.len());
                let piece: Vec<char> = text[at..end].to_vec();
                text.splice(at..at, piece);
            }
        }
    }
    text.into_iter().collect()
}

fn names() -> impl Strategy<Value = String> {
    "[\\p{L}0-9_\"'#=\\[\\]\u{1F6B2}][\\p{L}0-9 ._\"'#-]{0,20}[\\p{L}0-9_]"
}

/// A line from the left half to the right half of a 1000x1000 picture, forward to its top edge.
fn line(number: usize) -> impl Strategy<Value = Line> {
    let end =
        |from: f32, to: f32| (from..to, 100.0f32..1000.0).prop_map(|(x, y)| PixelPoint::new(x, y));
    let kind = prop_oneof![Just(LineKind::Stop), Just(LineKind::Count)];
    let anchor = prop_oneof![Just((0.5, 1.0)), Just((0.5, 0.5)), (0.0f32..=1.0, 0.0f32..=1.0)];
    let heights = || prop_oneof![Just(0.1f32), Just(0.15), Just(0.5), 0.0f32..10.0];
    (names(), kind, end(0.0, 400.0), end(600.0, 1000.0), anchor, [heights(), heights(), heights()])
        .prop_map(move |(name, kind, left, right, anchor, [before, after, travel])| Line {
            id: format!("{name}{number}").as_str().into(),
            kind,
            points: [left, right],
            forward_to: PixelPoint::new(500.0, 0.0),
            head: (kind == LineKind::Stop).then(|| "head".into()),
            anchor,
            hysteresis: Hysteresis { before, after, travel },
        })
}

/// A lane whose three corners lie in three corners of the picture.
fn lane(number: usize) -> impl Strategy<Value = Zone> {
    let near = |x: f32, y: f32| {
        (0.0f32..300.0, 0.0f32..300.0).prop_map(move |(dx, dy)| PixelPoint::new(x + dx, y + dy))
    };
    (names(), near(0.0, 0.0), near(700.0, 0.0), near(0.0, 700.0)).prop_map(
        move |(name, a, b, c)| Zone {
            id: format!("{name}{number}").as_str().into(),
            kind: ZoneKind::Lane,
            points: vec![a, b, c],
            direction: Some([a, b]),
        },
    )
}

fn rule_terms() -> impl Strategy<Value = (Vec<RoadUserClass>, Vec<(u16, u16)>, f64, f32)> {
    let classes = prop_oneof![
        Just(vec![RoadUserClass::Bus]),
        Just(vec![RoadUserClass::Pedestrian, RoadUserClass::Car]),
        Just(RoadUserClass::ALL[1..].to_vec()),
    ];
    let hours = vec((0u16..1440, 0u16..=1440), 0..3)
        .prop_map(|spans| spans.into_iter().filter(|(a, b)| a != b).collect());
    (classes, hours, 1.0f64..86_400.0, 0.1f32..100.0)
}

fn scenes() -> impl Strategy<Value = Scene> {
    let drawings = (line(1), line(2), lane(1), lane(2));
    let detector = (option::of(0.0f32..500.0), 1u32..=4, 1u32..=100);
    let metres = -1e8f64..1e8;
    (names(), drawings, detector, rule_terms(), metres).prop_map(
        |(place, (first, second, lane, other), (left, tiles, nth), terms, metres)| {
            let (classes, hours, dwell_s, travel) = terms;
            let checks = [
                Check::WrongWay { zone: lane.id.clone(), travel },
                Check::ClosedZone { zone: other.id.clone(), dwell_s },
                Check::Stopping { zone: other.id.clone(), dwell_s },
                Check::BannedMovement { movement: "m".into() },
            ];
            let stops = [&first, &second].into_iter().filter(|line| line.kind == LineKind::Stop);
            let at_lines = stops.flat_map(|line| {
                [
                    Check::RedLight { line: line.id.clone() },
                    Check::StopLine { line: line.id.clone(), dwell_s },
                ]
            });
            let rules = at_lines.chain(checks).enumerate().map(|(number, check)| Rule {
                id: format!("rule {number}").as_str().into(),
                check,
                classes: classes.clone(),
                hours: hours.clone(),
                dates: (Some("2026-02-28".to_owned()), None),
            });
            let rules = rules.collect();
            let corner = |x: f32, y: f32| {
                let road = RoadPoint { x_m: f64::from(x) + metres / 2.0, y_m: f64::from(y) };
                (PixelPoint::new(x, y), road)
            };
            Scene {
                camera: CameraId::new("C1"),
                place,
                size: (1000, 1000),
                sha256: String::new(),
                detector: DetectorSettings {
                    region: left.map(|left| PixelBox::new(left, 0.1, 900.7, 1000.0)),
                    tiles: (tiles, 1),
                    every_nth_frame: nth,
                    ..DetectorSettings::default()
                },
                movements: vec![Movement {
                    id: "m".into(),
                    from: (first.id.clone(), None),
                    to: (second.id.clone(), Some(Way::Back)),
                }],
                lines: vec![first, second],
                zones: vec![lane, other],
                heads: vec![SignalHead {
                    id: "head".into(),
                    region: PixelBox::new(10.0, 10.0, 40.0, 100.0),
                    lamps: [Some(PixelBox::new(12.5, 10.0, 37.5, 30.1)), None, None],
                }],
                calibration: Some(Calibration {
                    pairs: vec![
                        corner(0., 0.),
                        corner(900., 0.),
                        corner(900., 900.),
                        corner(0., 900.),
                    ],
                }),
                rules,
            }
        },
    )
}

proptest! {
    #[test]
    fn damaged_text_gives_errors_inside_it_or_a_scene_that_can_be_written(
        damages in vec(damage(), 1..6)
    ) {
        let text = damaged(&damages);
        match Scene::from_toml(&text) {
            Ok(scene) => prop_assert!(Scene::from_toml(&scene.to_toml()).is_ok(), "{text}"),
            Err(errors) => {
                prop_assert!(!errors.errors().is_empty());
                let lines = text.matches('\n').count() + 1;
                for error in errors.errors() {
                    prop_assert!((1..=lines).contains(&error.line) && error.column >= 1, "{error}");
                }
            }
        }
    }

    #[test]
    fn any_text_is_read_without_a_panic(text in "(?s).{0,200}") {
        prop_assert!(Scene::from_toml(&text).is_err());
    }

    #[test]
    fn a_written_scene_reads_back_as_itself(scene in scenes()) {
        let text = scene.to_toml();
        let again = match Scene::from_toml(&text) {
            Ok(again) => again,
            Err(errors) => return Err(TestCaseError::fail(format!("{errors}\n{text}"))),
        };
        prop_assert_eq!(Scene { sha256: String::new(), ..again }, scene);
    }
}
