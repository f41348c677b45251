//! What happens at an intersection: crossings, signal changes, violations.

use serde::{Deserialize, Serialize};

use crate::{
    CameraId, HeadId, LineId, MediaTime, MovementId, PixelBox, PixelPoint, RoadUserClass, RuleId,
    Sanction, SignalState, TrackId, ZoneId,
};

/// A frame and its time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct FrameTime {
    /// Number in the source, from 0.
    pub frame: u64,
    /// Time from the first frame.
    #[serde(rename = "t_us")]
    pub time: MediaTime,
}

/// Which way over a line. Forward goes to the side that the scene names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Way {
    /// To the side of the line's `forward_to`.
    Forward,
    /// To the other side.
    Back,
}

impl Way {
    /// The serialised name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Forward => "forward",
            Self::Back => "back",
        }
    }
}

/// A track that was on one side of a line, is on the other, and stayed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Crossing {
    /// The frame in which the anchor passed the line.
    #[serde(flatten)]
    pub at: FrameTime,
    /// Who.
    pub track: TrackId,
    /// Over which line.
    pub line: LineId,
    /// Which way.
    pub way: Way,
    /// The class voted when it was confirmed.
    pub class: RoadUserClass,
    /// Mean detection score over the crossing, 0 to 1.
    pub confidence: f32,
    /// Where on the picture.
    pub point: PixelPoint,
    /// The frame in which hysteresis was satisfied.
    pub confirmed: FrameTime,
    /// The movement that this crossing completes, where the scene has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub movement: Option<MovementId>,
    /// Speed at the line, only where the scene is calibrated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub speed_kmh: Option<f32>,
}

/// A head changed its state.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SignalChange {
    /// The first frame of the new state.
    #[serde(flatten)]
    pub at: FrameTime,
    /// Which head.
    pub head: HeadId,
    /// The state before.
    pub from: SignalState,
    /// The state from this frame on.
    pub to: SignalState,
    /// How sure, 0 to 1.
    pub confidence: f32,
}

/// What kind of behaviour.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ViolationKind {
    /// Drives on over the stop line while the head is red.
    RedLight,
    /// Front over the stop line at red, and stays there.
    StopLine,
    /// Against the direction of a lane.
    WrongWay,
    /// A turn or movement that is banned.
    BannedMovement,
    /// In a lane or zone closed to its class at that hour.
    ClosedZone,
    /// Stops where that is forbidden, for longer than allowed.
    Stopping,
}

impl ViolationKind {
    /// All kinds.
    pub const ALL: [Self; 6] = [
        Self::RedLight,
        Self::StopLine,
        Self::WrongWay,
        Self::BannedMovement,
        Self::ClosedZone,
        Self::Stopping,
    ];

    /// The serialised name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::RedLight => "red_light",
            Self::StopLine => "stop_line",
            Self::WrongWay => "wrong_way",
            Self::BannedMovement => "banned_movement",
            Self::ClosedZone => "closed_zone",
            Self::Stopping => "stopping",
        }
    }

    /// The words on Vietnamese screens (`domain/glossary.csv`).
    pub const fn vietnamese(self) -> &'static str {
        match self {
            Self::RedLight => "Không chấp hành đèn tín hiệu (vượt đèn đỏ)",
            Self::StopLine => "Dừng đè vạch dừng",
            Self::WrongWay => "Đi ngược chiều",
            Self::BannedMovement => "Rẽ nơi cấm rẽ",
            Self::ClosedZone => "Đi vào khu vực cấm, làn cấm",
            Self::Stopping => "Dừng xe, đỗ xe trái quy định",
        }
    }

    /// The words on English screens.
    pub const fn english(self) -> &'static str {
        match self {
            Self::RedLight => "Running a red light",
            Self::StopLine => "Stopped over the stop line",
            Self::WrongWay => "Driving the wrong way",
            Self::BannedMovement => "Banned turn or movement",
            Self::ClosedZone => "In a closed lane or zone",
            Self::Stopping => "Illegal stopping or parking",
        }
    }
}

impl std::fmt::Display for ViolationKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Whether everything that a rule must show was shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// All that the rule needs was seen.
    Sure,
    /// Something is missing; `Violation::insufficient` says what.
    Insufficient,
}

/// One sentence of why, for people in both languages and for programs by its code.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reason {
    /// Stable code (`red_at_crossing`).
    pub code: String,
    /// The sentence in Vietnamese.
    pub vi: String,
    /// The sentence in English.
    pub en: String,
}

/// A head's state over a span of frames, both ends included.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SignalSpan {
    /// Which head.
    pub head: HeadId,
    /// What it showed.
    pub state: SignalState,
    /// First frame.
    pub from: FrameTime,
    /// Last frame.
    pub to: FrameTime,
}

/// A rule's candidate: what, who, when, where, and why the rule fired. Never a statement of guilt.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Violation {
    /// What kind of behaviour.
    pub kind: ViolationKind,
    /// The rule that fired.
    pub rule: RuleId,
    /// Who.
    pub track: TrackId,
    /// Its class.
    pub class: RoadUserClass,
    /// How sure the track and its class are, 0 to 1.
    pub confidence: f32,
    /// A frame before the act: on the near side, lamp in view.
    pub before: FrameTime,
    /// The act itself: at the line, at entering.
    pub act: FrameTime,
    /// A frame after: beyond the line, further along, still there.
    pub after: FrameTime,
    /// The road user's box at `before`.
    pub box_before: PixelBox,
    /// The road user's box at `act`.
    pub box_act: PixelBox,
    /// The road user's box at `after`.
    pub box_after: PixelBox,
    /// Whether everything that must be shown was.
    pub verdict: Verdict,
    /// Why the rule fired.
    pub reasons: Vec<Reason>,
    /// What is missing where the verdict is insufficient.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub insufficient: Vec<Reason>,
    /// The line, for rules at a line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<LineId>,
    /// The zone, for rules in a zone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub zone: Option<ZoneId>,
    /// The movement, for rules about movements.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub movement: Option<MovementId>,
    /// The signal head, for rules about signals.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub head: Option<HeadId>,
    /// Seconds since the head turned red, at the act; a lower bound where red was there from the start.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub red_for_s: Option<f64>,
    /// What the law said at the time of the act, where a table is loaded and has a row.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sanction: Option<Sanction>,
}

/// A line of `events.jsonl`, without camera and wall time, which its writer adds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event {
    /// A track crossed a line.
    Crossing(Crossing),
    /// A signal head changed.
    Signal(SignalChange),
    /// A rule fired.
    Violation(Box<Violation>),
}

impl Event {
    /// The frame and time of the event.
    pub fn at(&self) -> FrameTime {
        match self {
            Self::Crossing(crossing) => crossing.at,
            Self::Signal(change) => change.at,
            Self::Violation(violation) => violation.act,
        }
    }
}

impl Violation {
    /// An identity that the same observations give again: camera, scene, rule, track and act.
    ///
    /// Lower-case letters, digits and dashes only, so that it can name a folder.
    pub fn key(&self, camera: &CameraId, source_sha256: &str, scene_sha256: &str) -> String {
        let short = |hex: &str| hex.chars().take(8).collect::<String>();
        let clean: String = camera
            .as_str()
            .chars()
            .map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' })
            .collect();
        format!(
            "{clean}-{}-{}-{}-{}-f{}-t{}",
            short(source_sha256),
            short(scene_sha256),
            self.rule
                .as_str()
                .to_ascii_lowercase()
                .replace(|c: char| !c.is_ascii_alphanumeric(), "-"),
            self.kind.as_str().replace('_', "-"),
            self.act.frame,
            self.track,
        )
    }
}
