//! A scene as the engine uses it: checked, with every reference resolved to something that exists.
//!
//! [`crate::file`] makes one from TOML and is the only way in; what it lets through holds here:
//! names are unique, lines have length, polygons have area, numbers are finite, points lie within
//! the picture, rules name lines, zones, heads and movements that exist.

use giaolo_domain::{
    CameraId, HeadId, LineId, MovementId, PixelBox, PixelPoint, RoadPoint, RoadUserClass, RuleId,
    ViolationKind, Way, ZoneId,
};
use serde::{Deserialize, Serialize};

/// What an operator drew on one camera's picture.
#[derive(Clone, Debug, PartialEq)]
pub struct Scene {
    /// Whose picture.
    pub camera: CameraId,
    /// The place, as it stands on evidence ("Giảng Võ - Láng Hạ").
    pub place: String,
    /// Width and height of the picture that it was drawn on.
    pub size: (u32, u32),
    /// SHA-256 of the file's bytes: the scene's version, in hexadecimal.
    pub sha256: String,
    /// What the detector should look at.
    pub detector: DetectorSettings,
    /// Stop lines and counting lines.
    pub lines: Vec<Line>,
    /// Zones.
    pub zones: Vec<Zone>,
    /// Signal heads.
    pub heads: Vec<SignalHead>,
    /// Movements.
    pub movements: Vec<Movement>,
    /// Picture to road, where surveyed.
    pub calibration: Option<Calibration>,
    /// Rules.
    pub rules: Vec<Rule>,
}

/// Where and how the detector looks.
#[derive(Clone, Debug, PartialEq)]
pub struct DetectorSettings {
    /// The model's name in the registry; `None` for the product's default.
    pub model: Option<String>,
    /// The model's input width and height; `None` for the model's default.
    pub input_size: Option<(u32, u32)>,
    /// The part of the picture that is scaled into the input; `None` for the box around the zones of
    /// kind region of interest, or the whole picture where there is none.
    pub region: Option<PixelBox>,
    /// Tiles across and down that the region is cut into, each an input of its own.
    pub tiles: (u32, u32),
    /// Only every n-th frame is analysed; 1 for all.
    pub every_nth_frame: u32,
}

impl Default for DetectorSettings {
    fn default() -> Self {
        Self { model: None, input_size: None, region: None, tiles: (1, 1), every_nth_frame: 1 }
    }
}

/// What a line is there for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LineKind {
    /// The marking that a driver stops at.
    Stop,
    /// Counts, nothing else.
    Count,
}

/// A straight line from point to point.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    /// Name.
    pub id: LineId,
    /// What for.
    pub kind: LineKind,
    /// Both ends.
    pub points: [PixelPoint; 2],
    /// A point on the side that "forward" goes to; never on the line itself.
    pub forward_to: PixelPoint,
    /// The head that rules this line.
    pub head: Option<HeadId>,
    /// Which point of a box must pass, as shares of its width and height; the ground point by default.
    pub anchor: (f32, f32),
    /// What it takes to count.
    pub hysteresis: Hysteresis,
}

/// How far a track must have been before a line, be past it and have travelled to have crossed, in
/// heights of its box. Zero for all three is a bare change of sides.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Hysteresis {
    /// Distance on the near side.
    pub before: f32,
    /// Distance on the far side.
    pub after: f32,
    /// Net travel over the crossing.
    pub travel: f32,
}

impl Default for Hysteresis {
    fn default() -> Self {
        Self { before: 0.1, after: 0.15, travel: 0.5 }
    }
}

/// What a zone is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ZoneKind {
    /// A lane or carriageway, with the direction of its traffic.
    Lane,
    /// The box of the junction.
    Junction,
    /// Where stopping is forbidden.
    NoStopping,
    /// Closed to some classes or at some hours.
    Closed,
    /// What the detector looks at.
    RegionOfInterest,
    /// What is never analysed: a parking lot, a screen, a time stamp.
    Ignore,
}

/// A polygon on the picture.
#[derive(Clone, Debug, PartialEq)]
pub struct Zone {
    /// Name.
    pub id: ZoneId,
    /// What it is.
    pub kind: ZoneKind,
    /// Corners, at least three.
    pub points: Vec<PixelPoint>,
    /// The way of its traffic, from a point to a point; lanes of a wrong-way rule have one.
    pub direction: Option<[PixelPoint; 2]>,
}

/// A signal head in the picture.
#[derive(Clone, Debug, PartialEq)]
pub struct SignalHead {
    /// Name.
    pub id: HeadId,
    /// Box around the whole head.
    pub region: PixelBox,
    /// Box around each lamp, in the order red, amber, green, where the head has it.
    pub lamps: [Option<PixelBox>; 3],
}

