//! From the plate's plane onto a picture: projective maps between quadrangles.

use giaolo_domain::PixelPoint;
use image::RgbImage;

use crate::{
    Error, Plate, Result, Wear,
    canvas::mix,
    shape::{self, Point},
};

/// How far from the origin a corner may lie, in pixels: beyond, single floats lose the pixel.
const FARTHEST_PX: f32 = 100_000.0;

/// Samples of a picture's pixel in each direction.
const SAMPLES: u32 = 3;

/// Puts a plate onto a picture with its corners at `corners`: top left, top right, bottom right,
/// bottom left of the plate, in pixels. What lies outside the picture is cut off.
///
/// # Errors
/// `Corners` for corners that are no convex quadrangle in that order or lie too far away, `Empty` for
/// a picture without pixels, and what [`Plate::render`] and [`Wear`] refuse.
pub fn place(
    picture: &mut RgbImage,
    plate: &Plate,
    wear: &Wear,
    corners: [PixelPoint; 4],
) -> Result<()> {
    let (width, height) = picture.dimensions();
    if width == 0 || height == 0 {
        return Err(Error::Empty { width, height });
    }
    let map = Projection::onto(corners)?;
    let [tl, tr, br, bl] = corners;
    let longest = tl.distance(tr).max(bl.distance(br));
    // Finer than the picture, so that shrinking averages over real detail.
    let mut texture = plate.render((longest * 2.0).clamp(96.0, 4096.0) as u32)?;
    wear.apply(&mut texture)?;
    let sizes = plate.form().geometry();
    let texture_scale = texture.width() as f32 / sizes.width;
    let left = corners.iter().map(|c| c.x).fold(f32::INFINITY, f32::min);
    let right = corners.iter().map(|c| c.x).fold(f32::NEG_INFINITY, f32::max);
    let top = corners.iter().map(|c| c.y).fold(f32::INFINITY, f32::min);
    let bottom = corners.iter().map(|c| c.y).fold(f32::NEG_INFINITY, f32::max);
    let clip = |at: f32, size: u32| at.clamp(0.0, size as f32) as u32;
    for y in clip(top.floor(), height)..clip(bottom.ceil(), height) {
        for x in clip(left.floor(), width)..clip(right.ceil(), width) {
            let mut sum = [0.0; 3];
            let mut hits = 0.0;
            for sample in 0..SAMPLES * SAMPLES {
                let offset = |at: u32| (at as f32 + 0.5) / SAMPLES as f32;
                let at = Point::new(
                    x as f32 + offset(sample % SAMPLES),
                    y as f32 + offset(sample / SAMPLES),
                );
                let Some(on_plate) = map.back(at) else { continue };
                let mm = Point::new(on_plate.x * sizes.width, on_plate.y * sizes.height);
                let edge = [sizes.width, sizes.height];
                if shape::rectangle(mm, 0.0, 0.0, edge[0], edge[1], sizes.corner_radius) > 0.0 {
                    continue;
                }
                let colour =
                    bilinear(&texture, mm.x * texture_scale - 0.5, mm.y * texture_scale - 0.5);
                for (sum, value) in sum.iter_mut().zip(colour) {
                    *sum += value;
                }
                hits += 1.0;
            }
            if hits > 0.0 {
                let colour = sum.map(|value| (value / hits).round() as u8);
                let share = hits / (SAMPLES * SAMPLES) as f32;
                mix(picture.get_pixel_mut(x, y), colour, share);
            }
        }
    }
    Ok(())
}

/// The colour between four pixels; beyond the edge the edge goes on.
pub(crate) fn bilinear(image: &RgbImage, x: f32, y: f32) -> [f32; 3] {
    let (width, height) = image.dimensions();
    let x = x.clamp(0.0, (width - 1) as f32);
    let y = y.clamp(0.0, (height - 1) as f32);
    let (x0, y0) = (x as u32, y as u32);
    let (x1, y1) = ((x0 + 1).min(width - 1), (y0 + 1).min(height - 1));
    let (fx, fy) = (x - x0 as f32, y - y0 as f32);
    let [a, b, c, d] =
        [(x0, y0), (x1, y0), (x0, y1), (x1, y1)].map(|(x, y)| image.get_pixel(x, y).0);
    std::array::from_fn(|i| {
        let [a, b, c, d] = [a, b, c, d].map(|pixel| f32::from(pixel[i]));
        (a + (b - a) * fx) * (1.0 - fy) + (c + (d - c) * fx) * fy
    })
}

/// A projective map of the unit square onto a quadrangle, with its inverse (Heckbert 1989, section
/// 2.2.3).
pub(crate) struct Projection {
    inverse: [[f64; 3]; 3],
}

impl Projection {
    pub(crate) fn onto(corners: [PixelPoint; 4]) -> Result<Self> {
        let refused = || Error::Corners { corners: corners.map(<[f32; 2]>::from) };
        let far = |p: PixelPoint| !(p.x.abs() <= FARTHEST_PX && p.y.abs() <= FARTHEST_PX);
        if corners.into_iter().any(far) || !is_convex(corners) {
            return Err(refused());
        }
        let [(x0, y0), (x1, y1), (x2, y2), (x3, y3)] =
            corners.map(|p| (f64::from(p.x), f64::from(p.y)));
        let (dx1, dx2, sx) = (x1 - x2, x3 - x2, x0 - x1 + x2 - x3);
        let (dy1, dy2, sy) = (y1 - y2, y3 - y2, y0 - y1 + y2 - y3);
        let area = dx1 * dy2 - dx2 * dy1;
        let g = (sx * dy2 - dx2 * sy) / area;
        let h = (dx1 * sy - sx * dy1) / area;
        let forward = [
            [x1 - x0 + g * x1, x3 - x0 + h * x3, x0],
            [y1 - y0 + g * y1, y3 - y0 + h * y3, y0],
            [g, h, 1.0],
        ];
        let inverse = adjugate(forward);
        if inverse.iter().flatten().any(|value| !value.is_finite()) {
            return Err(refused());
        }
        Ok(Self { inverse })
    }

    /// Where a point of the picture lies on the square, 0 to 1 in both directions; `None` outside.
    pub(crate) fn back(&self, at: PixelPoint) -> Option<Point> {
        let (x, y) = (f64::from(at.x), f64::from(at.y));
        let [u, v, w] = self.inverse.map(|row| row[0] * x + row[1] * y + row[2]);
        let (u, v) = (u / w, v / w);
        let inside = (0.0..=1.0).contains(&u) && (0.0..=1.0).contains(&v);
        inside.then(|| Point::new(u as f32, v as f32))
    }
}

/// Clockwise on the picture, every corner turning by at least a hair, and no smaller than a pixel.
fn is_convex(corners: [PixelPoint; 4]) -> bool {
    (0..4).all(|i| {
        let [a, b, c] = [corners[i], corners[(i + 1) % 4], corners[(i + 2) % 4]];
        (b.x - a.x) * (c.y - b.y) - (b.y - a.y) * (c.x - b.x) >= 1.0
    })
}

fn adjugate(m: [[f64; 3]; 3]) -> [[f64; 3]; 3] {
    let minor = |a: usize, b: usize, c: usize, d: usize| m[a][c] * m[b][d] - m[a][d] * m[b][c];
    [
        [minor(1, 2, 1, 2), -minor(0, 2, 1, 2), minor(0, 1, 1, 2)],
        [-minor(1, 2, 0, 2), minor(0, 2, 0, 2), -minor(0, 1, 0, 2)],
        [minor(1, 2, 0, 1), -minor(0, 2, 0, 1), minor(0, 1, 0, 1)],
    ]
}
