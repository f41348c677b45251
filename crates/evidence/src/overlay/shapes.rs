//! Strokes and fills: the two ways in which pixels are touched, and the mask that they go through.

use giaolo_domain::PixelPoint;
use image::{Rgb, RgbImage};
use opencv::{
    boxed_ref::BoxedRefMut,
    core::{Mat, Point, Scalar, Vector},
    imgproc,
};

use super::{Colour, Overlay, palette};
use crate::{Error, Result};

/// OpenCV takes whole numbers with this many bits behind the point.
pub(super) const SHIFT: i32 = 4;

/// How a line is drawn.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Stroke {
    /// Colour.
    pub colour: Colour,
    /// Width in pixels.
    pub width: f32,
    /// 0 to 1.
    pub opacity: f32,
    /// Width of the light edge on each side in pixels; 0 for none.
    pub edge: f32,
    /// Lengths of dash and gap in pixels; `None` for a solid line.
    pub dash: Option<(f32, f32)>,
}

impl Stroke {
    /// A solid opaque line with a thin light edge.
    pub const fn new(colour: Colour, width: f32) -> Self {
        Self { colour, width, opacity: 1.0, edge: 1.0, dash: None }
    }

    /// The same without its edge.
    pub const fn bare(mut self) -> Self {
        self.edge = 0.0;
        self
    }

    /// The same with another opacity.
    pub const fn opacity(mut self, opacity: f32) -> Self {
        self.opacity = opacity;
        self
    }

    /// The same, dashed.
    pub const fn dashed(mut self, dash: f32, gap: f32) -> Self {
        self.dash = Some((dash, gap));
        self
    }
}

/// A part of the picture in whole pixels.
#[derive(Clone, Copy)]
pub(super) struct Area {
    pub(super) x: i32,
    pub(super) y: i32,
    pub(super) width: i32,
    pub(super) height: i32,
}

impl Area {
    /// The pixels around the points that lie in the picture.
    pub(super) fn around(points: &[PixelPoint], margin: f32, image: &RgbImage) -> Option<Self> {
        let (mut left, mut top) = (f32::MAX, f32::MAX);
        let (mut right, mut bottom) = (f32::MIN, f32::MIN);
        for p in points {
            (left, right) = (left.min(p.x), right.max(p.x));
            (top, bottom) = (top.min(p.y), bottom.max(p.y));
        }
        let (width, height) = (image.width() as f32, image.height() as f32);
        let x = (left - margin).floor().clamp(0.0, width) as i32;
        let y = (top - margin).floor().clamp(0.0, height) as i32;
        let right = (right + margin).ceil().clamp(0.0, width) as i32;
        let bottom = (bottom + margin).ceil().clamp(0.0, height) as i32;
        (right > x && bottom > y).then_some(Self { x, y, width: right - x, height: bottom - y })
    }

    pub(super) fn point(&self, p: PixelPoint) -> Point {
        // Far outside the picture a line's exact course does not matter, an overflow would.
        let fixed = |v: f32| (v.clamp(-20_000.0, 20_000.0) * (1 << SHIFT) as f32).round() as i32;
        Point::new(fixed(p.x - self.x as f32 - 0.5), fixed(p.y - self.y as f32 - 0.5))
    }
}

/// Puts `share` of 255 parts of the colour over the pixel.
pub(super) fn mix(pixel: &mut Rgb<u8>, colour: Colour, share: u8) {
    let share = u32::from(share);
    for (under, over) in pixel.0.iter_mut().zip(colour.0) {
        let sum = u32::from(*under) * (255 - share) + u32::from(over) * share;
        *under = ((sum + 127) / 255) as u8;
    }
}

pub(super) fn all_finite(points: &[PixelPoint]) -> bool {
    points.iter().all(|p| p.x.is_finite() && p.y.is_finite())
}

