//! The scene file as it is written: its tables as types, from which its JSON Schema and the text of
//! a scene are made. Their documentation is the schema's, their order of keys the text's.

use giaolo_domain::RoadUserClass;
use schemars::JsonSchema;
use serde::{Serialize, Serializer};
use serde_json::{Value, json};

use super::calibration::MAX_PAIRS;
use super::drawing::{ANCHORS, LINE_KINDS, MAX_CORNERS, MAX_HEIGHTS, WAYS, ZONE_KINDS};
use super::reader::{MAX_NAME, MAX_TABLES};
use super::rules::{MAX_DWELL_S, TRAVEL, VEHICLES, kinds};
use super::{EVERY_NTH_FRAME, INPUT_SIDE, MAX_PLACE, MAX_SIDE, TILES};
use crate::{DetectorSettings, Hysteresis};

// A number that is written without a point where it is whole: no documentation comment, it would
// stand in the schema beside every coordinate.
#[derive(Clone, Copy, PartialEq, JsonSchema)]
#[schemars(inline, transparent)]
pub(super) struct Number(pub(super) f64);

impl Serialize for Number {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let whole = self.0 as i64;
        if whole as f64 == self.0 {
            serializer.serialize_i64(whole)
        } else {
            serializer.serialize_f64(self.0)
        }
    }
}

pub(super) type Point = [Number; 2];
pub(super) type Edges = [Number; 4];

/// What an operator drew on one camera's picture, and the rules that hold there. Pixels count from
/// the picture's top left corner, x to the right, y down.
#[derive(Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(title = "giaolo scene")]
pub(super) struct SceneFile {
    /// Which camera's picture.
    pub scene: SceneTable,
    /// Where and how the detector looks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "DetectorTable")]
    pub detector: Option<DetectorTable>,
    /// Signal heads.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = MAX_TABLES))]
    pub signal_head: Vec<HeadTable>,
    /// Stop lines and counting lines.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = MAX_TABLES))]
    pub line: Vec<LineTable>,
    /// Zones.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = MAX_TABLES))]
    pub zone: Vec<ZoneTable>,
    /// Movements from a line to a line.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = MAX_TABLES))]
    pub movement: Vec<MovementTable>,
    /// Pairs of points that tie the picture to the road.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "CalibrationTable")]
    pub calibration: Option<CalibrationTable>,
    /// Rules.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = MAX_TABLES))]
    pub rule: Vec<RuleTable>,
}

/// Which camera's picture.
#[derive(Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SceneTable {
    /// The camera's name in the register.
    #[schemars(length(min = 1, max = MAX_NAME))]
    pub camera: String,
    /// The place as it stands on evidence.
    #[schemars(length(min = 1, max = MAX_PLACE))]
    pub place: String,
    /// Width and height of the picture that the scene was drawn on, in pixels.
    #[schemars(inner(range(min = 1, max = MAX_SIDE)))]
    pub size: [u32; 2],
}

/// Where and how the detector looks.
#[derive(Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct DetectorTable {
    /// The model's name in the registry; the product's default where left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String", length(min = 1, max = MAX_NAME))]
    pub model: Option<String>,
    /// Width and height of the model's input in pixels; the model's default where left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "[u32; 2]", inner(range(min = INPUT_SIDE.0, max = INPUT_SIDE.1)))]
    pub input: Option<[u32; 2]>,
    /// The part of the picture that is looked at, `[left, top, right, bottom]` in pixels; the box
    /// around the zones of kind region_of_interest where left out, or else the whole picture.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Edges")]
    pub region: Option<Edges>,
    /// Tiles across and down that the region is cut into.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "[u32; 2]", inner(range(min = TILES.0, max = TILES.1)), extend("default" = [DetectorSettings::default().tiles.0, DetectorSettings::default().tiles.1]))]
    pub tiles: Option<[u32; 2]>,
    /// Only every n-th frame is analysed; 1 for all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "u32", range(min = EVERY_NTH_FRAME.0, max = EVERY_NTH_FRAME.1), extend("default" = DetectorSettings::default().every_nth_frame))]
    pub every_nth_frame: Option<u32>,
}

/// A signal head in the picture.
#[derive(Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct HeadTable {
    /// The head's name, its own among heads.
    #[schemars(length(min = 1, max = MAX_NAME))]
    pub id: String,
    /// Box around the whole head, `[left, top, right, bottom]` in pixels.
    pub region: Edges,
    /// Box around each lamp; thirds of the region along its longer side where left out, red at the
    /// top or left.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "LampsTable")]
    pub lamps: Option<LampsTable>,
}

/// Boxes around lamps, `[left, top, right, bottom]` in pixels, for those that the head has.
#[derive(Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(extend("minProperties" = 1))]
pub(super) struct LampsTable {
    /// The red lamp.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Edges")]
    pub red: Option<Edges>,
    /// The amber lamp.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Edges")]
    pub amber: Option<Edges>,
    /// The green lamp.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Edges")]
    pub green: Option<Edges>,
}

/// A straight line on the road.
#[derive(Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct LineTable {
    /// The line's name, its own among lines.
    #[schemars(length(min = 1, max = MAX_NAME))]
    pub id: String,
    /// What for: a marking to stop at, or counting alone.
    #[schemars(with = "String", extend("enum" = names(LINE_KINDS)))]
    pub kind: &'static str,
    /// Both ends in pixels.
    pub points: [Point; 2],
    /// A point on the side that "forward" goes to, in pixels.
    pub forward_to: Point,
    /// The head that rules a stop line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String")]
    pub signal: Option<String>,
    /// Which point of a box must pass the line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Anchor", extend("default" = "ground"))]
    pub anchor: Option<Anchor>,
    /// What it takes to have crossed, in heights of the box.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "HysteresisTable")]
    pub hysteresis: Option<HysteresisTable>,
}

