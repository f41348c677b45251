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
}