impl Overlay {
    /// Draws into an empty mask over `area` and blends it with the colour.
    pub(super) fn through_mask(
        &mut self,
        image: &mut RgbImage,
        area: Area,
        colour: Colour,
        opacity: f32,
        draw: impl FnOnce(&mut BoxedRefMut<'_, Mat>) -> opencv::Result<()>,
    ) -> Result<()> {
        let drawing = |error: opencv::Error| Error::Drawing(error.to_string());
        let (width, height) = (area.width as usize, area.height as usize);
        self.mask.clear();
        self.mask.resize(width * height, 0);
        let mut mat =
            Mat::new_rows_cols_with_data_mut::<u8>(area.height, area.width, &mut self.mask)
                .map_err(drawing)?;
        draw(&mut mat).map_err(drawing)?;
        drop(mat);

        let opacity = (opacity.clamp(0.0, 1.0) * 256.0).round() as u32;
        let stride = image.width() as usize * 3;
        let first = area.y as usize * stride + area.x as usize * 3;
        let rows = image.as_mut()[first..].chunks_mut(stride);
        for (mask, row) in self.mask.chunks_exact(width).zip(rows) {
            let colour = colour.0.map(u32::from);
            // Most of a line's area is empty: eight pixels are passed over at once.
            for (mask, pixels) in mask.chunks(8).zip(row[..width * 3].chunks_mut(24)) {
                if mask == [0; 8] {
                    continue;
                }
                for (&share, pixel) in mask.iter().zip(pixels.chunks_exact_mut(3)) {
                    let share = u32::from(share) * opacity / 255;
                    for (under, over) in pixel.iter_mut().zip(colour) {
                        *under = ((u32::from(*under) * (256 - share) + over * share) >> 8) as u8;
                    }
                }
            }
        }
        Ok(())
    }

    /// A line from point to point.
    ///
    /// # Errors
    /// Where OpenCV fails.
    pub fn polyline(
        &mut self,
        image: &mut RgbImage,
        points: &[PixelPoint],
        closed: bool,
        stroke: &Stroke,
    ) -> Result<()> {
        if points.len() < 2 || !all_finite(points) {
            return Ok(());
        }
        let pieces = match stroke.dash {
            None => vec![points.to_vec()],
            Some((dash, gap)) => dashes(points, closed, dash, gap),
        };
        let closed = closed && stroke.dash.is_none();
        let margin = stroke.width * 0.5 + stroke.edge + 2.0;
        let Some(area) = Area::around(points, margin, image) else {
            return Ok(());
        };
        let lines: Vector<Vector<Point>> =
            pieces.iter().map(|piece| piece.iter().map(|p| area.point(*p)).collect()).collect();
        let mut pass = |colour, width: f32, opacity| {
            let thickness = width.round().max(1.0) as i32;
            self.through_mask(image, area, colour, opacity, |mask| {
                let full = Scalar::all(255.0);
                imgproc::polylines(mask, &lines, closed, full, thickness, imgproc::LINE_AA, SHIFT)
            })
        };
        if stroke.edge > 0.0 {
            let width = stroke.width + 2.0 * stroke.edge;
            pass(palette::PAPER, width, stroke.opacity * 0.85)?;
        }
        pass(stroke.colour, stroke.width, stroke.opacity)
    }

    /// A translucent area.
    ///
    /// # Errors
    /// Where OpenCV fails.
    pub fn fill(
        &mut self,
        image: &mut RgbImage,
        corners: &[PixelPoint],
        colour: Colour,
        opacity: f32,
    ) -> Result<()> {
        if corners.len() < 3 || !all_finite(corners) {
            return Ok(());
        }
        let Some(area) = Area::around(corners, 1.0, image) else {
            return Ok(());
        };
        let polygon: Vector<Point> = corners.iter().map(|p| area.point(*p)).collect();
        let polygons: Vector<Vector<Point>> = Vector::from_iter([polygon]);
        self.through_mask(image, area, colour, opacity, |mask| {
            let full = Scalar::all(255.0);
            imgproc::fill_poly(mask, &polygons, full, imgproc::LINE_AA, SHIFT, Point::new(0, 0))
        })
    }

    /// A way that fades from its last point (now) to its first (long ago).
    ///
    /// # Errors
    /// Where OpenCV fails.
    pub fn trail(
        &mut self,
        image: &mut RgbImage,
        points: &[PixelPoint],
        stroke: &Stroke,
    ) -> Result<()> {
        if points.len() < 2 || !all_finite(points) {
            return Ok(());
        }
        let margin = stroke.width * 0.5 + stroke.edge + 2.0;
        let Some(area) = Area::around(points, margin, image) else {
            return Ok(());
        };
        let last = (points.len() - 1) as f64;
        let mut pass = |colour, width: f32, opacity| {
            let thickness = width.round().max(1.0) as i32;
            self.through_mask(image, area, colour, opacity, |mask| {
                // Each piece covers the fainter one before it, so joints do not show.
                for (position, pair) in points.windows(2).enumerate() {
                    let share = 0.08 + 0.92 * ((position + 1) as f64 / last).powf(1.4);
                    imgproc::line(
                        mask,
                        area.point(pair[0]),
                        area.point(pair[1]),
                        Scalar::all(255.0 * share),
                        thickness,
                        imgproc::LINE_AA,
                        SHIFT,
                    )?;
                }
                Ok(())
            })
        };
        if stroke.edge > 0.0 {
            pass(palette::PAPER, stroke.width + 2.0 * stroke.edge, stroke.opacity * 0.6)?;
        }
        pass(stroke.colour, stroke.width, stroke.opacity)
    }
}

/// Cuts a line into its dashes.
fn dashes(points: &[PixelPoint], closed: bool, dash: f32, gap: f32) -> Vec<Vec<PixelPoint>> {
    let (dash, gap) = (dash.max(1.0), gap.max(1.0));
    let mut pieces = Vec::new();
    let mut piece = Vec::new();
    let mut is_dash = true;
    let mut left = dash;
    let first = closed.then(|| points[0]);
    let mut from = points[0];
    piece.push(from);
    for to in points[1..].iter().copied().chain(first) {
        let mut length = from.distance(to);
        // Lines of a picture have thousands of dashes at most; a stray point must not make millions.
        if length > 20_000.0 {
            return vec![points.to_vec()];
        }
        while length > left {
            from = from.lerp(to, left / length);
            length -= left;
            if is_dash {
                piece.push(from);
                pieces.push(std::mem::take(&mut piece));
            } else {
                piece = vec![from];
            }
            is_dash = !is_dash;
            left = if is_dash { dash } else { gap };
        }
        left -= length;
        from = to;
        if is_dash {
            piece.push(from);
        }
    }
    if piece.len() > 1 {
        pieces.push(piece);
    }
    pieces
}

#[cfg(test)]
mod tests {
    use giaolo_domain::PixelBox;