/// The middle of a box's bottom edge ("ground"), its middle ("centre"), or shares of its width and
/// height from the top left.
#[derive(Serialize, JsonSchema)]
#[serde(untagged)]
pub(super) enum Anchor {
    /// By name.
    Named(#[schemars(with = "String", extend("enum" = names(ANCHORS)))] &'static str),
    /// By shares.
    Shares(#[schemars(inner(range(min = 0, max = 1)))] Point),
}

/// How far a track must have been before a line, be past it and have travelled, in heights of its
/// box.
#[derive(Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct HysteresisTable {
    /// Distance on the near side.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Number", range(min = 0, max = MAX_HEIGHTS), extend("default" = shortest(Hysteresis::default().before)))]
    pub before: Option<Number>,
    /// Distance on the far side.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Number", range(min = 0, max = MAX_HEIGHTS), extend("default" = shortest(Hysteresis::default().after)))]
    pub after: Option<Number>,
    /// Net travel over the crossing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Number", range(min = 0, max = MAX_HEIGHTS), extend("default" = shortest(Hysteresis::default().travel)))]
    pub travel: Option<Number>,
}

/// A polygon on the road.
#[derive(Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ZoneTable {
    /// The zone's name, its own among zones.
    #[schemars(length(min = 1, max = MAX_NAME))]
    pub id: String,
    /// What it is.
    #[schemars(with = "String", extend("enum" = names(ZONE_KINDS)))]
    pub kind: &'static str,
    /// Corners in order, in pixels; the last is joined to the first.
    #[schemars(length(min = 3, max = MAX_CORNERS))]
    pub points: Vec<Point>,
    /// Of a lane: from where traffic comes to where it goes, in pixels.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "[Point; 2]")]
    pub direction: Option<[Point; 2]>,
}

/// From a line to a line.
#[derive(Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct MovementTable {
    /// The movement's name, its own among movements.
    #[schemars(length(min = 1, max = MAX_NAME))]
    pub id: String,
    /// The first line.
    pub from: End,
    /// The last line.
    pub to: End,
}

/// A line passed either way, or one way.
#[derive(Serialize, JsonSchema)]
#[serde(untagged)]
pub(super) enum End {
    /// Either way.
    Line(String),
    /// One way.
    Way(WayTable),
}

/// A line passed one way.
#[derive(Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct WayTable {
    /// The line.
    pub line: String,
    /// Towards `forward_to` or away from it; either where left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String", extend("enum" = names(WAYS)))]
    pub way: Option<&'static str>,
}

/// Pairs of points that tie the picture to the road.
#[derive(Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct CalibrationTable {
    /// The pairs; among them four of which no three lie in a row.
    #[schemars(length(min = 4, max = MAX_PAIRS))]
    pub points: Vec<PairTable>,
}

/// One point, in the picture and on the road.
#[derive(Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct PairTable {
    /// In the picture, in pixels.
    pub picture: Point,
    /// On the road, in metres.
    pub road_m: Point,
}

/// What is not allowed, for whom and when.
#[derive(Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RuleTable {
    /// The rule's name, its own among rules.
    #[schemars(length(min = 1, max = MAX_NAME))]
    pub id: String,
    /// What the rule looks for.
    #[schemars(with = "String", extend("enum" = names(&kinds())))]
    pub kind: &'static str,
    /// red_light, stop_line: the stop line, which has a signal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String")]
    pub line: Option<String>,
    /// wrong_way, closed_zone, stopping: the zone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String")]
    pub zone: Option<String>,
    /// banned_movement: the movement.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String")]
    pub movement: Option<String>,
    /// stop_line (3 where left out), closed_zone (1 where left out), stopping (must be given, at
    /// least 1): seconds before the rule fires.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Number", range(min = 0, max = MAX_DWELL_S))]
    pub dwell_s: Option<Number>,
    /// wrong_way (1 where left out): travel against the direction before the rule fires, in heights
    /// of the box.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Number", range(min = TRAVEL.0, max = TRAVEL.1))]
    pub travel: Option<Number>,
    /// For whom; every vehicle, and nobody on foot, where left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(
        with = "Vec<String>",
        length(min = 1),
        extend("items" = json!({ "type": "string", "enum": RoadUserClass::ALL.map(RoadUserClass::as_str) })),
        extend("uniqueItems" = true),
        extend("default" = VEHICLES.map(RoadUserClass::as_str))
    )]
    pub classes: Option<Vec<&'static str>>,
    /// Hours of the day in Viet Nam, `06:00-09:00`; over midnight where the first is the later;
    /// always where left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(
        with = "Vec<String>",
        length(min = 1),
        inner(regex(pattern = r"^\d\d:\d\d-\d\d:\d\d$"))
    )]
    pub hours: Option<Vec<String>>,
    /// The first day on which the rule holds, `2026-01-31`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String", extend("format" = "date"))]
    pub valid_from: Option<String>,
    /// The last day on which the rule holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String", extend("format" = "date"))]
    pub valid_until: Option<String>,
}

/// The shortest decimal that reads back as the same `f32`: 0.1 and not 0.10000000149.
pub(super) fn shortest(value: f32) -> f64 {
    let decimal = value.to_string().parse::<f64>().ok();
    decimal.filter(|decimal| *decimal as f32 == value).unwrap_or(f64::from(value))
}

fn names<T>(choices: &[(&'static str, T)]) -> Vec<&'static str> {
    choices.iter().map(|(name, _)| *name).collect()
}

/// The file's JSON Schema, laid out for reading.
pub(super) fn json_schema() -> String {
    let schema: Value = schemars::schema_for!(SceneFile).to_value();
    format!("{schema:#}\n")
}
