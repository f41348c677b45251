//! One look: the lines on a vehicle's crop, which of them are its plate, and the plate's colour.

use giaolo_domain::{
    ClassGroup, FrameTime, PixelRect, PlateLook, RoadUserClass, TextLine, Unreadable,
};
use giaolo_plate::{Grammar, find_plate};
use giaolo_vision::{PlateReader, plate_colour, sharpness};
use image::RgbImage;

use super::desk::{Eyes, Looked};
use crate::error::PipelineError;

/// Pixels from its edge at which a crop may have cut a line.
const EDGE_PX: f32 = 1.0;

/// A part of a frame in full colour and resolution.
pub(crate) struct Crop {
    pub at: FrameTime,
    pub picture: RgbImage,
    /// Where it was cut out.
    pub rect: PixelRect,
    /// The whole frame's size.
    pub frame: (u32, u32),
}

/// Looks with the models.
pub(crate) struct ModelEyes<'a> {
    pub reader: PlateReader,
    pub grammar: &'a Grammar,
}

impl Eyes for ModelEyes<'_> {
    fn sharpness(&self, crop: &RgbImage) -> f32 {
        sharpness(crop)
    }

    fn look(&mut self, crop: &Crop, class: RoadUserClass) -> Result<Looked, PipelineError> {
        let mut lines = self.reader.lines_at(&crop.picture, finder_side(class))?;
        lines.retain(|line| !goes_on_outside(line, crop.rect, crop.frame));
        let mut colour = |lines: &[&TextLine]| plate_colour(&crop.picture, lines);
        let found = find_plate(self.grammar, &lines, crop.at, Some(class), &mut colour);
        Ok(match found {
            Some(look) => Looked::Plate(moved(look, crop.rect)),
            None => Looked::Nothing(why_none(&lines)),
        })
    }
}

/// The longer side, in pixels, to which a vehicle's crop is scaled for finding text: the larger the
/// body beside its plate, the more. Measured in `docs/plates.md`.
pub(crate) fn finder_side(class: RoadUserClass) -> u32 {
    match class.group() {
        ClassGroup::Car | ClassGroup::Heavy => 480,
        ClassGroup::TwoWheeler | ClassGroup::Pedestrian => 320,
    }
}

/// A look at a crop, in pixels of the picture that it was cut out of.
pub(crate) fn moved(mut look: PlateLook, rect: PixelRect) -> PlateLook {
    for corner in look.lines.iter_mut().flat_map(|line| &mut line.corners) {
        corner.x += rect.x as f32;
        corner.y += rect.y as f32;
    }
    look
}

fn why_none(lines: &[TextLine]) -> Unreadable {
    if lines.is_empty() {
        Unreadable::NoPlate
    } else if lines.iter().all(|line| line.chars.is_empty()) {
        Unreadable::Blurred
    } else {
        Unreadable::NotAPlate
    }
}

/// Whether the crop's edge cut a line that goes on in the picture: a neighbour's, or a text on the
/// part that was left out. What the picture's own edge cuts stays, and is never sure.
pub(crate) fn goes_on_outside(
    line: &TextLine,
    rect: PixelRect,
    (width, height): (u32, u32),
) -> bool {
    let at_edge = |is_there: &dyn Fn(f32, f32) -> bool| {
        line.corners.iter().any(|corner| is_there(corner.x, corner.y))
    };
    let (crop_width, crop_height) = (rect.width as f32, rect.height as f32);
    line.cut
        && ((rect.x > 0 && at_edge(&|x, _| x <= EDGE_PX))
            || (rect.y > 0 && at_edge(&|_, y| y <= EDGE_PX))
            || (rect.x + rect.width < width && at_edge(&|x, _| x >= crop_width - EDGE_PX))
            || (rect.y + rect.height < height && at_edge(&|_, y| y >= crop_height - EDGE_PX)))
}

#[cfg(test)]
mod tests {
    use giaolo_domain::{PixelPoint, ReadChar};

    use super::*;

    fn line(x1: f32, y1: f32, x2: f32, y2: f32, cut: bool, text: &str) -> TextLine {
        let corner = PixelPoint::new;
        let read = |symbol| ReadChar { symbol, score: 0.9, at: 0.5, others: Vec::new() };
        TextLine {
            corners: [corner(x1, y1), corner(x2, y1), corner(x2, y2), corner(x1, y2)],
            found: 0.9,
            chars: text.chars().map(read).collect(),
            cut,
        }
    }

    #[test]
    fn lines_that_go_on_outside_of_the_crop_are_no_plate() {
        let frame = (1600, 1200);
        let inside = PixelRect { x: 100, y: 100, width: 200, height: 100 };
        let at_left = PixelRect { x: 0, y: 100, width: 200, height: 100 };
        let at_bottom = PixelRect { x: 100, y: 1100, width: 200, height: 100 };
        let at_right = PixelRect { x: 1400, y: 100, width: 200, height: 100 };
        // (where the crop was cut, the line, whether the crop cut it)
        let cases = [
            (inside, line(50.0, 40.0, 90.0, 50.0, false, "A"), false),
            (inside, line(0.0, 40.0, 40.0, 50.0, true, "A"), true),
            (inside, line(160.0, 40.0, 200.0, 50.0, true, "A"), true),
            (inside, line(50.0, 0.5, 90.0, 10.0, true, "A"), true),
            (inside, line(50.0, 90.0, 90.0, 99.5, true, "A"), true),
            (at_left, line(0.0, 40.0, 40.0, 50.0, true, "A"), false),
            (at_left, line(0.0, 0.0, 40.0, 10.0, true, "A"), true),
            (at_bottom, line(50.0, 90.0, 90.0, 100.0, true, "A"), false),
            (at_right, line(160.0, 40.0, 200.0, 50.0, true, "A"), false),
        ];
        for (rect, line, cut) in cases {
            assert_eq!(goes_on_outside(&line, rect, frame), cut, "{rect:?} {:?}", line.corners);
        }
    }

    #[test]
    fn why_there_is_no_plate() {
        let blurred = line(1.0, 1.0, 9.0, 4.0, false, "");
        let words = line(1.0, 1.0, 9.0, 4.0, false, "TAXI");
        assert_eq!(why_none(&[]), Unreadable::NoPlate);
        assert_eq!(why_none(std::slice::from_ref(&blurred)), Unreadable::Blurred);
        assert_eq!(why_none(&[blurred, words]), Unreadable::NotAPlate);
    }
}
