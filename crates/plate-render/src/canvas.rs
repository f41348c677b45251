//! A picture to draw on in a unit of one's own, such as millimetres.

use image::{Rgb, RgbImage};

use crate::shape::{self, Point};

/// A colour, 8-bit sRGB.
pub(crate) type Colour = [u8; 3];

pub(crate) struct Canvas {
    pub(crate) image: RgbImage,
    /// Pixels for one unit.
    pub(crate) scale: f32,
}

impl Canvas {
    pub(crate) fn new(width_px: u32, height_px: u32, scale: f32, ground: Colour) -> Self {
        Self { image: RgbImage::from_pixel(width_px, height_px, Rgb(ground)), scale }
    }

    /// Paints where `distance` is below 0, its edge smooth over one pixel. Only pixels within
    /// `x1, y1` to `x2, y2` are looked at.
    pub(crate) fn fill(
        &mut self,
        [x1, y1, x2, y2]: [f32; 4],
        colour: Colour,
        distance: impl Fn(Point) -> f32,
    ) {
        let (width, height) = self.image.dimensions();
        let scale = self.scale;
        let columns = span(x1 * scale, x2 * scale, width);
        for y in span(y1 * scale, y2 * scale, height) {
            for x in columns.clone() {
                let p = Point::new((x as f32 + 0.5) / scale, (y as f32 + 0.5) / scale);
                let cover = (0.5 - distance(p) * scale).clamp(0.0, 1.0);
                mix(self.image.get_pixel_mut(x, y), colour, cover);
            }
        }
    }

    pub(crate) fn rectangle(&mut self, [x1, y1, x2, y2]: [f32; 4], radius: f32, colour: Colour) {
        self.fill([x1, y1, x2, y2], colour, |p| shape::rectangle(p, x1, y1, x2, y2, radius));
    }

    pub(crate) fn circle(&mut self, centre: Point, radius: f32, colour: Colour) {
        let Point { x, y } = centre;
        let around = [x - radius, y - radius, x + radius, y + radius];
        self.fill(around, colour, |p| p.distance(centre) - radius);
    }

    pub(crate) fn polygon(&mut self, corners: &[[f32; 2]], colour: Colour) {
        let corners: Vec<Point> = corners.iter().map(|&c| c.into()).collect();
        self.fill(around(&corners), colour, |p| shape::polygon(p, &corners));
    }

    /// Straight pieces drawn with a round pen.
    pub(crate) fn strokes(&mut self, pieces: &[(Point, Point)], pen: f32, colour: Colour) {
        let ends: Vec<Point> = pieces.iter().flat_map(|&(a, b)| [a, b]).collect();
        let [x1, y1, x2, y2] = around(&ends);
        let half = pen / 2.0;
        self.fill([x1 - half, y1 - half, x2 + half, y2 + half], colour, |p| {
            let nearest = pieces.iter().map(|&(a, b)| shape::piece(p, a, b));
            nearest.fold(f32::INFINITY, f32::min) - half
        });
    }
}

/// Pixels from `low` to `high`, one more on each side for smooth edges.
fn span(low: f32, high: f32, size: u32) -> std::ops::Range<u32> {
    let first = (low.floor() - 1.0).clamp(0.0, size as f32) as u32;
    let end = (high.ceil() + 1.0).clamp(0.0, size as f32) as u32;
    first..end.max(first)
}

fn around(points: &[Point]) -> [f32; 4] {
    let empty = [f32::INFINITY, f32::INFINITY, f32::NEG_INFINITY, f32::NEG_INFINITY];
    points
        .iter()
        .fold(empty, |[x1, y1, x2, y2], p| [x1.min(p.x), y1.min(p.y), x2.max(p.x), y2.max(p.y)])
}

/// Lays a share of `colour` over the pixel.
pub(crate) fn mix(pixel: &mut Rgb<u8>, colour: Colour, share: f32) {
    for (value, over) in pixel.0.iter_mut().zip(colour) {
        let old = f32::from(*value);
        *value = (old + (f32::from(over) - old) * share).round() as u8;
    }
}
