//! What is drawn on the picture: signal heads, lines, zones and movements, each under a name that
//! rules and other drawings refer to.

use giaolo_domain::{HeadId, LineId, MovementId, PixelPoint, Way, ZoneId};

use super::heads::{HEAD_KEYS, head};
use super::named::Named;
use super::pixels::Picture;
use super::problems::Problems;
use super::reader::{Node, Section};
use super::shapes;
use crate::{Hysteresis, Line, LineKind, Movement, SignalHead, Zone, ZoneKind};

/// The shortest line or direction, in pixels; below is a slip of the mouse.
const MIN_LENGTH: f32 = 4.0;
/// How far `forward_to` must lie from the line carried on without end, in pixels.
const MIN_FORWARD_DISTANCE: f32 = 2.0;
/// The largest of the hysteresis numbers, in heights of the box.
pub(super) const MAX_HEIGHTS: f64 = 10.0;
/// The most corners of a zone.
pub(super) const MAX_CORNERS: usize = 256;

pub(super) const LINE_KINDS: &[(&str, LineKind)] =
    &[("stop", LineKind::Stop), ("count", LineKind::Count)];
pub(super) const ZONE_KINDS: &[(&str, ZoneKind)] = &[
    ("lane", ZoneKind::Lane),
    ("junction", ZoneKind::Junction),
    ("no_stopping", ZoneKind::NoStopping),
    ("closed", ZoneKind::Closed),
    ("region_of_interest", ZoneKind::RegionOfInterest),
    ("ignore", ZoneKind::Ignore),
];
pub(super) const WAYS: &[(&str, Way)] = &[("forward", Way::Forward), ("back", Way::Back)];
pub(super) const ANCHORS: &[(&str, (f32, f32))] = &[("ground", (0.5, 1.0)), ("centre", (0.5, 0.5))];

pub(super) const LINE_KEYS: &[&str] =
    &["id", "kind", "points", "forward_to", "signal", "anchor", "hysteresis"];
pub(super) const HYSTERESIS_KEYS: &[&str] = &["before", "after", "travel"];
pub(super) const ZONE_KEYS: &[&str] = &["id", "kind", "points", "direction"];
pub(super) const MOVEMENT_KEYS: &[&str] = &["id", "from", "to"];
pub(super) const END_KEYS: &[&str] = &["line", "way"];

/// A line and the way over it, `None` for either.
type End = (LineId, Option<Way>);

/// Everything drawn, also what has mistakes: a name that stands in the file is known, so that one
/// mistake is told once.
pub(super) struct Drawing {
    pub(super) heads: Named<SignalHead>,
    pub(super) lines: Named<Line>,
    pub(super) zones: Named<Zone>,
    pub(super) movements: Named<Movement>,
}

impl Drawing {
    pub(super) fn read(root: &Section<'_>, picture: Picture, problems: &mut Problems) -> Self {
        let mut heads = Named::new("signal_head");
        for section in root.tables("signal_head", HEAD_KEYS, problems) {
            let name = heads.name_of(&section, problems);
            let built = head(&section, name, picture, problems);
            heads.add(name, built);
        }
        let mut lines = Named::new("line");
        for section in root.tables("line", LINE_KEYS, problems) {
            let name = lines.name_of(&section, problems);
            let built = line(&section, name, &heads, picture, problems);
            lines.add(name, built);
        }
        let mut zones = Named::new("zone");
        for section in root.tables("zone", ZONE_KEYS, problems) {
            let name = zones.name_of(&section, problems);
            let built = zone(&section, name, picture, problems);
            zones.add(name, built);
        }
        let mut movements = Named::new("movement");
        for section in root.tables("movement", MOVEMENT_KEYS, problems) {
            let name = movements.name_of(&section, problems);
            let built = movement(&section, name, &lines, &movements, problems);
            movements.add(name, built);
        }
        Self { heads, lines, zones, movements }
    }
}