    use super::*;

    fn at(x: f32, y: f32) -> PixelPoint {
        PixelPoint::new(x, y)
    }

    fn marked(image: &RgbImage) -> usize {
        image.pixels().filter(|p| p.0 != [0, 0, 0]).count()
    }

    #[test]
    fn shapes_mark_where_they_are_and_nowhere_else() {
        let mut overlay = Overlay::new().unwrap();
        let mut image = RgbImage::new(200, 100);
        let stroke = Stroke::new(palette::SUBJECT, 3.0);
        overlay.polyline(&mut image, &[at(10.0, 50.5), at(190.0, 50.5)], false, &stroke).unwrap();
        assert_eq!(image.get_pixel(100, 50), &palette::SUBJECT);
        assert_eq!(image.get_pixel(100, 56), &Rgb([0, 0, 0]));
        assert_eq!(image.get_pixel(4, 50), &Rgb([0, 0, 0]));

        let mut image = RgbImage::new(200, 100);
        let square = [at(20.0, 20.0), at(80.0, 20.0), at(80.0, 80.0), at(20.0, 80.0)];
        overlay.fill(&mut image, &square, Rgb([200, 100, 0]), 0.5).unwrap();
        assert_eq!(image.get_pixel(50, 50), &Rgb([100, 50, 0]));
        assert_eq!(image.get_pixel(90, 50), &Rgb([0, 0, 0]));
    }

    #[test]
    fn a_trail_is_brightest_now() {
        let mut overlay = Overlay::new().unwrap();
        let mut image = RgbImage::new(200, 20);
        let way: Vec<_> = (0..10).map(|i| at(10.0 + 20.0 * i as f32, 10.5)).collect();
        overlay.trail(&mut image, &way, &Stroke::new(Rgb([0, 0, 250]), 4.0).bare()).unwrap();
        let blue = |x| image.get_pixel(x, 10).0[2];
        assert!(
            blue(15) < blue(90) && blue(90) < blue(185),
            "{} {} {}",
            blue(15),
            blue(90),
            blue(185)
        );
        assert!(blue(185) > 230);
    }

    #[test]
    fn dashes_leave_gaps_and_closed_lines_close() {
        let line = [at(0.0, 0.0), at(100.0, 0.0)];
        let pieces = dashes(&line, false, 10.0, 10.0);
        assert_eq!(pieces.len(), 5);
        assert_eq!(pieces[1], vec![at(20.0, 0.0), at(30.0, 0.0)]);
        let square = [at(0.0, 0.0), at(10.0, 0.0), at(10.0, 10.0), at(0.0, 10.0)];
        let length: f32 = dashes(&square, true, 4.0, 1.0)
            .iter()
            .flat_map(|piece| piece.windows(2).map(|p| p[0].distance(p[1])).collect::<Vec<_>>())
            .sum();
        assert!((length - 32.0).abs() < 0.01, "{length}");
    }

    #[test]
    fn odd_points_draw_nothing_and_break_nothing() {
        let mut overlay = Overlay::new().unwrap();
        let stroke = Stroke::new(palette::RULE, 3.0);
        let odd: [&[PixelPoint]; 6] = [
            &[],
            &[at(5.0, 5.0)],
            &[at(f32::NAN, 1.0), at(5.0, 5.0)],
            &[at(f32::INFINITY, 1.0), at(5.0, 5.0)],
            &[at(-500.0, -500.0), at(-400.0, -450.0)],
            &[at(3000.0, 1.0), at(3e9, 5.0)],
        ];
        for points in odd {
            let mut image = RgbImage::new(64, 48);
            for stroke in [stroke, stroke.dashed(4.0, 4.0)] {
                overlay.polyline(&mut image, points, true, &stroke).unwrap();
            }
            overlay.fill(&mut image, points, palette::RULE, 0.5).unwrap();
            overlay.trail(&mut image, points, &stroke).unwrap();
            if let [first, .., last] = points {
                let bbox = PixelBox::new(first.x, first.y, last.x, last.y);
                overlay.corner_box(&mut image, &bbox, &stroke).unwrap();
                overlay.plate(&mut image, &bbox, 4.0, palette::INK, 0.5);
                overlay.arrow(&mut image, *first, *last, &stroke).unwrap();
                overlay.dot(&mut image, *first, 4.0, palette::RULE, 1.0).unwrap();
            }
            // The finite end of a broken box or arrow may show, lines never.
            assert!(marked(&image) <= 64 * 48);
        }
        let mut empty = RgbImage::new(0, 0);
        overlay.polyline(&mut empty, &[at(0.0, 0.0), at(9.0, 9.0)], false, &stroke).unwrap();
    }
}
