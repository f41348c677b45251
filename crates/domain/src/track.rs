//! One road user over time.

use serde::{Deserialize, Serialize};

use crate::{MediaTime, PixelBox, RoadUserClass, TrackId};

/// A track in one frame: a line of `tracks.jsonl`.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct TrackObservation {
    /// The frame's number in the source, from 0.
    pub frame: u64,
    /// The frame's time.
    #[serde(rename = "t_us")]
    pub time: MediaTime,
    /// Whose.
    pub track: TrackId,
    /// Where: rider and motorbike together for a two-wheeler.
    #[serde(rename = "box")]
    pub bbox: PixelBox,
    /// The class voted over the track so far.
    pub class: RoadUserClass,
    /// Score of the detection behind this box, 0 to 1; 0 where the box is predicted.
    pub score: f32,
    /// How much its colours differ from one sighting to the next, a mean over the last half second, 0
    /// to 255 with one decimal: much more than a road user shows is a track that hops from one to
    /// another. 0 where colours are not known.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub unlike: f32,
    /// True where nothing was detected in this frame and the box is where motion puts it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub predicted: bool,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for a reference")]
fn is_zero(value: &f32) -> bool {
    *value == 0.0
}

/// A whole track in one row, as the store keeps it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TrackSummary {
    /// Which.
    pub track: TrackId,
    /// The class voted over the whole track.
    pub class: RoadUserClass,
    /// The vote's share of that class, 0 to 1.
    pub class_share: f32,
    /// First frame in which it was detected.
    pub first_frame: u64,
    /// Last frame in which it was detected.
    pub last_frame: u64,
    /// Time of the first frame.
    pub first_time: MediaTime,
    /// Time of the last frame.
    pub last_time: MediaTime,
    /// Frames with a detection of its own.
    pub detections: u32,
    /// Mean score of those.
    pub mean_score: f32,
    /// First box.
    pub first_box: PixelBox,
    /// Last box.
    pub last_box: PixelBox,
}
