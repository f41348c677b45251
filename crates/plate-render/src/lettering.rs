//! Writing on vehicles that is no plate, in a common bold face.

use ab_glyph::{Font as _, FontRef, PxScale, ScaleFont as _, point};
use giaolo_domain::PixelBox;

use crate::{
    Error, Result,
    canvas::{Canvas, Colour, mix},
};

/// Writes a line with capitals of `height` units, its middle at `x`, its baseline at `y`, and returns
/// the box of the whole line from ascender to descender, in pixels.
pub(crate) fn write(
    canvas: &mut Canvas,
    text: &str,
    [x, y]: [f32; 2],
    height: f32,
    colour: Colour,
) -> Result<PixelBox> {
    let font = FontRef::try_from_slice(dejavu::sans_condensed::bold())
        .map_err(|error| Error::Font(error.to_string()))?;
    let capital =
        font.outline(font.glyph_id('H')).ok_or_else(|| Error::Font("no letter H".to_owned()))?;
    let capital_share = capital.bounds.height().abs() / font.height_unscaled();
    let px = PxScale::from(height * canvas.scale / capital_share);
    let scaled = font.as_scaled(px);
    let mut pens = Vec::new();
    let mut length = 0.0;
    let mut previous = None;
    for symbol in text.chars() {
        let glyph = font.glyph_id(symbol);
        if let Some(previous) = previous {
            length += scaled.kern(previous, glyph);
        }
        pens.push((glyph, length));
        length += scaled.h_advance(glyph);
        previous = Some(glyph);
    }
    let (left, baseline) = (x * canvas.scale - length / 2.0, y * canvas.scale);
    let (width, rows) = (canvas.image.width() as i32, canvas.image.height() as i32);
    for (glyph, pen) in pens {
        let placed = glyph.with_scale_and_position(px, point(left + pen, baseline));
        let Some(outline) = font.outline_glyph(placed) else { continue };
        let bounds = outline.px_bounds();
        let (x0, y0) = (bounds.min.x as i32, bounds.min.y as i32);
        outline.draw(|dx, dy, share| {
            let (x, y) = (x0.saturating_add_unsigned(dx), y0.saturating_add_unsigned(dy));
            if (0..width).contains(&x) && (0..rows).contains(&y) {
                mix(canvas.image.get_pixel_mut(x as u32, y as u32), colour, share.clamp(0.0, 1.0));
            }
        });
    }
    Ok(PixelBox::new(left, baseline - scaled.ascent(), left + length, baseline - scaled.descent()))
}
