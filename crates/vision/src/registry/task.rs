//! What a model is for decides which keys its entry has beside the head.

use std::collections::BTreeMap;

use giaolo_domain::RoadUserClass;
use serde::Deserialize;

use super::entry::ModelFile;
use crate::decode::Decoder;

/// What a model is for.
#[derive(Clone, Debug)]
pub enum Task {
    /// `detect-road-users`: boxes and classes of road users in a picture.
    DetectRoadUsers(RoadUserDetector),
    /// `find-text`: where lines of text stand in a picture.
    FindText(TextFinder),
    /// `read-text`: the characters of one line of text.
    ReadText(TextReader),
}

impl Task {
    pub(super) const DETECT_ROAD_USERS: &str = "detect-road-users";
    pub(super) const FIND_TEXT: &str = "find-text";
    pub(super) const READ_TEXT: &str = "read-text";

    /// The name in the entry.
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::DetectRoadUsers(_) => Self::DETECT_ROAD_USERS,
            Self::FindText(_) => Self::FIND_TEXT,
            Self::ReadText(_) => Self::READ_TEXT,
        }
    }
}

/// What a detector of road users has beside the head.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RoadUserDetector {
    /// How its outputs are read.
    pub decoder: Decoder,
    /// Input width and height where a scene names none.
    pub default_size: (u32, u32),
    /// Names of the outputs that the decoder reads, by its own names for them.
    #[serde(default)]
    pub outputs: BTreeMap<String, String>,
    /// Scores below which boxes are not even looked at.
    pub thresholds: Thresholds,
    /// The model's class numbers that are road users.
    #[serde(deserialize_with = "class_map")]
    pub classes: BTreeMap<usize, RoadUserClass>,
}

/// What a finder of text has beside the head. Its output is `[B, 1, H, W]`, the probability that a
/// pixel of the input belongs to a line of text, shrunk (the DB family).
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TextFinder {
    /// The output's name.
    pub output: String,
    /// Width and height of an input must be multiples of this.
    pub multiple: u32,
}

/// What a reader of text has beside the head. Its output is `[B, T, classes]`, probabilities after
/// the softmax: a blank, the characters of the file's metadata `character`, a space (CTC).
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TextReader {
    /// The output's name.
    pub output: String,
    /// Height of the input in pixels; lines are scaled to it.
    pub height: u32,
    /// Least width of the input in pixels; narrower lines are filled up with 0.
    pub least_width: u32,
}

/// Scores of a model.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Thresholds {
    /// Lowest score that leaves the decoder, 0 to 1.
    pub score: f32,
}

impl RoadUserDetector {
    pub(super) fn check(&self, files: &[ModelFile]) -> Result<(), String> {
        let score = self.thresholds.score;
        if !(0.0..1.0).contains(&score) {
            return Err(format!("thresholds.score: {score} is not from 0 to below 1"));
        }
        if self.classes.is_empty() {
            return Err("classes: no class of the model is a road user".to_owned());
        }
        match files.iter().find(|file| file.size.is_none()) {
            Some(file) => Err(format!("files: {} has no size", file.path.display())),
            None => Ok(()),
        }
    }

    /// The model's own name of an output that the decoder calls `name`.
    pub(crate) fn output_name<'a>(&'a self, name: &'a str) -> &'a str {
        self.outputs.get(name).map_or(name, String::as_str)
    }
}

impl TextFinder {
    pub(super) fn check(&self, files: &[ModelFile]) -> Result<(), String> {
        if !(1..=128).contains(&self.multiple) {
            return Err(format!("multiple: {} is not within 1 to 128", self.multiple));
        }
        any_size(files)
    }
}

impl TextReader {
    pub(super) fn check(&self, files: &[ModelFile]) -> Result<(), String> {
        for (key, value) in [("height", self.height), ("least_width", self.least_width)] {
            if !(16..=512).contains(&value) {
                return Err(format!("{key}: {value} is not within 16 to 512"));
            }
        }
        any_size(files)
    }
}

fn any_size(files: &[ModelFile]) -> Result<(), String> {
    match files.iter().find(|file| file.size.is_some()) {
        Some(file) => Err(format!(
            "files: {} has a size; a text model must take any size",
            file.path.display()
        )),
        None => Ok(()),
    }
}

fn class_map<'de, D: serde::Deserializer<'de>>(
    deserializer: D,
) -> Result<BTreeMap<usize, RoadUserClass>, D::Error> {
    use serde::de::Error;
    let raw = BTreeMap::<String, RoadUserClass>::deserialize(deserializer)?;
    raw.into_iter()
        .map(|(number, class)| {
            let number = number.parse().map_err(|_| {
                D::Error::custom(format!("classes: `{number}` is no class number of the model"))
            })?;
            Ok((number, class))
        })
        .collect()
}
