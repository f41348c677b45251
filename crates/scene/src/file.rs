//! The scene file: TOML that an operator writes, read into a checked [`Scene`], and written again.
//!
//! Reading walks the document with its positions and collects every mistake, so that an operator
//! sees all of them at once, each with key, line and column. What this module lets through is what
//! the crate's other modules rely on without asking again; `docs/scene.md` is its manual and
//! `configs/scene.schema.json` its JSON Schema. It takes text: files are the caller's.

mod calibration;
mod drawing;
mod error;
mod heads;
mod named;
mod pixels;
mod problems;
mod reader;
mod rules;
mod shapes;
mod times;
mod writing;
mod written;

use giaolo_domain::CameraId;
use sha2::{Digest, Sha256};
use toml::de::DeTable;

use crate::{DetectorSettings, Scene};
use drawing::Drawing;
pub use error::{PictureMismatch, SceneError, SceneErrors};
use pixels::Picture;
use problems::{Problems, clipped};
use reader::{Node, Section};

/// The longest text that is taken for a scene, in bytes. A scene of a large junction has 10 KiB.
const MAX_BYTES: usize = 1 << 20;
/// The longest side of a picture, in pixels.
const MAX_SIDE: u32 = 16_384;
/// How long a place's name may be, in characters.
const MAX_PLACE: usize = 200;
/// Sides of the detector's input, in pixels: below is no picture, above is no model of ours.
const INPUT_SIDE: (u32, u32) = (32, 4096);
/// Tiles across or down.
const TILES: (u32, u32) = (1, 4);
/// Every how many frames one is analysed: at 30 frames a second the last is one in three seconds.
const EVERY_NTH_FRAME: (u32, u32) = (1, 100);
/// The smallest side of the detector's region, in pixels.
const MIN_REGION_SIDE: f32 = 16.0;

const FILE_KEYS: &[&str] =
    &["scene", "detector", "line", "zone", "signal_head", "movement", "calibration", "rule"];
const SCENE_KEYS: &[&str] = &["camera", "place", "size"];
const DETECTOR_KEYS: &[&str] = &["model", "input", "region", "tiles", "every_nth_frame"];

impl Scene {
    /// Reads a scene file's text. The text's SHA-256 becomes the scene's version.
    ///
    /// # Errors
    /// Everything that is wrong, sorted by position; only mistakes of TOML's own syntax hide the
    /// mistakes of meaning, which cannot be told before the text parses.
    pub fn from_toml(text: &str) -> Result<Self, SceneErrors> {
        let mut problems = Problems::default();
        if text.len() > MAX_BYTES {
            problems.add(
                0,
                "",
                format!(
                    "the text has {} bytes, a scene at most {MAX_BYTES}; this is probably not a scene file",
                    text.len()
                ),
            );
            return Err(problems.into_errors(text));
        }
        if text.trim_start_matches('\u{feff}').trim().is_empty() {
            problems.add(
                0,
                "",
                "the file is empty; a scene begins with `[scene]` and its `camera`, `place` and `size`"
                    .to_owned(),
            );
            return Err(problems.into_errors(text));
        }
        let (document, syntax) = DeTable::parse_recoverable(text);
        if !syntax.is_empty() {
            for error in syntax {
                let span = error.span().unwrap_or_default();
                let found = text.get(span.clone()).unwrap_or_default().trim();
                let mut message = format!("not TOML: {}", error.message().replace('\n', ", "));
                if !found.is_empty() {
                    message = format!("{message}, found `{}`", clipped(found));
                }
                problems.add(span.start, "", message);
            }
            return Err(problems.into_errors(text));
        }
        let root = Section::of_document(document.get_ref(), FILE_KEYS, &mut problems);
        let scene = read(&root, &mut problems);
        match scene {
            Some(scene) if problems.is_empty() => Ok(Self { sha256: sha256(text), ..scene }),
            _ => Err(problems.into_errors(text)),
        }
    }

    /// The scene as a file's text, which [`Self::from_toml`] reads into the same scene but for
    /// `sha256`, the version of the text. What equals its default is left out.
    pub fn to_toml(&self) -> String {
        writing::text(self)
    }

    /// The JSON Schema of the scene file, as it stands in `configs/scene.schema.json`.
    pub fn json_schema() -> String {
        written::json_schema()
    }

    /// Whether a source of `width` x `height` pixels shows the picture that this scene was drawn on.
    ///
    /// # Errors
    /// Any other size: lines would lie somewhere else on the road, silently.
    pub fn check_picture(&self, width: u32, height: u32) -> Result<(), PictureMismatch> {
        if self.size == (width, height) {
            return Ok(());
        }
        Err(PictureMismatch {
            camera: self.camera.clone(),
            drawn: self.size,
            found: (width, height),
        })
    }
}

