//! Truth files: what a person saw in a clip (`README.md` of the data sets).

use std::path::Path;

use giaolo_domain::{ClassGroup, HeadId, LineId, SignalState, ViolationKind, Way};
use serde::Deserialize;

use crate::error::PipelineError;

/// One clip's truth. What a file does not have is empty.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Truth {
    /// Crossings with their frames.
    #[serde(default)]
    pub crossings: Option<Vec<TruthCrossing>>,
    /// Crossings as bare numbers.
    #[serde(default)]
    pub totals: Vec<TruthTotal>,
    /// What the heads show.
    #[serde(default)]
    pub signal: Vec<TruthSignal>,
    /// Violations.
    #[serde(default)]
    pub violations: Vec<TruthViolation>,
    /// Alarms that are neither right nor wrong.
    #[serde(default)]
    pub not_scored: Vec<NotScored>,
}

/// A crossing that a person saw.
#[derive(Clone, Debug, Deserialize)]
pub struct TruthCrossing {
    /// Over which line.
    pub line: LineId,
    /// Which way.
    pub way: TruthWay,
    /// Of which class.
    pub class: TruthClass,
    /// In which frame.
    pub frame: u64,
    /// Give or take.
    pub tolerance: u64,
}

/// A number of crossings.
#[derive(Clone, Debug, Deserialize)]
pub struct TruthTotal {
    /// Over which line.
    pub line: LineId,
    /// Which way.
    pub way: TruthWay,
    /// Of which class; all vehicles where it is left out.
    #[serde(default)]
    pub class: Option<TruthClass>,
    /// How many.
    #[serde(alias = "total")]
    pub count: u64,
    /// Give or take.
    #[serde(default)]
    pub tolerance: u64,
}

/// What a head shows from frame to frame, both included.
#[derive(Clone, Debug, Deserialize)]
pub struct TruthSignal {
    /// Which head.
    pub head: HeadId,
    /// What it shows.
    pub state: SignalState,
    /// First frame.
    pub from: u64,
    /// Last frame.
    pub to: u64,
    /// Frames around a change in which either state is right.
    #[serde(default)]
    pub tolerance: u64,
}

/// A violation that a person saw.
#[derive(Clone, Debug, Deserialize)]
pub struct TruthViolation {
    /// What kind.
    pub kind: ViolationKind,
    /// Of which class.
    pub class: TruthClass,
    /// First frame.
    pub from: u64,
    /// Last frame.
    pub to: u64,
    /// A person would not argue.
    #[serde(default)]
    pub clear: bool,
}

/// Frames in which alarms of a kind are neither right nor wrong.
#[derive(Clone, Debug, Deserialize)]
pub struct NotScored {
    /// What kind.
    pub kind: ViolationKind,
    /// First frame.
    pub from: u64,
    /// Last frame.
    pub to: u64,
}

/// A way as a person wrote it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TruthWay {
    /// To the line's `forward_to`.
    Forward,
    /// The other way.
    Back,
    /// Either.
    Any,
}

impl TruthWay {
    /// Whether a crossing of this way can be the one meant.
    pub(crate) fn accepts(self, way: Way) -> bool {
        match self {
            Self::Any => true,
            Self::Forward => way == Way::Forward,
            Self::Back => way == Way::Back,
        }
    }

    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Forward => "forward",
            Self::Back => "back",
            Self::Any => "any",
        }
    }
}

/// A class as a person wrote it, and the groups that it accepts.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct TruthClass {
    /// As written.
    pub name: String,
    groups: Vec<ClassGroup>,
}

impl TruthClass {
    /// Whether a road user of this group can be the one meant.
    pub(crate) fn accepts(&self, group: ClassGroup) -> bool {
        self.groups.contains(&group)
    }
}

impl TryFrom<String> for TruthClass {
    type Error = String;

    /// Reads `car`, `car or truck (pickup)`.
    fn try_from(name: String) -> Result<Self, String> {
        let mut groups = Vec::new();
        for part in name.split(" or ") {
            let word = part.split('(').next().unwrap_or_default().trim();
            let of_word: &[ClassGroup] = match word {
                "motorbike" | "bicycle" | "bicyclist" | "e-bike" | "two-wheeler" => {
                    &[ClassGroup::TwoWheeler]
                }
                "car" | "taxi" => &[ClassGroup::Car],
                "truck" | "bus" | "heavy" => &[ClassGroup::Heavy],
                "delivery_van" => &[ClassGroup::Car, ClassGroup::Heavy],
                "pedestrian" => &[ClassGroup::Pedestrian],
                "vehicle" | "any" => &[ClassGroup::TwoWheeler, ClassGroup::Car, ClassGroup::Heavy],
                _ => {
                    return Err(format!(
                        "`{word}` in class `{name}` is no class of the truth files"
                    ));
                }
            };
            groups.extend_from_slice(of_word);
        }
        Ok(Self { name, groups })
    }
}

/// Reads a truth file.
///
/// # Errors
/// A file that cannot be read, or is not one, with the line and what is wrong.
pub fn read_truth(path: &Path) -> Result<Truth, PipelineError> {
    let text = std::fs::read_to_string(path).map_err(PipelineError::io("read", path))?;
    serde_json::from_str(&text)
        .map_err(|error| PipelineError::Table { path: path.to_owned(), reason: error.to_string() })
}
