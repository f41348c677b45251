//! Writes a scene as its file's text: what equals its default is left out, every drawing is a table
//! of its own, every value stands on one line.

use std::fmt::Write;

use giaolo_domain::{LineId, PixelBox, PixelPoint, RoadPoint, Way};
use toml::{Table, Value};

use super::drawing::{ANCHORS, LINE_KINDS, WAYS, ZONE_KINDS};
use super::heads::thirds;
use super::rules::VEHICLES;
use super::written::{
    Anchor, CalibrationTable, DetectorTable, Edges, End, HeadTable, HysteresisTable, LampsTable,
    LineTable, MovementTable, Number, PairTable, Point, RuleTable, SceneFile, SceneTable, WayTable,
    ZoneTable, shortest,
};
use crate::{
    Calibration, Check, DetectorSettings, Hysteresis, Line, Movement, Rule, Scene, SignalHead, Zone,
};

/// The text of a scene.
pub(super) fn text(scene: &Scene) -> String {
    #[expect(
        clippy::expect_used,
        reason = "the file's tables hold texts, lists and numbers only, which TOML can hold"
    )]
    let file = Table::try_from(scene_file(scene)).expect("a scene is TOML");
    let mut text = String::new();
    for (key, value) in &file {
        match value {
            Value::Array(tables) => {
                for table in tables {
                    write_table(&mut text, &format!("[[{key}]]"), table);
                }
            }
            table => write_table(&mut text, &format!("[{key}]"), table),
        }
    }
    text
}

fn write_table(text: &mut String, header: &str, value: &Value) {
    if !text.is_empty() {
        text.push('\n');
    }
    text.push_str(header);
    text.push('\n');
    for (key, value) in value.as_table().into_iter().flatten() {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{key} = {value}");
    }
}

fn scene_file(scene: &Scene) -> SceneFile {
    SceneFile {
        scene: SceneTable {
            camera: scene.camera.to_string(),
            place: scene.place.clone(),
            size: scene.size.into(),
        },
        detector: (scene.detector != DetectorSettings::default())
            .then(|| detector(&scene.detector)),
        signal_head: scene.heads.iter().map(head).collect(),
        line: scene.lines.iter().map(line).collect(),
        zone: scene.zones.iter().map(zone).collect(),
        movement: scene.movements.iter().map(movement).collect(),
        calibration: scene.calibration.as_ref().map(calibration),
        rule: scene.rules.iter().map(rule).collect(),
    }
}

fn detector(settings: &DetectorSettings) -> DetectorTable {
    let default = DetectorSettings::default();
    DetectorTable {
        model: settings.model.clone(),
        input: settings.input_size.map(Into::into),
        region: settings.region.map(edges),
        tiles: (settings.tiles != default.tiles).then(|| settings.tiles.into()),
        every_nth_frame: (settings.every_nth_frame != default.every_nth_frame)
            .then_some(settings.every_nth_frame),
    }
}

fn head(head: &SignalHead) -> HeadTable {
    let [red, amber, green] = head.lamps.map(|lamp| lamp.map(edges));
    let by_thirds = head.lamps == thirds(head.region).map(Some);
    HeadTable {
        id: head.id.to_string(),
        region: edges(head.region),
        lamps: (!by_thirds).then_some(LampsTable { red, amber, green }),
    }
}

fn line(line: &Line) -> LineTable {
    let default = Hysteresis::default();
    let other = |value: f32, default: f32| (value != default).then(|| number(value));
    let Hysteresis { before, after, travel } = line.hysteresis;
    LineTable {
        id: line.id.to_string(),
        kind: name_of(LINE_KINDS, line.kind),
        points: line.points.map(point),
        forward_to: point(line.forward_to),
        signal: line.head.as_ref().map(ToString::to_string),
        anchor: anchor(line.anchor),
        hysteresis: (line.hysteresis != default).then(|| HysteresisTable {
            before: other(before, default.before),
            after: other(after, default.after),
            travel: other(travel, default.travel),
        }),
    }
}

