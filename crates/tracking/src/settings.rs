//! Everything that can be turned on the tracker, with one set of defaults for all cameras.

use serde::{Deserialize, Serialize};

/// Settings of a [`crate::Tracker`]. Lengths are in *scales* (square root of the box area), so that
/// near and far road users are treated alike; times are in seconds, so that frame rates are too.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct TrackerSettings {
    /// From this score a detection may start a track and is matched in the first stage.
    pub high_score: f32,
    /// From this score a detection may continue a track, in the second stage.
    pub low_score: f32,
    /// Share of a person's box that lies in a two-wheeler's for it to be the rider.
    pub rider_within: f32,
    /// How far a rider's middle may be from the two-wheeler's, in widths of the wider box.
    pub rider_off_centre: f32,
    /// From this overlap (IoU) two boxes of different kinds are one vehicle.
    pub same_vehicle_iou: f32,
    /// How far off a standing track's next box may be, in scales: what boxes jitter by.
    pub gate: f32,
    /// The same for a track that surely moves: its box changes shape as well.
    pub moving_gate: f32,
    /// Share of the speed that may be wrong.
    pub speed_doubt: f32,
    /// Doubt about the speed of a track that was matched once, scales a second; it shrinks with the
    /// number of sightings.
    pub young_speed_doubt: f32,
    /// How hard a road user brakes, starts or turns, scales a second squared.
    pub acceleration: f32,
    /// No gate of a standing track is wider than this, in scales, however long it was not seen:
    /// further off is the next rider's place.
    pub widest_gate: f32,
    /// The same for a track that surely moves, whose own place is less sure.
    pub widest_moving_gate: f32,
    /// Gate of a track whose velocity is not known yet, in the next instant, in scales.
    pub first_match_gate: f32,
    /// Speed from which a road user surely moves and will not go backwards, scales a second.
    pub surely_moves: f32,
    /// Fastest plausible motion of a road user whose velocity is not known yet, scales a second.
    pub first_match_speed: f32,
    /// Seconds that a confirmed track is kept without a detection.
    pub keep_unseen_s: f64,
    /// Seconds that a track of one or two detections is kept without another.
    pub keep_tentative_s: f64,
    /// Detections that make a track confirmed.
    pub confirm_detections: u32,
    /// A person that keeps above this speed, in heights of its box a second, rides.
    pub rider_speed: f32,
    /// ... for this long.
    pub rider_speed_for_s: f64,
    /// Frames in a row that two tracks share one place before the younger is dropped as a double.
    pub double_frames: u32,
}

impl Default for TrackerSettings {
    fn default() -> Self {
        Self {
            high_score: 0.35,
            low_score: 0.2,
            rider_within: 0.33,
            rider_off_centre: 0.45,
            same_vehicle_iou: 0.6,
            gate: 0.35,
            moving_gate: 0.45,
            speed_doubt: 0.15,
            young_speed_doubt: 2.0,
            acceleration: 1.5,
            widest_gate: 0.5,
            widest_moving_gate: 0.8,
            first_match_gate: 0.6,
            surely_moves: 0.8,
            first_match_speed: 4.0,
            keep_unseen_s: 1.2,
            keep_tentative_s: 0.4,
            confirm_detections: 3,
            rider_speed: 1.2,
            rider_speed_for_s: 0.5,
            double_frames: 3,
        }
    }
}
