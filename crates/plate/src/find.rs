//! Which lines of text on a vehicle are its plate.
use giaolo_domain::{FrameTime, PlateColour, PlateLayout, PlateLook, RoadUserClass, TextLine};

use crate::Grammar;

/// Picks the plate out of all text on one vehicle.
pub fn find_plate(
    grammar: &Grammar,
    lines: &[TextLine],
    at: FrameTime,
    class: Option<RoadUserClass>,
    colour: &mut dyn FnMut(&[&TextLine]) -> Option<PlateColour>,
) -> Option<PlateLook> {
    for line in lines {
        let look = PlateLook {
            at,
            lines: vec![line.clone()],
            layout: PlateLayout::OneLine,
            width_px: line.width(),
            colour: None,
        };
        if !grammar.interpret(&look, class).is_empty() {
            return Some(PlateLook { colour: colour(&[line]), ..look });
        }
    }
    None
}
