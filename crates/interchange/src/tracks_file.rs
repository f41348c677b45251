//! The form of `tracks.jsonl`: its header and the three kinds of lines after it.
//!
//! | line | when |
//! | --- | --- |
//! | `{"format":"giaolo-tracks","version":1,...}` | once, first |
//! | `{"signal":"near","frame":25,"t_us":1000000,"state":"red","confidence":0.97}` | a head's reading changed; `"state":null` where it is no longer read |
//! | a `TrackObservation` | a road user in a frame |
//! | `{"frame":26,"t_us":1040000}` | a frame that would have no line otherwise |
//!
//! Frames ascend; within one, signal lines come first.

use std::borrow::Cow;

use giaolo_domain::{
    CameraId, ClockSource, MediaTime, PixelBox, RoadUserClass, SignalState, TimeOrigin, TrackId,
    UtcTime,
};
use serde::{Deserialize, Deserializer, Serialize};

/// The name in the header's `format`.
pub(crate) const FORMAT: &str = "giaolo-tracks";
/// The version that this program writes and reads.
pub(crate) const VERSION: u32 = 1;

/// What the first line of `tracks.jsonl` says about the recording.
#[derive(Clone, Debug, PartialEq)]
pub struct TracksHeader {
    /// Whose picture.
    pub camera: CameraId,
    /// Width and height of the picture in pixels.
    pub size: (u32, u32),
    /// Nominal frames a second; times stand with each frame.
    pub fps: f64,
    /// Frames of the recording, where they were known before the first was read. A reader then
    /// checks that all are there.
    pub frames: Option<u64>,
    /// When the first frame was taken.
    pub origin: TimeOrigin,
}

/// The header as it stands in the file.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct HeaderLine<'a> {
    #[serde(borrow)]
    pub format: Cow<'a, str>,
    pub version: u32,
    pub camera: CameraId,
    pub size: (u32, u32),
    pub fps: f64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub frames: Option<u64>,
    pub start: UtcTime,
    pub clock: ClockSource,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub uncertainty_s: Option<f64>,
}

/// Only what tells a header of another format or version apart.
#[derive(Deserialize)]
pub(crate) struct HeaderKind<'a> {
    #[serde(borrow, default)]
    pub format: Option<Cow<'a, str>>,
    #[serde(default)]
    pub version: Option<serde_json::Value>,
}

impl TracksHeader {
    pub(crate) fn line(&self) -> HeaderLine<'static> {
        HeaderLine {
            format: Cow::Borrowed(FORMAT),
            version: VERSION,
            camera: self.camera.clone(),
            size: self.size,
            fps: self.fps,
            frames: self.frames,
            start: self.origin.start,
            clock: self.origin.clock,
            uncertainty_s: self.origin.uncertainty_s,
        }
    }

    /// The first key with a value that cannot be, that value, and what would be right.
    pub(crate) fn problem(&self) -> Option<(&'static str, String, &'static str)> {
        if self.size.0 == 0 || self.size.1 == 0 {
            let size = format!("[{}, {}]", self.size.0, self.size.1);
            return Some(("size", size, "it must be [width, height], both at least 1"));
        }
        if !(self.fps.is_finite() && self.fps > 0.0) {
            return Some(("fps", self.fps.to_string(), "it must be above 0"));
        }
        match self.origin.uncertainty_s {
            Some(seconds) if !(seconds.is_finite() && seconds >= 0.0) => Some((
                "uncertainty_s",
                seconds.to_string(),
                "it must be 0 or more seconds, or absent",
            )),
            _ => None,
        }
    }
}

impl From<HeaderLine<'_>> for TracksHeader {
    fn from(line: HeaderLine<'_>) -> Self {
        Self {
            camera: line.camera,
            size: line.size,
            fps: line.fps,
            frames: line.frames,
            origin: TimeOrigin {
                start: line.start,
                clock: line.clock,
                uncertainty_s: line.uncertainty_s,
            },
        }
    }
}

/// Any line after the header. One flat struct and no untagged enum: serde would buffer each line as
/// a tree to try the variants, which is several times slower.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct BodyLine<'a> {
    pub frame: u64,
    pub t_us: MediaTime,
    #[serde(default)]
    pub track: Option<TrackId>,
    #[serde(default, rename = "box")]
    pub bbox: Option<PixelBox>,
    #[serde(default)]
    pub class: Option<RoadUserClass>,
    #[serde(default)]
    pub score: Option<f32>,
    #[serde(default)]
    pub unlike: f32,
    #[serde(default)]
    pub predicted: bool,
    #[serde(borrow, default)]
    pub signal: Option<Cow<'a, str>>,
    /// Outer `None` where the key is absent, inner where it is null.
    #[serde(default, deserialize_with = "present")]
    pub state: Option<Option<SignalState>>,
    #[serde(default)]
    pub confidence: Option<f32>,
}

fn present<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Option<SignalState>>, D::Error> {
    Option::deserialize(deserializer).map(Some)
}

/// A signal line as it is written.
#[derive(Serialize)]
pub(crate) struct SignalLine<'a> {
    pub signal: &'a str,
    pub frame: u64,
    pub t_us: MediaTime,
    pub state: Option<SignalState>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub confidence: Option<f32>,
}