fn line(
    section: &Section<'_>,
    name: Option<&str>,
    heads: &Named<SignalHead>,
    picture: Picture,
    problems: &mut Problems,
) -> Option<Line> {
    let kind = section
        .require("kind", "say what the line is for, `kind = \"stop\"` or `\"count\"`", problems)
        .and_then(|node| node.choice(LINE_KINDS, problems));
    let points = section
        .require("points", "give both ends, `points = [[x1, y1], [x2, y2]]`", problems)
        .and_then(|node| both_ends(&node, picture, problems));
    let forward_to = section
        .require(
            "forward_to",
            "give a point on the side that traffic counted as forward drives to, `forward_to = [x, y]`",
            problems,
        )
        .and_then(|node| forward_to(&node, points, picture, problems));
    let head = match section.get("signal") {
        None => Some(None),
        Some(node) if kind == Some(LineKind::Count) => {
            node.problem(
                "a counting line has no signal; leave it out, or make the line `kind = \"stop\"`"
                    .to_owned(),
                problems,
            );
            None
        }
        Some(node) => heads.refer(&node, problems).map(|(head, _)| Some(HeadId::new(head))),
    };
    let anchor = match section.get("anchor") {
        None => Some((0.5, 1.0)),
        Some(node) => anchor(&node, problems),
    };
    let hysteresis = match section.get("hysteresis") {
        None => Some(Hysteresis::default()),
        Some(node) => hysteresis(&node, problems),
    };
    Some(Line {
        id: LineId::new(name?),
        kind: kind?,
        points: points?,
        forward_to: forward_to?,
        head: head?,
        anchor: anchor?,
        hysteresis: hysteresis?,
    })
}

/// Two points that are not the same.
fn both_ends(
    node: &Node<'_>,
    picture: Picture,
    problems: &mut Problems,
) -> Option<[PixelPoint; 2]> {
    let expected = "two points, `[[x1, y1], [x2, y2]]`";
    let points = node.points(picture, (2, 2), expected, problems)?;
    let [from, to] = points.try_into().ok()?;
    let length = from.distance(to);
    if length < MIN_LENGTH {
        node.problem(
            format!("from [{}, {}] to [{}, {}] are only {length:.1} pixels, at least {MIN_LENGTH} are needed", from.x, from.y, to.x, to.y),
            problems,
        );
        return None;
    }
    Some([from, to])
}

fn forward_to(
    node: &Node<'_>,
    points: Option<[PixelPoint; 2]>,
    picture: Picture,
    problems: &mut Problems,
) -> Option<PixelPoint> {
    let point = node.point(picture, problems)?;
    let Some(points) = points else {
        return Some(point);
    };
    let distance = shapes::distance_from_line(points, point);
    if distance < MIN_FORWARD_DISTANCE {
        node.problem(
            format!("[{}, {}] lies on the line (or where it would go on), so it names no side; give a point at least {MIN_FORWARD_DISTANCE} pixels beside it", point.x, point.y),
            problems,
        );
        return None;
    }
    Some(point)
}

fn anchor(node: &Node<'_>, problems: &mut Problems) -> Option<(f32, f32)> {
    if node.is_text() {
        return node.choice(ANCHORS, problems);
    }
    let expected = "\"ground\", \"centre\" or shares of the box, `[0.5, 1.0]`";
    let [x, y] = node.exactly(expected, problems)?;
    let mut share =
        |node: &Node<'_>| node.number_within((0.0, 1.0), "a share of the box", problems);
    let (x, y) = (share(&x), share(&y));
    Some((x? as f32, y? as f32))
}

fn hysteresis(node: &Node<'_>, problems: &mut Problems) -> Option<Hysteresis> {
    let section = node.table(HYSTERESIS_KEYS, problems)?;
    let default = Hysteresis::default();
    let mut heights = |key: &str, default: f32| match section.get(key) {
        None => Some(default),
        Some(node) => node
            .number_within((0.0, MAX_HEIGHTS), "a number of box heights", problems)
            .map(|heights| heights as f32),
    };
    let before = heights("before", default.before);
    let after = heights("after", default.after);
    let travel = heights("travel", default.travel);
    Some(Hysteresis { before: before?, after: after?, travel: travel? })
}

