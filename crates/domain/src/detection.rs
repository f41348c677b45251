//! One box in one frame.

use serde::{Deserialize, Serialize};

use crate::{PixelBox, RoadUserClass};

/// What the detector saw in one place of one frame.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Detection {
    /// Where, in pixels of the full frame.
    #[serde(rename = "box")]
    pub bbox: PixelBox,
    /// The likeliest class.
    pub class: RoadUserClass,
    /// The detector's score of that class, 0 to 1.
    pub score: f32,
    /// What it looks like, where that was taken.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub appearance: Option<Appearance>,
}

/// The colours of a road user's upper part, head to waist: mean red, green and blue of six fields,
/// three rows of two. Enough to tell a white shirt from a black one in the next lane, and no more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Appearance(pub [u8; 18]);

impl Appearance {
    /// Mean difference of the fields, 0 to 255.
    pub fn difference(&self, other: &Self) -> f32 {
        let sum: u32 = self.0.iter().zip(other.0).map(|(a, b)| u32::from(a.abs_diff(b))).sum();
        sum as f32 / self.0.len() as f32
    }

    /// Moved a share `gain` of the way towards `other`.
    pub fn blend(&mut self, other: &Self, gain: f32) {
        for (mine, theirs) in self.0.iter_mut().zip(other.0) {
            let (from, to) = (f32::from(*mine), f32::from(theirs));
            *mine = (from + gain * (to - from)).round() as u8;
        }
    }
}
