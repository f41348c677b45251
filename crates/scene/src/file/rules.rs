//! Rules: what each kind needs, that what it names can give that, and when and for whom it holds.

use giaolo_domain::{LineId, MovementId, RoadUserClass, RuleId, ViolationKind, ZoneId};

use super::drawing::{Drawing, ZONE_KINDS};
use super::named::Named;
use super::problems::Problems;
use super::reader::{Node, Section};
use super::times::{dates, hours};
use super::writing::name_of;
use crate::{Check, LineKind, Rule, ZoneKind};

pub(super) const RULE_KEYS: &[&str] = &[
    "id",
    "kind",
    "line",
    "zone",
    "movement",
    "dwell_s",
    "travel",
    "classes",
    "hours",
    "valid_from",
    "valid_until",
];
/// The keys that only some kinds use.
const KIND_KEYS: &[&str] = &["line", "zone", "movement", "dwell_s", "travel"];

/// Whom a rule without `classes` is for: every vehicle, nobody on foot.
pub(super) const VEHICLES: [RoadUserClass; 5] = [
    RoadUserClass::Bicycle,
    RoadUserClass::Motorbike,
    RoadUserClass::Car,
    RoadUserClass::Bus,
    RoadUserClass::Truck,
];
/// Seconds over the line before a stop line rule fires, where it does not say.
pub(super) const STOP_LINE_DWELL_S: f64 = 3.0;
/// Seconds in the zone before a closed zone rule fires, where it does not say: longer than a box
/// flickers over the edge.
pub(super) const CLOSED_ZONE_DWELL_S: f64 = 1.0;
/// Heights of the box against the direction before a wrong way rule fires, where it does not say.
pub(super) const WRONG_WAY_TRAVEL: f32 = 1.0;
pub(super) const MAX_DWELL_S: f64 = 86_400.0;
pub(super) const TRAVEL: (f64, f64) = (0.1, 100.0);

/// The kinds of rules that a scene may have.
pub(super) fn kinds() -> [(&'static str, ViolationKind); 6] {
    ViolationKind::ALL.map(|kind| (kind.as_str(), kind))
}

pub(super) fn read(root: &Section<'_>, drawing: &Drawing, problems: &mut Problems) -> Vec<Rule> {
    let mut rules = Named::new("rule");
    for section in root.tables("rule", RULE_KEYS, problems) {
        let name = rules.name_of(&section, problems);
        let built = rule(&section, name, drawing, problems);
        rules.add(name, built);
    }
    rules.into_built()
}

fn rule(
    section: &Section<'_>,
    name: Option<&str>,
    drawing: &Drawing,
    problems: &mut Problems,
) -> Option<Rule> {
    let check = section
        .require("kind", "say what the rule looks for, `kind = \"red_light\"`", problems)
        .and_then(|node| node.choice(&kinds(), problems))
        .and_then(|kind| {
            refuse_keys_of_other_kinds(section, kind, problems);
            check(section, kind, drawing, problems)
        });
    let classes = match section.get("classes") {
        None => Some(VEHICLES.to_vec()),
        Some(node) => classes(&node, problems),
    };
    let hours = match section.get("hours") {
        None => Some(Vec::new()),
        Some(node) => hours(&node, problems),
    };
    let dates = dates(section, problems);
    Some(Rule {
        id: RuleId::new(name?),
        check: check?,
        classes: classes?,
        hours: hours?,
        dates: dates?,
    })
}

/// Which of [`KIND_KEYS`] a kind uses.
fn keys_of(kind: ViolationKind) -> &'static [&'static str] {
    match kind {
        ViolationKind::RedLight => &["line"],
        ViolationKind::StopLine => &["line", "dwell_s"],
        ViolationKind::WrongWay => &["zone", "travel"],
        ViolationKind::BannedMovement => &["movement"],
        ViolationKind::ClosedZone | ViolationKind::Stopping => &["zone", "dwell_s"],
    }
}

fn refuse_keys_of_other_kinds(section: &Section<'_>, kind: ViolationKind, problems: &mut Problems) {
    let used = keys_of(kind);
    for key in KIND_KEYS.iter().filter(|key| !used.contains(key)) {
        if let Some(node) = section.get(key) {
            node.problem(
                format!(
                    "a rule of kind \"{kind}\" does not use `{key}`; it uses {}",
                    used.join(", ")
                ),
                problems,
            );
        }
    }
}

