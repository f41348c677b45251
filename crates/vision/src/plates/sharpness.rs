//! How sharp a crop is, for choosing the best one of a track.

use image::RgbImage;

/// Sharpness of a crop, from 0 (nothing on it) upwards; a sharp photo has about 0.5, one blurred by a
/// pixel's width half of that. It is the root mean square of the second difference of the brightness
/// over its standard deviation, so that light and contrast do not count, taken along rows and along
/// columns; the lesser of the two is given, because motion blurs one way only. Comparable between
/// crops of one track of about the same size.
pub fn sharpness(crop: &RgbImage) -> f32 {
    let (width, height) = (crop.width() as usize, crop.height() as usize);
    if width < 3 || height < 3 {
        return 0.0;
    }
    let grey: Vec<f32> = crop
        .pixels()
        .map(|p| 0.299 * f32::from(p[0]) + 0.587 * f32::from(p[1]) + 0.114 * f32::from(p[2]))
        .collect();
    let count = grey.len() as f64;
    let mean = grey.iter().map(|&v| f64::from(v)).sum::<f64>() / count;
    let variance = grey.iter().map(|&v| (f64::from(v) - mean).powi(2)).sum::<f64>() / count;
    // Less than half a level of 256 is the camera's noise at most.
    if variance < 0.25 {
        return 0.0;
    }
    let (mut along_rows, mut along_columns) = (0.0_f64, 0.0_f64);
    for y in 1..height - 1 {
        for x in 1..width - 1 {
            let at = y * width + x;
            let twice = 2.0 * grey[at];
            along_rows += f64::from(twice - grey[at - 1] - grey[at + 1]).powi(2);
            along_columns += f64::from(twice - grey[at - width] - grey[at + width]).powi(2);
        }
    }
    let inner = ((width - 2) * (height - 2)) as f64;
    (along_rows.min(along_columns) / inner / variance).sqrt() as f32
}

#[cfg(test)]
mod tests {
    use super::*;
    use giaolo_plate_render::{Camera, Motion, Plate, PlateMaker, Wear, photograph};

    fn seen(camera: Camera) -> f32 {
        let plate: Plate = PlateMaker::new(5).any();
        sharpness(&photograph(&plate, &Wear::default(), &camera).unwrap().picture)
    }

    fn moved(length_px: f32, angle_deg: f32) -> Camera {
        Camera { motion: Some(Motion { length_px, angle_deg }), ..Camera::default() }
    }

    #[test]
    fn blur_and_motion_lower_it_and_light_does_not() {
        let sharp = seen(Camera::default());
        let blurred = seen(Camera { blur_px: 1.0, ..Camera::default() });
        let very = seen(Camera { blur_px: 3.0, ..Camera::default() });
        assert!(sharp > 1.5 * blurred && blurred > 2.0 * very, "{sharp} {blurred} {very}");
        for angle in [0.0, 90.0] {
            let moving = seen(moved(6.0, angle));
            assert!(sharp > 1.5 * moving, "{angle} degrees: {sharp} {moving}");
        }
        let dim = seen(Camera { contrast: 0.4, brightness: -40.0, ..Camera::default() });
        assert!((sharp / dim - 1.0).abs() < 0.1, "{sharp} {dim}");
    }

    #[test]
    fn a_crop_without_a_picture_has_none() {
        for crop in [
            RgbImage::new(0, 0),
            RgbImage::new(1, 1),
            RgbImage::new(2, 900),
            RgbImage::new(300, 200),
            RgbImage::from_pixel(50, 50, image::Rgb([255, 255, 255])),
        ] {
            assert_eq!(sharpness(&crop), 0.0, "{:?}", crop.dimensions());
        }
    }
}
