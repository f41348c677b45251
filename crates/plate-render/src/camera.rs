//! What the camera did: view, lens, motion, exposure, sensor, file.

use giaolo_domain::PixelPoint;
use image::{ExtendedColorType, ImageEncoder as _, Rgb, RgbImage, codecs::jpeg};

use crate::{
    Chance, Error, Plate, Result, Wear, canvas::Canvas, error::within, place, view::bilinear,
};

/// A camera that looks at a plate. The default is a good one straight ahead. Applied in the order of
/// the fields.
#[derive(Clone, Debug, PartialEq)]
pub struct Camera {
    /// Mean length of the plate's upper and lower edge in the picture, in pixels, 8 to 2000.
    pub width_px: f32,
    /// What is seen around the plate, as a share of its width, 0 to 4.
    pub margin: f32,
    /// Turn within the picture, clockwise, in degrees from -180 to 180.
    pub roll_deg: f32,
    /// Turn about the upright axis, the right edge away, in degrees from -75 to 75.
    pub yaw_deg: f32,
    /// Turn about the level axis, the upper edge away, in degrees from -75 to 75.
    pub pitch_deg: f32,
    /// Standard deviation of a Gaussian blur, in pixels, 0 to 40.
    pub blur_px: f32,
    /// Motion while the shutter was open.
    pub motion: Option<Motion>,
    /// Factor about the middle grey 128, 0 to 4.
    pub contrast: f32,
    /// Added after `contrast`, in levels of 255, -255 to 255.
    pub brightness: f32,
    /// Exponent of the level from 0 to 1: below 1 brightens. 0.1 to 8.
    pub gamma: f32,
    /// Standard deviation of the sensor's noise, in levels of 255, 0 to 128.
    pub noise_sigma: f32,
    /// JPEG quality, 1 to 100; `None` leaves the pixels as they are.
    pub jpeg_quality: Option<u8>,
    /// How the noise falls.
    pub seed: u64,
}

/// A straight motion.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Motion {
    /// Its length in pixels, 0 to 200.
    pub length_px: f32,
    /// Its direction, clockwise from the right, in degrees from -360 to 360.
    pub angle_deg: f32,
}

/// A picture with a plate, and where it is.
#[derive(Clone, Debug, PartialEq)]
pub struct Photo {
    /// The picture.
    pub picture: RgbImage,
    /// The plate's corners in pixels: top left, top right, bottom right, bottom left of the plate.
    pub corners: [PixelPoint; 4],
}

impl Default for Camera {
    fn default() -> Self {
        Self {
            width_px: 160.0,
            margin: 0.25,
            roll_deg: 0.0,
            yaw_deg: 0.0,
            pitch_deg: 0.0,
            blur_px: 0.0,
            motion: None,
            contrast: 1.0,
            brightness: 0.0,
            gamma: 1.0,
            noise_sigma: 0.0,
            jpeg_quality: None,
            seed: 0,
        }
    }
}

/// How far away the camera is, in widths of the plate: near enough for visible perspective.
const DISTANCE: f32 = 6.0;

/// Between the plate and the picture's edge, beside the margin, so that turned corners stay inside.
const EDGE_PX: f32 = 2.0;

/// The vehicle around the plate.
const SURROUND: [u8; 3] = [74, 78, 84];

/// Takes a picture of a plate before a plain dark ground.
///
/// # Errors
/// `Value` for a number outside the range its field names.
pub fn photograph(plate: &Plate, wear: &Wear, camera: &Camera) -> Result<Photo> {
    let corners = camera.corners(plate)?;
    let extent = |of: fn(&PixelPoint) -> f32| {
        let values = corners.iter().map(of);
        values.fold((f32::INFINITY, f32::NEG_INFINITY), |(low, high), v| (low.min(v), high.max(v)))
    };
    let (left, right) = extent(|p| p.x);
    let (top, bottom) = extent(|p| p.y);
    let around = camera.width_px * camera.margin + EDGE_PX;
    let corners = corners.map(|p| PixelPoint::new(p.x - left + around, p.y - top + around));
    let size = |span: f32| (span + 2.0 * around).ceil() as u32;
    let mut canvas = Canvas::new(size(right - left), size(bottom - top), 1.0, SURROUND);
    place(&mut canvas.image, plate, wear, corners)?;
    let picture = camera.expose(&canvas.image)?;
    Ok(Photo { picture, corners })
}

impl Camera {
    /// What lens, motion, exposure, sensor and file make of a picture: `blur_px` to `jpeg_quality`.
    ///
    /// # Errors
    /// `Value` for a number outside the range its field names, `Empty` for a picture without pixels,
    /// `Jpeg` for a picture that this format cannot hold.
    pub fn expose(&self, picture: &RgbImage) -> Result<RgbImage> {
        let (width, height) = picture.dimensions();
        if width == 0 || height == 0 {
            return Err(Error::Empty { width, height });
        }
        self.check()?;
        let mut exposed = picture.clone();
        if self.blur_px > 0.0 {
            exposed = blurred(&exposed, self.blur_px);
        }
        if let Some(motion) = self.motion.filter(|motion| motion.length_px > 0.0) {
            exposed = moved(&exposed, motion);
        }
        self.tone(&mut exposed);
        match self.jpeg_quality {
            Some(quality) => through_jpeg(&exposed, quality),
            None => Ok(exposed),
        }
    }