fn check(
    section: &Section<'_>,
    kind: ViolationKind,
    drawing: &Drawing,
    problems: &mut Problems,
) -> Option<Check> {
    match kind {
        ViolationKind::RedLight => {
            Some(Check::RedLight { line: ruled_line(section, drawing, problems)? })
        }
        ViolationKind::StopLine => {
            let line = ruled_line(section, drawing, problems);
            let dwell_s = dwell(section, (0.0, MAX_DWELL_S), Some(STOP_LINE_DWELL_S), problems);
            Some(Check::StopLine { line: line?, dwell_s: dwell_s? })
        }
        ViolationKind::WrongWay => {
            let zone = zone(section, drawing, &[ZoneKind::Lane], problems);
            let travel = match section.get("travel") {
                None => Some(WRONG_WAY_TRAVEL),
                Some(node) => node
                    .number_within(TRAVEL, "a number of box heights", problems)
                    .map(|travel| travel as f32),
            };
            Some(Check::WrongWay {
                zone: with_direction(section, zone?, drawing, problems)?,
                travel: travel?,
            })
        }
        ViolationKind::BannedMovement => {
            let remedy = "name the movement that is banned, `movement = \"…\"`";
            let node = section.require("movement", remedy, problems)?;
            let (movement, _) = drawing.movements.refer(&node, problems)?;
            Some(Check::BannedMovement { movement: MovementId::new(movement) })
        }
        ViolationKind::ClosedZone => {
            let zone = zone(section, drawing, &[ZoneKind::Closed, ZoneKind::Lane], problems);
            let dwell_s = dwell(section, (0.0, MAX_DWELL_S), Some(CLOSED_ZONE_DWELL_S), problems);
            Some(Check::ClosedZone { zone: zone?, dwell_s: dwell_s? })
        }
        ViolationKind::Stopping => {
            let kinds =
                [ZoneKind::NoStopping, ZoneKind::Junction, ZoneKind::Lane, ZoneKind::Closed];
            let zone = zone(section, drawing, &kinds, problems);
            let dwell_s = dwell(section, (1.0, MAX_DWELL_S), None, problems);
            Some(Check::Stopping { zone: zone?, dwell_s: dwell_s? })
        }
    }
}

/// The stop line of a rule that needs to know the lamp.
fn ruled_line(section: &Section<'_>, drawing: &Drawing, problems: &mut Problems) -> Option<LineId> {
    let node = section.require("line", "name the stop line, `line = \"…\"`", problems)?;
    let (name, line) = drawing.lines.refer(&node, problems)?;
    let id = LineId::new(name);
    let Some(line) = line else {
        return Some(id);
    };
    if line.kind != LineKind::Stop {
        node.problem(
            format!(
                "line \"{name}\" is a counting line, this rule needs a line of `kind = \"stop\"`"
            ),
            problems,
        );
        return None;
    }
    let Some(head) = &line.head else {
        node.problem(
            format!("line \"{name}\" has no signal head, so nobody knows when it is red; give the line `signal = \"…\"`"),
            problems,
        );
        return None;
    };
    let red_unseen = drawing.heads.whole(head.as_str()).is_some_and(|head| head.lamps[0].is_none());
    if red_unseen {
        node.problem(
            format!("the head \"{head}\" of line \"{name}\" has `lamps` without `red`, so nobody knows when it is red; draw its red lamp"),
            problems,
        );
        return None;
    }
    Some(id)
}

/// The rule's zone, which is of one of these kinds.
fn zone(
    section: &Section<'_>,
    drawing: &Drawing,
    kinds: &[ZoneKind],
    problems: &mut Problems,
) -> Option<ZoneId> {
    let node = section.require("zone", "name the zone, `zone = \"…\"`", problems)?;
    let (name, zone) = drawing.zones.refer(&node, problems)?;
    if let Some(zone) = zone
        && !kinds.contains(&zone.kind)
    {
        let wanted: Vec<&str> = kinds.iter().map(|kind| name_of(ZONE_KINDS, *kind)).collect();
        node.problem(
            format!(
                "zone \"{name}\" is of kind \"{}\", this rule needs one of kind {}",
                name_of(ZONE_KINDS, zone.kind),
                wanted.join(", ")
            ),
            problems,
        );
        return None;
    }
    Some(ZoneId::new(name))
}

fn with_direction(
    section: &Section<'_>,
    id: ZoneId,
    drawing: &Drawing,
    problems: &mut Problems,
) -> Option<ZoneId> {
    let without = drawing.zones.whole(id.as_str()).is_some_and(|zone| zone.direction.is_none());
    if without && let Some(node) = section.get("zone") {
        node.problem(
            format!("lane \"{id}\" has no direction, so no way is the wrong one; give the zone `direction = [[x1, y1], [x2, y2]]`, from where traffic comes to where it goes"),
            problems,
        );
        return None;
    }
    Some(id)
}

fn dwell(
    section: &Section<'_>,
    range: (f64, f64),
    default: Option<f64>,
    problems: &mut Problems,
) -> Option<f64> {
    match (section.get("dwell_s"), default) {
        (Some(node), _) => node.number_within(range, "a number of seconds", problems),
        (None, Some(default)) => Some(default),
        (None, None) => {
            let remedy = "say how many seconds a vehicle must stand there, `dwell_s = 60`; \
                          it depends on the place, so there is no default";
            section.require("dwell_s", remedy, problems);
            None
        }
    }
}

fn classes(node: &Node<'_>, problems: &mut Problems) -> Option<Vec<RoadUserClass>> {
    let known = RoadUserClass::ALL.map(|class| (class.as_str(), class));
    let expected = "a list of classes, `[\"motorbike\", \"car\"]`";
    let items = node.items(expected, problems)?;
    if items.is_empty() {
        node.problem(
            "is empty, so the rule is for nobody; leave it out for all vehicles".to_owned(),
            problems,
        );
        return None;
    }
    let mut classes = Vec::with_capacity(items.len());
    let mut whole = true;
    for item in &items {
        match item.choice(&known, problems) {
            Some(class) if classes.contains(&class) => {
                item.problem(format!("\"{class}\" is listed twice"), problems);
                whole = false;
            }
            Some(class) => classes.push(class),
            None => whole = false,
        }
    }
    whole.then_some(classes)
}