fn zone(
    section: &Section<'_>,
    name: Option<&str>,
    picture: Picture,
    problems: &mut Problems,
) -> Option<Zone> {
    let kind = section
        .require("kind", "say what the zone is, `kind = \"lane\"`", problems)
        .and_then(|node| node.choice(ZONE_KINDS, problems));
    let points = section
        .require(
            "points",
            "give the corners in order, `points = [[x, y], [x, y], [x, y]]`",
            problems,
        )
        .and_then(|node| corners(&node, picture, problems));
    let direction = match section.get("direction") {
        None => Some(None),
        Some(node) if kind.is_some_and(|kind| kind != ZoneKind::Lane) => {
            node.problem(
                "only a zone of `kind = \"lane\"` has a direction; leave it out".to_owned(),
                problems,
            );
            None
        }
        Some(node) => both_ends(&node, picture, problems).map(Some),
    };
    Some(Zone { id: ZoneId::new(name?), kind: kind?, points: points?, direction: direction? })
}

fn corners(node: &Node<'_>, picture: Picture, problems: &mut Problems) -> Option<Vec<PixelPoint>> {
    let expected = format!("3 to {MAX_CORNERS} corners, `[[x, y], [x, y], [x, y]]`");
    let points = node.points(picture, (3, MAX_CORNERS), &expected, problems)?;
    if let Some(problem) = shapes::polygon_problem(&points) {
        node.problem(problem, problems);
        return None;
    }
    Some(points)
}

fn movement(
    section: &Section<'_>,
    name: Option<&str>,
    lines: &Named<Line>,
    earlier: &Named<Movement>,
    problems: &mut Problems,
) -> Option<Movement> {
    let mut end = |key: &str, first_or_last: &str| {
        let remedy = format!("name the {first_or_last} line, `{key} = \"…\"`");
        section
            .require(key, &remedy, problems)
            .and_then(|node| movement_end(&node, lines, problems))
    };
    let (from, to) = (end("from", "first"), end("to", "last"));
    let (from, to) = (from?, to?);
    let turns_back = matches!(
        (from.1, to.1),
        (Some(a), Some(b)) if a != b
    );
    if from.0 == to.0 && !turns_back {
        problems.add(
            section.at,
            &section.key,
            format!("goes from line \"{}\" to the same line; a U-turn over one line needs both ways, `from = {{ line = \"{0}\", way = \"forward\" }}` and `to = {{ line = \"{0}\", way = \"back\" }}`", from.0),
        );
        return None;
    }
    // Events carry one movement: of two that the same pass completes, one would never be seen.
    let overlaps = |movement: &Movement| {
        let may_be_same =
            |a: &End, b: &End| a.0 == b.0 && (a.1.is_none() || b.1.is_none() || a.1 == b.1);
        may_be_same(&movement.from, &from) && may_be_same(&movement.to, &to)
    };
    let earlier =
        earlier.entries.iter().find(|(_, movement)| movement.as_ref().is_some_and(overlaps));
    if let Some((earlier, _)) = earlier {
        problems.add(
            section.at,
            &section.key,
            format!(
                "a vehicle can make this movement and \"{earlier}\" by the same crossings; \
                 leave one out, or tell them apart by the `way` over a line"
            ),
        );
        return None;
    }
    Some(Movement { id: MovementId::new(name?), from, to })
}

/// A line's name, or `{ line = "…", way = "forward" }`.
fn movement_end(node: &Node<'_>, lines: &Named<Line>, problems: &mut Problems) -> Option<End> {
    if node.is_text() {
        let (line, _) = lines.refer(node, problems)?;
        return Some((LineId::new(line), None));
    }
    let section = node.table(END_KEYS, problems)?;
    let line = section
        .require("line", "name the line, `line = \"…\"`", problems)
        .and_then(|node| lines.refer(&node, problems));
    let way = match section.get("way") {
        None => Some(None),
        Some(node) => node.choice(WAYS, problems).map(Some),
    };
    Some((LineId::new(line?.0), way?))
}