    fn check(&self) -> Result<()> {
        within("camera blur in pixels", self.blur_px, 0.0, 40.0)?;
        if let Some(motion) = self.motion {
            within("camera motion in pixels", motion.length_px, 0.0, 200.0)?;
            within("camera motion in degrees", motion.angle_deg, -360.0, 360.0)?;
        }
        within("camera contrast", self.contrast, 0.0, 4.0)?;
        within("camera brightness", self.brightness, -255.0, 255.0)?;
        within("camera gamma", self.gamma, 0.1, 8.0)?;
        within("camera noise", self.noise_sigma, 0.0, 128.0)?;
        within("jpeg quality", f32::from(self.jpeg_quality.unwrap_or(1)), 1.0, 100.0)?;
        Ok(())
    }

    /// The plate's corners around the origin, in pixels.
    fn corners(&self, plate: &Plate) -> Result<[PixelPoint; 4]> {
        within("camera plate width in pixels", self.width_px, 8.0, 2000.0)?;
        within("camera margin", self.margin, 0.0, 4.0)?;
        within("camera roll in degrees", self.roll_deg, -180.0, 180.0)?;
        let yaw = within("camera yaw in degrees", self.yaw_deg, -75.0, 75.0)?.to_radians();
        let pitch = within("camera pitch in degrees", self.pitch_deg, -75.0, 75.0)?.to_radians();
        let roll = self.roll_deg.to_radians();
        let sizes = plate.form().geometry();
        let half_height = sizes.height / sizes.width / 2.0;
        let corners =
            [(-0.5, -half_height), (0.5, -half_height), (0.5, half_height), (-0.5, half_height)]
                .map(|(x, y): (f32, f32)| {
                    let (x, depth) = (x * yaw.cos(), x * yaw.sin());
                    let (y, depth) = (
                        y * pitch.cos() + depth * pitch.sin(),
                        depth * pitch.cos() - y * pitch.sin(),
                    );
                    let near = DISTANCE / (DISTANCE + depth);
                    let (x, y) = (x * near, y * near);
                    PixelPoint::new(
                        x * roll.cos() - y * roll.sin(),
                        x * roll.sin() + y * roll.cos(),
                    )
                });
        let [tl, tr, br, bl] = corners;
        let scale = self.width_px / ((tl.distance(tr) + bl.distance(br)) / 2.0);
        Ok(corners.map(|p| PixelPoint::new(p.x * scale, p.y * scale)))
    }

    fn tone(&self, picture: &mut RgbImage) {
        let mut chance = Chance::new(self.seed);
        for value in picture.iter_mut() {
            let level = (f32::from(*value) - 128.0) * self.contrast + 128.0 + self.brightness;
            let level = 255.0 * (level / 255.0).clamp(0.0, 1.0).powf(self.gamma);
            let noise =
                if self.noise_sigma > 0.0 { chance.normal() * self.noise_sigma } else { 0.0 };
            *value = (level + noise).round().clamp(0.0, 255.0) as u8;
        }
    }
}

fn blurred(picture: &RgbImage, sigma: f32) -> RgbImage {
    let reach = (sigma * 3.0).ceil() as i32;
    let weights: Vec<(i32, f32)> =
        (-reach..=reach).map(|at| (at, (-0.5 * (at as f32 / sigma).powi(2)).exp())).collect();
    let across = weighted(picture, &weights, |at| (at, 0));
    weighted(&across, &weights, |at| (0, at))
}

fn weighted(
    picture: &RgbImage,
    weights: &[(i32, f32)],
    step: impl Fn(i32) -> (i32, i32),
) -> RgbImage {
    let (width, height) = picture.dimensions();
    let total: f32 = weights.iter().map(|(_, weight)| weight).sum();
    RgbImage::from_fn(width, height, |x, y| {
        let mut sum = [0.0; 3];
        for &(at, weight) in weights {
            let (dx, dy) = step(at);
            let from =
                |place: u32, by: i32, size: u32| place.saturating_add_signed(by).min(size - 1);
            let pixel = picture.get_pixel(from(x, dx, width), from(y, dy, height));
            for (sum, value) in sum.iter_mut().zip(pixel.0) {
                *sum += weight * f32::from(value);
            }
        }
        Rgb(sum.map(|value| (value / total).round() as u8))
    })
}

fn moved(picture: &RgbImage, motion: Motion) -> RgbImage {
    let (sin, cos) = motion.angle_deg.to_radians().sin_cos();
    // Two samples for each pixel of the way.
    let samples = (motion.length_px * 2.0).ceil().max(1.0) as u32;
    RgbImage::from_fn(picture.width(), picture.height(), |x, y| {
        let mut sum = [0.0; 3];
        for sample in 0..=samples {
            let way = (sample as f32 / samples as f32 - 0.5) * motion.length_px;
            let colour = bilinear(picture, x as f32 + way * cos, y as f32 + way * sin);
            for (sum, value) in sum.iter_mut().zip(colour) {
                *sum += value;
            }
        }
        Rgb(sum.map(|value| (value / (samples + 1) as f32).round() as u8))
    })
}

fn through_jpeg(picture: &RgbImage, quality: u8) -> Result<RgbImage> {
    let refused = |error: image::ImageError| Error::Jpeg(error.to_string());
    let mut file = Vec::new();
    let (width, height) = picture.dimensions();
    jpeg::JpegEncoder::new_with_quality(&mut file, quality)
        .write_image(picture, width, height, ExtendedColorType::Rgb8)
        .map_err(refused)?;
    let read = image::load_from_memory_with_format(&file, image::ImageFormat::Jpeg);
    Ok(read.map_err(refused)?.into_rgb8())
}