/// The anchor, by its name where it has one; nothing for the ground point, which is the default.
fn anchor(shares: (f32, f32)) -> Option<Anchor> {
    match ANCHORS.iter().find(|(_, known)| *known == shares) {
        Some(("ground", _)) => None,
        Some((name, _)) => Some(Anchor::Named(name)),
        None => Some(Anchor::Shares([number(shares.0), number(shares.1)])),
    }
}

fn zone(zone: &Zone) -> ZoneTable {
    ZoneTable {
        id: zone.id.to_string(),
        kind: name_of(ZONE_KINDS, zone.kind),
        points: zone.points.iter().copied().map(point).collect(),
        direction: zone.direction.map(|ends| ends.map(point)),
    }
}

fn movement(movement: &Movement) -> MovementTable {
    let end = |(line, way): &(LineId, Option<Way>)| match way {
        None => End::Line(line.to_string()),
        Some(way) => End::Way(WayTable { line: line.to_string(), way: Some(name_of(WAYS, *way)) }),
    };
    MovementTable { id: movement.id.to_string(), from: end(&movement.from), to: end(&movement.to) }
}

fn calibration(calibration: &Calibration) -> CalibrationTable {
    let pair = |(picture, road): &(PixelPoint, RoadPoint)| PairTable {
        picture: point(*picture),
        road_m: [Number(road.x_m), Number(road.y_m)],
    };
    CalibrationTable { points: calibration.pairs.iter().map(pair).collect() }
}

fn rule(rule: &Rule) -> RuleTable {
    let mut table = RuleTable {
        id: rule.id.to_string(),
        kind: rule.check.kind().as_str(),
        line: None,
        zone: None,
        movement: None,
        dwell_s: None,
        travel: None,
        classes: (rule.classes != VEHICLES)
            .then(|| rule.classes.iter().map(|class| class.as_str()).collect()),
        hours: (!rule.hours.is_empty()).then(|| rule.hours.iter().copied().map(span).collect()),
        valid_from: rule.dates.0.clone(),
        valid_until: rule.dates.1.clone(),
    };
    // How long and how far is always written: an officer who reads the rule asks that first.
    match &rule.check {
        Check::RedLight { line } => table.line = Some(line.to_string()),
        Check::StopLine { line, dwell_s } => {
            table.line = Some(line.to_string());
            table.dwell_s = Some(Number(*dwell_s));
        }
        Check::WrongWay { zone, travel } => {
            table.zone = Some(zone.to_string());
            table.travel = Some(number(*travel));
        }
        Check::BannedMovement { movement } => table.movement = Some(movement.to_string()),
        Check::ClosedZone { zone, dwell_s } | Check::Stopping { zone, dwell_s } => {
            table.zone = Some(zone.to_string());
            table.dwell_s = Some(Number(*dwell_s));
        }
    }
    table
}

/// `(360, 540)` as `06:00-09:00`.
fn span((from, until): (u16, u16)) -> String {
    let clock = |minutes: u16| format!("{:02}:{:02}", minutes / 60, minutes % 60);
    format!("{}-{}", clock(from), clock(until))
}

/// The word for a value, from the table that it was read by.
pub(super) fn name_of<T: PartialEq>(choices: &[(&'static str, T)], value: T) -> &'static str {
    #[expect(
        clippy::expect_used,
        reason = "the tables name every variant, which the round trip of all kinds tests"
    )]
    choices
        .iter()
        .find(|(_, known)| *known == value)
        .map(|(name, _)| *name)
        .expect("every value has a word")
}

fn point(p: PixelPoint) -> Point {
    [number(p.x), number(p.y)]
}

fn edges(b: PixelBox) -> Edges {
    [b.x1, b.y1, b.x2, b.y2].map(number)
}

fn number(value: f32) -> Number {
    Number(shortest(value))
}