/// From a line to a line, each passed a certain way.
#[derive(Clone, Debug, PartialEq)]
pub struct Movement {
    /// Name.
    pub id: MovementId,
    /// First line and the way over it (`None` for either).
    pub from: (LineId, Option<Way>),
    /// Last line and the way over it (`None` for either).
    pub to: (LineId, Option<Way>),
}

/// Pairs of points that tie the picture to the road.
#[derive(Clone, Debug, PartialEq)]
pub struct Calibration {
    /// At least four pairs, among them four of which no three lie on a line.
    pub pairs: Vec<(PixelPoint, RoadPoint)>,
}

/// When and for whom a rule holds.
#[derive(Clone, Debug, PartialEq)]
pub struct Rule {
    /// Name.
    pub id: RuleId,
    /// What it looks for, with what it needs for that.
    pub check: Check,
    /// Classes that it applies to.
    pub classes: Vec<RoadUserClass>,
    /// Hours of the day in Viet Nam in which it holds, as minutes from midnight `[from, until)`;
    /// empty for always. A span with `from > until` goes over midnight.
    pub hours: Vec<(u16, u16)>,
    /// First and last day (`YYYY-MM-DD`, both included) on which it holds.
    pub dates: (Option<String>, Option<String>),
}

/// What a rule looks for.
#[derive(Clone, Debug, PartialEq)]
pub enum Check {
    /// Drives on over a stop line at red.
    RedLight {
        /// The line, which has a head.
        line: LineId,
    },
    /// Stands over a stop line at red.
    StopLine {
        /// The line, which has a head.
        line: LineId,
        /// Seconds that it stands there before the rule fires.
        dwell_s: f64,
    },
    /// Against a lane's direction.
    WrongWay {
        /// The lane, which has a direction.
        zone: ZoneId,
        /// Travel against the direction before the rule fires, in heights of the box.
        travel: f32,
    },
    /// Makes a movement that is banned.
    BannedMovement {
        /// The movement.
        movement: MovementId,
    },
    /// In a zone that is closed to it.
    ClosedZone {
        /// The zone.
        zone: ZoneId,
        /// Seconds inside before the rule fires; 0 for the first frame.
        dwell_s: f64,
    },
    /// Stops in a zone.
    Stopping {
        /// The zone.
        zone: ZoneId,
        /// Seconds at rest before the rule fires.
        dwell_s: f64,
    },
}

impl Check {
    /// The kind of violation that the check raises.
    pub fn kind(&self) -> ViolationKind {
        match self {
            Self::RedLight { .. } => ViolationKind::RedLight,
            Self::StopLine { .. } => ViolationKind::StopLine,
            Self::WrongWay { .. } => ViolationKind::WrongWay,
            Self::BannedMovement { .. } => ViolationKind::BannedMovement,
            Self::ClosedZone { .. } => ViolationKind::ClosedZone,
            Self::Stopping { .. } => ViolationKind::Stopping,
        }
    }
}

impl Scene {
    /// The line of that name.
    pub fn line(&self, id: &LineId) -> Option<&Line> {
        self.lines.iter().find(|line| &line.id == id)
    }

    /// The zone of that name.
    pub fn zone(&self, id: &ZoneId) -> Option<&Zone> {
        self.zones.iter().find(|zone| &zone.id == id)
    }

    /// The movement of that name.
    pub fn movement(&self, id: &MovementId) -> Option<&Movement> {
        self.movements.iter().find(|movement| &movement.id == id)
    }

    /// Zones of a kind.
    pub fn zones_of(&self, kind: ZoneKind) -> impl Iterator<Item = &Zone> {
        self.zones.iter().filter(move |zone| zone.kind == kind)
    }
}

impl Line {
    /// Signed distance of a point from the line carried on without end, in pixels: positive on the
    /// forward side.
    pub fn forward_distance(&self, p: PixelPoint) -> f32 {
        let signed = signed_distance(self.points, p);
        if signed_distance(self.points, self.forward_to) < 0.0 { -signed } else { signed }
    }

    /// Where along the line a point stands: 0 at the first end, 1 at the second.
    pub fn share_along(&self, p: PixelPoint) -> f32 {
        let [a, b] = self.points;
        let (dx, dy) = (b.x - a.x, b.y - a.y);
        ((p.x - a.x) * dx + (p.y - a.y) * dy) / (dx * dx + dy * dy)
    }

    /// Length in pixels.
    pub fn length(&self) -> f32 {
        self.points[0].distance(self.points[1])
    }
}

fn signed_distance([a, b]: [PixelPoint; 2], p: PixelPoint) -> f32 {
    let (dx, dy) = (b.x - a.x, b.y - a.y);
    ((p.x - a.x) * dy - (p.y - a.y) * dx) / dx.hypot(dy)
}
