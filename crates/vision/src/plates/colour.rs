//! The colour of a plate's ground.

use giaolo_domain::{PlateColour, TextLine};
use image::RgbImage;

/// The colour of the ground on which `lines` stand, corners in pixels of `crop`; `None` where it is
/// too dark, too small or could be two colours.
pub fn plate_colour(crop: &RgbImage, lines: &[&TextLine]) -> Option<PlateColour> {
    let _ = (crop, lines);
    None
}
