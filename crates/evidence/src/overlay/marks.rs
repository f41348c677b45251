//! Dots, arrows, boxes and plates, made of strokes and fills.

use giaolo_domain::{PixelBox, PixelPoint};
use image::RgbImage;
use opencv::{core::Scalar, imgproc};

use super::{
    Colour, Overlay, Stroke, palette,
    shapes::{Area, SHIFT, all_finite, mix},
};
use crate::Result;

impl Overlay {
    /// A filled circle with the light edge of a stroke.
    ///
    /// # Errors
    /// Where OpenCV fails.
    pub fn dot(
        &mut self,
        image: &mut RgbImage,
        at: PixelPoint,
        radius: f32,
        colour: Colour,
        edge: f32,
    ) -> Result<()> {
        if !all_finite(&[at]) {
            return Ok(());
        }
        for (radius, colour) in [(radius + edge, palette::PAPER), (radius, colour)] {
            let Some(area) = Area::around(&[at], radius + 2.0, image) else {
                return Ok(());
            };
            self.through_mask(image, area, colour, 1.0, |mask| {
                let radius = (radius * (1 << SHIFT) as f32).round() as i32;
                let full = Scalar::all(255.0);
                imgproc::circle(mask, area.point(at), radius, full, -1, imgproc::LINE_AA, SHIFT)
            })?;
        }
        Ok(())
    }

    /// A line with a solid head at `to`.
    ///
    /// # Errors
    /// Where OpenCV fails.
    pub fn arrow(
        &mut self,
        image: &mut RgbImage,
        from: PixelPoint,
        to: PixelPoint,
        stroke: &Stroke,
    ) -> Result<()> {
        let length = from.distance(to);
        if !length.is_finite() || length < 1.0 {
            return Ok(());
        }
        let (dx, dy) = ((to.x - from.x) / length, (to.y - from.y) / length);
        let head = (stroke.width * 4.0 + 4.0).min(length);
        let neck = PixelPoint::new(to.x - dx * head, to.y - dy * head);
        self.polyline(image, &[from, neck], false, stroke)?;
        let tip = |grow: f32| {
            let half = head * 0.42 + grow;
            [
                PixelPoint::new(to.x + dx * grow * 1.6, to.y + dy * grow * 1.6),
                PixelPoint::new(neck.x - dx * grow - dy * half, neck.y - dy * grow + dx * half),
                PixelPoint::new(neck.x - dx * grow + dy * half, neck.y - dy * grow - dx * half),
            ]
        };
        if stroke.edge > 0.0 {
            self.fill(image, &tip(stroke.edge), palette::PAPER, stroke.opacity * 0.85)?;
        }
        self.fill(image, &tip(0.0), stroke.colour, stroke.opacity)
    }

    /// A box: a fine line all round and strong corners, which leave what is inside to be seen.
    ///
    /// # Errors
    /// Where OpenCV fails.
    pub fn corner_box(
        &mut self,
        image: &mut RgbImage,
        bbox: &PixelBox,
        stroke: &Stroke,
    ) -> Result<()> {
        let PixelBox { x1, y1, x2, y2 } = *bbox;
        let at = PixelPoint::new;
        let round = [at(x1, y1), at(x2, y1), at(x2, y2), at(x1, y2)];
        let fine = Stroke::new(stroke.colour, 1.0).bare().opacity(stroke.opacity * 0.55);
        self.polyline(image, &round, true, &fine)?;
        let arm = (bbox.width().min(bbox.height()) * 0.28).clamp(3.0, 14.0 * stroke.width);
        let corners = [
            [at(x1, y1 + arm), at(x1, y1), at(x1 + arm, y1)],
            [at(x2 - arm, y1), at(x2, y1), at(x2, y1 + arm)],
            [at(x2, y2 - arm), at(x2, y2), at(x2 - arm, y2)],
            [at(x1 + arm, y2), at(x1, y2), at(x1, y2 - arm)],
        ];
        for corner in corners {
            self.polyline(image, &corner, false, stroke)?;
        }
        Ok(())
    }

    /// A plate with round corners behind text.
    pub fn plate(
        &mut self,
        image: &mut RgbImage,
        plate: &PixelBox,
        radius: f32,
        colour: Colour,
        opacity: f32,
    ) {
        let around = [PixelPoint::new(plate.x1, plate.y1), PixelPoint::new(plate.x2, plate.y2)];
        if !all_finite(&around) {
            return;
        }
        let Some(area) = Area::around(&around, 0.0, image) else {
            return;
        };
        let radius = radius.min(plate.width() * 0.5).min(plate.height() * 0.5);
        let centre = plate.centre();
        let (half_x, half_y) = (plate.width() * 0.5 - radius, plate.height() * 0.5 - radius);
        for y in area.y..area.y + area.height {
            for x in area.x..area.x + area.width {
                // Distance to a rounded rectangle: negative inside, over half a pixel smooth.
                let beyond_x = ((x as f32 + 0.5 - centre.x).abs() - half_x).max(0.0);
                let beyond_y = ((y as f32 + 0.5 - centre.y).abs() - half_y).max(0.0);
                let inside = radius - beyond_x.hypot(beyond_y) + 0.5;
                let share = (inside.clamp(0.0, 1.0) * opacity * 255.0) as u8;
                mix(image.get_pixel_mut(x as u32, y as u32), colour, share);
            }
        }
    }
}