/// The scene without its version, or nothing where a part is missing (which is then a problem).
fn read(root: &Section<'_>, problems: &mut Problems) -> Option<Scene> {
    let head = root
        .require(
            "scene",
            "begin with `[scene]` and give its `camera`, `place` and `size`",
            problems,
        )
        .and_then(|node| node.table(SCENE_KEYS, problems));
    let (camera, place, size) = match &head {
        Some(head) => (
            head.require(
                "camera",
                "give the camera's name in the register, `camera = \"TU15-C1\"`",
                problems,
            )
            .and_then(|node| node.name(problems)),
            head.require(
                "place",
                "give the place as it shall stand on evidence, `place = \"Giảng Võ - Láng Hạ\"`",
                problems,
            )
            .and_then(|node| place(&node, problems)),
            head.require(
                "size",
                "give width and height of the picture in pixels, `size = [1920, 1080]`",
                problems,
            )
            .and_then(|node| node.whole_pair((1, MAX_SIDE), problems)),
        ),
        None => (None, None, None),
    };
    let picture = Picture::of(size);
    let detector = root
        .get("detector")
        .and_then(|node| node.table(DETECTOR_KEYS, problems))
        .map(|section| detector(&section, picture, problems))
        .unwrap_or_default();
    let drawing = Drawing::read(root, picture, problems);
    let calibration = calibration::read(root, picture, problems);
    let rules = rules::read(root, &drawing, problems);
    Some(Scene {
        camera: CameraId::new(camera?),
        place: place?,
        size: size?,
        sha256: String::new(),
        detector,
        lines: drawing.lines.into_built(),
        zones: drawing.zones.into_built(),
        heads: drawing.heads.into_built(),
        movements: drawing.movements.into_built(),
        calibration,
        rules,
    })
}

fn place(node: &Node<'_>, problems: &mut Problems) -> Option<String> {
    let text = node.text(problems)?;
    let long = text.chars().count() > MAX_PLACE;
    if text.trim().is_empty() || long || text.chars().any(char::is_control) {
        node.wrong(&format!("a place's name, 1 to {MAX_PLACE} characters on one line"), problems);
        return None;
    }
    Some(text.to_owned())
}

fn detector(section: &Section<'_>, picture: Picture, problems: &mut Problems) -> DetectorSettings {
    let default = DetectorSettings::default();
    DetectorSettings {
        model: section.get("model").and_then(|node| node.name(problems)).map(str::to_owned),
        input_size: section.get("input").and_then(|node| node.whole_pair(INPUT_SIDE, problems)),
        region: section
            .get("region")
            .and_then(|node| node.pixel_box(picture, MIN_REGION_SIDE, problems)),
        tiles: section
            .get("tiles")
            .and_then(|node| node.whole_pair(TILES, problems))
            .unwrap_or(default.tiles),
        every_nth_frame: section
            .get("every_nth_frame")
            .and_then(|node| node.whole(EVERY_NTH_FRAME, problems))
            .unwrap_or(default.every_nth_frame),
    }
}

fn sha256(text: &str) -> String {
    Sha256::digest(text).iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_schema_has_the_keys_that_are_read() {
        let schema: serde_json::Value = serde_json::from_str(&Scene::json_schema()).unwrap();
        let tables = [
            ("", FILE_KEYS),
            ("/$defs/SceneTable", SCENE_KEYS),
            ("/$defs/DetectorTable", DETECTOR_KEYS),
            ("/$defs/HeadTable", heads::HEAD_KEYS),
            ("/$defs/LampsTable", heads::LAMP_KEYS),
            ("/$defs/LineTable", drawing::LINE_KEYS),
            ("/$defs/HysteresisTable", drawing::HYSTERESIS_KEYS),
            ("/$defs/ZoneTable", drawing::ZONE_KEYS),
            ("/$defs/MovementTable", drawing::MOVEMENT_KEYS),
            ("/$defs/WayTable", drawing::END_KEYS),
            ("/$defs/CalibrationTable", calibration::CALIBRATION_KEYS),
            ("/$defs/PairTable", calibration::PAIR_KEYS),
            ("/$defs/RuleTable", rules::RULE_KEYS),
        ];
        let described_tables = schema["$defs"]
            .as_object()
            .unwrap()
            .values()
            .filter(|table| table.get("properties").is_some());
        assert_eq!(described_tables.count() + 1, tables.len());
        for (table, keys) in tables {
            let properties = schema.pointer(&format!("{table}/properties")).unwrap();
            let mut described: Vec<&str> =
                properties.as_object().unwrap().keys().map(String::as_str).collect();
            let mut read = keys.to_vec();
            described.sort_unstable();
            read.sort_unstable();
            assert_eq!(described, read, "{table}");
        }
    }
}
